"""The replay: what events mean (ledger.md, "What the ledger means"). Pure functions on plain values.

``apply`` is the only place that knows what a kind of event does. It checks before it changes anything, so
that a refused event leaves the state as it was.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from compounds.ledger.choices import MOVES, Kind
from compounds.ledger.events import Effect, Event, Part, Pocket

State = dict[str, "Holding"]


@dataclass(slots=True)
class Holding:
    """One compound at a point of the replay."""

    community: str = ""
    retired_by: Event | None = None
    pockets: dict[Pocket, list[int]] = field(default_factory=dict)

    def add(self, pocket: Pocket, area_dm2: int, households: int) -> None:
        held = self.pockets.setdefault(pocket, [0, 0])
        held[0] += area_dm2
        held[1] += households
        if held == [0, 0]:
            del self.pockets[pocket]

    def of(self, pocket: Pocket) -> tuple[int, int]:
        """(area_dm2, households) of a pocket; zeros if it holds nothing."""
        area, households = self.pockets.get(pocket, (0, 0))
        return area, households

    def copy(self) -> "Holding":
        return Holding(self.community, self.retired_by, {pocket: list(held) for pocket, held in self.pockets.items()})


class Conflict(Exception):
    """An event cannot be applied at its place in the replay.

    ``problem`` is one of ``not_registered``, ``retired``, ``elsewhere``, ``apart``, ``short_of_area``,
    ``short_of_households``, ``parts_differ``; ``params`` are the facts for the message.
    """

    def __init__(self, event: Event, problem: str, **params):
        super().__init__(problem)
        self.event, self.problem, self.params = event, problem, params


def replay(
    events: Iterable[Event], parts_of: dict[int, tuple[Part, ...]] | None = None
) -> tuple[State, dict[int, list[Effect]]]:
    """Apply live events in replay order; return the end state and each event's effects by height."""
    state: State = {}
    effects = {}
    for event in sorted(events, key=lambda event: event.order):
        effects[event.height] = apply(state, event, parts_of)
    return state, effects


def apply(state: State, event: Event, parts_of: dict[int, tuple[Part, ...]] | None = None) -> list[Effect]:
    """Apply one event to ``state``; return its effects. Raises Conflict and changes nothing if it cannot be."""
    if event.kind == Kind.REGISTER:
        return _register(state, event)
    holding = _live(state, event, event.compound)
    if event.kind in MOVES:
        return _move(holding, event)
    match event.kind:
        case Kind.RESURVEY:
            return _resurvey(holding, event)
        case Kind.RELOCATE:
            return _relocate(holding, event)
        case Kind.MERGE:
            return _merge(state, holding, event)
        case Kind.SPLIT:
            return _split(state, holding, event, (parts_of or {}).get(event.height, event.parts))
        case Kind.DEREGISTER:
            return _deregister(holding, event)
        case Kind.PROVIDER_CHANGE:
            return []
    raise ValueError(event.kind)


def _live(state: State, event: Event, code: str) -> Holding:
    """The holding of a compound that may take the event: registered before it, and neither merged nor deregistered."""
    holding = state.get(code)
    if holding is None:
        raise Conflict(event, "not_registered", compound=code)
    if holding.retired_by:
        raise Conflict(event, "retired", compound=code, by=holding.retired_by)
    return holding


def _take(event: Event, holding: Holding, pocket: Pocket, area_dm2: int, households: int) -> None:
    """Check that a pocket holds what is to be taken from it."""
    held_area, held_households = holding.of(pocket)
    if held_area < area_dm2:
        raise Conflict(
            event, "short_of_area", compound=event.compound, pocket=pocket,
            held=held_area, asked=area_dm2, shortfall=area_dm2 - held_area,
        )  # fmt: skip
    if held_households < households:
        raise Conflict(
            event, "short_of_households", compound=event.compound, pocket=pocket,
            held=held_households, asked=households, shortfall=households - held_households,
        )  # fmt: skip


