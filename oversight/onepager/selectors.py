"""一页纸: everything one page says about a division, read once for the page and for the document.

Every figure is one of ``oversight.coverage``: nothing is defined here but what stands beside what.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Case, F, Q, Sum, Value, When
from django.utils.translation import gettext as _

from chaoyang_pm.kit.facts.keeping import kept
from chaoyang_pm.kit.figures import ratio
from communities.divisions.choices import Level
from communities.divisions.models import Division
from compounds.ledger.choices import Kind
from compounds.ledger.models import Posting
from oversight.coverage import selectors
from oversight.coverage.cards import last_month_end
from oversight.coverage.figures import Counts, Figures, Group, Month
from oversight.coverage.movements import Amount, moved
from oversight.coverage.parts import PartFigures, breakdown
from oversight.coverage.question import Question, resolve_span
from oversight.coverage.reading import balances
from oversight.coverage.series import series
from oversight.coverage.targets import TargetBoard
from oversight.coverage.territory import Territory
from oversight.programme import selectors as programme
from oversight.programme.choices import Unit
from oversight.programme.models import PartVersion, Target, TargetVersion

#: Rows that leave room for sentences and charts on one sheet of A4; what lies beyond is one row.
MOST_ROWS = 16


@dataclass(frozen=True)
class Task:
    """A target, or the part of it that a division was given, as far as one page tells it. Areas in 0.01 ㎡."""

    target: Target
    version: TargetVersion | PartVersion
    required: int
    completed: int
    scheduled: int
    territory: Territory
    divisions: list[Division]
    is_part: bool = False

    @property
    def ratio(self) -> float | None:
        return ratio(self.completed, self.required)

    @property
    def names_its_area(self) -> bool:
        """Whether the document itself says how much; otherwise it is what the baseline holds."""
        return self.version.required is not None

    @property
    def is_single(self) -> bool:
        """Whether one division alone has the target."""
        return len(self.territory.codes) == 1


@dataclass(frozen=True)
class Row:
    """A part of the division at the question's date and at the end of the month before. Areas in 0.01 ㎡."""

    key: str
    name: str
    total: int
    managed: int
    total_before: int
    managed_before: int
    task: "Task | None" = None

    @property
    def rate(self) -> float | None:
        return ratio(self.managed, self.total)

    @property
    def rate_change(self) -> float | None:
        """In percentage points; None where there was, or is, nothing to divide by."""
        before = ratio(self.managed_before, self.total_before)
        return None if self.rate is None or before is None else (self.rate - before) * 100

    @property
    def managed_change(self) -> int:
        return self.managed - self.managed_before


@dataclass(frozen=True)
class OnePage:
    """What the page is made of.

    ``since``: the end of the month before. ``level`` is that of the rows; None where they are compounds.
    """

    question: Question
    since: datetime.date
    figures: Figures
    by_kind: dict[Kind, Amount]
    whole: Row
    rows: list[Row]
    level: Level | None
    months: list[Month]
    targets: list[Task]
    headline: Task | None
    own_part: Task | None

    @property
    def division(self) -> Division:
        return self.question.division

    @property
    def taken_over(self) -> int:
        return self.by_kind[Kind.TAKEOVER].managed

    @property
    def lapsed(self) -> int:
        return -self.by_kind[Kind.LAPSE].managed

    @property
    def has_tasks(self) -> bool:
        return any(row.task for row in self.rows)

    @property
    def is_mixed(self) -> bool:
        """Whether some rows are held against a target of their own instead of a part of the headline."""
        return any(row.task and not row.task.is_part and row.task is not self.headline for row in self.rows)


def one_page(question: Question) -> OnePage:
    """The page, from the cache while nothing was edited: looked at, printed and downloaded it is read once."""
    asked = question.division.code, question.as_of, question.height, question.version.hash, question.rule.code
    return kept("onepager", *asked, make=lambda: _read(question))


def _read(question: Question) -> OnePage:
    code, level = question.division.code, _below(question.division)
    since = last_month_end(question)
    if level is None:
        figures, rows = selectors.coverage(question), _compounds(question, since)
    else:
        groups = selectors.groups(question, level)
        figures, rows = added_up(groups, question), _divisions(question, since, level, groups)
    targets, headline, given = _targets(question)
    tasks = given | {task.territory.codes[0]: task for task in targets if task.is_single}
    rows = [replace(row, task=tasks.get(row.key)) for row in rows]
    whole = Row(
        code, str(question.division), figures.total, figures.managed, sum(row.total_before for row in rows),
        sum(row.managed_before for row in rows), tasks.get(code),
    )  # fmt: skip
    return OnePage(
        question, since, figures, moved(question, since), whole, _shortened(rows), level,
        series(question, resolve_span(question)), targets, headline, given.get(code),
    )  # fmt: skip


