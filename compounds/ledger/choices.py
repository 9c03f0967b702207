"""The ledger's words (ledger.md, "Words"). Labels are what screens and printed tables say."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.TextChoices):
    """小区类别: where an area came from."""

    ABANDONED = "abandoned", _("Abandoned compound")
    RENOVATED = "renovated", _("Renovated old compound")
    UNSERVED = "unserved", _("Other compound without management")
    UNDETERMINED = "undetermined", _("Category to be determined")
    ESTABLISHED = "established", _("Managed before the programme")
    NEW_BUILD = "new_build", _("New compound")


class Mode(models.TextChoices):
    """管理模式: how an area is managed on a date."""

    NONE = "none", _("Not managed")
    PROFESSIONAL = "professional", _("Professional enterprise")
    MANAGER = "manager", _("Hired property manager")
    OWNERS = "owners", _("Owners themselves")
    SELF_HELP = "self_help", _("Self-help")
    COMMUNITY = "community", _("Entrusted to the community")


class Kind(models.TextChoices):
    """变动类型: what happened."""

    REGISTER = "register", _("Registration")
    TAKEOVER = "takeover", _("Takeover")
    MODE_CHANGE = "mode_change", _("Change of mode")
    PROVIDER_CHANGE = "provider_change", _("Change of provider")
    LAPSE = "lapse", _("Lapse")
    RECLASSIFY = "reclassify", _("Reclassification")
    RESURVEY = "resurvey", _("Resurvey")
    RELOCATE = "relocate", _("Relocation")
    MERGE = "merge", _("Merge")
    SPLIT = "split", _("Split")
    DEREGISTER = "deregister", _("Deregistration")
    REVERSAL = "reversal", _("Reversal")


class Precision(models.TextChoices):
    """How exact the effective date is; a month stands for its last day."""

    DAY = "day", _("Day")
    MONTH = "month", _("Month")


class Source(models.TextChoices):
    """Where an entry came from."""

    REGISTER_IMPORT = "register_import", _("Register workbook")
    ENTRY_IMPORT = "entry_import", _("Change workbook")
    PAGE = "page", _("Entered on a page")
    API = "api", _("Handed in by a program")
    COMMAND = "command", _("Command line")
    IMPORT_UNDO = "import_undo", _("Undo of an import")
    SUCCESSION = "succession", _("Change of divisions")
    REPORT = "report", _("Reported and approved")


#: Categories between which area may be reclassified; they enter the ledger unmanaged.
OPEN_CATEGORIES = (Category.ABANDONED, Category.RENOVATED, Category.UNSERVED, Category.UNDETERMINED)
#: Kinds that move area from one pocket of a compound to another.
MOVES = (Kind.TAKEOVER, Kind.MODE_CHANGE, Kind.LAPSE, Kind.RECLASSIFY)
#: Kinds that need a basis (type, name or number of a document).
NEEDS_BASIS = (Kind.RECLASSIFY, Kind.RESURVEY, Kind.DEREGISTER)
#: Kinds that appear in a replay; a reversal only takes one of them out of it.
EVENT_KINDS = tuple(kind for kind in Kind if kind != Kind.REVERSAL)
