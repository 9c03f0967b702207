"""Reads on monthly returns: who has reported and who has not, with telephone numbers and a text that reminds them."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import add_months, business_date
from chaoyang_pm.kit.problems import bad
from communities.divisions.choices import BELOW, CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.people.models import User
from compounds.approvals.choices import ProposalState
from compounds.approvals.models import Proposal
from compounds.reports.choices import WITH_AUTHOR, Reporter, ReportState
from compounds.reports.models import Report
from compounds.returns.choices import ReturnState
from compounds.returns.models import Return


@dataclass
class Completeness:
    """报送情况 of one unit: its communities' returns of a month. Zero asked is not zero missing."""

    code: str
    name: str
    asked: int = 0
    is_in: int = 0
    overdue: int = 0
    late: int = 0
    on_behalf: int = 0
    returned: int = 0
    missing: list[Return] = field(default_factory=list)
    #: The unit's own return, of a county or community.
    own: Return | None = None

    def add(self, row: Return) -> None:
        self.asked += 1
        self.is_in += row.is_in
        self.overdue += row.is_overdue
        self.late += row.is_in and row.was_late
        self.on_behalf += row.is_in and row.is_on_behalf
        self.returned += row.state == ReturnState.RETURNED
        if not row.is_in:
            self.missing.append(row)


def months() -> list[datetime.date]:
    """Months that returns were asked for, newest first."""
    return list(Return.objects.order_by("-month").values_list("month", flat=True).distinct())


def resolve_month(text: str) -> datetime.date:
    """``2015-10`` as the month's first day. Raises BadQuestion."""
    try:
        return datetime.datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        message = _("“%(value)s” is no month; write it as 2014-12.")
        raise bad("month", text, message % {"value": text[:40]}) from None


def current_month() -> datetime.date:
    """The month that is being reported: the newest one asked for, else that of the business date."""
    newest = Return.objects.order_by("-month").values_list("month", flat=True).first()
    return newest or business_date().replace(day=1)


def of_month(month: datetime.date, *, code: str) -> QuerySet[Return]:
    """Returns of a division and everything below it."""
    rows = Return.objects.filter(month=month, division__in=Division.objects.subtree(code))
    return rows.select_related("division", "submitted_by", "accepted_by").order_by("division")


def completeness(month: datetime.date, division: Division) -> tuple[list[Completeness], Completeness]:
    """Per unit below the division how its communities have reported, and the sum; three queries."""
    rows = list(of_month(month, code=division.code))
    by = BELOW.get(Level(division.level), Level.COMMUNITY)
    length = CODE_LENGTH[by]
    codes = {row.division_id[:length] for row in rows if len(row.division_id) >= length}
    names = {one.code: one.name for one in Division.objects.filter(code__in=codes)}
    units = {code: Completeness(code, names.get(code, code)) for code in sorted(codes)}
    total = Completeness(division.code, division.name)
    for row in rows:
        if row.division_id == division.code:
            total.own = row
        unit = units.get(row.division_id[:length])
        if unit and row.division_id == unit.code:
            unit.own = row
        if row.level == Level.COMMUNITY:
            total.add(row)
            if unit:
                unit.add(row)
    return list(units.values()), total


def contacts(divisions: Iterable[str]) -> dict[str, list[User]]:
    """The people of each office, who can be called."""
    found: dict[str, list[User]] = defaultdict(list)
    people = User.objects.filter(is_active=True, appointments__division__in=list(divisions)).distinct()
    for user in people.prefetch_related("appointments"):
        for one in user.standing_appointments:
            if one.division_id:
                found[one.division_id].append(user)
    return found


def reminder(month: datetime.date, missing: list[Return]) -> str:
    """催报文字: to be copied into a chat; names every unit that has not reported, with its day. "" if all have."""
    if not missing:
        return ""
    by_day: dict[datetime.date, list[str]] = defaultdict(list)
    for row in missing:
        by_day[row.due].append(row.division.name)
    lines = [_("Monthly return %(month)s: not received yet from") % {"month": f"{month:%Y-%m}"}]
    for day, names in sorted(by_day.items()):
        facts = {"names": _(", ").join(names), "date": day.isoformat()}
        overdue = day < business_date()
        lines.append((_("%(names)s (was due on %(date)s)") if overdue else _("%(names)s (due on %(date)s)")) % facts)
    lines.append(_("No change is a return, too: one tap is enough. Thank you."))
    return "\n".join(lines)


@dataclass(frozen=True)
class Open:
    """What is still on its way when a county makes its return; nothing of it keeps the county from it."""

    not_in: int
    under_review: int
    with_authors: int
    waiting: int

    def __bool__(self) -> bool:
        return bool(self.not_in or self.under_review or self.with_authors or self.waiting)


def still_open(row: Return) -> Open:
    """自查: communities that have not reported, reports nobody has decided on, entries that wait for somebody."""
    within = Q(community__in=Division.objects.subtree(row.division_id))
    dated = within & (Q(effective_on__lt=add_months(row.month, 1)) | Q(effective_on__isnull=True))
    reports = Report.objects.filter(dated).aggregate(
        under=Count("pk", filter=Q(state__in=(ReportState.SUBMITTED, ReportState.VERIFIED))),
        authors=Count("pk", filter=Q(state__in=WITH_AUTHOR)),
    )
    missing = of_month(row.month, code=row.division_id).filter(level=Level.COMMUNITY)
    waiting = Proposal.objects.filter(division=row.division_id, state=ProposalState.WAITING)
    return Open(
        missing.exclude(state=ReturnState.SUBMITTED).count(), reports["under"], reports["authors"], waiting.count()
    )


def unfiled(community: Division, *, user: User) -> list[Return]:
    """Months that a community has still to report and that ``user`` may report for it; the oldest first."""
    rows = Return.objects.filter(division=community, state__in=(ReturnState.DUE, ReturnState.RETURNED))
    return [row for row in rows.select_related("division").order_by("month") if user.may("returns.file", row)]


def needing(user: User) -> QuerySet[Return]:
    """Returns that this very person's office is to hand in, or to accept."""
    own = [one.division_id for one in user.current_appointments if one.role in (Reporter.COMMITTEE, Reporter.COUNTY)]
    todo = Q(division__in=own, state__in=(ReturnState.DUE, ReturnState.PREPARED, ReturnState.RETURNED))
    if user.may("returns.accept"):
        todo |= Q(level=Level.COUNTY, state=ReturnState.SUBMITTED)
    return Return.objects.filter(todo).select_related("division").order_by("due_on")
