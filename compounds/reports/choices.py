from django.db import models
from django.utils.translation import gettext_lazy as _

from communities.people.choices import Role
from compounds.ledger.choices import Kind


class ReportKind(models.TextChoices):
    """上报事项: what a community says has happened to one compound."""

    TAKEOVER = "takeover", _("Takeover")
    MODE_CHANGE = "mode_change", _("Change of mode")
    PROVIDER_CHANGE = "provider_change", _("Change of provider")
    LAPSE = "lapse", _("Lapse")
    AREA = "area", _("Area or households to be checked")
    MISSING = "missing", _("Compound missing from the register")
    UNCLEAR = "unclear", _("Unclear; the street is asked to look")


class ReportState(models.TextChoices):
    """How far a report is. Approved is posted: there is no state in between."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    VERIFIED = "verified", _("Verified by the street")
    APPROVED = "approved", _("Approved by the county (recorded)")
    RETURNED = "returned", _("Returned")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    SUPERSEDED = "superseded", _("Void (a newer report counts)")


class Step(models.TextChoices):
    """What a person did with a report; ``transitions`` says from which states."""

    DRAFT = "draft", _("Drafted")
    EDIT = "edit", _("Edited")
    SUBMIT = "submit", _("Submitted")
    VERIFY = "verify", _("Verified by the street")
    AGREE = "agree", _("Agreed by the county; somebody else has to agree, too")
    APPROVE = "approve", _("Approved")
    RETURN = "return", _("Returned")
    RECHECK = "recheck", _("Back to the street")
    WITHDRAW = "withdraw", _("Withdrawn")
    SUPERSEDE = "supersede", _("Replaced by a newer report")


class Reporter(models.TextChoices):
    """Which office a report comes from; 代报 where it is not the community's own."""

    COMMITTEE = Role.COMMITTEE.value, Role.COMMITTEE.label
    SUBDISTRICT = Role.SUBDISTRICT.value, Role.SUBDISTRICT.label
    COUNTY = Role.COUNTY.value, Role.COUNTY.label
    BUREAU = Role.BUREAU.value, Role.BUREAU.label


class Office(models.TextChoices):
    """Which office is to look at a report next; the city does it for a county without staff."""

    SUBDISTRICT = Role.SUBDISTRICT.value, Role.SUBDISTRICT.label
    COUNTY = Role.COUNTY.value, Role.COUNTY.label


#: States in which a report can still reach the ledger.
OPEN = (ReportState.DRAFT, ReportState.SUBMITTED, ReportState.VERIFIED, ReportState.RETURNED)
#: States in which whoever wrote it works on it.
WITH_AUTHOR = (ReportState.DRAFT, ReportState.RETURNED)
#: States in which somebody above is to look at it.
UNDER_REVIEW = (ReportState.SUBMITTED, ReportState.VERIFIED)

#: The kind of entry that a report becomes; the others depend on what the ledger holds (``claims``).
ENTRY_KIND = {
    ReportKind.TAKEOVER: Kind.TAKEOVER,
    ReportKind.MODE_CHANGE: Kind.MODE_CHANGE,
    ReportKind.PROVIDER_CHANGE: Kind.PROVIDER_CHANGE,
    ReportKind.LAPSE: Kind.LAPSE,
}
