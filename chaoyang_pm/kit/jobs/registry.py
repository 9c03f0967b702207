"""Kinds of jobs. A room declares its own in its ``tasks.py``; every process knows all of them."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Kind:
    """What is to be known of a kind before one of its jobs runs. Texts are translated when they are shown."""

    code: str
    label: object
    #: Called with a Progress and the job's parameters by name; returns the result, as JSON can hold it.
    function: Callable[..., Any]
    #: Whether a job that was cut off may simply run again.
    redoable: bool
    #: For a job that may not: what a person has to look at before starting another.
    check_first: object = ""
    #: Once per business date, from this time of day on; a function where the time is data.
    daily: datetime.time | Callable[[], datetime.time] | None = None
    #: The address of the page that the job belongs to.
    page: Callable[[Any], str] | None = None
    #: What the numbers and texts of the result are called, in the order that they are shown in.
    tells: Mapping[str, object] = field(default_factory=dict)
    #: Whether there is work that nobody has called for; every sweep asks, and then requests a job (``request``).
    needed: Callable[[], bool] | None = None

    def is_due(self, clock: datetime.time) -> bool:
        """Whether its time of day has come."""
        daily = self.daily() if callable(self.daily) else self.daily
        return daily is not None and daily <= clock


_kinds: dict[str, Kind] = {}


def job(
    code: str,
    *,
    label: object,
    redoable: bool,
    check_first: object = "",
    daily: datetime.time | Callable[[], datetime.time] | None = None,
    page: Callable[[Any], str] | None = None,
    tells: Mapping[str, object] | None = None,
    needed: Callable[[], bool] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the decorated function as what jobs of a kind do."""
    if not redoable and not check_first:
        raise ValueError(f"{code}: a job that cannot be redone has to say what to check")

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        if code in _kinds:
            raise ValueError(f"{code}: two jobs of one kind")
        _kinds[code] = Kind(code, label, function, redoable, check_first, daily, page, tells or {}, needed)
        return function

    return declare


def kind_of(code: str) -> Kind | None:
    return _kinds.get(code)


def daily_kinds() -> list[Kind]:
    return [kind for kind in _kinds.values() if kind.daily is not None]


def needed_kinds() -> list[str]:
    """Kinds of which there is work that nobody has called for."""
    return [kind.code for kind in _kinds.values() if kind.needed is not None and kind.needed()]
