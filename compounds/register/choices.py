from django.db import models
from django.utils.translation import gettext_lazy as _


class CompoundKind(models.TextChoices):
    """小区类型."""

    GATED = "gated", _("Gated compound")
    OPEN = "open", _("Open compound")
    SCATTERED = "scattered", _("Scattered buildings")
    WORK_UNIT = "work_unit", _("Work-unit housing")
    RESETTLEMENT = "resettlement", _("Resettlement compound")
    MIXED_USE = "mixed_use", _("Commercial and residential")


class AreaSource(models.TextChoices):
    """面积来源."""

    SURVEY = "survey", _("Survey")
    TITLE_FILE = "title_file", _("Title file")
    ESTIMATE = "estimate", _("Estimate")


class Status(models.TextChoices):
    """What became of the compound; follows the ledger (merged, deregistered) or the register (retired: a duplicate, or
    created by an import that was undone)."""

    ACTIVE = "active", _("Active")
    MERGED = "merged", _("Merged")
    DEREGISTERED = "deregistered", _("Deregistered")
    RETIRED = "retired", _("Withdrawn")


class Cover(models.TextChoices):
    """What of a compound is managed at a date; 面积待核 where no area stands behind it."""

    MANAGED = "managed", _("Managed")
    PARTLY = "partly", _("Partly managed")
    UNMANAGED = "unmanaged", _("Unmanaged")
    PENDING = "pending", _("Area pending")

    @classmethod
    def of(cls, *, total: int, managed: int) -> "Cover":
        if not total:
            return cls.PENDING
        return cls.MANAGED if managed == total else cls.PARTLY if managed else cls.UNMANAGED


class Gap(models.TextChoices):
    """缺口: why a compound holds unmanaged area; of each one reason holds, the first that does."""

    LAPSED = "lapsed", _("Management lapsed")
    PARTLY = "partly", _("Taken over in part")
    NEVER = "never", _("Never taken over")
