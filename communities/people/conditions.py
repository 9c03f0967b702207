"""Conditions of the permission matrix: each says in one sentence why not, or "" where nothing stands against it."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.scoping import scope_code
from communities.divisions.choices import CODE_LENGTH, Level
from communities.people.choices import APPOINTS, Role

if TYPE_CHECKING:
    from communities.people.models import Appointment, User

CITY, COUNTY = CODE_LENGTH[Level.CITY], CODE_LENGTH[Level.COUNTY]


def nothing(user: "User", appointment: "Appointment", row: Any) -> str:
    return ""


def never_others(user: "User", appointment: "Appointment", row: Any) -> str:
    return _("You may do this with what is your own only.")


def own_entry(user: "User", appointment: "Appointment", entry: Any) -> str:
    """A county corrects what it or those below it recorded, of an open month; everything else the city corrects."""
    from communities.people.models import Appointment

    if entry.lock:
        return entry.lock
    recorder = entry.recorded_by_id
    mine = Appointment.objects.filter(user__username=recorder, division__code__startswith=appointment.division_id or "")
    if recorder and mine.exists():
        return ""
    return _("The city bureau recorded this entry; ask it for the correction.")


def below(user: "User", appointment: "Appointment", division: Any) -> str:
    """代报 goes downwards: for a street or community of one's own division."""
    if len(scope_code(division) or "") > len(appointment.division_id or ""):
        return ""
    return _("One records on behalf of the offices below one's own only.")


def county_without_staff(user: "User", appointment: "Appointment", row: Any) -> str:
    """The city acts for a county that has no housing staff of its own."""
    from communities.people.models import Appointment

    code = (scope_code(row) or "")[:COUNTY]
    staff = Appointment.objects.in_force(business_date()).filter(
        role=Role.COUNTY, division=code, user__is_active=True
    )  # fmt: skip
    if len(code) == COUNTY and not staff.exists():
        return ""
    return _("The county has staff of its own, who do this.")


def another_person(user: "User", appointment: "Appointment", proposal: Any) -> str:
    """经办 and 复核 are two people."""
    if proposal.proposed_by_id != user.pk:
        return ""
    return _("You entered this yourself; a colleague of the same office reviews it.")


def colleague_of_nobody(user: "User", appointment: "Appointment", proposal: Any) -> str:
    """The city is the second person where the county has nobody but the one who entered it."""
    from communities.people.models import Appointment

    code = (scope_code(proposal) or "")[:COUNTY]
    colleagues = Appointment.objects.in_force(business_date()).filter(
        role=Role.COUNTY, division=code, user__is_active=True
    ).exclude(user=proposal.proposed_by_id)  # fmt: skip
    if colleagues.exists():
        return _("A colleague of the county reviews this; the city approves afterwards where it must.")
    return another_person(user, appointment, proposal)


def own_proposal(user: "User", appointment: "Appointment", proposal: Any) -> str:
    if proposal.proposed_by_id == user.pk:
        return ""
    return _("Only whoever entered this withdraws it; others return it with a comment.")


def returned_to_oneself(user: "User", appointment: "Appointment", proposal: Any) -> str:
    if not proposal.is_returned:
        return _("Only what was returned is entered again.")
    return "" if proposal.proposed_by_id == user.pk else _("It was returned to whoever entered it.")


def account_below(user: "User", appointment: "Appointment", account: "User") -> str:
    """Who may give a role looks after those who hold it: never oneself, a colleague, or somebody above."""
    own, gives = appointment.division_id or "", APPOINTS[Role(appointment.role)]
    offices = account.standing_appointments
    if offices and all(one.role in gives and (one.division_id or "").startswith(own) for one in offices):
        return ""
    if len(own) == CITY:
        return _("Accounts of the city itself are kept by the system administrator.")
    return _("You look after the accounts below your own office; this one is looked after by the level above.")


def with_a_task(user: "User", appointment: "Appointment", holder: Any) -> str:
    """A county breaks down what it was given; until then there is nothing to break down."""
    if holder.has_a_task:
        return ""
    return _("Nothing of this target was given to %(division)s yet; the city bureau does that first.") % {
        "division": holder.division
    }


def given_below(user: "User", appointment: "Appointment", part: Any) -> str:
    """What a county was given the city takes back; what it gave further, the county."""
    if len(scope_code(part) or "") > len(appointment.division_id or ""):
        return ""
    return _("The city bureau gave this part; it also takes it back.")
