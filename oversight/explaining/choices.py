"""Which figures explain themselves, by their names in addresses."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Figure(models.TextChoices):
    """A figure of a division."""

    TOTAL = "total", _("Total area")
    MANAGED = "managed", _("Managed area")
    UNMANAGED = "unmanaged", _("Unmanaged area")
    RATE = "rate", _("Coverage rate (by area)")
    HOUSEHOLDS = "rate-households", _("Coverage rate (by households)")
    COMPOUNDS = "rate-compounds", _("Coverage rate (by compounds)")


class OfTarget(models.TextChoices):
    """A figure of a target; in addresses after the target's code: ``T1-completed``."""

    COMPLETED = "completed", _("Completed")
    REQUIRED = "required", _("Required")
    SCHEDULED = "scheduled", _("Scheduled")
