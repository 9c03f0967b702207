from django.db import models
from django.utils.translation import gettext_lazy as _


class Result(models.TextChoices):
    """What became of a pilot."""

    UNDER_WAY = "under_way", _("Under way")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
