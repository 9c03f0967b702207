from django.db import models
from django.utils.translation import gettext_lazy as _


class ProcedureState(models.TextChoices):
    """How a compound's procedure stands."""

    RUNNING = "running", _("Under way")
    FINISHED = "finished", _("Carried through")
    ABANDONED = "abandoned", _("Given up")


class Act(models.TextChoices):
    """What a line of a procedure's history says."""

    START = "start", _("Begun")
    DONE = "done", _("Step done")
    ABANDONED = "abandoned", _("Given up")
    UNDONE = "undone", _("Taken back")


class Facts(models.TextChoices):
    """What a procedure keeps besides its steps (P4.2a, c, d)."""

    TENDER = "tender", _("Tender")
    FEES = "fees", _("Fees at zero profit")
    SERVICES = "services", _("Public-welfare posts and service circle")


class Matter(models.TextChoices):
    """What owners vote on, as far as the law tells it apart."""

    ORDINARY = "ordinary", _("Ordinary matter: rules, committee, choosing or dismissing a provider")
    FUND = "fund", _("Using the maintenance fund")
    SPECIAL = "special", _("Special matter: raising the maintenance fund, rebuilding")


class Base(models.TextChoices):
    """What a majority is a part of."""

    ALL = "all", _("of all")
    PART = "part", _("of those who take part")


class Way(models.TextChoices):
    """招标方式."""

    PUBLIC = "public", _("Public tender")
    INVITED = "invited", _("Tender by invitation")
    AGREEMENT = "agreement", _("By agreement")


class TenderCheck(models.TextChoices):
    """What a tender is held against; the number stands in a dated rule."""

    BIDDERS = "bidders", _("Fewest bidders")
    INVITED = "invited", _("Fewest firms invited")
    SMALL = "small", _("Small compound, up to (㎡)")
    PANEL = "panel", _("Smallest evaluation panel")
    ODD = "odd", _("Panel of an odd number")
    EXPERTS = "experts", _("Smallest share of experts")
    FILING = "filing", _("Days until the result is filed")


class PointKind(models.TextChoices):
    """What a community offers where it manages (P4.2d)."""

    POST = "post", _("Public-welfare post")
    SERVICE = "service", _("Service of the circle")


#: A step without a time limit of its own counts as stuck after so many days.
STUCK_AFTER = 60