def _register(state: State, event: Event) -> list[Effect]:
    holding = state.get(event.compound)
    if holding is None:
        holding = state[event.compound] = Holding(event.community)
    elif holding.retired_by:
        raise Conflict(event, "retired", compound=event.compound, by=holding.retired_by)
    elif holding.community != event.community:
        raise Conflict(
            event, "elsewhere", compound=event.compound, named=event.community, lies_in=holding.community
        )  # fmt: skip
    pocket, area, households = event.source_pocket(), event.area_dm2 or 0, event.households or 0
    holding.add(pocket, area, households)
    return [Effect(event.compound, event.community, *pocket, area, households)]


def _move(holding: Holding, event: Event) -> list[Effect]:
    area, households = event.area_dm2 or 0, event.households or 0
    source, target = event.source_pocket(), event.target_pocket()
    _take(event, holding, source, area, households)
    holding.add(source, -area, -households)
    holding.add(target, area, households)
    return [
        Effect(event.compound, holding.community, *source, -area, -households),
        Effect(event.compound, holding.community, *target, area, households),
    ]


def _resurvey(holding: Holding, event: Event) -> list[Effect]:
    pocket, area, households = event.source_pocket(), event.area_dm2 or 0, event.households or 0
    _take(event, holding, pocket, -area, -households)
    holding.add(pocket, area, households)
    return [Effect(event.compound, holding.community, *pocket, area, households)]


def _relocate(holding: Holding, event: Event) -> list[Effect]:
    """All pockets to another community; nothing where the compound already lies there."""
    old, new = holding.community, event.community
    if old == new:
        return []
    holding.community = new
    return [
        effect
        for pocket, (area, households) in holding.pockets.items()
        for effect in (
            Effect(event.compound, old, *pocket, -area, -households),
            Effect(event.compound, new, *pocket, area, households),
        )
    ]


def _merge(state: State, holding: Holding, event: Event) -> list[Effect]:
    into = _live(state, event, event.target)
    if into.community != holding.community:
        raise Conflict(event, "apart", compound=event.compound, lies_in=holding.community, other=into.community)
    effects = []
    for pocket, (area, households) in list(holding.pockets.items()):
        effects.append(Effect(event.compound, holding.community, *pocket, -area, -households))
        effects.append(Effect(event.target, holding.community, *pocket, area, households))
        into.add(pocket, area, households)
    holding.pockets.clear()
    holding.retired_by = event
    return effects


def _split(state: State, holding: Holding, event: Event, parts: tuple[Part, ...]) -> list[Effect]:
    """Parts of a pocket must be all of it: a late entry that changes a split pocket must bring new parts."""
    listed: dict[Pocket, list[int]] = {}
    for part in parts:
        total = listed.setdefault(Pocket(part.category, part.mode), [0, 0])
        total[0] += part.area_dm2 or 0
        total[1] += part.households or 0
    for pocket, (area, households) in listed.items():
        if holding.of(pocket) != (area, households):
            held_area, held_households = holding.of(pocket)
            raise Conflict(
                event, "parts_differ", compound=event.compound, pocket=pocket, held=held_area, asked=area,
                held_households=held_households, asked_households=households, shortfall=area - held_area,
            )  # fmt: skip
    moved = [part for part in parts if part.compound != event.compound]
    for part in moved:
        if (other := state.get(part.compound)) is None:
            continue
        if other.retired_by:
            raise Conflict(event, "retired", compound=part.compound, by=other.retired_by)
        if other.community != holding.community:
            raise Conflict(event, "apart", compound=part.compound, lies_in=other.community, other=holding.community)
    effects = []
    for part in moved:
        area, households = part.area_dm2 or 0, part.households or 0
        pocket = Pocket(part.category, part.mode)
        holding.add(pocket, -area, -households)
        state.setdefault(part.compound, Holding(holding.community)).add(pocket, area, households)
        effects.append(Effect(event.compound, holding.community, *pocket, -area, -households))
        effects.append(Effect(part.compound, holding.community, *pocket, area, households))
    return effects


def _deregister(holding: Holding, event: Event) -> list[Effect]:
    effects = [
        Effect(event.compound, holding.community, *pocket, -area, -households)
        for pocket, (area, households) in holding.pockets.items()
    ]
    holding.pockets.clear()
    holding.retired_by = event
    return effects
