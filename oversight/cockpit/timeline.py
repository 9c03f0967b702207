"""The balances of a division's parts at every month's end, in one or two statements however many months and parts."""

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from chaoyang_pm.kit.dates import add_months, month_end, next_month_end
from chaoyang_pm.kit.scoping import next_code
from oversight.coverage import reading, rollups, scans
from oversight.coverage.figures import Cells
from oversight.coverage.models import COUNTY, RollUp
from oversight.coverage.question import Question
from oversight.coverage.scans import Steps

#: A chart shows at most so many months.
MOST_MONTHS = 60
Parts = dict[str, Cells]


@dataclass(frozen=True)
class Timeline:
    """Per month's end (of the month under way, the question's date): balances by part."""

    days: list[datetime.date]
    at: Mapping[datetime.date, Parts]

    def sum(self, day: datetime.date) -> Cells:
        """All parts together."""
        found: Cells = {}
        for cells in self.at[day].values():
            for cell, (area, households) in cells.items():
                before = found.get(cell, (0, 0))
                found[cell] = (before[0] + area, before[1] + households)
        return found


def first_month(question: Question, start: datetime.date) -> datetime.date:
    """Where charts begin: with the programme, at most MOST_MONTHS back; always before the month of the question."""
    this = question.as_of.replace(day=1)
    return max(min(start.replace(day=1), add_months(this, -1)), add_months(this, 1 - MOST_MONTHS))


def timeline(
    question: Question, code: str, length: int, first: datetime.date, *, state: RollUp, now: Parts
) -> Timeline:
    """By the first ``length`` digits of the community, from the month of ``first`` to the question's date.

    ``now``: the balances at the question's date, which whoever asks has read already.
    """
    days = []
    day = month_end(first)
    while day < question.as_of:
        days.append(day)
        day = next_month_end(day)
    days.append(question.as_of)
    found = _rolled_up(question, code, length, days, state) if length <= COUNTY else None
    if found is None:
        steps = scans.balance_steps(
            code, length, height=question.height, since=f"{days[0]:%Y-%m}", until=question.as_of
        )  # fmt: skip
        return Timeline(days, _added_up({day: {} for day in days}, steps, 1))
    if question.as_of < month_end(question.as_of):
        found[question.as_of] = now
    return Timeline(days, found)


def _added_up(months: Mapping[datetime.date, Parts], steps: Steps, sign: int) -> dict[datetime.date, Parts]:
    """What the months hold, with steps added from their month on; ``months`` are in order."""
    running: dict[str, dict[tuple[str, str], tuple[int, int]]] = defaultdict(dict)
    found: dict[datetime.date, Parts] = {}
    for day, parts in months.items():
        month = f"{day:%Y-%m}"
        for (code, category, mode), by_month in steps.items():
            area, households = by_month.get(month, (0, 0))
            before = running[code].get((category, mode), (0, 0))
            running[code][category, mode] = (before[0] + sign * area, before[1] + sign * households)
        found[day] = {
            code: _sum(parts.get(code, {}), running.get(code, {})) for code in parts.keys() | running.keys()
        }  # fmt: skip
    return found


def _sum(one: Cells, other: Cells) -> Cells:
    found = {}
    for cell in one.keys() | other.keys():
        (area, households), (more, more_households) = one.get(cell, (0, 0)), other.get(cell, (0, 0))
        if (area + more, households + more_households) != (0, 0):
            found[cell] = (area + more, households + more_households)
    return found


def _rolled_up(
    question: Question, code: str, length: int, days: list[datetime.date], state: RollUp
) -> dict[datetime.date, Parts] | None:
    """From the month ends kept ready, plus or minus what was recorded between their height and the question's."""
    base = reading.Base.near(question.as_of, question.height, state)
    if base is None:
        return None
    ends = {day: min(month_end(day), base.last_month) for day in days}
    sql = f"""
        SELECT month_end, substr(county, 1, {length}), category, mode, SUM(area_dm2), SUM(households)
        FROM oversight_monthbalance
        WHERE month_end >= %s AND month_end <= %s AND county >= %s AND county < %s
        GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT last_month, '', '', '', height, 0 FROM oversight_rollup
        WHERE id = 1 AND revision = %s AND differs_since IS NULL
    """  # noqa: S608 — a number is put in
    span = [min(ends.values()), max(ends.values())]
    rows: dict[datetime.date, Parts] = defaultdict(lambda: defaultdict(dict))
    is_whole = False
    for day, part, category, mode, area, households in scans.rows(sql, [*span, code, next_code(code), base.revision]):
        if not part:
            is_whole = True
        elif area or households:
            rows[rollups.as_date(day)][part][category, mode] = (int(area), int(households))
    if not is_whole:
        return None
    months: dict[datetime.date, Parts] = {day: dict(rows.get(end, {})) for day, end in ends.items()}
    if base.height == question.height:
        return months
    earlier, later = sorted([base.height, question.height])
    steps = scans.balance_steps(code, length, height=later, above=earlier, since=f"{days[0]:%Y-%m}")
    return _added_up(months, steps, 1 if question.height > base.height else -1)
