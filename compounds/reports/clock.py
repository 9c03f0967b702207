"""What time it is when a step is taken: now, or the moment of a story that is told (the demo city)."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_told: ContextVar[datetime.datetime | None] = ContextVar("told", default=None)


@contextmanager
def told_at(moment: datetime.datetime) -> Iterator[None]:
    """What is done with reports within is done at this moment, the entry of an approval included."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)


def now() -> datetime.datetime:
    return _told.get() or timezone.now()
