"""How far something under way is: 序时进度, 月均需完成, status; one definition for targets and their parts."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from chaoyang_pm.kit.dates import add_months, last_full_month_end, month_end, months_between
from chaoyang_pm.kit.figures import half_up
from oversight.programme.choices import Progress

#: The mean monthly gain of a forecast is that of so many full months.
FORECAST_MONTHS = 6
#: (day, required in all by then).
Milestones = Sequence[tuple[datetime.date, int]]


@dataclass(frozen=True)
class Leg:
    """The stretch of a schedule that a day lies on: from ``reached`` at ``since`` straight to ``due`` at ``until``."""

    since: datetime.date
    reached: int
    until: datetime.date
    due: int

    @property
    def days(self) -> int:
        return max(1, (self.until - self.since).days)

    def gone(self, on: datetime.date) -> int:
        return max(0, (on - self.since).days)

    def scheduled(self, on: datetime.date) -> int:
        return self.reached + half_up((self.due - self.reached) * self.gone(on), self.days)


def leg(
    required: int, *, start: datetime.date, deadline: datetime.date, on: datetime.date, milestones: Milestones = ()
) -> Leg | None:  # fmt: skip
    """Where on the schedule a day lies; None from the deadline on, when all is due."""
    if on >= deadline:
        return None
    since, reached = start, 0
    for day, due in [*milestones, (deadline, required)]:
        due = min(due, required)
        if on < day:
            return Leg(since, reached, day, due)
        since, reached = day, due
    return None


def scheduled(
    required: int, *, start: datetime.date, deadline: datetime.date, on: datetime.date, milestones: Milestones = ()
) -> int:
    """序时进度: the part of ``required`` due by a day, straight from milestone to milestone.

    Without milestones it runs straight from the start to the deadline: that is their one milestone.
    """
    found = leg(required, start=start, deadline=deadline, on=on, milestones=milestones)
    return found.scheduled(on) if found else required


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


def gained_between(on: datetime.date) -> tuple[datetime.date, datetime.date]:
    """The month ends between which the mean monthly gain is taken."""
    last = last_full_month_end(on)
    return month_end(add_months(last, -FORECAST_MONTHS)), last


def forecast(required: int, completed: int, gain: int, *, on: datetime.date) -> str | None:
    """The month in which what was gained in the last FORECAST_MONTHS, going on so, reaches what is required."""
    if gain <= 0 or completed >= required:
        return None
    months = -(-(required - completed) * FORECAST_MONTHS // gain)
    # A forecast beyond the calendar's end is none.
    if months > (datetime.MAXYEAR - on.year - 1) * 12:
        return None
    return f"{add_months(on.replace(day=1), months):%Y-%m}"
