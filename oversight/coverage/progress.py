"""How far something under way is: 序时进度, 月均需完成, status; one definition for targets and their parts."""

import datetime
from collections.abc import Sequence

from chaoyang_pm.kit.dates import months_between
from chaoyang_pm.kit.figures import half_up
from oversight.programme.choices import Progress

#: (day, required in all by then).
Milestones = Sequence[tuple[datetime.date, int]]


def scheduled(
    required: int, *, start: datetime.date, deadline: datetime.date, on: datetime.date, milestones: Milestones = ()
) -> int:
    """序时进度: the part of ``required`` due by a day, straight from milestone to milestone.

    Without milestones it runs straight from the start to the deadline: that is their one milestone.
    """
    if on >= deadline:
        return required
    since, reached = start, 0
    for day, due in [*milestones, (deadline, required)]:
        due = min(due, required)
        if on < day:
            return reached + half_up((due - reached) * max(0, (on - since).days), max(1, (day - since).days))
        since, reached = day, due
    return required


def status(
    required: int, completed: int, due: int, *, deadline: datetime.date, on: datetime.date
) -> Progress:  # fmt: skip
    if completed >= required:
        return Progress.DONE
    if on > deadline:
        return Progress.OVERDUE
    return Progress.ON_TRACK if completed >= due else Progress.BEHIND


def run_rate(required: int, completed: int, *, deadline: datetime.date, on: datetime.date) -> int | None:
    """月均需完成: remaining / max(1, calendar months left); None after the deadline."""
    if on > deadline:
        return None
    return half_up(max(0, required - completed), max(1, months_between(on, deadline)))
