"""Targets against the ledger: completed, 序时进度, 月均需完成, forecast, status (ledger.md, "Formulas")."""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import QuerySet, Sum

from chaoyang_pm.kit.figures import ratio
from communities.divisions.choices import CODE_LENGTH, Level
from compounds.ledger.choices import Category, Kind, Mode
from compounds.ledger.models import Posting
from compounds.pilots import selectors as pilot_selectors
from oversight.coverage import progress, reading
from oversight.coverage.figures import Cells
from oversight.coverage.models import COUNTY, RollUp
from oversight.coverage.question import Question
from oversight.coverage.scans import balances, balances_on
from oversight.coverage.territory import Territory, made_of, territories
from oversight.programme import selectors as programme_selectors
from oversight.programme.choices import Progress, Unit
from oversight.programme.models import Baseline, Programme, Target, TargetVersion


@dataclass(frozen=True)
class TargetFigures:
    """One target at (date, height). Amounts are 0.01 ㎡, or communities (T4); None where a formula gives none."""

    target: Target
    version: TargetVersion
    required: int
    completed: int
    scheduled: int
    status: Progress
    run_rate: int | None
    forecast: str | None
    at_deadline: int | None
    newly_lapsed: int | None
    territory: Territory
    increment: int | None = None

    @property
    def remaining(self) -> int:
        return max(0, self.required - self.completed)

    @property
    def ratio(self) -> float | None:
        return ratio(self.completed, self.required)

    @property
    def counts_area(self) -> bool:
        return self.target.unit == Unit.AREA


@dataclass(frozen=True)
class Base:
    """文件底数 · 台账底数 · 差额: what there is of a target's categories by its document, and by the ledger.

    The ledger's is of ``as_of`` (the baseline's date) as known at ``height``: the locked one, else the question's.
    """

    document: int | None
    ledger: int
    as_of: datetime.date
    height: int

    @property
    def difference(self) -> int | None:
        """台账 − 文件; None where the document names no figure."""
        return None if self.document is None else self.ledger - self.document


