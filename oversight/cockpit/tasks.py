"""What a division has to do: the target whose last deadline it has, whole or the part it was given."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from oversight.cockpit.timeline import Parts, Timeline
from oversight.coverage import progress
from oversight.coverage.figures import Cells
from oversight.coverage.question import Question
from oversight.coverage.scans import balance_steps
from oversight.coverage.targets import TargetBoard
from oversight.coverage.territory import Territory
from oversight.explaining.choices import PART
from oversight.programme import selectors as programme
from oversight.programme.choices import Progress, Unit
from oversight.programme.models import PartVersion, Target, TargetVersion
from oversight.programme.selectors import Given


@dataclass(frozen=True)
class Task:
    """A target, or the part of it that a division was given. ``version`` is None where it was given none."""

    target: Target
    territory: Territory
    start: datetime.date
    version: TargetVersion | PartVersion | None
    required: int | None

    @property
    def figure(self) -> str:
        """The beginning of the names by which its figures explain themselves; none where nothing was given."""
        if self.version is None:
            return ""
        return self.target.code + (PART if isinstance(self.version, PartVersion) else "")

    @property
    def deadline(self) -> datetime.date | None:
        return self.version.deadline if self.version else None

    def scheduled(self, on: datetime.date) -> int | None:
        """序时进度 on a day."""
        if self.version is None or self.required is None:
            return None
        return progress.scheduled(
            self.required, start=self.start, deadline=self.version.deadline, on=on,
            milestones=programme.milestones(self.version),
        )  # fmt: skip

    def status(self, completed: int, on: datetime.date) -> Progress | None:
        due = self.scheduled(on)
        if self.version is None or self.required is None or due is None:
            return None
        return progress.status(self.required, completed, due, deadline=self.version.deadline, on=on)


def tops(board: TargetBoard) -> list[Target]:
    """The targets that count area and that no other one builds on."""
    below = {target.builds_on_id for target in board.targets}
    return [target for target in board.targets if target.unit == Unit.AREA and target.code not in below]


def whole(board: TargetBoard, target: Target) -> Task:
    version = programme.version_on(target, board.versions_on)
    return Task(
        target, board.territory_of(target.code), board.programme.starts_on, version, board.required(target, version)
    )  # fmt: skip


def tasks(
    board: TargetBoard, codes: Iterable[str], given: Mapping[tuple[str, str], Given] | None = None
) -> dict[str, Task]:
    """The task of each division that a target concerns; the board was made with these codes (``also``).

    ``given``: the parts that these divisions were given, by whoever has read them already.
    """
    codes = list(codes)
    asked = {
        target.code: [code for code in codes if any(code.startswith(d.code) for d in target.divisions.all())]
        for target in tops(board)
    }
    partly = [
        target for target in tops(board)
        if any([d.code for d in target.divisions.all()] != [code] for code in asked[target.code])
    ]  # fmt: skip
    if given is None:
        given = programme.parts_of(partly, codes, board.versions_on) if partly else {}
    found: dict[str, Task] = {}
    for target in tops(board):
        for code in asked[target.code]:
            if [division.code for division in target.divisions.all()] == [code]:
                task = whole(board, target)
            else:
                part = given.get((target.code, code))
                version = part.version if part else None
                required = version.required if version else None
                task = Task(target, board.territory_of(code), board.programme.starts_on, version, required)
            if code not in found or (task.deadline or datetime.date.min) > (found[code].deadline or datetime.date.min):
                found[code] = task
    return found


class Completed:
    """What counts towards tasks at the days of a timeline; changes of divisions cost one more query."""

    def __init__(self, question: Question, city: str, line: Timeline, concerned: Iterable[Task]):
        self._modes, self._line = question.modes, line
        self._moved: Timeline | None = None
        codes = {code for task in concerned for code in (*task.territory.plus, *task.territory.minus)}
        if codes:
            self._moved = self._read_moved(question, city, tuple(codes))

    def _read_moved(self, question: Question, city: str, codes: tuple[str, ...]) -> Timeline:
        """The balances of what changes of divisions took in or out, community by community."""
        days = self._line.days
        steps = balance_steps(city, 12, height=question.height, since=f"{days[0]:%Y-%m}", until=question.as_of)
        running: dict[str, dict[tuple[str, str], tuple[int, int]]] = {}
        at: dict[datetime.date, Parts] = {}
        for day in days:
            for (code, *cell), by_month in steps.items():
                if code.startswith(codes):
                    own = running.setdefault(code, {})
                    before, more = own.get(tuple(cell), (0, 0)), by_month.get(f"{day:%Y-%m}", (0, 0))
                    own[tuple(cell)] = (before[0] + more[0], before[1] + more[1])
            at[day] = {code: dict(cells) for code, cells in running.items()}
        return Timeline(days, at)

    def of(self, task: Task, on: datetime.date, within: str = "") -> int:
        """``within``: only what lies in this division, one of the timeline's parts or above them."""
        total = self._area(task, self._line.at[on], task.territory.codes, within)
        if self._moved and (task.territory.plus or task.territory.minus):
            moved, territory = self._moved.at[on], task.territory
            total += self._area(task, moved, territory.plus, within) - self._area(task, moved, territory.minus, within)
        return total

    def _area(self, task: Task, parts: Parts, codes: tuple[str, ...], within: str) -> int:
        if not codes:
            return 0
        return sum(
            counted(cells, task, self._modes) for key, cells in parts.items()
            if key.startswith(codes) and key.startswith(within)
        )  # fmt: skip


def counted(cells: Cells, task: Task, modes: tuple[str, ...]) -> int:
    return sum(
        area
        for (category, mode), (area, _households) in cells.items()
        if category in task.target.categories and mode in modes
    )
