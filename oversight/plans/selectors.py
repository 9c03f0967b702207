"""Reads on plans: until when each county's is due, what it has to plan, and how far the counties are."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from django.db.models import Count, Q, QuerySet, Sum

from chaoyang_pm.kit.dates import quarter_end
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.selectors import nearest
from communities.people.models import User
from compounds.ledger.choices import Mode
from compounds.ledger.models import Posting
from compounds.register.models import Compound
from compounds.reports import clock
from oversight.plans.choices import PlanState
from oversight.plans.models import PlanDeadline, PlanLine, PlanStep, PlanVersion
from oversight.programme.models import Programme, TargetVersion


# --- until when ------------------------------------------------------------------------------------------
def deadlines(programme: Programme) -> list[PlanDeadline]:
    return list(PlanDeadline.objects.filter(programme=programme).select_related("division", "set_by"))


def due_on(programme: Programme, county: str, rows: Iterable[PlanDeadline] | None = None) -> datetime.date | None:
    """Until when the county's plan is due, with its extension; None where no day is set."""
    row = nearest(deadlines(programme) if rows is None else rows, county)
    return row.due_on if row else None


def is_late(version: PlanVersion, on: datetime.date) -> bool:
    """Whether a submission on that day comes after the deadline, and no version was there in time."""
    due = due_on(version.programme, version.county_id)
    if due is None or on <= due:
        return False
    in_time = PlanVersion.objects.filter(programme=version.programme, county=version.county, submitted_on__lte=due)
    return not in_time.exists()


def ends_on(programme: Programme) -> datetime.date:
    """The last deadline of the programme's targets as they stand today; one query."""
    today = clock.today()
    versions = TargetVersion.objects.filter(target__programme=programme, withdrawn_at=None).order_by("valid_from")
    deadlines: dict[str, datetime.date] = {}
    for target, valid_from, deadline in versions.values_list("target", "valid_from", "deadline"):
        if valid_from <= today or target not in deadlines:
            deadlines[target] = deadline
    return max(deadlines.values(), default=today)


def quarters(programme: Programme) -> list[datetime.date]:
    """The last days of the quarters from today's, or the programme's first, to its last."""
    day, last = max(programme.starts_on, clock.today()), ends_on(programme)
    found: list[datetime.date] = []
    while not found or found[-1] < last:
        found.append(quarter_end(day))
        day = found[-1] + datetime.timedelta(days=1)
    return found


# --- what there is to plan -------------------------------------------------------------------------------
@dataclass
class Unmanaged:
    """A compound with unmanaged area: by category, area in 0.01 ㎡ and households."""

    compound: Compound
    community: str
    pockets: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def area_dm2(self) -> int:
        return sum(area for area, _households in self.pockets.values())

    @property
    def households(self) -> int:
        return sum(households for _area, households in self.pockets.values())


def unmanaged(division: str, known: Iterable[Compound] = ()) -> dict[str, Unmanaged]:
    """The compounds of a division that hold unmanaged area on the business date, by code; two queries.

    ``known``: compounds that somebody has read already.
    """
    return _unmanaged(Q(community__in=Division.objects.subtree(division)), known)


def unmanaged_of(compounds: Collection[Compound]) -> dict[str, Unmanaged]:
    """The same of some compounds; one query."""
    return _unmanaged(Q(compound__in=compounds), compounds) if compounds else {}


def _unmanaged(where: Q, known: Iterable[Compound]) -> dict[str, Unmanaged]:
    sums = (
        Posting.objects.filter(where, mode=Mode.NONE, effective_on__lte=clock.today())
        .order_by().values_list("compound_id", "community_id", "category")
        .annotate(area=Sum("area_dm2"), homes=Sum("households"))
    )  # fmt: skip
    held: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    place: dict[int, str] = {}
    for key, community, category, area, homes in sums:
        if area > 0:
            held[key][category] = (area, homes)
            place[key] = community
    found = {one.pk: one for one in known if one.pk in held}
    if missing := held.keys() - found.keys():
        found |= {one.pk: one for one in Compound.objects.filter(pk__in=missing)}
    compounds = sorted(found.values(), key=attrgetter("code"))
    return {one.code: Unmanaged(one, place[one.pk], held[one.pk]) for one in compounds}