class TargetBoard:
    """All targets of a programme at one question's (date, height, rule); balances are read once per date.

    ``versions_on``: by which versions of the targets, those valid on that day; of the question's date unless given.
    ``rolled_up``: how far the roll-ups are, by whoever has read it already; ``also`` are divisions whose territories
    are wanted, too. Without ``counts_lapsed`` 新增失管 is left to ``moved``.
    """

    def __init__(
        self, question: Question, programme: Programme, versions_on: datetime.date | None = None, *,
        rolled_up: RollUp | None = None, also: Iterable[str] = (), counts_lapsed: bool = True,
    ):  # fmt: skip
        self.question, self.programme = question, programme
        self.versions_on = versions_on or question.as_of
        self.targets = list(programme_selectors.targets(programme))
        self._by_code = {target.code: target for target in self.targets}
        divisions = {t.code: [d.code for d in t.divisions.all()] for t in self.targets}
        self._rolled_up = rolled_up or reading.how_far()
        self._length = max((len(code) for codes in divisions.values() for code in codes), default=4)
        self._made_of = made_of()
        self._territories = territories(divisions | {code: [code] for code in also}, self._made_of)
        self._counts_communities = any(target.unit == Unit.COMMUNITIES for target in self.targets)
        self._moved = sorted({code for t in self._territories.values() for code in (*t.plus, *t.minus)})
        self._balances: dict[tuple[datetime.date, int], dict[str, Cells]] = {}
        self._moved_balances: dict[tuple[datetime.date, int], dict[str, Cells]] = {}
        self._by_community: dict[tuple[datetime.date, int], dict[str, Cells]] = {}
        self._pilots: dict[tuple[datetime.date, int], PilotsThen] = {}
        self._counts_lapsed = counts_lapsed
        self._lapsed: dict[tuple[str, str], int] | None = None

    def know(self, found: Mapping[datetime.date, dict[str, Cells]]) -> None:
        """Take over the city's balances by county that somebody has read already."""
        if self._length <= COUNTY:
            self._balances |= {(day, self.question.height): cells for day, cells in found.items()}

    def touching(self, code: str) -> list[Target]:
        """The targets that ask something of a division."""
        return [target for target in self.targets if self.territory(target).touches(code)]

    def figures(self) -> list[TargetFigures]:
        return [self.of(target) for target in self.targets]

    def of(self, target: Target, version: TargetVersion | None = None) -> TargetFigures:
        """One target's figures, by the version in force or by another one."""
        version = version or programme_selectors.version_on(target, self.versions_on)
        return self._communities(target, version) if target.unit == Unit.COMMUNITIES else self._area(target, version)

    def at(self, day: datetime.date) -> "TargetBoard":
        """The same board for another date, by the versions of then; what was read already is not read again."""
        other = copy(self)
        other.question, other.versions_on, other._lapsed = replace(self.question, as_of=day), day, None
        return other

    def locked(self, height: int) -> "TargetBoard":
        """The same board as if the baseline were locked at a height; what was read already is not read again."""
        other = copy(self)
        other.programme = copy(self.programme)
        other.programme.baseline = Baseline(height=height)
        return other

    def _read_together(self) -> None:
        """The balances of every day that figures need, in one statement: of the date, the passed deadlines, and the
        two month ends that forecasts go by.
        """
        day = self.question.as_of
        versions = [version for target in self.targets for version in programme_selectors.standing(target)]
        wanted = {day, *progress.gained_between(day), *(each.deadline for each in versions if each.deadline <= day)}
        days = sorted(each for each in wanted if (each, self.question.height) not in self._balances)
        height = self.question.height
        if days and self._counts_communities and (day, height) == self._baseline():
            # The communities' balances are read anyway: the other days come along.
            found = balances_on([self.programme.city_id], [*days, day], height, CODE_LENGTH[Level.COMMUNITY])
            self._by_community.setdefault((day, height), found[day])
            self._balances = {(each, height): held for each, held in found.items()} | self._balances
        elif len(days) > 1:
            found = reading.balances_on(self.programme.city_id, days, height, self._length, state=self._rolled_up)
            self._balances |= {(each, height): held for each, held in found.items()}
        days = sorted(each for each in wanted if (each, self.question.height) not in self._moved_balances)
        if self._moved and len(days) > 1:
            moved = balances_on(self._moved, days, self.question.height, CODE_LENGTH[Level.COMMUNITY])
            self._moved_balances |= {(each, self.question.height): held for each, held in moved.items()}

    # --- area ----------------------------------------------------------------------------------------
    def _area(self, target: Target, version: TargetVersion) -> TargetFigures:
        day = self.question.as_of
        self._read_together()
        required = self.required(target, version)
        completed = self.completed(target, day)
        scheduled = self.scheduled(required, version)
        increment = None
        if first := self._by_code.get(target.builds_on_id or ""):
            base = self.required(first, programme_selectors.version_on(first, self.versions_on))
            increment = min(max(completed - base, 0), max(required - base, 0))
        return TargetFigures(
            target, version, required, completed, scheduled, self._status(required, completed, scheduled, version),
            run_rate=progress.run_rate(required, completed, deadline=version.deadline, on=day),
            forecast=self._forecast(target, required, completed),
            at_deadline=self.completed(target, version.deadline) if version.deadline <= day else None,
            newly_lapsed=self._newly_lapsed(target),
            territory=self.territory(target), increment=increment,
        )  # fmt: skip

    def completed(self, target: Target, on: datetime.date) -> int:
        """Σ balance over the target's divisions and categories where the mode counts."""
        return sum(self.completed_by_category(target, on).values())

    def completed_by_category(self, target: Target, on: datetime.date) -> dict[str, int]:
        found = dict.fromkeys(target.categories, 0)
        for category, mode, area in self._areas(target, on, self.question.height):
            if category in found and mode in self.question.modes:
                found[category] += area
        return found

    def required(self, target: Target, version: TargetVersion) -> int:
        """The version's area, or all area of the target's categories at the baseline (P3.2)."""
        if version.required_dm2 is not None:
            return version.required_dm2
        return self._held(target, *self._baseline())

    def base(self, target: Target, version: TargetVersion) -> Base:
        """What the document counted, and what the ledger holds at the baseline."""
        day, height = self.baseline
        return Base(version.base_dm2, self._held(target, day, height), day, height)

    @property
    def baseline(self) -> tuple[datetime.date, int]:
        """The baseline's date, and the height it is known at: the locked one, else the question's."""
        return self.programme.baseline_on, self._baseline()[1]

    def _held(self, target: Target, on: datetime.date, height: int) -> int:
        """All area of the target's categories, managed or not."""
        areas = self._areas(target, on, height)
        return sum(area for category, _mode, area in areas if category in target.categories)

    def _baseline(self) -> tuple[datetime.date, int]:
        """(date, height) of the locked baseline; until one is locked, those of the question."""
        baseline = getattr(self.programme, "baseline", None)
        if baseline:
            return self.programme.baseline_on, baseline.height
        return self.question.as_of, self.question.height

    def _areas(self, target: Target, on: datetime.date, height: int) -> Iterator[tuple[str, str, int]]:
        """(category, mode, area) of the target's divisions, and of what changes of divisions took in (+) or out (−)."""
        if (on, height) not in self._balances:
            if self._counts_communities and (on, height) == self._baseline():
                self._communities_then()
            else:
                self._balances[on, height] = reading.balances(
                    self.programme.city_id, on, height, self._length, state=self._rolled_up
                )
        territory = self.territory(target)
        yield from _signed(self._balances[on, height], territory.codes, 1)
        if territory.plus or territory.minus:
            if (on, height) not in self._moved_balances:
                self._moved_balances[on, height] = balances(self._moved, on, height, CODE_LENGTH[Level.COMMUNITY])
            yield from _signed(self._moved_balances[on, height], territory.plus, 1)
            yield from _signed(self._moved_balances[on, height], territory.minus, -1)

    def territory(self, target: Target) -> Territory:
        return self._territories[target.code]

    def territories_of(self, codes: Iterable[str]) -> dict[str, Territory]:
        """The territories of divisions."""
        return territories({code: [code] for code in codes}, self._made_of)

    def territory_of(self, code: str) -> Territory:
        """The territory of a target, or of a division named when the board was made."""
        return self._territories[code]

    def scheduled(self, required: int, version: TargetVersion) -> int:
        return progress.scheduled(
            required, start=self.programme.starts_on, deadline=version.deadline, on=self.question.as_of,
            milestones=programme_selectors.milestones(version),
        )  # fmt: skip

    def _status(self, required: int, completed: int, scheduled: int, version: TargetVersion) -> Progress:
        return progress.status(required, completed, scheduled, deadline=version.deadline, on=self.question.as_of)

    def _forecast(self, target: Target, required: int, completed: int) -> str | None:
        """The month in which the mean monthly gain of the last six full months reaches what is required."""
        first, last = progress.gained_between(self.question.as_of)
        gain = self.completed(target, last) - self.completed(target, first)
        return progress.forecast(required, completed, gain, on=self.question.as_of)

    def _newly_lapsed(self, target: Target) -> int | None:
        """新增失管: area of other categories that lapsed since the programme began, in the replay at the height."""
        if not self._counts_lapsed:
            return None
        if self._lapsed is None:
            rows = (
                Posting.objects.at(code=self.programme.city_id, as_of=self.question.as_of, height=self.question.height)
                .filter(kind=Kind.LAPSE, mode=Mode.NONE, effective_on__gte=self.programme.starts_on)
                .order_by()
                .values_list("community_id", "category")
                .annotate(Sum("area_dm2"))
            )
            self._lapsed = {(community, category): int(area) for community, category, area in rows}
        territory = self.territory(target)
        return sum(
            area
            for (community, category), area in self._lapsed.items()
            if territory.covers(community) and category not in target.categories
        )

    # --- communities (P4.1) --------------------------------------------------------------------------
    def _communities(self, target: Target, version: TargetVersion) -> TargetFigures:
        """Each urban community with unmanaged area; completed are those of them that have a pilot to show (P4.1)."""
        asked = communities_asked(self._communities_then(), self.territory(target))
        required, completed = len(asked), len(self.piloted(asked, self.question.as_of))
        scheduled = self.scheduled(required, version)
        return TargetFigures(
            target, version, required, completed, scheduled, self._status(required, completed, scheduled, version),
            run_rate=None, forecast=None, newly_lapsed=None, territory=self.territory(target),
            at_deadline=self._at_deadline(asked, version.deadline),
        )  # fmt: skip

    def _at_deadline(self, asked: set[str], deadline: datetime.date) -> int | None:
        return len(self.piloted(asked, deadline)) if deadline <= self.question.as_of else None

    def piloted(self, asked: set[str], day: datetime.date) -> set[str]:
        """Of the communities asked, those with a pilot on a day; what has another code since goes by its compound."""
        then = self._pilots.setdefault(self._baseline(), PilotsThen(*self._baseline()))
        return asked & then.shown_by(day, asked)

    def _communities_then(self) -> dict[str, Cells]:
        """The baseline's balances by community, which serve the targets that count area, too."""
        moment = self._baseline()
        if moment not in self._by_community:
            found = balances([self.programme.city_id], *moment, CODE_LENGTH[Level.COMMUNITY])
            self._by_community[moment] = found
            self._balances.setdefault(moment, found)
        return self._by_community[moment]


