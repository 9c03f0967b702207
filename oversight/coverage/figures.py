"""What a figure is made of: balances by category and mode, compounds by the modes they hold area in, and rates.

Areas in 0.01 ㎡. A *mask* is the set of modes in which a compound holds area, as a number: bit *n* stands for MODES[n].
Whether a compound is managed, in part or not at all follows from its mask and a counting rule, so that compounds are
counted once for every rule.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chaoyang_pm.kit.figures import ratio
from compounds.ledger.choices import Mode

#: (category, mode) → (area_dm2, households).
Cells = dict[tuple[str, str], tuple[int, int]]
#: Mask → number of compounds.
Masks = dict[int, int]

#: In the order of the bits; stored in roll-ups, so that a new mode goes to the end.
MODES = (Mode.NONE, Mode.PROFESSIONAL, Mode.MANAGER, Mode.OWNERS, Mode.SELF_HELP, Mode.COMMUNITY)
BITS = {mode.value: 1 << index for index, mode in enumerate(MODES)}
EVERY_BIT = sum(BITS.values())


@dataclass(frozen=True)
class Counts:
    """Compounds with area > 0 at (date, height) by state, and those in the register without any (面积待核)."""

    managed: int = 0
    partial: int = 0
    unmanaged: int = 0
    area_pending: int = 0

    @classmethod
    def of(cls, masks: Mapping[int, int], modes: Iterable[str], area_pending: int = 0) -> "Counts":
        """Compounds by state, where ``modes`` count as managed."""
        counted = sum(BITS[mode] for mode in modes)
        managed = sum(number for mask, number in masks.items() if mask and not mask & ~counted)
        unmanaged = sum(number for mask, number in masks.items() if mask and not mask & counted)
        whole = sum(number for mask, number in masks.items() if mask)
        return cls(managed, whole - managed - unmanaged, unmanaged, area_pending)

    @property
    def with_area(self) -> int:
        return self.managed + self.partial + self.unmanaged

    @property
    def rate(self) -> float | None:
        return ratio(self.managed, self.with_area)


@dataclass(frozen=True)
class Figures:
    """Balances of one division or group. ``cells`` maps (category, mode) to (area_dm2, households), zeros left out.

    ``counts`` is None for groups by category or mode: counts do not add up over them.
    """

    cells: Cells
    modes: tuple[str, ...]
    counts: Counts | None = field(default_factory=Counts)

    def area(self, *, categories: Iterable[str] | None = None, modes: Iterable[str] | None = None) -> int:
        return self._sum(0, categories, modes)

    def households_in(self, *, modes: Iterable[str] | None = None) -> int:
        return self._sum(1, None, modes)

    def _sum(self, index: int, categories: Iterable[str] | None, modes: Iterable[str] | None) -> int:
        return sum(
            held[index]
            for (category, mode), held in self.cells.items()
            if (categories is None or category in categories) and (modes is None or mode in modes)
        )

    @property
    def managed(self) -> int:
        return self.area(modes=self.modes)

    @property
    def total(self) -> int:
        return self.area()

    @property
    def unmanaged(self) -> int:
        return self.total - self.managed

    @property
    def rate(self) -> float | None:
        return ratio(self.managed, self.total)

    @property
    def professional_rate(self) -> float | None:
        return ratio(self.area(modes=[Mode.PROFESSIONAL]), self.total)

    @property
    def households_managed(self) -> int:
        return self.households_in(modes=self.modes)

    @property
    def households_total(self) -> int:
        return self.households_in()

    @property
    def households_unmanaged(self) -> int:
        return self.households_total - self.households_managed

    @property
    def households_rate(self) -> float | None:
        return ratio(self.households_managed, self.households_total)


@dataclass(frozen=True)
class Group:
    """One row of a grouping: a division's code and name, or a category or mode."""

    key: str
    name: str
    figures: Figures


@dataclass(frozen=True)
class Month:
    """The figures of a month's last day (``as_of``; of the month that is under way, of the day asked for)."""

    month: str
    as_of: datetime.date
    figures: Figures
