"""The book: live events of some compounds in memory, and what recording one more would post.

Only compounds linked by merges or splits are replayed together (a *chain*). A book holds whole chains, so that
its answers equal a replay of the whole ledger.
"""

import bisect
import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from compounds.ledger.choices import Kind
from compounds.ledger.events import Change, Effect, Event, Part
from compounds.ledger.replay import Conflict, Holding, State, apply, replay


@dataclass(slots=True)
class Chain:
    """Linked compounds: their live events in replay order, the effects of each, and the state at the end."""

    events: list[Event] = field(default_factory=list)
    effects: dict[int, list[Effect]] = field(default_factory=dict)
    state: State = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)

    def parts_of(self, events: Iterable[Event] | None = None) -> dict[int, tuple[Part, ...]]:
        """Parts that late entries brought for older splits; the highest live entry's count."""
        brought = [event for event in (self.events if events is None else events) if event.new_parts]
        return {split: parts for event in sorted(brought, key=lambda e: e.height) for split, parts in event.new_parts}


class Blocked(Exception):
    """An event is refused: with ``proposed`` recorded, ``conflict.event`` could not be applied."""

    def __init__(self, proposed: Event, conflict: Conflict):
        super().__init__(conflict.problem)
        self.proposed, self.conflict = proposed, conflict


class Book:
    """Chains by compound code. ``record`` and ``reverse`` change the book and return the postings to store."""

    def __init__(self, events: Iterable[Event] = (), *, links: Iterable[set[str]] = ()):
        """``events`` are live ones with heights; ``links`` sets of codes that belong together besides them."""
        self._chains: dict[str, Chain] = {}
        for codes in links:
            self._chain_of(codes)
        by_chain: dict[int, tuple[Chain, list[Event]]] = {}
        events = list(events)
        for event in events:
            self._chain_of(event.compounds())
        for event in events:
            chain = self._chains[event.compound]
            by_chain.setdefault(id(chain), (chain, []))[1].append(event)
        for chain, own in by_chain.values():
            chain.events = sorted(own, key=lambda event: event.order)
            chain.state, chain.effects = replay(chain.events, chain.parts_of())

    # --- reading -------------------------------------------------------------------------------------
    def holding(self, code: str, on: datetime.date | None = None) -> Holding:
        """A compound after all events dated up to ``on`` (all events if None); empty if there are none."""
        chain = self._chains.get(code)
        if chain is None:
            return Holding()
        if on is None or not chain.events or chain.events[-1].effective_on <= on:
            return chain.state.get(code) or Holding()
        end = bisect.bisect_right(chain.events, on, key=lambda event: event.effective_on)
        state, _ = replay(chain.events[:end], chain.parts_of())
        return state.get(code) or Holding()

    def holding_before(self, split: int, proposed: Event) -> Holding:
        """What the compound of a split would hold just before it if ``proposed`` was recorded as well."""
        chain = self._chains[proposed.compound]
        events = sorted([*chain.events, proposed], key=lambda event: event.order)
        in_the_way = next(event for event in events if event.height == split)
        state, _ = replay([event for event in events if event.order < in_the_way.order], chain.parts_of(events))
        return state.get(in_the_way.compound) or Holding()

    def live(self, code: str) -> list[Event]:
        """Live events that name the compound, in replay order."""
        chain = self._chains.get(code)
        return [event for event in chain.events if code in event.compounds()] if chain else []

    def splits(self, codes: Iterable[str]) -> set[int]:
        """Heights of the live splits in the chains of some compounds."""
        chains = [chain for code in codes if (chain := self._chains.get(code))]
        return {event.height for chain in chains for event in chain.events if event.kind == Kind.SPLIT}

    def parts(self, split: Event) -> tuple[Part, ...]:
        """The parts of a split as they count now: its own, or those that a late entry brought for it."""
        chain = self._chains.get(split.compound)
        return (chain.parts_of() if chain else {}).get(split.height, split.parts)

    def first_community(self, code: str) -> str:
        """Where the compound lies before its first relocation, "" if nothing has placed it yet."""
        return next((event.community for event in self.live(code) if event.kind == Kind.REGISTER), "")

    # --- recording -----------------------------------------------------------------------------------
    def record(self, event: Event) -> list[Change]:
        """Add an event at its height. Raises Blocked, naming the event in the way, and changes nothing."""
        chain = self._chain_of(event.compounds())
        if not event.new_parts and (not chain.events or chain.events[-1].order < event.order):
            try:
                effects = apply(chain.state, event, chain.parts_of() if event.kind == Kind.SPLIT else None)
            except Conflict as conflict:
                raise Blocked(event, conflict) from None
            chain.events.append(event)
            chain.effects[event.height] = effects
            return _changes(event, [], effects)
        events = [*chain.events, event]
        return self._replace(chain, sorted(events, key=lambda e: e.order), proposed=event)

    def reverse(self, reversed_event: Event, *, height: int) -> list[Change]:
        """Take one live event out of the replay. Raises Blocked if others depend on it."""
        chain = self._chains[reversed_event.compound]
        events = [event for event in chain.events if event.height != reversed_event.height]
        proposed = Event(
            Kind.REVERSAL, reversed_event.effective_on, reversed_event.compound, height=height,
            reverses=reversed_event.height,
        )  # fmt: skip
        return self._replace(chain, events, proposed=proposed)

    def _replace(self, chain: Chain, events: list[Event], *, proposed: Event) -> list[Change]:
        try:
            state, effects = replay(events, chain.parts_of(events))
        except Conflict as conflict:
            raise Blocked(proposed, conflict) from None
        changes = []
        for event in {event.height: event for event in [*chain.events, *events]}.values():
            changes += _changes(event, chain.effects.get(event.height, []), effects.get(event.height, []))
        chain.events, chain.state, chain.effects = events, state, effects
        return changes

    def _chain_of(self, codes: set[str]) -> Chain:
        """The one chain of ``codes``; chains that a merge or split links now are joined."""
        if len(codes) == 1 and (chain := self._chains.get(next(iter(codes)))):
            return chain
        chains = list({id(chain): chain for code in codes if (chain := self._chains.get(code))}.values())
        chain = chains[0] if chains else Chain()
        for other in chains[1:]:
            chain.events = sorted([*chain.events, *other.events], key=lambda event: event.order)
            chain.effects |= other.effects
            chain.state |= other.state
            chain.codes |= other.codes
        for code in (*chain.codes, *codes) if len(chains) > 1 else codes:
            self._chains[code] = chain
        chain.codes |= codes
        return chain


def _changes(event: Event, before: list[Effect], after: list[Effect]) -> list[Change]:
    """The difference between an event's effects in two replays, pocket by pocket."""
    if before == after:
        return []
    if not before and len(after) == 1:
        return [Change(event.height, event.kind, event.effective_on, after[0])] if any(after[0][-2:]) else []
    sums: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for sign, effects in ((-1, before), (1, after)):
        for compound, community, category, mode, area, households in effects:
            held = sums[compound, community, category, mode]
            held[0] += sign * area
            held[1] += sign * households
    return [
        Change(event.height, event.kind, event.effective_on, Effect(*pocket, area, households))
        for pocket, (area, households) in sums.items()
        if area or households
    ]
