"""What plans foresee: which of them count on a day, and how much area their lines bring until when (docs/plans.md).

A line brings its area, at most what was unmanaged on the day its plan was submitted, as known at the height asked
for: what was known late of the time before is in the ledger's figure of that day already. Areas in 0.01 ㎡.
"""

import datetime
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet

from chaoyang_pm.kit.figures import half_up
from chaoyang_pm.kit.scoping import Scope, next_code
from communities.divisions.choices import CODE_LENGTH, Level
from oversight.coverage import reading, rollups, scans
from oversight.coverage.figures import Cells
from oversight.coverage.question import Question
from oversight.plans.choices import WITH_BUREAU, PlanState
from oversight.plans.models import PlanLine, PlanVersion
from oversight.programme.models import Programme

#: States of versions that the bureau has approved at some time.
APPROVED = (PlanState.APPROVED, PlanState.SUPERSEDED)
_COUNTY = CODE_LENGTH[Level.COUNTY]


@dataclass(frozen=True)
class Plan:
    """A county's plan that counts. ``since``: the day of its submission, which it is held against the ledger from."""

    pk: int
    county: str
    since: datetime.date

    @property
    def beside(self) -> datetime.date:
        """The month's end before that day: there the planned line leaves the actual one."""
        return self.since.replace(day=1) - datetime.timedelta(days=1)


@dataclass(frozen=True)
class Foreseen:
    """One line: what it plans. ``pockets``: what was unmanaged of it at its plan's day, by category."""

    line: int
    county: str
    community: str
    due_on: datetime.date
    category: str
    area_dm2: int | None
    homes: int | None
    is_listed: bool
    pockets: dict[str, tuple[int, int]] = field(default_factory=dict)

    def area(self, categories: Collection[str] | None = None) -> int:
        """What it brings, of some categories only where they are given."""
        if not self.is_listed:
            counts = not self.category or categories is None or self.category in categories
            return (self.area_dm2 or 0) if counts else 0
        held = sum(
            area for category, (area, _homes) in self.pockets.items()
            if (not self.category or category == self.category) and (categories is None or category in categories)
        )  # fmt: skip
        return held if self.area_dm2 is None else min(held, self.area_dm2)

    @property
    def households(self) -> int:
        """As written; blank: those of the unmanaged area, or their part of it, rounded half up."""
        if self.homes is not None:
            return self.homes
        held = [pocket for category, pocket in self.pockets.items() if not self.category or category == self.category]
        area, homes = sum(each[0] for each in held), sum(each[1] for each in held)
        return half_up(homes * self.area(), area) if area > 0 else 0


@dataclass(frozen=True)
class Moved:
    """Managed area and households that came from the month's end before a plan's day up to it; + or −."""

    county: str
    community: str
    category: str
    area: int
    households: int


@dataclass(frozen=True)
class Outlook:
    """The plans that count in a division, what their lines bring, and what moved just before their days."""

    plans: list[Plan]
    lines: list[Foreseen]
    moved: list[Moved]

    def __bool__(self) -> bool:
        return bool(self.plans)


# --- which plans count -----------------------------------------------------------------------------------
def in_force(programme: Programme | None, code: str, as_of: datetime.date) -> list[PlanVersion]:
    """The approved versions of a division's counties that had been submitted by a day, one a county; one query."""
    return _newest(_submitted(programme, code, as_of).filter(state__in=APPROVED))


def in_force_or_with_bureau(programme: Programme | None, code: str, as_of: datetime.date) -> list[PlanVersion]:
    """The same; of a county that has none yet, its newest version with the bureau."""
    found = list(_submitted(programme, code, as_of).filter(state__in=[*APPROVED, *WITH_BUREAU]))
    approved = {version.county_id for version in found if version.state in APPROVED}
    return _newest(one for one in found if one.state in APPROVED or one.county_id not in approved)


