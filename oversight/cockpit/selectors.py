"""进度总览: everything that the page of a division shows, from readings that are shared; the same queries however much
there is (formulas: docs/cockpit.md)."""

import datetime
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from chaoyang_pm.kit.dates import business_date
from communities.divisions.choices import BELOW, CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.selectors import as_called_on
from compounds.modes.selectors import Standing, standing_within
from oversight.cockpit.charts import Curve, Mix, curve, mix
from oversight.cockpit.events import Events, MonthEvents, events
from oversight.cockpit.planned import Planned
from oversight.cockpit.ranking import Ranking, Row, ranked
from oversight.cockpit.tasks import Completed, Task, tasks, tops, whole
from oversight.cockpit.tiles import Tile, tiles
from oversight.cockpit.timeline import Timeline, first_month, timeline
from oversight.cockpit.worries import Matter, longest, matters, months_behind
from oversight.coverage import reading
from oversight.coverage.cards import last_month_end
from oversight.coverage.figures import Counts, Figures, Group
from oversight.coverage.models import RollUp
from oversight.coverage.question import Question
from oversight.coverage.scans import Held, coarser, together
from oversight.coverage.selectors import BY_DIMENSION, BY_LEVEL, area_pending, by_dimension
from oversight.coverage.targets import TargetBoard, TargetFigures
from oversight.plans.foreseen import outlook
from oversight.programme.models import Programme


@dataclass(frozen=True)
class Month:
    """The month so far (or the whole month, on its last day) against the end of the one before (``since``)."""

    since: datetime.date
    taken_over: int
    lapsed: int
    now: Figures
    before: Figures

    @property
    def managed_change(self) -> int:
        return self.now.managed - self.before.managed

    @property
    def unmanaged_change(self) -> int:
        return self.now.unmanaged - self.before.unmanaged

    @property
    def households_managed_change(self) -> int:
        return self.now.households_managed - self.before.households_managed

    @property
    def households_unmanaged_change(self) -> int:
        return self.now.households_unmanaged - self.before.households_unmanaged

    @property
    def counts_change(self) -> Counts:
        """Compounds managed, in part and not at all: now − then. 面积待核 has no date, and no change."""
        now, then = self.now.counts or Counts(), self.before.counts or Counts()
        return Counts(now.managed - then.managed, now.partial - then.partial, now.unmanaged - then.unmanaged)

    @property
    def rate_change(self) -> float | None:
        """In percentage points, by area; the other two by households and by compounds."""
        return _points(self.now.rate, self.before.rate)

    @property
    def households_rate_change(self) -> float | None:
        return _points(self.now.households_rate, self.before.households_rate)

    @property
    def compounds_rate_change(self) -> float | None:
        return _points((self.now.counts or Counts()).rate, (self.before.counts or Counts()).rate)


@dataclass(frozen=True)
class Cockpit:
    """``below``: the level of the rows, None for a community. ``groups``: the grouping that was asked for.

    ``tiles`` only where ``ranking`` has rows.
    """

    figures: Figures
    month: Month
    below: Level | None
    groups: list[Group]
    ranking: Ranking
    tiles: list[Tile]
    find_curves: Callable[[], tuple[list[Curve], Planned | None]]
    mix: Mix
    find_matters: Callable[[], list[Matter]]
    targets: list[TargetFigures]

    @cached_property
    def _found_curves(self) -> tuple[list[Curve], Planned | None]:
        return self.find_curves()

    @property
    def curves(self) -> list[Curve]:
        """应完成 · 计划 · 实际; looked up where they are shown."""
        return self._found_curves[0]

    @property
    def planned(self) -> Planned | None:
        return self._found_curves[1]

    @cached_property
    def matters(self) -> list[Matter]:
        """需要过问的事; looked up where they are shown."""
        return self.find_matters()


