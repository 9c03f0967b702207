"""各县方案: how far the counties are with their plans, and all of them summed into the city's."""

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet, Sum

from chaoyang_pm.kit.dates import business_date, quarter_end
from communities.divisions.models import Division
from communities.people.models import User
from oversight.plans import selectors
from oversight.plans.choices import UNDECIDED, PlanState
from oversight.plans.columns import when
from oversight.plans.models import PlanLine, PlanVersion
from oversight.programme.models import Programme


@dataclass(frozen=True)
class CountyRow:
    """A county with its newest version that the reader sees; ``days`` to the deadline, less than 0 after it."""

    county: Division
    version: PlanVersion | None
    due_on: datetime.date | None
    days: int | None
    lines: int
    area_dm2: int | None
    #: The version in force, the newest or one before it.
    approved: PlanVersion | None
    #: Whether the reader may begin the plan: its county, or the city for a county without staff.
    may_begin: bool

    @property
    def handed_in(self) -> bool:
        return bool(self.version and (self.version.submitted_on or self.version.number > 1))

    @property
    def is_open(self) -> bool:
        """Whether there is something to check."""
        return bool(self.version and self.version.state in UNDECIDED)

    @property
    def is_overdue(self) -> bool:
        return not self.handed_in and self.days is not None and self.days < 0

    @property
    def days_late(self) -> int:
        return -(self.days or 0)


def rows(programme: Programme, user: User) -> list[CountyRow]:
    """One row a county within the reader's scope, by code; the queries do not grow with the counties."""
    counties = [one for one in selectors.counties(programme) if user.scope.covers(one.code)]
    newest: dict[str, PlanVersion] = {}
    approved: dict[str, PlanVersion] = {}
    for version in selectors.listed(user).filter(programme=programme).order_by("number"):
        newest[version.county_id] = version
        if version.state == PlanState.APPROVED:
            approved[version.county_id] = version
    sums = _sums(newest.values())
    deadlines, today = selectors.deadlines(programme), business_date()
    found = []
    for county in counties:
        latest, due = newest.get(county.code), selectors.due_on(programme, county.code, deadlines)
        lines, area = sums.get(latest.pk, (0, None)) if latest else (0, None)
        found.append(CountyRow(
            county, latest, due, (due - today).days if due else None, lines, area, approved.get(county.code),
            latest is None and bool(user.may("plans.write", county)),
        ))  # fmt: skip
    return found


def _sums(versions) -> dict[int, tuple[int, int | None]]:
    """Lines and the planned area of versions; a draft's area is not fixed yet."""
    lines = PlanLine.objects.filter(version__in=[one.pk for one in versions]).order_by()
    amounts = lines.values_list("version").annotate(Count("pk"), Sum("planned_dm2"))
    return {version: (number, area) for version, number, area in amounts}


@dataclass
class CityPlan:
    """Area by quarter and county, of every county's newest version that the bureau has or has approved."""

    quarters: list[str]
    counties: list[tuple[Division, PlanVersion, list[int]]]
    lacking: list[Division] = field(default_factory=list)

    @property
    def totals(self) -> list[int]:
        return [sum(column) for column in zip(*(areas for _c, _v, areas in self.counties), strict=True)]

    @property
    def lines(self) -> list[tuple[Division, PlanVersion, list[int], int]]:
        """Counties with their areas and the sum of these."""
        return [(county, version, areas, sum(areas)) for county, version, areas in self.counties]

    @property
    def total(self) -> int:
        return sum(self.totals)


def city_plan(programme: Programme, found: Sequence[CountyRow]) -> CityPlan:
    """全市方案汇总; one query. ``found``: the rows of the counties."""
    counted = {row.county.code: one for row in found if (one := _counted(row))}
    areas: Mapping[str, dict[datetime.date, int]] = defaultdict(lambda: defaultdict(int))
    for line in _by_quarter(counted.values()):
        areas[line["version__county"]][quarter_end(line["due_on"])] += line["area"] or 0
    quarters = sorted({quarter for own in areas.values() for quarter in own})
    lines = [
        (row.county, counted[row.county.code], [areas[row.county.code].get(quarter, 0) for quarter in quarters])
        for row in found if row.county.code in counted
    ]  # fmt: skip
    return CityPlan(
        [when(day, True) for day in quarters], lines, [row.county for row in found if row.county.code not in counted]
    )


def _counted(row: CountyRow) -> PlanVersion | None:
    """The approved version, else the one that the bureau has."""
    if row.approved:
        return row.approved
    return row.version if row.version and row.version.submitted_on and row.version.state in UNDECIDED else None


def _by_quarter(versions) -> QuerySet:
    lines = PlanLine.objects.filter(version__in=[one.pk for one in versions], due_on__isnull=False)
    return lines.order_by().values("version__county", "due_on").annotate(area=Sum("planned_dm2"))
