"""Plan against actual for a division and its parts: curves, lines by state, what is late, next quarter, forecasts.

How each figure is made stands in docs/plans.md. Areas in 0.01 ㎡.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chaoyang_pm.kit.dates import add_months, month_end
from chaoyang_pm.kit.figures import half_up
from communities.divisions.choices import BELOW, CODE_LENGTH, Level
from communities.divisions.models import Division
from oversight.cockpit.charts import Curve
from oversight.cockpit.planned import Planned
from oversight.cockpit.selectors import curves_of, names
from oversight.cockpit.tasks import Completed, Task, tasks, whole
from oversight.cockpit.timeline import Timeline, first_month, timeline
from oversight.coverage import progress, reading
from oversight.coverage.models import RollUp
from oversight.coverage.question import Question
from oversight.coverage.targets import TargetBoard
from oversight.plans.foreseen import outlook_of
from oversight.plans.models import PlanVersion
from oversight.plans.states import LineActual, LineState, line_actuals
from oversight.programme import selectors as programme_selectors
from oversight.programme.choices import Unit
from oversight.programme.models import Programme, Target
from oversight.programme.selectors import Given

Parts = Mapping[tuple[str, str], Given]


@dataclass(frozen=True)
class StateSum:
    """The lines in one state, and the area that they planned."""

    state: LineState
    lines: int
    area: int


@dataclass(frozen=True)
class Part:
    """A division below: its line of the chart at the date, and its lines of the plan."""

    code: str
    name: str
    required: int | None
    planned: int | None
    completed: int | None
    lines: list[LineActual]

    @property
    def ahead(self) -> int | None:
        """Actual − planned."""
        return None if self.planned is None or self.completed is None else self.completed - self.planned

    @property
    def done(self) -> int:
        return sum(line.state.is_done for line in self.lines)

    @property
    def overdue(self) -> int:
        return sum(line.is_overdue for line in self.lines)

    @property
    def overdue_area(self) -> int:
        return sum(line.open_area for line in self.lines if line.is_overdue)


@dataclass(frozen=True)
class Forecast:
    """When a target, or the division's part of it, is reached: by its open lines, and by the last months' pace.

    ``short``: what is missing even if every open line comes.
    """

    target: Target
    required: int
    completed: int
    deadline: datetime.date | None
    by_plan: datetime.date | None
    short: int
    by_pace: str | None

    @property
    def is_done(self) -> bool:
        return self.completed >= self.required


@dataclass(frozen=True)
class Quarter:
    """The quarter after the date's: the lines due in it, and what there will be by its end against what is required."""

    first: datetime.date
    last: datetime.date
    lines: list[LineActual]
    required: int | None
    completed: int
    coming: int

    @property
    def area(self) -> int:
        return sum(line.open_area for line in self.lines)

    @property
    def ahead(self) -> int | None:
        return None if self.required is None else self.completed + self.coming - self.required


@dataclass(frozen=True)
class Actuals:
    """Everything of the page; ``slippage``: mean days late of the lines that were due, None while there are none."""

    versions: list[PlanVersion]
    lines: list[LineActual]
    curves: list[Curve]
    parts: list[Part]
    below: Level | None
    forecasts: list[Forecast]
    quarter: Quarter
    slippage: int | None

    @property
    def states(self) -> list[StateSum]:
        """Every state, those without lines, too."""
        found = {state: [line for line in self.lines if line.state == state] for state in LineState}
        return [StateSum(state, len(own), sum(line.planned for line in own)) for state, own in found.items()]

    @property
    def late(self) -> list[LineActual]:
        """The lines overdue, those first whose delay weighs most."""
        return sorted((line for line in self.lines if line.is_overdue), key=lambda one: -one.weight)


def actuals(
    question: Question, programme: Programme, divisions: list[Division], versions: list[PlanVersion]
) -> Actuals:
    """The question's division against plan versions; ``divisions`` are those right below it."""
    code, day = question.division.code, question.as_of
    below = BELOW.get(Level(question.division.level))
    length = CODE_LENGTH[below] if below else len(code)
    state = reading.how_far() if question.version.is_newest else RollUp()
    is_known = day == month_end(day) or state.last_month is None
    now = {} if is_known else reading.balances(code, day, question.height, length, state=state)
    line = timeline(question, code, length, first_month(question, programme.starts_on), state=state, now=now)
    plans = outlook_of(versions, question)
    lines = line_actuals(question, plans)
    called = names(question, divisions, {*line.at[day], *(one.foreseen.community[:length] for one in lines)})
    rowed = sorted(key for key in called if len(key) == length)
    board = TargetBoard(question, programme, rolled_up=state, also=[*rowed, code], counts_lapsed=False)
    if code == programme.city_id:
        board.know(line.at)
    given = _given(board, [*rowed, code], code)
    found = tasks(board, [*rowed, code], given)
    asked = asked_of(board, code, given)
    completed = Completed(question, programme.city_id, line, [*found.values(), *asked])
    planned = Planned(question, line, completed, plans)
    curves = curves_of(question, board, found, line, completed, planned)
    slippage = _slippage(lines, day)
    return Actuals(
        versions, lines, curves,
        [_part(key, called[key], found.get(key), planned, completed, lines, day) for key in rowed], below,
        [_forecast(task, lines, slippage or 0, completed, line, day) for task in asked],
        _quarter([task for one in curves for task in one.tasks], lines, completed, day), slippage,
    )  # fmt: skip


