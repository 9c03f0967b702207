"""Where rooms say what waits for a person. A room provides one function; the page of the desk asks all of them."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: So many of each kind are listed; all of them are counted.
LISTED = 8


@dataclass(frozen=True)
class Item:
    """One thing to do: where it is done, why it waits, since when, until when, and whether that is over."""

    title: str
    link: str
    why: str = ""
    since: datetime.datetime | None = None
    due: datetime.date | None = None
    is_late: bool = False


@dataclass(frozen=True)
class Pile:
    """Things of one kind, the most pressing first; ``link`` leads to all of them."""

    label: Any
    items: list[Item]
    number: int
    link: str


#: (user, how many are listed) → a pile; None where nothing of the kind waits for the person.
Source = Callable[[Any, int], Pile | None]
_sources: dict[str, tuple[int, Source]] = {}


def provide(name: str, source: Source, *, place: int) -> None:
    """``place``: piles stand on the desk in this order. A source costs three queries at most."""
    _sources[name] = place, source


def piles(user: Any) -> list[Pile]:
    """Everything that waits for a person, pile by pile."""
    ordered = sorted(_sources.values(), key=lambda pair: pair[0])
    return [pile for _place, source in ordered if (pile := source(user, LISTED))]
