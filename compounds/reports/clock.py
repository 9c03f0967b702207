"""What time it is when a step is taken with a report, return or plan: now, or the moment of a story that is told (the
demo city).
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

from chaoyang_pm.kit.dates import business_date

_told: ContextVar[datetime.datetime | None] = ContextVar("told", default=None)


@contextmanager
def told_at(moment: datetime.datetime) -> Iterator[None]:
    """What is done with reports, returns and plans within is done at this moment, the entry of an approval included."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)


def now() -> datetime.datetime:
    return _told.get() or timezone.now()


def today() -> datetime.date:
    """The business date, or the day of the moment that is told."""
    told = _told.get()
    return timezone.localdate(told) if told else business_date()
