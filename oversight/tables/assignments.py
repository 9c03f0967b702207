"""任务分解表: who takes over which compound until when, line by line, as approved plans say, and how far that is."""

import datetime
from dataclasses import dataclass

from django.db.models import Q

from chaoyang_pm.kit.scoping import Scope
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.selectors import as_called_on
from communities.people.models import User
from oversight.cockpit.tasks import Completed, Task
from oversight.cockpit.timeline import Timeline
from oversight.coverage import reading
from oversight.coverage.question import Question
from oversight.coverage.targets import TargetBoard
from oversight.plans.actuals import asked_of
from oversight.plans.foreseen import APPROVED, in_force, in_force_or_with_bureau, outlook_of
from oversight.plans.models import PlanVersion
from oversight.plans.states import LineActual, line_actuals
from oversight.programme import selectors as programme_selectors
from oversight.programme.models import Programme, Target


@dataclass(frozen=True)
class TargetSum:
    """What a target asks of the division, against what is completed and what open lines bring by its deadline."""

    target: Target
    deadline: datetime.date
    required: int
    completed: int
    planned: int

    @property
    def difference(self) -> int:
        """Completed and planned − required."""
        return self.completed + self.planned - self.required


@dataclass(frozen=True)
class Assignments:
    """Lines by county and number. ``places``: names of subdistricts and communities; ``missing``: without a plan."""

    versions: list[PlanVersion]
    lines: list[LineActual]
    places: dict[str, str]
    sums: list[TargetSum]
    missing: list[Division]

    @property
    def area(self) -> int:
        return sum(line.planned for line in self.lines)

    @property
    def households(self) -> int:
        return sum(line.foreseen.households for line in self.lines)

    @property
    def done(self) -> int:
        return sum(line.state.is_done for line in self.lines)

    def is_approved(self, version: PlanVersion) -> bool:
        return version.state in APPROVED


def assignments(question: Question, reader: User) -> Assignments:
    """The lines of the plans in force; of a county that has none, for whoever reads plans, of its newest version with
    the bureau. The same queries however many lines there are.
    """
    programme, code = programme_selectors.current(), question.division.code
    if programme is None:
        return Assignments([], [], {}, [], [])
    find = in_force_or_with_bureau if reader.may("plans.read") else in_force
    versions = find(programme, code, question.as_of)
    lines = line_actuals(question, outlook_of(versions, question))
    there = {version.county_id for version in versions}
    named = _named(question, lines)
    missing = [one for one in named.values() if one.level == Level.COUNTY and one.code not in there]
    places = {place: str(division) for place, division in named.items()}
    return Assignments(versions, lines, places, _sums(question, programme, lines), missing)


def _named(question: Question, lines: list[LineActual]) -> dict[str, Division]:
    """Communities of the lines and their subdistricts, and the division's counties, as they were called then."""
    communities, code = {line.foreseen.community for line in lines}, question.division.code
    county = code[: CODE_LENGTH[Level.COUNTY]]
    subdistricts = {one[: CODE_LENGTH[Level.SUBDISTRICT]] for one in communities}
    counties = Scope((county,)).q("code") & Q(level=Level.COUNTY, ended_on__isnull=True)
    found = Division.objects.filter(counties | Q(code__in=communities | subdistricts)).order_by("code")
    return {division.code: division for division in as_called_on(found, question.as_of)}


def _sums(question: Question, programme: Programme, lines: list[LineActual]) -> list[TargetSum]:
    """Of each target of area that asks something of the division."""
    code, day = question.division.code, question.as_of
    length = max(CODE_LENGTH[Level.COUNTY], len(code))
    state = reading.how_far()
    board = TargetBoard(question, programme, rolled_up=state, also=[code], counts_lapsed=False)
    line = Timeline([day], {day: reading.balances(code, day, question.height, length, state=state)})
    if code == programme.city_id:
        board.know(line.at)
    asked = asked_of(board, code)
    completed = Completed(question, programme.city_id, line, asked)
    return [
        TargetSum(task.target, task.deadline, task.required or 0, completed.of(task, day), _planned(task, lines))
        for task in asked
        if task.deadline
    ]


def _planned(task: Task, lines: list[LineActual]) -> int:
    return sum(
        one.open_of(task.target.categories) for one in lines
        if task.deadline and one.foreseen.due_on <= task.deadline and task.territory.covers(one.foreseen.community)
    )  # fmt: skip
