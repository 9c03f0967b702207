"""What a change of the programme would do to the figures of today: carried out, measured, and taken back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from compounds.ledger import selectors as ledger
from oversight.coverage import selectors as coverage
from oversight.coverage.figures import Figures
from oversight.coverage.models import RollUp
from oversight.coverage.question import Question, resolve
from oversight.coverage.reading import how_far
from oversight.coverage.targets import TargetBoard, TargetFigures
from oversight.programme import selectors
from oversight.programme.models import Programme


@dataclass(frozen=True)
class Measured:
    """The targets by code, and the coverage at the programme's baseline where that can differ."""

    programme: Programme
    targets: dict[str, TargetFigures]
    start: Figures | None = None


@dataclass(frozen=True)
class Moved:
    """A target before and after; None where there is none."""

    before: TargetFigures | None
    after: TargetFigures | None

    @property
    def target(self) -> Any:
        found = self.after or self.before
        return found.target if found else None

    @property
    def differs(self) -> bool:
        return _shown(self.before) != _shown(self.after)


@dataclass(frozen=True)
class Preview:
    before: Measured
    after: Measured

    @property
    def targets(self) -> list[Moved]:
        """The targets whose figures differ."""
        codes = dict.fromkeys((*self.before.targets, *self.after.targets))
        moved = [Moved(self.before.targets.get(code), self.after.targets.get(code)) for code in codes]
        return [each for each in moved if each.differs]

    @property
    def start_differs(self) -> bool:
        before, after = self.before, self.after
        return before.start != after.start or before.programme.baseline_on != after.programme.baseline_on


def rehearse(change: Callable[[], Any], *, start: bool = False) -> Preview:
    """Today's figures without and with a change of the programme in force; whatever it raises is raised.

    ``start``: whether the coverage at the baseline can differ, so that it is read, too.
    """
    question, rolled_up = resolve(), how_far()
    before = _measure(question, rolled_up, start)
    with transaction.atomic():
        change()
        after = _measure(question, rolled_up, start)
        transaction.set_rollback(True)
    return Preview(before, after)


def of_lock(programme: Programme, question: Question) -> Preview:
    """What locking the baseline at the version asked about fixes. It writes nothing: what is at the start stays."""
    board = TargetBoard(question, programme, counts_lapsed=False)
    before, after = (Measured(programme, _by_code(each)) for each in (board, board.locked(question.version.height)))
    return Preview(before, after)


def _measure(question: Question, rolled_up: RollUp, start: bool) -> Measured:
    programme = selectors.current()
    assert programme  # noqa: S101 — whoever changes it has read it
    board = TargetBoard(question, programme, rolled_up=rolled_up, counts_lapsed=False)
    found = None
    if start:
        day, height = board.baseline
        found = coverage.coverage(replace(question, as_of=day, version=ledger.version(height)))
    return Measured(programme, _by_code(board), found)


def _by_code(board: TargetBoard) -> dict[str, TargetFigures]:
    return {figures.target.code: figures for figures in board.figures()}


def _shown(figures: TargetFigures | None) -> tuple | None:
    """What the page shows of a target."""
    return (figures.required, figures.completed, figures.scheduled, figures.status) if figures else None
