"""任务分解 against the ledger: every part of a target by the formulas of the whole, and held against it.

However many parts there are, the queries stay the same: all balances come at once, by community or coarser.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from chaoyang_pm.kit.figures import ratio
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from oversight.coverage import progress
from oversight.coverage.figures import Cells
from oversight.coverage.question import Question
from oversight.coverage.scans import balances
from oversight.coverage.targets import Base, TargetBoard, TargetFigures, urban_communities_unmanaged
from oversight.coverage.territory import Territory
from oversight.programme import selectors as programme_selectors
from oversight.programme.choices import Progress, Unit
from oversight.programme.models import Target
from oversight.programme.selectors import Given


@dataclass
class PartFigures:
    """One part at (date, height), in the target's unit. ``below`` are the parts that it is broken down into."""

    given: Given
    target: Target
    completed: int
    scheduled: int
    status: Progress
    run_rate: int | None
    base: Base
    parent: "PartFigures | None" = None
    below: list["PartFigures"] = field(default_factory=list)

    @property
    def division(self) -> Division:
        return self.given.part.division

    @property
    def required(self) -> int:
        return self.given.version.required

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


def _figures(board: TargetBoard, target: Target, given: Given, measured: "_Measures") -> PartFigures:
    version, day = given.version, board.question.as_of
    completed = measured.completed(given.code)
    due = progress.scheduled(
        version.required, start=board.programme.starts_on, deadline=version.deadline, on=day,
        milestones=programme_selectors.milestones(version),
    )  # fmt: skip
    on, height = board.baseline
    return PartFigures(
        given, target, completed, due,
        status=progress.status(version.required, completed, due, deadline=version.deadline, on=day),
        run_rate=progress.run_rate(version.required, completed, deadline=version.deadline, on=day),
        base=Base(version.base, measured.base(given.code), on, height),
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
    """What the ledger holds of each part, at the question's date and at the baseline."""

    def __init__(self, board: TargetBoard, target: Target, given: Iterable[Given]):
        self.target, self.question = target, board.question
        self._territories = board.territories_of(each.code for each in given)
        found = self._territories.values()
        codes = list(Scope.of(code for t in found for code in (*t.codes, *t.plus)).codes)
        exact = target.unit == Unit.COMMUNITIES or any(t.plus or t.minus for t in found)
        length = max((len(code) for code in codes + [c for t in found for c in t.codes]), default=0)
        length = CODE_LENGTH[Level.COMMUNITY] if exact else length
        self._now = self._read(codes, board.question, length) if target.unit == Unit.AREA else {}
        on, height = board.baseline
        self._then = balances(codes, on, height, length) if codes else {}

    def _read(self, codes: list[str], question: Question, length: int) -> dict[str, Cells]:
        return balances(codes, question.as_of, question.height, length) if codes else {}

    def completed(self, code: str) -> int:
        """Of communities, none until pilots are recorded."""
        return self._area(self._now, self._territories[code], self.question.modes)

    def base(self, code: str) -> int:
        territory = self._territories[code]
        if self.target.unit == Unit.COMMUNITIES:
            return urban_communities_unmanaged(self._then, territory)
        return self._area(self._then, territory, None)

    def _area(self, held: dict[str, Cells], territory: Territory, modes: tuple[str, ...] | None) -> int:
        return sum(
            area
            for key, cells in held.items()
            if territory.covers(key)
            for (category, mode), (area, _households) in cells.items()
            if category in self.target.categories and (modes is None or mode in modes)
        )
