"""Who is told what about plans: the city of what was submitted or is overdue, the county of what became of it."""

import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities.notices import services
from communities.notices.kinds import Kind, declare
from communities.people.models import User
from oversight.plans import selectors
from oversight.plans.choices import PlanStepKind
from oversight.plans.models import PlanVersion
from oversight.programme import selectors as programme_selectors

WAITING = declare(
    Kind(
        "plans.waiting", _("Plans: what waits for the city"), title=_("Plan submitted: %(county)s, version %(number)s"),
        body=_("By %(person)s."), action="plans.review",
    )
)  # fmt: skip
RETURNED = declare(
    Kind(
        "plans.returned", _("Plans: what was returned"), title=_("Returned: plan of %(county)s, version %(number)s"),
        body=_("By %(person)s; the page says what is to be put right."), action="plans.write",
    )
)  # fmt: skip
APPROVED = declare(
    Kind(
        "plans.approved", _("Plans: what the city approved"),
        title=_("Approved: plan of %(county)s, version %(number)s"), body=_("By %(person)s."), action="plans.write",
    )
)  # fmt: skip
OVERDUE = declare(
    Kind(
        "plans.overdue", _("Plans: what is overdue"), title=_("Overdue: plan of %(county)s, due on %(due)s"),
        body=_("Nothing has been submitted; an extension is granted with a document."), action="plans.review",
    )
)  # fmt: skip


def tell(version: PlanVersion, step: PlanStepKind, *, by: User) -> None:
    """What the step that was just taken means for others."""
    if step == PlanStepKind.SUBMIT:
        _notify(WAITING, version, by, "plans.review")
        services.settle(kind=OVERDUE, keys=[_overdue_key(version)])
    elif step in (PlanStepKind.RETURN, PlanStepKind.APPROVE):
        services.settle(kind=WAITING, keys=[str(version.pk)])
        _notify(RETURNED if step == PlanStepKind.RETURN else APPROVED, version, by, "plans.write")


def _notify(kind: Kind, version: PlanVersion, by: User, action: str) -> None:
    services.notify(
        kind=kind, key=str(version.pk), by=by, offices=[(action, version)],
        link=reverse("plans:version", args=[version.pk]),
        parameters={"county": str(version.county), "number": version.number, "person": str(by)},
    )  # fmt: skip


def _overdue_key(version: PlanVersion) -> str:
    due = selectors.due_on(version.programme, version.county_id)
    return f"{version.programme_id}:{version.county_id}:{due}"


def tell_overdue(day: datetime.date) -> int:
    """The city is told once of each county whose day has passed without a plan; an extension that passes is told anew.

    Returns how many were told.
    """
    programme = programme_selectors.current()
    if programme is None:
        return 0
    return sum(
        services.notify(
            kind=OVERDUE, key=f"{programme.pk}:{county.pk}:{due}", by=None, offices=[("plans.review", county)],
            parameters={"county": str(county), "due": due}, link=reverse("plans:list"),
        )
        for county, due in selectors.overdue(programme, day)
    )  # fmt: skip
