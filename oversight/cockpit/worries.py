"""需要过问的事: where somebody should ask, found in the ledger, the register and the procedures, at most five."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from compounds.ledger.choices import Category
from compounds.modes.selectors import Standing
from oversight.cockpit.choices import Worry
from oversight.cockpit.events import Events, months_without_takeover
from oversight.cockpit.ranking import Row

MOST = 5
#: So many months in a row make a worry.
MONTHS_BEHIND = 2
MONTHS_STANDING_STILL = 3


@dataclass(frozen=True)
class Matter:
    """One thing to ask about: ``number`` is area in 0.01 ㎡, compounds (PENDING), or days over the limit (STUCK).

    ``months``: how long it lasts. ``standing``: the procedure that is stuck longest.
    """

    worry: Worry
    row: Row
    number: int
    months: int = 0
    standing: Standing | None = None


def months_behind(due: list[int | None], completed: list[int | None]) -> int:
    """How many of the last month ends in a row lay below what was due; both lists oldest first."""
    count = 0
    for expected, there in zip(reversed(due), reversed(completed), strict=True):
        if expected is None or there is None or there >= expected:
            break
        count += 1
    return count


def longest(standing: Iterable[Standing], length: int) -> dict[str, Standing]:
    """Of each division of a level, the procedure that has stood longest beyond its step's time limit."""
    found: dict[str, Standing] = {}
    for one in standing:
        key = one.community[:length]
        if one.days_over > 0 and (key not in found or found[key].days_over < one.days_over):
            found[key] = one
    return found


def matters(
    rows: list[Row], found: Events, as_of: datetime.date, behind: Callable[[Row], int], stuck: Mapping[str, Standing]
) -> list[Matter]:  # fmt: skip
    """The worst of every kind first, then the next worst, until there are five; in the order of the kinds."""
    of_kind: dict[Worry, list[Matter]] = {worry: [] for worry in Worry}
    for row in rows:
        for matter in _of(row, found, as_of, behind, stuck.get(row.code)):
            of_kind[matter.worry].append(matter)
    for worst in of_kind.values():
        worst.sort(key=lambda matter: (-matter.number, matter.row.code))
    chosen = [matter for layer in zip_longest(*of_kind.values()) for matter in layer if matter][:MOST]
    order = list(Worry)
    return sorted(chosen, key=lambda matter: (order.index(matter.worry), -matter.number, matter.row.code))


def _of(
    row: Row, found: Events, as_of: datetime.date, behind: Callable[[Row], int], stuck: Standing | None
) -> list[Matter]:  # fmt: skip
    seen = []
    if row.ahead is not None and row.ahead < 0 and (months := behind(row)) >= MONTHS_BEHIND:
        seen.append(Matter(Worry.BEHIND, row, -row.ahead, months))
    if row.newly_lapsed > 0:
        seen.append(Matter(Worry.LAPSED, row, row.newly_lapsed))
    if stuck:
        seen.append(Matter(Worry.STUCK, row, stuck.days_over, standing=stuck))
    if row.figures.unmanaged > 0:
        idle = months_without_takeover(found, row.code, as_of)
        if idle >= MONTHS_STANDING_STILL:
            seen.append(Matter(Worry.STANDSTILL, row, row.figures.unmanaged, idle))
    if row.figures.counts and row.figures.counts.area_pending:
        seen.append(Matter(Worry.PENDING, row, row.figures.counts.area_pending))
    if (area := row.figures.area(categories=[Category.UNDETERMINED])) > 0:
        seen.append(Matter(Worry.UNDETERMINED, row, area))
    return seen
