"""月报表: what each unit took over and lost this month, and how far it is with what it has to do by the year's end."""

import datetime
from dataclasses import dataclass, field, replace

from chaoyang_pm.kit.figures import ratio
from chaoyang_pm.kit.scoping import next_code
from communities.divisions.choices import BELOW, CODE_LENGTH, Level
from communities.divisions.selectors import around
from compounds.ledger.choices import Kind, Mode
from oversight.cockpit.ranking import Row
from oversight.cockpit.selectors import cockpit
from oversight.coverage import scans
from oversight.coverage.question import Question
from oversight.programme import selectors as programme

#: The columns of ways of management, in the order of the printed table.
MODES = (Mode.PROFESSIONAL, Mode.MANAGER, Mode.OWNERS, Mode.SELF_HELP, Mode.COMMUNITY)


@dataclass(frozen=True)
class Flow:
    """What moved in the month, by the counting rule: compounds, area in 0.01 ㎡, households."""

    compounds: int = 0
    area: int = 0
    households: int = 0

    def __add__(self, other: "Flow") -> "Flow":
        return Flow(
            self.compounds + other.compounds, self.area + other.area, self.households + other.households
        )  # fmt: skip


@dataclass(frozen=True)
class MonthlyRow:
    """One unit. ``task`` is what it has to have done by the end of the year, ``scheduled`` by the date (序时进度);
    None, like ``completed``, where nothing was given to it."""

    key: str
    name: str
    task: int | None
    completed: int | None
    scheduled: int | None
    taken_over: Flow
    lapsed: Flow
    modes: dict[Mode, int] = field(default_factory=dict)
    rank: int | None = None

    @property
    def ratio(self) -> float | None:
        return None if self.task is None or self.completed is None else ratio(self.completed, self.task)

    @property
    def ahead(self) -> int | None:
        """超(欠)序时."""
        return None if self.completed is None or self.scheduled is None else self.completed - self.scheduled


@dataclass(frozen=True)
class Monthly:
    rows: list[MonthlyRow]
    total: MonthlyRow


def monthly(question: Question) -> Monthly:
    """The table of the question's division and month: its rows are what the cockpit ranks, by the same figures."""
    division = question.division
    length = CODE_LENGTH[BELOW.get(Level(division.level), Level.COMMUNITY)]
    levels = [level for level in Level if CODE_LENGTH[level] <= length]
    _way, below = around(division.code, *levels)
    found = cockpit(question, programme.current(), below)
    flows = _flows(question, length)
    rows = [_row(question, row, flows) for row in sorted(found.ranking.rows, key=lambda row: row.code)]
    rates = {row.key: row.ratio for row in rows}
    placed = [replace(row, rank=_place(rates, row.key)) for row in rows]
    return Monthly(placed, _total(question, placed))


def _row(question: Question, row: Row, flows: dict[tuple[str, str], Flow]) -> MonthlyRow:
    year_end = question.as_of.replace(month=12, day=31)
    return MonthlyRow(
        row.code, row.name, row.task.scheduled(year_end) if row.task else None, row.completed, row.scheduled,
        flows.get((row.code, Kind.TAKEOVER), Flow()), flows.get((row.code, Kind.LAPSE), Flow()),
        {mode: row.figures.area(modes=[mode]) for mode in MODES},
    )  # fmt: skip


def _place(rates: dict[str, float | None], key: str) -> int | None:
    """排名 by 完成率; equal rates share a place."""
    own = rates[key]
    return None if own is None else 1 + sum(rate > own for rate in rates.values() if rate is not None)


def _total(question: Question, rows: list[MonthlyRow]) -> MonthlyRow:
    with_task = [row for row in rows if row.task is not None]

    def added(name: str) -> int | None:
        return sum(getattr(row, name) or 0 for row in with_task) if with_task else None

    return MonthlyRow(
        question.division.code, str(question.division), added("task"), added("completed"), added("scheduled"),
        sum((row.taken_over for row in rows), Flow()), sum((row.lapsed for row in rows), Flow()),
        {mode: sum(row.modes[mode] for row in rows) for mode in MODES},
    )  # fmt: skip


def _flows(question: Question, length: int) -> dict[tuple[str, str], Flow]:
    """接管 and 撤管 of the month up to the date, by the first ``length`` digits of the community; one statement."""
    code, marks = question.division.code, ", ".join(["%s"] * len(question.modes)) or "''"
    first: datetime.date = question.as_of.replace(day=1)
    sql = f"""
        SELECT key, kind, SUM(CASE WHEN area <> 0 OR homes <> 0 THEN 1 ELSE 0 END), SUM(area), SUM(homes)
        FROM (SELECT substr(community_id, 1, %s) AS key, kind, compound_id,
                     SUM(CASE WHEN mode IN ({marks}) THEN area_dm2 ELSE 0 END) AS area,
                     SUM(CASE WHEN mode IN ({marks}) THEN households ELSE 0 END) AS homes
              FROM compounds_posting
              WHERE community_id >= %s AND community_id < %s AND kind IN (%s, %s)
                    AND effective_on >= %s AND effective_on <= %s AND entry_id <= %s
              GROUP BY 1, 2, 3) AS by_compound
        GROUP BY 1, 2
    """  # noqa: S608 — only placeholders are put together
    params = [
        length, *question.modes, *question.modes, code, next_code(code), Kind.TAKEOVER, Kind.LAPSE, first,
        question.as_of, question.height,
    ]  # fmt: skip
    return {
        (key, kind): Flow(int(compounds), abs(int(area)), abs(int(homes)))
        for key, kind, compounds, area, homes in scans.rows(sql, params)
    }