def added_up(groups: Sequence[Group], question: Question) -> Figures:
    """The figures of a division from those of all its parts: areas, households and compounds add up over divisions."""
    cells: dict[tuple[str, str], tuple[int, int]] = {}
    counts = Counts()
    for group in groups:
        for cell, (area, households) in group.figures.cells.items():
            before = cells.get(cell, (0, 0))
            cells[cell] = (before[0] + area, before[1] + households)
        of = group.figures.counts or Counts()
        counts = Counts(
            counts.managed + of.managed, counts.partial + of.partial, counts.unmanaged + of.unmanaged,
            counts.area_pending + of.area_pending,
        )  # fmt: skip
    return Figures(cells, question.modes, counts)


def _below(division: Division) -> Level | None:
    """The level of the rows: the nearest one below; None below a community."""
    return next((Level(level) for level, length in selectors.BY_LEVEL.items() if length > len(division.code)), None)


def _divisions(question: Question, since: datetime.date, level: Level, groups: Sequence[Group]) -> list[Row]:
    """Parts that are, and those that held something a month ago."""
    code, modes = question.division.code, question.modes
    then = {
        key: Figures(cells, modes)
        for key, cells in balances(code, since, question.height, selectors.BY_LEVEL[level]).items()
    }
    nothing = Figures({}, modes)
    here = {group.key: group for group in groups}
    gone = {key for key, figures in then.items() if figures.total and key not in here}
    names = {division.code: str(division) for division in Division.objects.filter(code__in=gone)} if gone else {}
    rows = []
    for key in sorted(here.keys() | gone):
        now, before = here[key].figures if key in here else nothing, then.get(key, nothing)
        name = here[key].name if key in here else names[key]
        rows.append(Row(key, name, now.total, now.managed, before.total, before.managed))
    return rows


def _compounds(question: Question, since: datetime.date) -> list[Row]:
    """Of a community: its compounds with area, at either date; one query."""
    managed, then = Q(mode__in=question.modes), Q(effective_on__lte=since)
    found = (
        Posting.objects.at(code=question.division.code, as_of=question.as_of, height=question.height)
        .order_by("compound__code")
        .values_list("compound__code", "compound__name")
        .annotate(held=Sum("area_dm2"), counted=_summed(managed), then=_summed(then), before=_summed(managed & then))
    )
    rows = [
        Row(code, name, int(total), int(managed), int(total_before), int(managed_before))
        for code, name, total, managed, total_before, managed_before in found
    ]
    return [row for row in rows if row.total or row.total_before]


def _summed(condition: Q) -> Sum:
    return Sum(Case(When(condition, then=F("area_dm2")), default=Value(0)))


def _shortened(rows: list[Row]) -> list[Row]:
    """The largest and, in one row, the rest; in their order."""
    if len(rows) <= MOST_ROWS:
        return rows
    by_size = sorted(rows, key=lambda row: (-row.total, row.key))
    kept = {row.key for row in by_size[: MOST_ROWS - 1]}
    rest = [row for row in rows if row.key not in kept]
    others = Row(
        "", _("%(number)s others") % {"number": len(rest)}, sum(row.total for row in rest),
        sum(row.managed for row in rest), sum(row.total_before for row in rest),
        sum(row.managed_before for row in rest),
    )  # fmt: skip
    return [*(row for row in rows if row.key in kept), others]


def _targets(question: Question) -> tuple[list[Task], Task | None, dict[str, Task]]:
    """The targets that concern the division, the one that its rows are held against, and that one's parts by code."""
    current = programme.current()
    if current is None:
        return [], None, {}
    board, code = TargetBoard(question, current), question.division.code
    targets = [target for target in board.targets if target.unit == Unit.AREA]
    tasks = [_task(board, target) for target in targets if board.territory(target).concerns(code)]
    headline = in_force([task for task in tasks if not task.is_single] or tasks, question.as_of)
    if headline is None:
        return tasks, None, {}
    parts = breakdown(board, headline.target).parts
    return tasks, headline, {part.given.code: _part(part) for part in parts}


def _task(board: TargetBoard, target: Target) -> Task:
    version = programme.version_on(target, board.versions_on)
    required = board.required(target, version)
    return Task(
        target, version, required, board.completed(target, board.question.as_of), board.scheduled(required, version),
        board.territory(target), list(target.divisions.all()),
    )  # fmt: skip


def _part(part: PartFigures) -> Task:
    return Task(
        part.target, part.given.version, part.required, part.completed, part.scheduled, Territory((part.given.code,)),
        [part.division], is_part=True,
    )  # fmt: skip


def in_force(tasks: Sequence[Task], on: datetime.date) -> Task | None:
    """The one whose deadline comes next; after the last deadline, the last one."""
    ahead = [task for task in tasks if task.version.deadline >= on]
    if ahead:
        return min(ahead, key=lambda task: task.version.deadline)
    return max(tasks, key=lambda task: task.version.deadline, default=None)
