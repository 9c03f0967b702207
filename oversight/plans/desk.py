"""What of the plans waits for a person: the city's to review and to ask for, the county's to write and submit."""

import datetime
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.desk.registry import Item, Pile
from communities.divisions.models import Division
from communities.people.choices import Role
from communities.people.models import User
from oversight.plans import selectors
from oversight.plans.choices import WITH_BUREAU, PlanState, PlanStepKind
from oversight.plans.models import PlanStep, PlanVersion
from oversight.programme import selectors as programme_selectors
from oversight.programme.models import Programme


def to_review(user: User, limit: int) -> Pile | None:
    """Submitted plans, the one that waits longest first."""
    if not user.may("plans.review"):
        return None
    rows = PlanVersion.objects.visible_to(user).filter(state__in=WITH_BUREAU).select_related("county")
    submitted = PlanStep.objects.filter(step=PlanStepKind.SUBMIT)
    found = list(
        rows.order_by("submitted_on", "pk").prefetch_related(Prefetch("steps", submitted, to_attr="sent"))[:limit]
    )
    if not found:
        return None
    items = [
        Item(_title(one.county, one), _address(one), _state(one), one.sent[0].at if one.sent else None) for one in found
    ]
    number = len(found) if len(found) < limit else rows.count()
    return Pile(gettext_lazy("Plans to review"), items, number, reverse("plans:list"))


def overdue(user: User, limit: int) -> Pile | None:
    """Counties that missed their day, the longest first."""
    programme = programme_selectors.current() if user.may("plans.review") else None
    if programme is None:
        return None
    today = business_date()
    found = [(due, county) for county, due in selectors.overdue(programme, today) if user.scope.covers(county.code)]
    if not found:
        return None
    items = [
        Item(str(county), reverse("plans:list"), _days((today - due).days), None, due, is_late=True)
        for due, county in sorted(found, key=lambda pair: (pair[0], pair[1].code))
    ]  # fmt: skip
    return Pile(gettext_lazy("Counties without a plan"), items[:limit], len(items), reverse("plans:list"))


def to_write(user: User, limit: int) -> Pile | None:
    """A county's own plan, as long as it is the county's turn."""
    counties = [one.division for one in user.current_appointments if one.role == Role.COUNTY and one.division]
    programme = programme_selectors.current() if counties else None
    if programme is None:
        return None
    back = PlanStep.objects.filter(step=PlanStepKind.RETURN).order_by("-pk").prefetch_related("comments")
    versions = PlanVersion.objects.filter(programme=programme, county__in=counties).order_by("-number")
    by_county: dict[str, list[PlanVersion]] = {county.code: [] for county in counties}
    for version in versions.prefetch_related(Prefetch("steps", back, to_attr="returns")):
        by_county[version.county_id].append(version)
    deadlines = selectors.deadlines(programme)
    items = []
    for county in counties:
        due = selectors.due_on(programme, county.code, deadlines)
        if item := _own(programme, county, by_county[county.code], due):
            items.append(item)
    return Pile(gettext_lazy("Plan of the county"), items[:limit], len(items), reverse("plans:list")) if items else None


def _own(
    programme: Programme, county: Division, versions: list[PlanVersion], due: datetime.date | None
) -> Item | None:  # fmt: skip
    """``versions``: the newest first."""
    today = business_date()
    if any(version.submitted_on for version in versions):
        due = None
    is_late = due is not None and due < today
    if not versions:
        if due is None or selectors.ends_on(programme) < today:
            return None
        return Item(_title(county, None), reverse("plans:list"), _("not begun"), None, due, is_late)
    newest = versions[0]
    if newest.state == PlanState.RETURNED:
        return Item(_title(county, newest), _address(newest), _said(newest), _returns(newest)[0].at)
    if newest.state == PlanState.DRAFT:
        before = versions[1] if len(versions) > 1 else None
        why = _said(before) if before and before.state == PlanState.RETURNED else _("draft to submit")
        return Item(_title(county, newest), _address(newest), why, newest.created_at, due, is_late)
    return None


def _address(version: PlanVersion) -> str:
    return reverse("plans:version", args=[version.pk])


def _title(county: Division, version: PlanVersion | None) -> str:
    if version is None:
        return _("The plan of %(county)s") % {"county": county}
    return _("Plan of %(county)s, version %(number)s") % {"county": county, "number": version.number}


def _state(version: PlanVersion) -> str:
    said = [str(version.get_state_display()), *([_("late")] if version.is_late else [])]
    return " · ".join(said)


def _days(days: int) -> str:
    return ngettext("%(days)s day past its date", "%(days)s days past its date", days) % {"days": days}


def _said(version: PlanVersion) -> str:
    """The words of the return, each at its line."""
    step = _returns(version)[0]
    comments = [
        _("line %(line)s: %(text)s") % {"line": one.line, "text": one.text} if one.line is not None else one.text
        for one in step.comments.all()
    ]
    return _("; ").join([_("returned"), *filter(None, [step.reason]), *comments])


def _returns(version: Any) -> list[PlanStep]:
    """As ``to_write`` has read them, the newest first."""
    return list(version.returns)
