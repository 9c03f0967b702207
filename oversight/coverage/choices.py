"""The words of the figures' pages."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Grouping(models.TextChoices):
    """By what the figures of a division are broken down."""

    COUNTY = "county", _("By county")
    SUBDISTRICT = "subdistrict", _("By subdistrict")
    COMMUNITY = "community", _("By community")
    CATEGORY = "category", _("By category")
    MODE = "mode", _("By mode")
