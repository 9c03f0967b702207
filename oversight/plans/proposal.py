"""A plan as it could be: what is unmanaged, spread over the quarters left so that targets are met at an even load.

Pure and deterministic, independent of the order of what it is given. The method, in words for the page that shows it:

1. Each urban community without a pilot gets one, which comes first (P4.1).
2. Then comes what the target with the earliest deadline still misses, then the next one, then all the rest; communities
   take turns, each with its largest compound first.
3. In that order compounds fill the quarters up to an even load: as low as the deadlines allow, and the same each day
   until the deadline that asks for most. A quarter may be passed by less than one compound.
4. What needs a tender is planned for no quarter that ends before a tender can; its place there stays free.

Areas are 0.01 ㎡.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import median_low
from typing import NamedTuple

from chaoyang_pm.kit.dates import add_months, month_end, quarter_end
from compounds.ledger.choices import Category, Mode
from oversight.plans.checks import TENDER_DAYS
from oversight.plans.columns import when

#: From 20,000 ㎡ on a compound carries an enterprise (P2: professional management comes first).
LARGE = 20_000_00
#: So many managed compounds of a kind make a custom, if they are more than half.
CUSTOM = 3


@dataclass(frozen=True)
class Piece:
    """A compound's unmanaged area, or an area of a community, that is to be planned."""

    key: str
    community: str
    pockets: Mapping[str, int]
    area: int
    mode: str
    has_committee: bool = False
    can_be_pilot: bool = True

    def of(self, categories: Iterable[str]) -> int:
        return min(self.area, sum(self.pockets.get(category, 0) for category in categories))

    @property
    def tendered(self) -> bool:
        return self.mode == Mode.PROFESSIONAL


@dataclass(frozen=True)
class Kept:
    """A line that stays as a person wrote it."""

    due_on: datetime.date
    pockets: Mapping[str, int]
    area: int

    def of(self, categories: Iterable[str]) -> int:
        return min(self.area, sum(self.pockets.get(category, 0) for category in categories))


@dataclass(frozen=True)
class Task:
    """What is still missing of a target."""

    code: str
    deadline: datetime.date
    categories: tuple[str, ...]
    missing: int


@dataclass(frozen=True)
class Question:
    """``without_pilot``: urban communities that need one, ``pilots_due`` until when; ``held``: all unmanaged area by
    category; ``ends_on``: by which day all of it is to be done.
    """

    today: datetime.date
    ends_on: datetime.date
    pieces: Sequence[Piece]
    tasks: Sequence[Task] = ()
    kept: Sequence[Kept] = ()
    held: Mapping[str, int] = field(default_factory=dict)
    without_pilot: frozenset[str] = frozenset()
    pilots_due: datetime.date | None = None

    @property
    def tender_ends(self) -> datetime.date:
        """The first day on which a tender that begins today can be through."""
        return self.today + datetime.timedelta(days=TENDER_DAYS)


@dataclass
class Quarter:
    """``budget``: its even load; ``area`` and ``count`` of what is placed in it, ``kept`` of lines that stay."""

    due_on: datetime.date
    budget: int = 0
    area: int = 0
    count: int = 0
    kept: int = 0
    pilots: int = 0

    @property
    def name(self) -> str:
        return when(self.due_on, by_quarter=True)

    @property
    def load(self) -> int:
        return self.area + self.kept


class Pilot(NamedTuple):
    """``by_committee``: chosen for its owners' committee; else for its area, which is the usual one there."""

    key: str
    community: str
    by_committee: bool


@dataclass(frozen=True)
class Outcome:
    """What of a target's missing area is planned in time, and what is not and why; together all there is of it.

    ``later``: in lines that stay and come too late; ``tender``: no tender is through by then; ``too_late``: no quarter
    is left before the deadline; ``left_out``: in no line, or only by a part; ``spare``: not needed by then.
    ``by_category``: what is unmanaged.
    """

    task: Task
    planned: int
    later: int
    tender: int
    too_late: int
    spare: int
    by_category: Mapping[str, int]

    @property
    def short(self) -> int:
        return max(0, self.task.missing - self.planned)

    @property
    def held(self) -> int:
        return sum(self.by_category.values())

    @property
    def beyond(self) -> int:
        """What is asked for beyond all that is unmanaged, and beyond what communities' areas add to it."""
        return max(0, self.task.missing - max(self.held, self.planned + self.later + self.tender + self.too_late))

    @property
    def categories(self) -> list[tuple[str, int]]:
        return [(str(Category(category).label), area) for category, area in self.by_category.items()]

    @property
    def left_out(self) -> int:
        return max(0, self.held - self.planned - self.later - self.tender - self.too_late - self.spare)


