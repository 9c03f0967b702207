"""What a line in the log belongs to: the request or the job that is going on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_bound: ContextVar[dict[str, Any] | None] = ContextVar("log_context", default=None)


def bound() -> dict[str, Any]:
    """What every line says at present."""
    return _bound.get() or {}


@contextmanager
def bind(**values: Any) -> Iterator[None]:
    """Every line within says this, too."""
    token = _bound.set(bound() | values)
    try:
        yield
    finally:
        _bound.reset(token)