def lines_to_show(version: PlanVersion) -> QuerySet[PlanLine]:
    """The lines with what the sheet and the checks need of their compounds and communities, which is little."""
    own = [field.name for field in PlanLine._meta.concrete_fields]
    of_compound = ("compound__code", "compound__name", "compound__status", "compound__buildings")
    shown = (*of_compound, "community__name", "community__short_name")
    return version.lines.select_related("compound", "community").only(*own, *shown).order_by("number")


def in_force(version: PlanVersion) -> dict[int, tuple[int | None, int | None]]:
    """What the plan that a version amends has planned: by compound, area in 0.01 ㎡ and households; one query."""
    if version.number == 1:
        return {}
    lines = PlanLine.objects.filter(
        version__programme=version.programme_id, version__county=version.county_id, compound__isnull=False,
        version__state=PlanState.APPROVED,
    ).exclude(version=version)  # fmt: skip
    rows = lines.order_by().values_list("compound", "planned_dm2", "planned_households")
    return {compound: (area, homes) for compound, area, homes in rows}


# --- how far the counties are ----------------------------------------------------------------------------
def listed(user: User) -> QuerySet[PlanVersion]:
    """Versions that somebody sees: drafts only within the county that writes them."""
    rows = PlanVersion.objects.visible_to(user).select_related("county__parent", "programme__city")
    return rows if user.may("plans.write") else rows.exclude(state=PlanState.DRAFT)


def versions_beside(version: PlanVersion, user: User) -> QuerySet[PlanVersion]:
    """The other versions of the county's plan that somebody sees, the newest first."""
    same = listed(user).filter(programme=version.programme_id, county=version.county_id)
    return same.exclude(pk=version.pk).order_by("-number")


def newest(programme: Programme, county: Division) -> PlanVersion | None:
    return PlanVersion.objects.filter(programme=programme, county=county).order_by("number").last()


@dataclass(frozen=True)
class Amounts:
    """A version in figures; area as it was fixed at the submission, None for a draft."""

    lines: int
    compounds: int
    pilots: int
    area_dm2: int | None


def amounts(version: PlanVersion) -> Amounts:
    whole = version.lines.aggregate(
        lines=Count("pk"), compounds=Count("compound"), pilots=Count("pk", filter=Q(is_pilot=True)),
        area=Sum("planned_dm2"),
    )  # fmt: skip
    return Amounts(whole["lines"], whole["compounds"], whole["pilots"], whole["area"])


def story(version: PlanVersion) -> list[PlanStep]:
    """Every step with its comments, the newest last."""
    return list(version.steps.select_related("by").prefetch_related("comments").order_by("pk"))


def counties(programme: Programme) -> list[Division]:
    """Those that owe a plan: the counties of the programme's city."""
    below = Division.objects.filter(level=Level.COUNTY, ended_on__isnull=True)
    return list(below.filter(code__startswith=programme.city_id[: CODE_LENGTH[Level.CITY]]).order_by("code"))


def missing(programme: Programme) -> list[Division]:
    """Counties that never submitted a version."""
    there = PlanVersion.objects.filter(programme=programme, submitted_on__isnull=False).values_list("county", flat=True)
    handed_in = set(there)
    return [county for county in counties(programme) if county.code not in handed_in]


def overdue(programme: Programme, today: datetime.date) -> list[tuple[Division, datetime.date]]:
    """Counties that never submitted a version though their day has passed, with that day; none once all has ended."""
    rows = deadlines(programme)
    if not any(row.due_on < today for row in rows) or ends_on(programme) < today:
        return []
    found = [(county, due_on(programme, county.code, rows)) for county in missing(programme)]
    return [(county, due) for county, due in found if due and due < today]