class PilotsThen:
    """Pilots by the communities that there were at the baseline (its date and height)."""

    def __init__(self, on: datetime.date, height: int):
        self.on, self.height = on, height

    def shown_by(self, day: datetime.date, asked: set[str]) -> set[str]:
        """The communities with a pilot to show on a day."""
        found: set[str] = set()
        for span in self._spans:
            if span.holds_on(day):
                found |= {span.community} if span.community in asked else self._lay.get(span.compound, set())
        return found

    @cached_property
    def _spans(self) -> list[pilot_selectors.Span]:
        return pilot_selectors.spans()

    @cached_property
    def _lay(self) -> dict[int, set[str]]:
        """The communities in which each pilot's compound held area at the baseline."""
        held = (
            Posting.objects.filter(
                compound__in={span.compound for span in self._spans}, effective_on__lte=self.on,
                entry__lte=self.height,
            ).order_by().values_list("compound", "community_id").annotate(area=Sum("area_dm2")).filter(area__gt=0)
        )  # fmt: skip
        lay: dict[int, set[str]] = {}
        for compound, community, _area in held:
            lay.setdefault(compound, set()).add(community)
        return lay


def communities_asked(held: dict[str, Cells], territory: Territory) -> set[str]:
    """The urban communities of a territory that hold unmanaged area, given the balances of communities."""
    return {
        code
        for code, by_cell in held.items()
        if territory.covers(code)
        and pilot_selectors.is_urban(code)
        and any(mode == Mode.NONE and area > 0 for (_category, mode), (area, _households) in by_cell.items())
    }


def board(question: Question, versions_on: datetime.date | None = None) -> list[TargetFigures]:
    """All targets of the programme in force; none before the reference data are loaded."""
    programme = programme_selectors.current()
    return TargetBoard(question, programme, versions_on).figures() if programme else []


def counted(territory: Territory, target: Target, question: Question) -> QuerySet[Posting]:
    """The postings that make up the target's completed area."""
    return Posting.objects.filter(
        territory.q("community"), effective_on__lte=question.as_of, entry__lte=question.height,
        category__in=target.categories, mode__in=question.modes,
    )  # fmt: skip


def _signed(held: dict[str, Cells], codes: tuple[str, ...], sign: int) -> Iterator[tuple[str, str, int]]:
    for key, cells in held.items():
        if codes and key.startswith(codes):
            for (category, mode), (area, _households) in cells.items():
                yield category, mode, sign * area


def category_labels(target: Target) -> list[str]:
    return [str(Category(code).label) for code in target.categories]
