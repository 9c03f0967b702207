"""What a structural change would do: compounds side by side, and the totals of the divisions that it touches."""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q, Sum

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.figures import ratio
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.ledger.choices import Category, Mode
from compounds.ledger.events import Change, Pocket
from compounds.ledger.models import Posting
from compounds.ledger.recording import Recorder
from compounds.ledger.replay import Holding
from compounds.register.models import Compound
from compounds.register.selectors import MANAGED


class Held(NamedTuple):
    """Area in 0.01 ㎡ and households."""

    area_dm2: int = 0
    households: int = 0

    def plus(self, other: "Held | tuple[int, int]") -> "Held":
        return Held(self.area_dm2 + other[0], self.households + other[1])


@dataclass(frozen=True)
class Side:
    """A compound on one side of the comparison."""

    compound: Compound
    holding: Holding
    is_new: bool = False
    community: str = ""

    def of(self, pocket: Pocket) -> Held | None:
        return Held(*self.holding.of(pocket)) if pocket in self.holding.pockets else None

    @property
    def total(self) -> Held:
        total = Held()
        for held in self.holding.pockets.values():
            total = total.plus((held[0], held[1]))
        return total


@dataclass(frozen=True)
class Row:
    category: Category
    mode: Mode
    before: list[Held | None]
    after: list[Held | None]


@dataclass(frozen=True)
class Comparison:
    """Compounds before and after, pocket by pocket."""

    before: list[Side]
    after: list[Side]

    @property
    def rows(self) -> list[Row]:
        pockets = sorted({pocket for side in (*self.before, *self.after) for pocket in side.holding.pockets})
        return [
            Row(
                Category(pocket.category), Mode(pocket.mode), [side.of(pocket) for side in self.before],
                [side.of(pocket) for side in self.after],
            )
            for pocket in pockets
        ]  # fmt: skip

    @property
    def columns(self) -> int:
        return 1 + len(self.before) + len(self.after)

    @property
    def totals(self) -> tuple[Held, Held]:
        """All compounds together, before and after."""
        sums = []
        for sides in (self.before, self.after):
            total = Held()
            for side in sides:
                total = total.plus(side.total)
            sums.append(total)
        return sums[0], sums[1]

    @property
    def is_equal(self) -> bool:
        before, after = self.totals
        return before == after


class Sums(NamedTuple):
    """What a division holds, in 0.01 ㎡."""

    managed: int = 0
    total: int = 0

    @property
    def rate(self) -> float | None:
        return ratio(self.managed, self.total)


@dataclass(frozen=True)
class DivisionChange:
    division: Division
    before: Sums
    after: Sums


@dataclass(frozen=True)
class Moment:
    """One date: the compounds concerned and, where area moves between divisions, the divisions.

    ``repeats``: the compounds hold the same as on the date before, so that a page need not show them again.
    """

    on: datetime.date
    comparison: Comparison
    divisions: list[DivisionChange]
    repeats: bool = False


@dataclass(frozen=True)
class Preview:
    """On the date of the change, and today if something else is the case then; and what would be posted."""

    moments: list[Moment]
    created: list[Compound]
    postings: list[Change]

    @property
    def is_equal(self) -> bool:
        return all(moment.comparison.is_equal for moment in self.moments)


def preview(
    recorder: Recorder, *, on: datetime.date, codes: Sequence[str], act: Callable[[], Iterable[Compound]],
    with_divisions: bool = False,
) -> Preview:  # fmt: skip
    """Rehearse ``act`` in the recorder, which stores nothing. Raises Refused as posting would.

    ``codes`` are the compounds concerned; ``act`` returns those that it makes.
    """
    days = list(dict.fromkeys([on, business_date()]))
    before = {day: [_side(recorder, code, day) for code in codes] for day in days}
    height = recorder.height
    created = list(act())
    new = [compound.code for compound in created]
    moments: list[Moment] = []
    for day in days:
        after = [_side(recorder, code, day) for code in codes] + [
            _side(recorder, code, day, is_new=True) for code in new
        ]
        divisions = divisions_changed(recorder.changes, on=day, height=height) if with_divisions else []
        comparison = Comparison(before[day], after)
        repeats = bool(moments) and _same(moments[0].comparison, comparison)
        if with_divisions or not repeats:
            moments.append(Moment(day, comparison, divisions, repeats))
    return Preview(moments, created, recorder.changes)


def _side(recorder: Recorder, code: str, day: datetime.date, *, is_new: bool = False) -> Side:
    holding = recorder.book.holding(code, day).copy()
    return Side(
        recorder.compounds[code], holding, is_new, recorder.label(holding.community) if holding.community else ""
    )


def _same(one: Comparison, other: Comparison) -> bool:
    return all(
        [side.holding.pockets for side in mine] == [side.holding.pockets for side in theirs]
        for mine, theirs in ((one.before, other.before), (one.after, other.after))
    )


def divisions_changed(changes: Sequence[Change], *, on: datetime.date, height: int) -> list[DivisionChange]:
    """Communities and counties that the changes name, before them and with them, the larger division first."""
    named = {change.effect.community for change in changes}
    lengths = [CODE_LENGTH[level] for level in (Level.COUNTY, Level.COMMUNITY)]
    codes = sorted({community[:length] for community in named for length in lengths}, key=lambda c: (len(c), c))
    divisions = Division.objects.in_bulk(codes)
    found = []
    for code in codes:
        before = _held_by(code, on=on, height=height)
        managed, total = before
        for change in changes:
            if change.effect.community.startswith(code) and change.effective_on <= on:
                total += change.effect.area_dm2
                managed += change.effect.area_dm2 if change.effect.mode in MANAGED else 0
        found.append(DivisionChange(divisions[code], before, Sums(managed, total)))
    return found


def _held_by(code: str, *, on: datetime.date, height: int) -> Sums:
    summed = Posting.objects.at(code=code, as_of=on, height=height).aggregate(
        total=Sum("area_dm2", default=0), managed=Sum("area_dm2", filter=Q(mode__in=MANAGED), default=0)
    )
    return Sums(int(summed["managed"]), int(summed["total"]))