def _submitted(programme: Programme | None, code: str, as_of: datetime.date) -> QuerySet[PlanVersion]:
    where = Q(county=code[:_COUNTY]) if len(code) >= _COUNTY else Scope((code,)).q("county")
    rows = PlanVersion.objects.filter(where, programme=programme, submitted_on__lte=as_of)
    return rows.select_related("county").order_by("county", "-number")


def _newest(rows: Iterable[PlanVersion]) -> list[PlanVersion]:
    found: dict[str, PlanVersion] = {}
    for version in rows:
        found.setdefault(version.county_id, version)
    return list(found.values())


def planned_compounds(as_of: datetime.date) -> QuerySet:
    """Keys of the compounds that the plans in force on a date name; to be asked within another query."""
    submitted = PlanVersion.objects.filter(state__in=APPROVED, submitted_on__lte=as_of).order_by()
    later = submitted.filter(
        programme=OuterRef("programme"), county=OuterRef("county"), number__gt=OuterRef("number")
    )  # fmt: skip
    newest = Programme.objects.order_by("-starts_on").values("pk")[:1]
    counting = submitted.filter(~Exists(later), programme__in=newest)
    return PlanLine.objects.filter(version__in=counting, compound__isnull=False).order_by().values("compound")


# --- what they bring -------------------------------------------------------------------------------------
_IN_FORCE = """
    SELECT id, county_id, submitted_on FROM (
        SELECT id, county_id, submitted_on, ROW_NUMBER() OVER (PARTITION BY county_id ORDER BY number DESC) AS place
        FROM oversight_planversion
        WHERE programme_id = %s AND submitted_on <= %s AND state IN ({states}) AND {counties}
    ) AS submitted WHERE place = 1
"""
_OUTLOOK = """
    WITH plans AS ({plans})
    SELECT 'plan', id, county_id, '', submitted_on, '', CAST(NULL AS BIGINT), CAST(NULL AS BIGINT), 0, '', 0, 0
    FROM plans
    UNION ALL
    SELECT 'line', line.id, plans.county_id, line.community_id, line.due_on, line.category, line.area_dm2,
           line.households, CASE WHEN line.compound_id IS NULL THEN 0 ELSE 1 END, COALESCE(posting.category, ''),
           COALESCE(SUM(posting.area_dm2), 0), COALESCE(SUM(posting.households), 0)
    FROM plans
    JOIN oversight_planline line ON line.version_id = plans.id
    LEFT JOIN compounds_posting posting
        ON posting.compound_id = line.compound_id AND posting.effective_on <= plans.submitted_on
        AND posting.entry_id <= %s AND posting.mode NOT IN ({modes})
    WHERE line.community_id >= %s AND line.community_id < %s
    GROUP BY line.id, plans.county_id, line.community_id, line.due_on, line.category, line.area_dm2, line.households,
             line.compound_id, posting.category
    UNION ALL
    SELECT 'moved', 0, plans.county_id, posting.community_id, plans.submitted_on, posting.category, NULL, NULL, 0, '',
           SUM(posting.area_dm2), SUM(posting.households)
    FROM plans
    JOIN compounds_posting posting
        ON posting.community_id >= plans.county_id
        AND posting.community_id < CAST(CAST(plans.county_id AS BIGINT) + 1 AS TEXT)
        AND substr(CAST(posting.effective_on AS TEXT), 1, 7) = substr(CAST(plans.submitted_on AS TEXT), 1, 7)
        AND posting.effective_on <= plans.submitted_on
    WHERE posting.entry_id <= %s AND posting.mode IN ({modes})
        AND posting.community_id >= %s AND posting.community_id < %s
    GROUP BY plans.county_id, posting.community_id, plans.submitted_on, posting.category
"""


def outlook(programme: Programme, question: Question) -> Outlook:
    """The plans in force on the question's date within its division, as ``in_force`` names them; one statement."""
    code = question.division.code
    counties, bounds = ("county_id = %s", [code[:_COUNTY]]) if len(code) >= _COUNTY else Scope((code,)).sql("county_id")
    plans = _IN_FORCE.format(states=_marks(APPROVED), counties=counties)
    return _outlook(question, plans, [programme.pk, question.as_of, *map(str, APPROVED), *bounds])


