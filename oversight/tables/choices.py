from django.db import models
from django.utils.translation import gettext_lazy as _


class Table(models.TextChoices):
    """The printed tables, by their names in addresses."""

    MONTHLY = "monthly", _("Monthly table")
    MOVEMENTS = "movements", _("Table of movements")
    SUMMARY = "summary", _("Summary table")
    ASSIGNMENTS = "assignments", _("Table of assignments")
    UNMANAGED = "unmanaged", _("List of unmanaged compounds")
    RESTATEMENT = "restatement", _("Table of differences")
    RETURNS = "returns", _("Table of returns")


class Measure(models.TextChoices):
    """Which amount a table is about."""

    MANAGED = "managed", _("Managed area")
    TOTAL = "total", _("Total area")
    HOUSEHOLDS = "households", _("Households")


class Item(models.TextChoices):
    """Columns of 增减变动表, in their order; what moves between them stands in ``BY_KIND``."""

    OPENING = "opening", _("Opening figure")
    REGISTER = "register", _("Registration")
    TAKEOVER = "takeover", _("Takeover")
    LAPSE = "lapse", _("Lapse")
    RECLASSIFY = "reclassify", _("Reclassification")
    RESURVEY = "resurvey", _("Resurvey")
    RELOCATE = "relocate", _("Relocation")
    CORRECTION = "correction", _("Correction")
    CLOSING = "closing", _("Closing figure")