def asked_of(board: TargetBoard, code: str, given: Parts | None = None) -> list[Task]:
    """What targets of area ask of a division: all of one about it alone (the city: of each), else its part.

    The board was made with the code (``also``). ``given``: the division's parts, by whoever has read them.
    """
    parts = _given(board, [code], code) if given is None else given
    found = []
    for target in _touching(board, code):
        if code == board.programme.city_id or [one.code for one in target.divisions.all()] == [code]:
            found.append(whole(board, target))
        elif part := parts.get((target.code, code)):
            start = board.programme.starts_on
            found.append(Task(target, board.territory_of(code), start, part.version, part.version.required))
    return found


def _given(board: TargetBoard, codes: Iterable[str], code: str) -> Parts:
    touching = _touching(board, code)
    return programme_selectors.parts_of(touching, codes, board.versions_on) if touching else {}


def _touching(board: TargetBoard, code: str) -> list[Target]:
    return [target for target in board.touching(code) if target.unit == Unit.AREA]


def _part(
    code: str, name: str, task: Task | None, planned: Planned, completed: Completed, lines: list[LineActual],
    day: datetime.date,
) -> Part:  # fmt: skip
    own = [line for line in lines if line.foreseen.community.startswith(code)]
    if task is None:
        return Part(code, name, None, None, None, own)
    return Part(code, name, task.scheduled(day), planned.of(task, day), completed.of(task, day), own)


def _slippage(lines: list[LineActual], day: datetime.date) -> int | None:
    """Mean days late of the listed lines that were due; one that came early counts as none."""
    due = [line.days for line in lines if line.foreseen.due_on <= day and line.state != LineState.UNLISTED]
    return half_up(sum(due), len(due)) if due else None


def _forecast(
    task: Task, lines: list[LineActual], slippage: int, completed: Completed, line: Timeline, day: datetime.date
) -> Forecast:
    required, done = task.required or 0, completed.of(task, day)
    total, by_plan = done, None
    for on, area in sorted(_coming(task, lines, day, slippage)):
        total += area
        if by_plan is None and done < required <= total:
            by_plan = on
    first, last = progress.gained_between(day)
    pace = None
    if first in line.at and last in line.at:
        pace = progress.forecast(required, done, completed.of(task, last) - completed.of(task, first), on=day)
    return Forecast(task.target, required, done, task.deadline, by_plan, max(0, required - total), pace)


def _coming(
    task: Task, lines: Iterable[LineActual], day: datetime.date, slippage: int
) -> list[tuple[datetime.date, int]]:
    """When the open lines come: on time, those overdue now, each by the mean slippage later."""
    late = datetime.timedelta(days=slippage)
    return [(max(one.foreseen.due_on, day) + late, area) for one, area in _open(task, lines)]


def _open(task: Task, lines: Iterable[LineActual]) -> list[tuple[LineActual, int]]:
    """What open lines still bring of a task."""
    found = [
        (one, one.open_of(task.target.categories)) for one in lines if task.territory.covers(one.foreseen.community)
    ]
    return [(one, area) for one, area in found if area]


def _quarter(
    concerned: Sequence[Task], lines: list[LineActual], completed: Completed, day: datetime.date
) -> Quarter:  # fmt: skip
    first = add_months(day.replace(day=1), 3 - (day.month - 1) % 3)
    last = month_end(add_months(first, 2))
    due = [line for line in lines if first <= line.foreseen.due_on <= last and not line.state.is_done]
    required = [amount for task in concerned if (amount := task.scheduled(last)) is not None]
    coming = [area for task in concerned for one, area in _open(task, lines) if one.foreseen.due_on <= last]
    return Quarter(
        first, last, due, sum(required) if required else None, sum(completed.of(task, day) for task in concerned),
        sum(coming),
    )  # fmt: skip
