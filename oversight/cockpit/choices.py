from django.db import models
from django.utils.translation import gettext_lazy as _


class Worry(models.TextChoices):
    """需要过问的事: what the ledger alone shows, the gravest first."""

    BEHIND = "behind", _("Behind schedule")
    LAPSED = "lapsed", _("Newly lapsed")
    STANDSTILL = "standstill", _("No takeover")
    PENDING = "pending", _("Area pending")
    UNDETERMINED = "undetermined", _("Category to be determined")
