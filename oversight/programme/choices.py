from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.TextChoices):
    """What a target counts."""

    AREA = "area", _("Area")
    COMMUNITIES = "communities", _("Communities")


class Progress(models.TextChoices):
    """State of a target, always shown beside 序时进度."""

    DONE = "done", _("Done")
    ON_TRACK = "on_track", _("On track")
    BEHIND = "behind", _("Behind")
    OVERDUE = "overdue", _("Overdue")
