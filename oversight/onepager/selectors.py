"""一页纸: everything one page says about a division, read once for the page and for the document.

Every figure is one of ``oversight.coverage``: nothing is defined here but what stands beside what.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Case, F, Q, Sum, Value, When
from django.utils.translation import gettext as _

from chaoyang_pm.kit.facts.keeping import kept
from chaoyang_pm.kit.figures import ratio
from communities.divisions.choices import BELOW, CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.ledger.choices import Kind
from compounds.ledger.models import Posting
from oversight.cockpit import tasks as cockpit
from oversight.cockpit.selectors import names
from oversight.cockpit.tasks import Completed
from oversight.cockpit.timeline import Parts, Timeline, timeline
from oversight.coverage import reading
from oversight.coverage.cards import last_month_end
from oversight.coverage.figures import Counts, Figures, Month
from oversight.coverage.models import RollUp
from oversight.coverage.movements import Amount, moved
from oversight.coverage.question import Question, resolve_span
from oversight.coverage.scans import Held, together
from oversight.coverage.selectors import area_pending
from oversight.coverage.targets import TargetBoard
from oversight.coverage.territory import Territory
from oversight.programme import selectors as programme
from oversight.programme.choices import Unit
from oversight.programme.models import PartVersion, Target, TargetVersion

#: Rows that leave room for sentences and charts on one sheet of A4; what lies beyond is one row.
MOST_ROWS = 16


@dataclass(frozen=True)
class Task:
    """A target, or the part of it that a division was given, as far as one page tells it. Areas in 0.01 ㎡.

    ``divisions``: those it is about, as sentences name them; of a part of another division none.
    """

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


def one_page(question: Question, divisions: list[Division]) -> OnePage:
    """The page, from the cache while nothing was edited: looked at, printed and downloaded it is read once.

    The divisions right below the question's are handed in.
    """
    asked = question.division.code, question.as_of, question.height, question.version.hash, question.rule.code
    return kept("onepager", *asked, make=lambda: _read(question, divisions))


def _read(question: Question, divisions: list[Division]) -> OnePage:
    """From readings that are shared, as in the cockpit: balances of the parts now and at all month ends come once."""
    code, level = question.division.code, BELOW.get(Level(question.division.level))
    since, length = last_month_end(question), CODE_LENGTH[level] if level else len(code)
    first, state = resolve_span(question).first, reading.how_far()
    now = reading.held(code, question.as_of, question.height, length, rules=[question.modes], state=state)
    pending = area_pending(code, length)
    line = timeline(
        question, code, length, min(first, since), state=state, now={key: of.cells for key, of in now.items()}
    )  # fmt: skip
    held = together(now.values())
    figures = Figures(held.cells, question.modes, Counts.of(held.masks, question.modes, sum(pending.values())))
    if level is None:
        rows = _compounds(question, since)
    else:
        then = line.at[since]
        gone = {key for key, cells in then.items() if Figures(cells, question.modes).total}
        called = names(question, divisions, now.keys() | pending.keys() | gone)
        rows = [_division(question, key, called[key], now, then) for key in sorted(called)]
    targets, headline, given = _targets(question, line, state, [*(row.key for row in rows if level), code])
    tasks = given | {task.territory.codes[0]: task for task in targets if task.is_single}
    rows = [replace(row, task=tasks.get(row.key)) for row in rows]
    whole = Row(
        code, str(question.division), figures.total, figures.managed, sum(row.total_before for row in rows),
        sum(row.managed_before for row in rows), tasks.get(code),
    )  # fmt: skip
    return OnePage(
        question, since, figures, moved(question, since), whole, _shortened(rows), level,
        _months(question, line, first), targets, headline, given.get(code),
    )  # fmt: skip


def _months(question: Question, line: Timeline, first: datetime.date) -> list[Month]:
    """Areas and households at each month's end from the month of ``first``, by the rule as it stood then."""
    modes = programme.modes_over_time(question.rule.code, question.every_rule)
    return [
        Month(f"{day:%Y-%m}", day, Figures(line.sum(day), modes(day), None)) for day in line.days if day >= first
    ]  # fmt: skip


def _division(question: Question, key: str, name: str, now: Mapping[str, Held], then: Parts) -> Row:
    """A part that is, or that held something a month ago."""
    figures = Figures(now.get(key, Held()).cells, question.modes)
    before = Figures(then.get(key, {}), question.modes)
    return Row(key, name, figures.total, figures.managed, before.total, before.managed)


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


def _targets(
    question: Question, line: Timeline, state: RollUp, codes: list[str]
) -> tuple[list[Task], Task | None, dict[str, Task]]:  # fmt: skip
    """The targets that concern the division, the one that its rows are held against, and what of that one was given to
    the divisions of ``codes``, whose balances are those of ``line``.
    """
    current = programme.current()
    if current is None:
        return [], None, {}
    board = TargetBoard(question, current, rolled_up=state, also=codes, counts_lapsed=False)
    if question.division.code == current.city_id:
        board.know(line.at)
    targets = [target for target in board.targets if target.unit == Unit.AREA]
    tasks = [_task(board, target) for target in targets if board.territory(target).concerns(question.division.code)]
    headline = in_force([task for task in tasks if not task.is_single] or tasks, question.as_of)
    if headline is None:
        return tasks, None, {}
    given = {
        code: cockpit.Task(
            headline.target, board.territory_of(code), current.starts_on, each.version, each.version.required
        )
        for (_target, code), each in programme.parts_of([headline.target], codes, board.versions_on).items()
    }
    completed = Completed(question, current.city_id, line, given.values())
    return tasks, headline, {code: _part(question, code, task, completed) for code, task in given.items()}


def _task(board: TargetBoard, target: Target) -> Task:
    version = programme.version_on(target, board.versions_on)
    required = board.required(target, version)
    return Task(
        target, version, required, board.completed(target, board.question.as_of), board.scheduled(required, version),
        board.territory(target), list(target.divisions.all()),
    )  # fmt: skip


def _part(question: Question, code: str, part: cockpit.Task, completed: Completed) -> Task:
    day, own = question.as_of, question.division
    assert part.version is not None  # noqa: S101 — a part that was given has both
    assert part.required is not None  # noqa: S101
    return Task(
        part.target, part.version, part.required, completed.of(part, day), part.scheduled(day) or 0, part.territory,
        [own] if code == own.code else [], is_part=True,
    )  # fmt: skip


def in_force(tasks: Sequence[Task], on: datetime.date) -> Task | None:
    """The one whose deadline comes next; after the last deadline, the last one."""
    ahead = [task for task in tasks if task.version.deadline >= on]
    if ahead:
        return min(ahead, key=lambda task: task.version.deadline)
    return max(tasks, key=lambda task: task.version.deadline, default=None)
