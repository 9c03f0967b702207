"""Django looks for admin classes here; each lives in its room."""

from oversight.plans import admin as plans_admin
from oversight.programme import admin as programme_admin

__all__ = ["plans_admin", "programme_admin"]
