"""Django looks for admin classes here; each lives in its room."""

from communities.divisions import admin as divisions_admin
from communities.notices import admin as notices_admin
from communities.people import admin as people_admin

__all__ = ["divisions_admin", "notices_admin", "people_admin"]
