"""任务分解 against the ledger: every part of a target by the formulas of the whole, and held against it.

However many parts there are, the queries stay the same: all balances come at once, by community or coarser.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from chaoyang_pm.kit.figures import ratio
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from oversight.coverage import progress
from oversight.coverage.figures import Cells
from oversight.coverage.scans import balances, balances_on
from oversight.coverage.targets import Base, TargetBoard, TargetFigures, communities_asked
from oversight.coverage.territory import Territory
from oversight.programme import selectors as programme_selectors
from oversight.programme.choices import Progress, Unit
from oversight.programme.models import PartVersion, Target
from oversight.programme.selectors import Given


@dataclass
class PartFigures:
    """One part at (date, height), in the target's unit. ``below`` are the parts that it is broken down into."""

    given: Given
    target: Target
    by_category: dict[str, int]
    scheduled: int
    status: Progress
    run_rate: int | None
    measured: "_Measures" = field(repr=False)
    parent: "PartFigures | None" = None
    below: list["PartFigures"] = field(default_factory=list)

    @property
    def division(self) -> Division:
        return self.given.part.division

    @property
    def version(self) -> PartVersion:
        return self.given.version

    @property
    def required(self) -> int:
        return self.version.required

    @property
    def completed(self) -> int:
        return sum(self.by_category.values())

    @property
    def base(self) -> Base:
        return self.measured.base(self.given)

    @property
    def remaining(self) -> int:
        return max(0, self.required - self.completed)

    @property
    def ratio(self) -> float | None:
        return ratio(self.completed, self.required)

    @property
    def depth(self) -> int:
        return 0 if self.parent is None else self.parent.depth + 1

    @property
    def broken_down(self) -> int | None:
        """Σ of the parts below it; None where there are none."""
        return sum(part.required for part in self.below) if self.below else None

    @property
    def difference(self) -> int | None:
        """What is asked of it − what it has given on: more than 0 is given to nobody, less is given twice."""
        return None if self.broken_down is None else self.required - self.broken_down


@dataclass(frozen=True)
class Breakdown:
    """A target with its parts in the order of the tree."""

    whole: TargetFigures
    base: Base | None
    parts: list[PartFigures]

    @property
    def tops(self) -> list[PartFigures]:
        return [part for part in self.parts if part.parent is None]

    @property
    def broken_down(self) -> int | None:
        return sum(part.required for part in self.tops) if self.parts else None

    @property
    def difference(self) -> int | None:
        return None if self.broken_down is None else self.whole.required - self.broken_down

    def within(self, scope: Scope) -> list[PartFigures]:
        return [part for part in self.parts if scope.covers(part.given.code)]


def breakdown(board: TargetBoard, target: Target, given: list[Given] | None = None) -> Breakdown:
    """A target broken down, as the board's versions and question have it.

    ``given``: its parts on the day of the versions, by whoever has read them already.
    """
    whole = board.of(target)
    counts_area = target.unit == Unit.AREA
    base = board.base(target, whole.version) if counts_area else None
    if given is None:
        given = programme_selectors.parts(target, board.versions_on)
    measured = _Measures(board, target, given)
    parts = [_figures(board, target, each, measured) for each in given]
    _hang_up(parts)
    return Breakdown(whole, base, parts)


def now_and_then(
    board: TargetBoard, target: Target, given: Given, since: datetime.date, earlier: Given | None
) -> tuple[PartFigures, PartFigures]:
    """One part by itself, at the board's date and on another day, by what had been given then (else by what is)."""
    measured = _Measures(board, target, [given], days=[since])
    return (
        _figures(board, target, given, measured), _figures(board.at(since), target, earlier or given, measured),
    )  # fmt: skip


def _figures(board: TargetBoard, target: Target, given: Given, measured: "_Measures") -> PartFigures:
    version, day = given.version, board.question.as_of
    by_category = measured.completed(given.code, day)
    completed = sum(by_category.values())
    due = progress.scheduled(
        version.required, start=board.programme.starts_on, deadline=version.deadline, on=day,
        milestones=programme_selectors.milestones(version),
    )  # fmt: skip
    return PartFigures(
        given, target, by_category, due,
        status=progress.status(version.required, completed, due, deadline=version.deadline, on=day),
        run_rate=progress.run_rate(version.required, completed, deadline=version.deadline, on=day),
        measured=measured,
    )  # fmt: skip


def _hang_up(parts: list[PartFigures]) -> None:
    """The nearest part whose division's code begins the other's is its parent."""
    way: list[PartFigures] = []
    for part in parts:  # in order of codes: a parent comes before what lies below it
        while way and not part.given.code.startswith(way[-1].given.code):
            way.pop()
        if way:
            part.parent = way[-1]
            way[-1].below.append(part)
        way.append(part)


class _Measures:
    """What the ledger holds of each part, at the question's date, on more days if wanted, and at the baseline."""

    def __init__(
        self, board: TargetBoard, target: Target, given: Iterable[Given], days: Sequence[datetime.date] = ()
    ):  # fmt: skip
        self.target, self.question = target, board.question
        self._territories = board.territories_of(each.code for each in given)
        found = self._territories.values()
        codes = list(Scope.of(code for t in found for code in (*t.codes, *t.plus)).codes)
        exact = target.unit == Unit.COMMUNITIES or any(t.plus or t.minus for t in found)
        length = max((len(code) for code in codes + [c for t in found for c in t.codes]), default=0)
        self._codes, self._baseline, self._board = codes, board.baseline, board
        self._with_pilot: dict[datetime.date, set[str]] = {}
        self._length = CODE_LENGTH[Level.COMMUNITY] if exact else length
        self._on: dict[datetime.date, dict[str, Cells]] = {}
        if codes and target.unit == Unit.AREA:
            wanted = [self.question.as_of, *days]
            self._on = balances_on(codes, wanted, self.question.height, self._length)

    @cached_property
    def _then(self) -> dict[str, Cells]:
        on, height = self._baseline
        return balances(self._codes, on, height, self._length) if self._codes else {}

    def completed(self, code: str, on: datetime.date) -> dict[str, int]:
        """By the target's categories; of communities, without one, those that have a pilot to show."""
        if self.target.unit == Unit.COMMUNITIES:
            return {"": len(self._piloted(on) & communities_asked(self._then, self._territories[code]))}
        return self._areas(self._on.get(on, {}), self._territories[code], self.question.modes)

    def _piloted(self, on: datetime.date) -> set[str]:
        if on not in self._with_pilot:
            asked = {code for place in self._territories.values() for code in communities_asked(self._then, place)}
            self._with_pilot[on] = self._board.piloted(asked, on)
        return self._with_pilot[on]

    def base(self, given: Given) -> Base:
        return Base(given.version.base, self._held(self._territories[given.code]), *self._baseline)

    def _held(self, territory: Territory) -> int:
        if self.target.unit == Unit.COMMUNITIES:
            return len(communities_asked(self._then, territory))
        return sum(self._areas(self._then, territory, None).values())

    def _areas(self, held: dict[str, Cells], territory: Territory, modes: tuple[str, ...] | None) -> dict[str, int]:
        """By the target's categories."""
        found = dict.fromkeys(self.target.categories, 0)
        for key, cells in held.items():
            if territory.covers(key):
                for (category, mode), (area, _households) in cells.items():
                    if category in found and (modes is None or mode in modes):
                        found[category] += area
        return found
