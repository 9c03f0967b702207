"""What counties are asked for by targets of area: their parts, and targets that are about one county alone (P3.2)."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from chaoyang_pm.kit.scoping import Scope
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.reports import clock
from oversight.coverage.figures import Cells
from oversight.coverage.question import resolve
from oversight.coverage.scans import balances
from oversight.coverage.territory import Territory, made_of, territories
from oversight.programme import selectors as programme_selectors
from oversight.programme.choices import Unit
from oversight.programme.models import Programme, Target


@dataclass(frozen=True)
class Asked:
    """What one county has to reach of a target by its deadline, and what is completed today (0.01 ㎡)."""

    target: Target
    deadline: datetime.date
    required: int
    completed: int

    @property
    def missing(self) -> int:
        return max(0, self.required - self.completed)


class Asking:
    """A programme's targets as some counties have to do with them today; what it reads, it reads for all of them."""

    def __init__(self, programme: Programme, counties: Sequence[Division]):
        self.programme, self.counties = programme, counties
        self.question = resolve(division=counties[0], as_of=clock.today().isoformat())
        self.targets = list(programme_selectors.targets(programme))
        divisions = {target.code: [division.code for division in target.divisions.all()] for target in self.targets}
        self._territories = territories(divisions | {code: [code] for code in self._codes}, made_of())

    @property
    def _codes(self) -> list[str]:
        return [county.code for county in self.counties]

    def concerning(self, county: str) -> list[Target]:
        """Targets that ask something of the county, or of a whole that it belongs to."""
        return [target for target in self.targets if self._territories[target.code].concerns(county)]

    def deadline(self, target: Target) -> datetime.date:
        return programme_selectors.version_on(target, self.question.as_of).deadline

    @cached_property
    def of(self) -> dict[str, list[Asked]]:
        """By county, in the order of the targets; what was not broken down to a county asks nothing of it alone."""
        found: dict[str, list[Asked]] = {code: [] for code in self._codes}
        targets = [target for target in self.targets if target.unit == Unit.AREA]
        given = programme_selectors.parts_of(targets, self._codes, self.question.as_of)
        for target in targets:
            alone = {division.code for division in target.divisions.all()}
            for code, asked in found.items():
                if part := given.get((target.pk, code)):
                    done = self._completed(target, self._territories[code])
                    asked.append(Asked(target, part.version.deadline, part.version.required, done))
                elif alone == {code}:
                    done = self._completed(target, self._territories[target.code])
                    asked.append(Asked(target, self.deadline(target), self._required(target), done))
        return found

    def _completed(self, target: Target, territory: Territory) -> int:
        return _area(self._today, territory, target.categories, self.question.modes)

    def _required(self, target: Target) -> int:
        """The version's area, or all area of the target's categories at the baseline (P3.2)."""
        required = programme_selectors.version_on(target, self.question.as_of).required_dm2
        if required is not None:
            return required
        return _area(self._baseline, self._territories[target.code], target.categories, None)

    @cached_property
    def _today(self) -> dict[str, Cells]:
        return self._held(self.question.as_of, self.question.height)

    @cached_property
    def _baseline(self) -> dict[str, Cells]:
        """As locked; until then the same as today."""
        baseline = getattr(self.programme, "baseline", None)
        return self._held(self.programme.baseline_on, baseline.height) if baseline else self._today

    def _held(self, on: datetime.date, height: int) -> dict[str, Cells]:
        """Balances by community wherever a county's parts and its own targets count them."""
        own = [
            target.code for target in self.targets if {each.code for each in target.divisions.all()} & {*self._codes}
        ]
        places = [self._territories[code] for code in (*self._codes, *own)]
        codes = Scope.of(code for place in places for code in (*place.codes, *place.plus)).codes
        return balances(list(codes), on, height, CODE_LENGTH[Level.COMMUNITY])


def _area(
    held: dict[str, Cells], territory: Territory, categories: Iterable[str], modes: Iterable[str] | None
) -> int:  # fmt: skip
    return sum(
        area
        for code, cells in held.items() if territory.covers(code)
        for (category, mode), (area, _homes) in cells.items()
        if category in categories and (modes is None or mode in modes)
    )  # fmt: skip