@dataclass
class Proposal:
    """``placed``: when each piece is planned for, by its key; in the order in which they come."""

    quarters: list[Quarter]
    placed: dict[str, datetime.date]
    pilots: list[Pilot]
    without: list[str]
    outcomes: list[Outcome]


def way(
    area: int, has_committee: bool, customs: Mapping[str, int], *, tender_ends_in_time: bool = True
) -> tuple[str, str]:  # fmt: skip
    """The mode for a compound, and why (custom, large, committee, small).

    ``customs``: how many managed compounds of its category and size use which mode in the county.
    """
    usual = max(sorted(customs), key=lambda mode: customs[mode], default="")
    often = customs.get(usual, 0)
    is_custom = often >= CUSTOM and 2 * often > sum(customs.values())
    if is_custom and (tender_ends_in_time or usual != Mode.PROFESSIONAL):
        return usual, "custom"
    if area >= LARGE and tender_ends_in_time:
        return Mode.PROFESSIONAL.value, "large"
    return (Mode.OWNERS.value, "committee") if has_committee else (Mode.COMMUNITY.value, "small")


def quarters_left(today: datetime.date, until: datetime.date) -> list[datetime.date]:
    """The last days of the quarters from today's on that end by ``until``."""
    found, last = [], quarter_end(today)
    while last <= until:
        found.append(last)
        last = month_end(add_months(last.replace(day=1), 3))
    return found


def propose(asked: Question) -> Proposal:
    """The whole proposal; every piece is placed exactly once. Raises ValueError if no quarter is left."""
    return _Spreading(asked).run()