def cockpit(question: Question, programme: Programme | None, divisions: list[Division], by: str = "") -> Cockpit:
    """The page of the question's division; the programme in force and the divisions below are handed in: those right
    below it, and those of the level ``by`` (a grouping of ``coverage``) if that lies further down.
    """
    code = question.division.code
    below = BELOW.get(Level(question.division.level))
    length = CODE_LENGTH[below] if below else len(code)
    finest = max(length, BY_LEVEL.get(by, 0))
    # An older version is read from the ledger itself: few ask for it, and roll-ups seldom are as old.
    state = reading.how_far() if question.version.is_newest else RollUp()
    since = last_month_end(question)
    held = reading.held_on(
        code, [question.as_of, since], question.height, finest, rules=[question.modes], state=state
    )  # fmt: skip
    waiting = area_pending(code, finest)
    now, pending = coarser(held[question.as_of], length), _coarser(waiting, length)
    first = first_month(question, programme.starts_on if programme else question.as_of)
    cells = {key: of.cells for key, of in now.items()}
    line = timeline(question, code, length, first, state=state, now=cells)
    happened = events(question, length)
    figures = _figures(together(now.values()), question, sum(pending.values()))
    before = _figures(together(held[since].values()), question, 0)
    called = names(question, divisions, now.keys() | pending.keys() | held[question.as_of].keys() | waiting.keys())
    rowed = sorted(key for key in called if len(key) == length)

    board, found, targets = None, {}, []
    if programme:
        board = TargetBoard(question, programme, rolled_up=state, also=[*rowed, code], counts_lapsed=False)
        if touching := board.touching(code):
            if code == programme.city_id:
                board.know(line.at)
            targets = [board.of(target) for target in touching]
        found = tasks(board, [*rowed, code])
    completed = Completed(question, programme.city_id if programme else code, line, found.values())

    def find_curves() -> tuple[list[Curve], Planned | None]:
        if programme is None or board is None:
            return [], None
        plans = outlook(programme, question)
        planned = Planned(question, line, completed, plans) if plans else None
        return curves_of(question, board, found, line, completed, planned), planned

    rows = [
        _row(key, called[key], question, since, now, line, pending, found.get(key), completed, happened)
        for key in rowed
    ]
    ranking = ranked(rows)
    if by in BY_DIMENSION:
        groups = by_dimension(figures, by)
    elif finest > length:
        groups = [
            Group(key, name, _figures(held[question.as_of].get(key, Held()), question, waiting.get(key, 0)))
            for key, name in sorted(called.items())
            if len(key) == finest
        ]
    else:
        groups = [Group(row.code, row.name, row.figures) for row in rows]
    return Cockpit(
        figures, _month(question, since, figures, before, happened), below, groups, ranking, tiles(ranking.rows),
        find_curves, mix(line),
        lambda: matters(
            rows, happened, question.as_of, lambda row: _behind(row, line, completed), _stuck(question, length)
        ),
        targets,
    )  # fmt: skip


def _stuck(question: Question, length: int) -> dict[str, Standing]:
    """Where procedures stand is known of today only."""
    if question.as_of != business_date():
        return {}
    return longest(standing_within(question.division.code).values(), length)


def _coarser(numbers: Mapping[str, int], length: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, number in numbers.items():
        found[key[:length]] = found.get(key[:length], 0) + number
    return found


def names(question: Question, divisions: list[Division], held: Collection[str]) -> dict[str, str]:
    """The parts by code as they were called on the date: every county of then, below it those that hold or held."""
    day = question.as_of
    parts = [
        division
        for division in divisions
        if division.code in held or (division.level == Level.COUNTY and _existed(division, day))
    ]
    return {division.code: str(division) for division in as_called_on(parts, day)} if parts else {}


def _existed(division: Division, day: datetime.date) -> bool:
    return (division.began_on or day) <= day and (division.ended_on is None or division.ended_on > day)


def _row(
    key: str, name: str, question: Question, since: datetime.date, now: Mapping[str, Held],
    line: Timeline, pending: Mapping[str, int], task: Task | None, completed: Completed, happened: Events,
) -> Row:  # fmt: skip
    month = happened.get((key, f"{question.as_of:%Y-%m}"), MonthEvents())
    done = completed.of(task, question.as_of) if task else None
    return Row(
        key, name, _figures(now.get(key, Held()), question, pending.get(key, 0)),
        Figures(line.at[since].get(key, {}), question.modes, None), task,
        completed=done,
        completed_before=completed.of(task, since) if task else None,
        scheduled=task.scheduled(question.as_of) if task else None,
        status=task.status(done, question.as_of) if task and done is not None else None,
        taken_over=month.taken_over,
        newly_lapsed=month.newly_lapsed(task.target.categories if task else []),
    )  # fmt: skip


def _figures(held: Held, question: Question, pending: int) -> Figures:
    return Figures(held.cells, question.modes, Counts.of(held.masks, question.modes, pending))


def _month(question: Question, since: datetime.date, now: Figures, before: Figures, happened: Events) -> Month:
    own = [of for (_part, month), of in happened.items() if month == f"{question.as_of:%Y-%m}"]
    return Month(since, sum(of.taken_over for of in own), sum(of.lapsed for of in own), now, before)


def _points(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else (now - before) * 100


def curves_of(
    question: Question, board: TargetBoard, found: Mapping[str, Task], line: Timeline, completed: Completed,
    planned: Planned | None,
) -> list[Curve]:  # fmt: skip
    """Of the city one for all targets of a clause and deadline; of a division below it its own task's."""
    if own := found.get(question.division.code):
        return [curve([own], [str(question.division)], line, completed, planned)]
    touched = [target for target in board.touching(question.division.code) if target in tops(board)]
    concerned = sorted((whole(board, target) for target in touched), key=_group)
    return [
        curve(
            group, [str(division) for task in group for division in task.target.divisions.all()], line, completed,
            planned,
        )
        for group in (list(each) for _key, each in groupby(concerned, key=_group))
    ]  # fmt: skip


def _group(task: Task) -> tuple[datetime.date, str]:
    return (task.deadline or datetime.date.max, task.target.clause_id)


def _behind(row: Row, line: Timeline, completed: Completed) -> int:
    task = row.task
    if task is None:
        return 0
    return months_behind([task.scheduled(day) for day in line.days], [completed.of(task, day) for day in line.days])
