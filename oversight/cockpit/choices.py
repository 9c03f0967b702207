from django.db import models
from django.utils.translation import gettext_lazy as _


class Worry(models.TextChoices):
    """需要过问的事: what ledger, register and procedures show, the gravest first."""

    BEHIND = "behind", _("Behind schedule")
    LAPSED = "lapsed", _("Newly lapsed")
    STUCK = "stuck", _("Stuck at a step")
    STANDSTILL = "standstill", _("No takeover")
    PENDING = "pending", _("Area pending")
    UNDETERMINED = "undetermined", _("Category to be determined")
