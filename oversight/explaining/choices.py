"""Which figures explain themselves, by their names in addresses."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from compounds.register.choices import Gap


class Figure(models.TextChoices):
    """A figure of a division."""

    TOTAL = "total", _("Total area")
    MANAGED = "managed", _("Managed area")
    UNMANAGED = "unmanaged", _("Unmanaged area")
    RATE = "rate", _("Coverage rate (by area)")
    HOUSEHOLDS = "rate-households", _("Coverage rate (by households)")
    COMPOUNDS = "rate-compounds", _("Coverage rate (by compounds)")
    PROFESSIONAL = "rate-professional", _("Professional rate")
    ALL_HOUSEHOLDS = "households", _("Households")


class Missing(models.TextChoices):
    """A column of 缺口构成: what of the unmanaged area is so for one reason, or seen from another side."""

    LAPSED = "missing-lapsed", Gap.LAPSED.label
    PARTLY = "missing-partly", Gap.PARTLY.label
    NEVER = "missing-never", Gap.NEVER.label
    UNCOUNTED = "missing-uncounted", _("Under a mode that the rule does not count")
    UNDETERMINED = "missing-undetermined", _("Category to be determined")


class OfTarget(models.TextChoices):
    """A figure of a target; in addresses after the target's code, ``T1-completed``, or after that and PART."""

    COMPLETED = "completed", _("Completed")
    REQUIRED = "required", _("Required")
    SCHEDULED = "scheduled", _("Scheduled")
    RATIO = "ratio", _("Completion rate")


#: What stands behind a target's code where the part of it is meant that the division was given: ``T1-part-completed``.
PART = "-part"
