"""What the charts show, month by month: 应完成 · 计划 · 实际 of a group of targets, and area by mode."""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import month_end, next_month_end
from compounds.ledger.choices import Mode
from oversight.cockpit.planned import Planned
from oversight.cockpit.tasks import Completed, Task
from oversight.cockpit.timeline import Timeline


@dataclass(frozen=True)
class CurvePoint:
    """``day`` is a month's end, or the date of the figures; None: not known (yet)."""

    day: datetime.date
    required: int | None
    completed: int | None
    planned: int | None = None

    @property
    def ahead(self) -> int | None:
        return None if self.required is None or self.completed is None else self.completed - self.required


@dataclass(frozen=True)
class Curve:
    """Tasks with one deadline together, from the beginning to the deadline."""

    tasks: list[Task]
    divisions: list[str]
    points: list[CurvePoint]
    deadline: datetime.date | None
    required: int | None

    @property
    def is_planned(self) -> bool:
        return any(point.planned is not None for point in self.points)


def curve(
    tasks: list[Task], divisions: list[str], line: Timeline, completed: Completed, planned: Planned | None = None
) -> Curve:
    """Sums of the tasks; without anything required, what is completed, and planned, alone."""
    deadlines = [task.deadline for task in tasks if task.deadline]
    deadline = max(deadlines, default=None)
    amounts = [task.required for task in tasks if task.required is not None]
    days = list(line.days)
    while deadline and days[-1] < deadline and month_end(days[-1]) < month_end(deadline):
        days.append(next_month_end(days[-1]))
    points = [
        CurvePoint(
            day, _required(tasks, day), sum(completed.of(task, day) for task in tasks) if day in line.at else None,
            _planned(tasks, day, completed, planned) if planned else None,
        )
        for day in days
    ]  # fmt: skip
    return Curve(tasks, divisions, points, deadline, sum(amounts) if amounts else None)


def _required(tasks: list[Task], day: datetime.date) -> int | None:
    due = [amount for task in tasks if (amount := task.scheduled(day)) is not None]
    return sum(due) if due else None


def _planned(tasks: list[Task], day: datetime.date, completed: Completed, planned: Planned) -> int | None:
    """What plans foresee; of a task without a plan, what is completed."""
    foreseen = [planned.of(task, day) for task in tasks]
    if all(amount is None for amount in foreseen):
        return None
    last = min(day, planned.question.as_of)
    return sum(
        completed.of(task, last) if amount is None else amount for task, amount in zip(tasks, foreseen, strict=True)
    )  # fmt: skip


@dataclass(frozen=True)
class MixPoint:
    day: datetime.date
    areas: list[int]


@dataclass(frozen=True)
class Mix:
    """Managed area by mode, at every month's end."""

    modes: list[Mode]
    points: list[MixPoint]


def mix(line: Timeline) -> Mix:
    modes: list[Mode] = [mode for mode in Mode if mode != Mode.NONE]
    points = []
    for day in line.days:
        cells = line.sum(day)
        points.append(
            MixPoint(day, [sum(held[0] for (_c, own), held in cells.items() if own == mode) for mode in modes])
        )  # fmt: skip
    return Mix(modes, points)


@dataclass(frozen=True)
class ChartTable:
    """The table beside a chart: headings without unit, rows of (month, areas in 0.01 ㎡)."""

    headings: list[str]
    rows: list[tuple[str, list[int | None]]]


def curve_table(curve: Curve) -> ChartTable:
    """With the plans' line where there are any."""
    planned = [_("Planned (approved plans)")] if curve.is_planned else []
    headings = [
        _("Month's end"), _("Required by schedule"), *planned, _("Actual (approved)"), _("Ahead (+) or behind (−)")
    ]  # fmt: skip
    return ChartTable(headings, [
        (
            f"{point.day:%Y-%m}",
            [point.required, *([point.planned] if planned else []), point.completed, point.ahead],
        )
        for point in curve.points
    ])  # fmt: skip


def mix_table(mix: Mix) -> ChartTable:
    headings = [_("Month's end"), *(str(mode.label) for mode in mix.modes)]
    return ChartTable(headings, [(f"{point.day:%Y-%m}", list(point.areas)) for point in mix.points])