class _Spreading:
    def __init__(self, asked: Question):
        self.asked = asked
        self.days = quarters_left(asked.today, asked.ends_on)
        if not self.days:
            raise ValueError("no quarter is left")
        self.tasks = sorted(asked.tasks, key=lambda task: (task.deadline, task.code))
        self.end = len(self.days) - 1
        self.released = next((i for i, day in enumerate(self.days) if day >= asked.tender_ends), self.end)
        latest = max((kept.due_on for kept in asked.kept), default=asked.today)
        shown = quarters_left(asked.today, max(asked.ends_on, quarter_end(latest)))
        self.quarters = [Quarter(day) for day in shown]

    def run(self) -> Proposal:
        pilots = self._pilots()
        order, needed = self._order([pilot.key for pilot in pilots])
        budgets = self._budgets(needed)
        placed = self._place(order, budgets, {pilot.key for pilot in pilots})
        outcomes = [self._outcome(task, placed) for task in self.tasks]
        without = sorted(self.asked.without_pilot - {pilot.community for pilot in pilots})
        return Proposal(self.quarters, placed, pilots, without, outcomes)

    def _last_by(self, deadline: datetime.date) -> int | None:
        """The last quarter that ends by a deadline."""
        return max((i for i, day in enumerate(self.days) if day <= deadline), default=None)

    def _first_of(self, piece: Piece) -> int:
        return self.released if piece.tendered else 0

    # --- pilots ------------------------------------------------------------------------------------------
    def _pilots(self) -> list[Pilot]:
        """One in each community that needs it: with an owners' committee, of the earliest target, of the usual size."""
        there: dict[str, list[Piece]] = defaultdict(list)
        for piece in self.asked.pieces:
            if piece.community in self.asked.without_pilot and piece.can_be_pilot:
                there[piece.community].append(piece)
        first = next((task.categories for task in self.tasks if task.missing > 0), ())
        found = []
        for community, pieces in sorted(there.items()):
            usual = median_low(piece.area for piece in pieces)
            one = min(pieces, key=lambda p: (not p.has_committee, p.of(first) == 0, abs(p.area - usual), p.key))
            found.append(Pilot(one.key, community, one.has_committee))
        return found

    # --- which comes when ----------------------------------------------------------------------------------
    def _order(self, pilots: Iterable[str]) -> tuple[list[Piece], dict[int, int]]:
        """All pieces in their order, and how much area of them is needed by the end of which quarter."""
        by_key = {piece.key: piece for piece in self.asked.pieces}
        order = [by_key[key] for key in pilots]
        needed: dict[int, int] = {}
        due = self.asked.pilots_due
        if due is not None and (index := self._last_by(due)) is not None:
            needed[index] = sum(piece.area for piece in order)
        chosen = {piece.key for piece in order}
        left = self._by_turns(piece for piece in self.asked.pieces if piece.key not in chosen)
        for task in self.tasks:
            last = self._last_by(task.deadline)
            if last is None:
                continue
            have = sum(kept.of(task.categories) for kept in self.asked.kept if kept.due_on <= task.deadline)
            have += sum(piece.of(task.categories) for piece in order if self._first_of(piece) <= last)
            for piece in left:
                if have >= task.missing:
                    break
                if piece.of(task.categories) and self._first_of(piece) <= last:
                    order.append(piece)
                    have += piece.of(task.categories)
            taken = {piece.key for piece in order}
            left = [piece for piece in left if piece.key not in taken]
            needed[last] = sum(piece.area for piece in order)
        order += left
        needed[self.end] = sum(piece.area for piece in order)
        return order, needed

    @staticmethod
    def _by_turns(pieces: Iterable[Piece]) -> list[Piece]:
        """Communities take turns, each with its largest compound first."""
        turns: dict[str, int] = defaultdict(int)
        ranked = []
        for piece in sorted(pieces, key=lambda p: (p.community, -p.area, p.key)):
            turns[piece.community] += 1
            ranked.append((turns[piece.community], piece))
        return [piece for _turn, piece in sorted(ranked, key=lambda each: (each[0], each[1].community, each[1].key))]

    # --- the even load -------------------------------------------------------------------------------------
    def _budgets(self, needed: Mapping[int, int]) -> list[int]:
        """Area that is due by the end of each quarter, with what is kept: the lowest even load that serves all."""
        marks = [(0, self._kept_by(None))]
        due = 0
        for index, day in enumerate(self.days):
            due = max(due, needed.get(index, 0))
            marks.append(((day - self.asked.today).days + 1, self._kept_by(day) + due))
        found: list[int] = []
        at = 0
        while at < len(marks) - 1:
            (x, y), rest = marks[at], range(at + 1, len(marks))
            to = max(rest, key=lambda i: (Fraction(marks[i][1] - y, marks[i][0] - x), i))
            rate = Fraction(marks[to][1] - y, marks[to][0] - x)
            found += [y + -int(-rate * (marks[i][0] - x) // 1) for i in range(at + 1, to + 1)]
            at = to
        for index, budget in enumerate(found):
            self.quarters[index].budget = budget - (found[index - 1] if index else marks[0][1])
        return found

    def _kept_by(self, day: datetime.date | None) -> int:
        """Area of lines that stay: due by a day, or before the first quarter."""
        if day is None:
            first = self.days[0]
            begins = add_months(first.replace(day=1), -2)
            return sum(kept.area for kept in self.asked.kept if kept.due_on < begins)
        return sum(kept.area for kept in self.asked.kept if kept.due_on <= day)

    def _place(self, order: list[Piece], budgets: list[int], pilots: set[str]) -> dict[str, datetime.date]:
        """Each piece in the first quarter whose room those before it do not fill; a tender's place is not refilled."""
        kept = [self._kept_by(quarter.due_on) for quarter in self.quarters]
        for quarter, until, before in zip(self.quarters, kept, [self._kept_by(None), *kept], strict=False):
            quarter.kept = until - before
        room = [budget - by for budget, by in zip(budgets, kept, strict=False)]
        placed: dict[str, datetime.date] = {}
        filled = 0
        for piece in order:
            index = next(i for i in range(self._first_of(piece), len(room)) if filled < room[i])
            filled += piece.area
            quarter = self.quarters[index]
            placed[piece.key] = quarter.due_on
            quarter.area += piece.area
            quarter.count += 1
            quarter.pilots += piece.key in pilots
        return placed

    # --- what comes of it ------------------------------------------------------------------------------------
    def _outcome(self, task: Task, placed: Mapping[str, datetime.date]) -> Outcome:
        last = self._last_by(task.deadline)
        planned = later = tender = too_late = spare = 0
        for kept in self.asked.kept:
            if kept.due_on <= task.deadline:
                planned += kept.of(task.categories)
            else:
                later += kept.of(task.categories)
        for piece in self.asked.pieces:
            area = piece.of(task.categories)
            if placed[piece.key] <= task.deadline:
                planned += area
            elif last is None:
                too_late += area
            elif self._first_of(piece) > last:
                tender += area
            else:
                spare += area
        by_category = {category: self.asked.held.get(category, 0) for category in task.categories}
        return Outcome(task, planned, later, tender, too_late, spare, by_category)
