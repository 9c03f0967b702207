from django.db import models
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.uploads import PHOTO, SCAN, Accepts


class AttachmentKind(models.TextChoices):
    """What a file is kept as."""

    SCAN = "scan", _("Scan")
    PHOTO = "photo", _("Photo")

    @property
    def accepts(self) -> Accepts:
        return SCAN if self is AttachmentKind.SCAN else PHOTO
