from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """Level of an administrative division (行政层级)."""

    CITY = "city", _("City")
    COUNTY = "county", _("County")
    SUBDISTRICT = "subdistrict", _("Subdistrict")
    COMMUNITY = "community", _("Community")


#: The level right below each; a community has none.
BELOW = {Level.CITY: Level.COUNTY, Level.COUNTY: Level.SUBDISTRICT, Level.SUBDISTRICT: Level.COMMUNITY}
CODE_LENGTH = {Level.CITY: 4, Level.COUNTY: 6, Level.SUBDISTRICT: 9, Level.COMMUNITY: 12}


class SuccessionKind(models.TextChoices):
    """区划变更类型."""

    RENAME = "rename", _("New name")
    MERGE = "merge", _("Divisions merged")
    SPLIT = "split", _("Division divided")
    REPARENT = "reparent", _("New parent")
    ZONE = "zone", _("Development zone")
