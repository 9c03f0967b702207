"""Django looks for admin classes here; each lives in its room."""

from oversight.programme import admin as programme_admin

__all__ = ["programme_admin"]