def outlook_of(versions: Collection[PlanVersion], question: Question) -> Outlook:
    """The same of certain versions."""
    if not versions:
        return Outlook([], [], [])
    plans = f"SELECT id, county_id, submitted_on FROM oversight_planversion WHERE id IN ({_marks(versions)})"  # noqa: S608
    return _outlook(question, plans, [version.pk for version in versions])


def _outlook(question: Question, plans: str, params: list) -> Outlook:
    code, height, modes = question.division.code, question.height, list(question.modes) or [""]
    sql, found = _OUTLOOK.format(plans=plans, modes=_marks(modes)), Outlook([], [], [])
    within = [code, next_code(code)]
    lines: dict[int, Foreseen] = {}
    rows = scans.rows(sql, [*params, height, *modes, *within, height, *modes, *within])
    for what, pk, county, community, on, category, area, homes, is_listed, pocket, held, held_homes in rows:
        day = rollups.as_date(on)
        if what == "plan":
            found.plans.append(Plan(pk, county, day))
        elif what == "moved":
            found.moved.append(Moved(county, community, category, int(held), int(held_homes)))
        else:
            line = lines.setdefault(pk, Foreseen(pk, county, community, day, category, area, homes, bool(is_listed)))
            if held > 0:
                line.pockets[pocket] = (int(held), int(held_homes))
    found.plans.sort(key=lambda plan: plan.county)
    found.lines.extend(lines[pk] for pk in sorted(lines))
    return found


def _marks(values: Collection) -> str:
    return ", ".join(["%s"] * len(values))


@dataclass(frozen=True)
class PlannedFigure:
    """计划数: managed area and households that approved plans foresee."""

    area_dm2: int
    households: int


def planned_figure(
    question: Question, foreseen: Outlook, held: Mapping[datetime.date, Mapping[str, Cells]]
) -> PlannedFigure | None:  # fmt: skip
    """What plans foresee by the question's date: of each county what was managed on its plan's day and what is due
    by now; of one without a plan what is managed. None without any plan.

    ``held``: the division's balances by county or below, on ``days_of`` the plans; None where one is lacking.
    """
    day = question.as_of
    if not foreseen or days_of(question, foreseen) - held.keys():
        return None
    planned = {plan.county for plan in foreseen.plans}
    parts = [_managed(held[day], question, {key[:_COUNTY] for key in held[day]} - planned)]
    parts += [_managed(held[plan.beside], question, {plan.county}) for plan in foreseen.plans]
    parts += [(moved.area, moved.households) for moved in foreseen.moved]
    parts += [(line.area(), line.households) for line in foreseen.lines if line.due_on <= day]
    return PlannedFigure(sum(part[0] for part in parts), sum(part[1] for part in parts))


def days_of(question: Question, foreseen: Outlook) -> set[datetime.date]:
    """The days whose balances a planned figure is made of."""
    return {question.as_of, *(plan.beside for plan in foreseen.plans)}


def planned_now(programme: Programme | None, question: Question) -> PlannedFigure | None:
    """The planned figure by itself; two queries."""
    if programme is None or not (foreseen := outlook(programme, question)):
        return None
    code, days = question.division.code, sorted(days_of(question, foreseen))
    return planned_figure(question, foreseen, reading.balances_on(code, days, question.height, max(_COUNTY, len(code))))


def _managed(held: Mapping[str, Cells], question: Question, counties: Collection[str]) -> tuple[int, int]:
    cells = [
        amount for key, of in held.items() if key[:_COUNTY] in counties
        for (_category, mode), amount in of.items() if mode in question.modes
    ]  # fmt: skip
    return sum(area for area, _homes in cells), sum(homes for _area, homes in cells)
