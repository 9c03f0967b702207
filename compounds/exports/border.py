"""Compounds that came into a division or left it: their history as far as it happened inside.

What comes in is registered on that day with what it brings, what leaves is taken off by a resurvey: so the division's
own balances are the same at every date, and nothing of another division is told.
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compounds.ledger.choices import Kind
from compounds.ledger.events import Event, Part, Pocket
from compounds.ledger.replay import Holding, State, apply

#: (area in 0.01 ㎡, households) by pocket.
Brought = dict[Pocket, tuple[int, int]]


@dataclass(frozen=True)
class Told:
    """What an export tells of one event: the event itself, or what its compound brought in or took away.

    ``parts`` are those of a split as they count. ``moved_to``: the community, where a compound comes back to another
    one than it had left.
    """

    event: Event
    parts: tuple[Part, ...] = ()
    came: Brought | None = None
    left: Brought | None = None
    moved_to: str = ""

    @property
    def order(self) -> tuple[datetime.date, int]:
        return self.event.order


def inside(events: Iterable[Event], division: str) -> tuple[list[Told], dict[str, str]]:
    """Events of some chains as a division knows them, in the order of the replay; and by compound its first community.

    ``events`` are live ones, of whole chains.
    """
    events = sorted(events, key=lambda event: event.order)
    by_height = sorted(events, key=lambda event: event.height)
    parts_of = {split: parts for event in by_height for split, parts in event.new_parts}
    state: State = {}
    told: list[Told] = []
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for event in events:
        before = state.get(event.compound, Holding()).copy()
        apply(state, event, parts_of)
        parts = parts_of.get(event.height, event.parts)
        for each in _told(event, parts, before, division, last):
            told.append(each)
            for code in {event.compound, *(part.compound for part in parts)}:
                community = state[code].community if code in state else ""
                if community.startswith(division):
                    first.setdefault(code, community)
                    last[code] = community
    return told, first


def _told(
    event: Event, parts: tuple[Part, ...], before: Holding, division: str, last: dict[str, str]
) -> Iterator[Told]:  # fmt: skip
    was_inside = before.community.startswith(division) if before.community else False
    if event.kind == Kind.REGISTER:
        if event.community.startswith(division):
            yield Told(event)
    elif event.kind != Kind.RELOCATE:
        if was_inside:
            yield Told(event, parts)
    elif event.community.startswith(division):
        if was_inside:
            yield Told(event)
        else:
            back = last.get(event.compound, "")
            moved_to = event.community if back and back != event.community else ""
            yield Told(event, came=_brought(before), moved_to=moved_to)
    elif was_inside:
        yield Told(event, left=_brought(before))


def _brought(holding: Holding) -> Brought:
    return {pocket: holding.of(pocket) for pocket in sorted(holding.pockets)}
