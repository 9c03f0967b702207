"""需要过问的事: where somebody should ask, found in the ledger and the register, at most five."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from itertools import zip_longest

from compounds.ledger.choices import Category
from oversight.cockpit.choices import Worry
from oversight.cockpit.events import Events, months_without_takeover
from oversight.cockpit.ranking import Row

MOST = 5
#: So many months in a row make a worry.
MONTHS_BEHIND = 2
MONTHS_STANDING_STILL = 3


@dataclass(frozen=True)
class Matter:
    """One thing to ask about: ``number`` is area in 0.01 ㎡, or compounds (PENDING); ``months`` how long it lasts."""

    worry: Worry
    row: Row
    number: int
    months: int = 0


def months_behind(due: list[int | None], completed: list[int | None]) -> int:
    """How many of the last month ends in a row lay below what was due; both lists oldest first."""
    count = 0
    for expected, there in zip(reversed(due), reversed(completed), strict=True):
        if expected is None or there is None or there >= expected:
            break
        count += 1
    return count


def matters(
    rows: list[Row], found: Events, as_of: datetime.date, behind: Callable[[Row], int]
) -> list[Matter]:  # fmt: skip
    """The worst of every kind first, then the next worst, until there are five; in the order of the kinds."""
    of_kind: dict[Worry, list[Matter]] = {worry: [] for worry in Worry}
    for row in rows:
        for matter in _of(row, found, as_of, behind):
            of_kind[matter.worry].append(matter)
    for worst in of_kind.values():
        worst.sort(key=lambda matter: (-matter.number, matter.row.code))
    chosen = [matter for layer in zip_longest(*of_kind.values()) for matter in layer if matter][:MOST]
    order = list(Worry)
    return sorted(chosen, key=lambda matter: (order.index(matter.worry), -matter.number, matter.row.code))


def _of(row: Row, found: Events, as_of: datetime.date, behind: Callable[[Row], int]) -> list[Matter]:
    seen = []
    if row.ahead is not None and row.ahead < 0 and (months := behind(row)) >= MONTHS_BEHIND:
        seen.append(Matter(Worry.BEHIND, row, -row.ahead, months))
    if row.newly_lapsed > 0:
        seen.append(Matter(Worry.LAPSED, row, row.newly_lapsed))
    if row.figures.unmanaged > 0:
        idle = months_without_takeover(found, row.code, as_of)
        if idle >= MONTHS_STANDING_STILL:
            seen.append(Matter(Worry.STANDSTILL, row, row.figures.unmanaged, idle))
    if row.figures.counts and row.figures.counts.area_pending:
        seen.append(Matter(Worry.PENDING, row, row.figures.counts.area_pending))
    if (area := row.figures.area(categories=[Category.UNDETERMINED])) > 0:
        seen.append(Matter(Worry.UNDETERMINED, row, area))
    return seen
