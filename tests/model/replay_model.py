"""A second reading of the ledger's rules, to hold the portal's own against.

Naive on purpose: every question replays everything from the first event, and what an event did is the difference
between the pockets before and after it. It shares nothing with ``compounds.ledger``; the kinds, modes and categories
are its own words. Areas are whole numbers of 0.01 ㎡.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

CATEGORIES = ("abandoned", "renovated", "unserved", "undetermined", "established", "new_build")
OPEN = CATEGORIES[:4]
MANAGED = ("professional", "manager", "owners", "self_help", "community")
MODES = ("none", *MANAGED)
MOVES = ("takeover", "mode_change", "lapse", "reclassify")
#: Kinds whose postings need not sum to zero.
BRINGS_OR_TAKES = ("register", "resurvey", "deregister")


class Part(NamedTuple):
    """A part of a split; ``compound`` is the split one itself for what stays."""

    compound: str
    category: str
    mode: str
    area: int | None = None
    households: int | None = None


@dataclass(frozen=True)
class Event:
    kind: str
    on: datetime.date
    compound: str
    community: str = ""
    category: str = ""
    mode_from: str = ""
    mode_to: str = ""
    new_category: str = ""
    target: str = ""
    area: int | None = None
    households: int | None = None
    parts: tuple[Part, ...] = ()
    reverses: int | None = None
    new_parts: tuple[tuple[int, tuple[Part, ...]], ...] = ()


class Impossible(Exception):
    """An event is refused. ``height``: the recorded event in the way, None if the refused one itself is at fault."""

    def __init__(self, why: str, height: int | None = None, short: int | None = None):
        super().__init__(why)
        self.why, self.height, self.short = why, height, short


class Cannot(Exception):
    """An event does not fit the state before it."""

    def __init__(self, why: str, short: int | None = None):
        super().__init__(why)
        self.why, self.short = why, short


class Where(NamedTuple):
    compound: str
    community: str
    category: str
    mode: str


class World:
    """Everything at one point of a replay."""

    def __init__(self):
        self.lies_in: dict[str, str] = {}
        self.gone: set[str] = set()
        self.merged_into: dict[str, str] = {}
        self.held: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])

    def pockets(self, compound: str) -> dict[tuple[str, str], tuple[int, int]]:
        """What a compound holds by (category, mode), empty pockets left out."""
        return {
            (category, mode): (area, households)
            for (owner, category, mode), (area, households) in self.held.items()
            if owner == compound and (area or households)
        }

    def pocket(self, compound: str, category: str, mode: str) -> tuple[int, int]:
        return self.pockets(compound).get((category, mode), (0, 0))

    def by_place(self) -> dict[Where, tuple[int, int]]:
        return {
            Where(compound, self.lies_in[compound], category, mode): (area, households)
            for (compound, category, mode), (area, households) in self.held.items()
            if area or households
        }

    def put(self, compound: str, category: str, mode: str, area: int, households: int) -> None:
        held = self.held[compound, category, mode]
        if held[0] + area < 0:
            raise Cannot("short of area", -(held[0] + area))
        if held[1] + households < 0:
            raise Cannot("short of households", -(held[1] + households))
        held[0] += area
        held[1] += households

    def must_live(self, compound: str) -> None:
        if compound not in self.lies_in:
            raise Cannot("not registered")
        if compound in self.gone:
            raise Cannot("merged or deregistered")

    def apply(self, event: Event, parts: tuple[Part, ...]) -> None:
        if event.kind != "register":
            self.must_live(event.compound)
        getattr(self, f"_{event.kind}", self._move)(event, parts)

    def _register(self, event: Event, _parts) -> None:
        if event.compound in self.gone:
            raise Cannot("merged or deregistered")
        if self.lies_in.setdefault(event.compound, event.community) != event.community:
            raise Cannot("lies elsewhere")
        self.put(event.compound, event.category, event.mode_to, event.area, event.households)

    def _move(self, event: Event, _parts) -> None:
        if event.kind == "reclassify":
            to = (event.new_category, event.mode_from)
        else:
            to = (event.category, event.mode_to)
        self.put(event.compound, event.category, event.mode_from, -event.area, -event.households)
        self.put(event.compound, *to, event.area, event.households)

    def _resurvey(self, event: Event, _parts) -> None:
        self.put(event.compound, event.category, event.mode_from, event.area, event.households)

    def _provider_change(self, event: Event, _parts) -> None:
        """No area."""

    def _relocate(self, event: Event, _parts) -> None:
        self.lies_in[event.compound] = event.community

    def _merge(self, event: Event, _parts) -> None:
        self.must_live(event.target)
        if self.lies_in[event.target] != self.lies_in[event.compound]:
            raise Cannot("not in the same community")
        for (category, mode), (area, households) in self.pockets(event.compound).items():
            self.put(event.compound, category, mode, -area, -households)
            self.put(event.target, category, mode, area, households)
        self.gone.add(event.compound)
        self.merged_into[event.compound] = event.target

    def _split(self, event: Event, parts: tuple[Part, ...]) -> None:
        for pocket in dict.fromkeys((part.category, part.mode) for part in parts):
            own = [part for part in parts if (part.category, part.mode) == pocket]
            listed = (sum(part.area for part in own), sum(part.households for part in own))
            held = self.pocket(event.compound, *pocket)
            if held != listed:
                raise Cannot("the parts are not all of the pocket", listed[0] - held[0])
        for part in parts:
            if part.compound == event.compound:
                continue
            if part.compound in self.gone:
                raise Cannot("a part goes to a merged or deregistered compound")
            if self.lies_in.get(part.compound, self.lies_in[event.compound]) != self.lies_in[event.compound]:
                raise Cannot("a part goes to a compound elsewhere")
        for part in parts:
            if part.compound != event.compound:
                self.lies_in[part.compound] = self.lies_in[event.compound]
                self.put(event.compound, part.category, part.mode, -part.area, -part.households)
                self.put(part.compound, part.category, part.mode, part.area, part.households)

    def _deregister(self, event: Event, _parts) -> None:
        for (category, mode), (area, households) in self.pockets(event.compound).items():
            self.put(event.compound, category, mode, -area, -households)
        self.gone.add(event.compound)


class Step(NamedTuple):
    """One event of a replay and what it did to which pocket."""

    height: int
    event: Event
    did: dict[Where, tuple[int, int]]


class Model:
    """All events by height, 1 first. ``events`` may be cut short to ask what was known earlier."""

    def __init__(self):
        self.events: list[Event] = []

    @property
    def height(self) -> int:
        return len(self.events)

    # --- replay --------------------------------------------------------------------------------------
    def live(self, height: int | None = None) -> list[tuple[int, Event]]:
        """(height, event) of the events up to ``height`` that none of them reverses, in replay order."""
        known = list(enumerate(self.events, start=1))[: self.height if height is None else height]
        undone = {event.reverses for _height, event in known}
        standing = [(h, event) for h, event in known if event.kind != "reversal" and h not in undone]
        return sorted(standing, key=lambda pair: (pair[1].on, pair[0]))

    def replay(
        self, standing: list[tuple[int, Event]], on: datetime.date | None = None, before: int | None = None,
        steps: list[Step] | None = None,
    ) -> World:  # fmt: skip
        """Apply the events up to a date, or those before the event at height ``before``; note each in ``steps``."""
        parts_of = {h: event.parts for h, event in standing}
        for _h, event in sorted(standing, key=lambda pair: pair[0]):
            parts_of.update(event.new_parts)
        world = World()
        for h, event in standing:
            if h == before:
                break
            if on is not None and event.on > on:
                continue
            earlier = world.by_place() if steps is not None else {}
            try:
                world.apply(event, parts_of[h])
            except Cannot as cannot:
                raise Impossible(cannot.why, h, cannot.short) from None
            if steps is not None:
                steps.append(Step(h, event, difference(earlier, world.by_place())))
        return world

    def world(self, on: datetime.date | None = None, height: int | None = None) -> World:
        return self.replay(self.live(height), on)

    # --- recording -----------------------------------------------------------------------------------
    def record(self, event: Event) -> int:
        """Accept an event, blanks filled, and return its height. Raises Impossible and changes nothing."""
        own = self.height + 1
        if event.kind == "reversal":
            standing = self._without(event.reverses)
        else:
            event = self.settled(event)
            standing = sorted([*self.live(), (own, event)], key=lambda pair: (pair[1].on, pair[0]))
        try:
            self.replay(standing)
        except Impossible as impossible:
            if impossible.height == own:
                raise Impossible(impossible.why, None, impossible.short) from None
            raise
        self.events.append(event)
        return own

    def _without(self, height: int | None) -> list[tuple[int, Event]]:
        standing = self.live()
        if height not in [h for h, _event in standing]:
            raise Impossible("there is no such event that stands")
        return [(h, event) for h, event in standing if h != height]

    def settled(self, event: Event) -> Event:
        """The event with its blanks filled from the pockets on its date."""
        allowed(event)
        world = self.world(event.on)
        if event.kind == "register":
            return replace(event, households=event.households or 0)
        if event.kind == "relocate" and world.lies_in.get(event.compound) == event.community:
            raise Impossible("it lies there already")
        if event.kind == "provider_change" and event.compound not in world.gone:
            if not any(area for (_c, mode), (area, _h) in world.pockets(event.compound).items() if mode != "none"):
                raise Impossible("nothing is managed")
        if event.kind == "takeover":
            event = replace(event, mode_from="none")
        if event.kind == "lapse":
            event = replace(event, mode_to="none")
        if event.kind in MOVES or event.kind == "resurvey":
            return self._settled_pocket(event, world.pockets(event.compound), event.compound in world.gone)
        if event.kind == "split":
            return self._settled_split(event, world)
        return event

    def _settled_pocket(self, event: Event, pockets: dict, gone: bool) -> Event:
        if not (event.category and event.mode_from):
            fitting = [pocket for pocket in pockets if fits(event, *pocket)]
            if len(fitting) != 1:
                raise Impossible("not one pocket fits")
            event = replace(event, category=fitting[0][0], mode_from=fitting[0][1])
        area, households = pockets.get((event.category, event.mode_from), (0, 0))
        if event.kind == "resurvey":
            if not area and not households and not gone:
                raise Impossible("nothing to resurvey")
            return replace(event, area=event.area or 0, households=event.households or 0)
        taken = area if event.area is None else event.area
        if not taken:
            raise Impossible("nothing to move")
        if event.households is not None:
            return replace(event, area=taken)
        if taken >= area:
            return replace(event, area=taken, households=households)
        return replace(event, area=taken, households=int(Fraction(households * taken, area) + Fraction(1, 2)))

    def _settled_split(self, event: Event, world: World) -> Event:
        left = world.pockets(event.compound)
        parts = []
        for part in event.parts:
            wanted = Event(
                "split", event.on, event.compound, category=part.category, mode_from=part.mode,
                area=part.area, households=part.households,
            )  # fmt: skip
            settled = self._settled_pocket(wanted, left, event.compound in world.gone)
            pocket = (settled.category, settled.mode_from)
            area, households = left.get(pocket, (0, 0))
            if settled.area > area or settled.households > households:
                raise Impossible("a part is more than is left")
            left[pocket] = (area - settled.area, households - settled.households)
            if left[pocket] == (0, 0):
                del left[pocket]
            parts.append(Part(part.compound, *pocket, settled.area, settled.households))
        for pocket in sorted({(part.category, part.mode) for part in parts}):
            if pocket in left:
                parts.append(Part(event.compound, *pocket, *left[pocket]))
        return replace(event, parts=tuple(parts))

    # --- figures -------------------------------------------------------------------------------------
    def balances(self, on: datetime.date, height: int | None = None) -> dict[Where, tuple[int, int]]:
        return self.world(on, height).by_place()

    def cells(self, division: str, on: datetime.date, height: int | None = None) -> dict[tuple, tuple[int, int]]:
        found: dict[tuple, tuple[int, int]] = {}
        for where, (area, households) in self.balances(on, height).items():
            if where.community.startswith(division):
                before = found.get((where.category, where.mode), (0, 0))
                found[where.category, where.mode] = (before[0] + area, before[1] + households)
        return found

    def coverage(self, division: str, on: datetime.date, height: int | None = None, modes=MANAGED) -> dict:
        """Areas, households and counts of compounds of a division, as a flat dictionary."""
        areas: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        households = {"managed": 0, "total": 0}
        for where, (area, homes) in self.balances(on, height).items():
            if not where.community.startswith(division):
                continue
            areas[where.compound][1] += area
            households["total"] += homes
            if where.mode in modes:
                areas[where.compound][0] += area
                households["managed"] += homes
        states = [state(managed, total) for managed, total in areas.values() if total]
        managed, total = (sum(pair[index] for pair in areas.values()) for index in (0, 1))
        return {
            "managed": managed, "unmanaged": total - managed, "total": total,
            "rate": Fraction(managed, total) if total else None,
            "compounds": tuple(states.count(name) for name in ("managed", "partial", "unmanaged")),
            "households": (households["managed"], households["total"]),
        }  # fmt: skip

    def completed(self, divisions, categories, on: datetime.date, height: int | None = None, modes=MANAGED) -> int:
        return sum(
            area
            for where, (area, _households) in self.balances(on, height).items()
            if where.community.startswith(tuple(divisions)) and where.category in categories and where.mode in modes
        )

    def movements(
        self, division: str, since: datetime.date, until: datetime.date, height: int | None = None, modes=MANAGED
    ) -> dict[str, tuple[int, int, int]]:
        """(managed area, total area, households) that each kind of event moved after ``since`` up to ``until``."""
        moved: dict[str, list[int]] = {}
        steps: list[Step] = []
        self.replay(self.live(height), until, steps=steps)
        for step in steps:
            if step.event.on <= since:
                continue
            for where, (area, households) in step.did.items():
                if where.community.startswith(division):
                    sums = moved.setdefault(step.event.kind, [0, 0, 0])
                    sums[0] += area if where.mode in modes else 0
                    sums[1] += area
                    sums[2] += households
        return {kind: tuple(sums) for kind, sums in moved.items()}

    def by_compound(self, division: str, on: datetime.date, height: int, modes=MANAGED) -> dict[str, tuple]:
        """(managed area, total area, households) by compound."""
        found: dict[str, tuple[int, int, int]] = {}
        for where, (area, households) in self.balances(on, height).items():
            if where.community.startswith(division):
                managed, total, homes = found.get(where.compound, (0, 0, 0))
                counted = area if where.mode in modes else 0
                found[where.compound] = (managed + counted, total + area, homes + households)
        return found


def difference(earlier: dict, later: dict) -> dict[Where, tuple[int, int]]:
    """What changed between two states, pocket by pocket."""
    found = {}
    for where in earlier.keys() | later.keys():
        area, households = later.get(where, (0, 0))
        area_before, households_before = earlier.get(where, (0, 0))
        if (area, households) != (area_before, households_before):
            found[where] = (area - area_before, households - households_before)
    return found


def state(managed: int, total: int) -> str:
    return "managed" if managed == total else "partial" if managed else "unmanaged"


def fits(event: Event, category: str, mode: str) -> bool:
    """Whether an event that leaves its pocket open could begin with this one."""
    if event.category not in ("", category) or event.mode_from not in ("", mode):
        return False
    if event.kind in ("mode_change", "lapse"):
        return mode not in ("none", event.mode_to)
    if event.kind == "reclassify":
        return category in OPEN and category != event.new_category
    return True


def allowed(event: Event) -> None:
    """What an event may say whatever the ledger holds. Raises Impossible."""
    quantities = [(event.area, event.households), *((part.area, part.households) for part in event.parts)]
    if event.kind != "resurvey":
        if any(area is not None and area <= 0 for area, _households in quantities):
            raise Impossible("area must be positive")
        if any(households is not None and households < 0 for _area, households in quantities):
            raise Impossible("households must not be negative")
    elif not event.area and not event.households:
        raise Impossible("a resurvey of nothing")
    legal = {
        "register": event.area is not None and event.mode_to in register_modes(event.category),
        "takeover": event.mode_from in ("", "none") and event.mode_to in MANAGED,
        "mode_change": event.mode_to in MANAGED and event.mode_from not in ("none", event.mode_to),
        "lapse": event.mode_from != "none" and event.mode_to in ("", "none"),
        "reclassify": (
            event.category in ("", *OPEN) and event.new_category in OPEN and event.category != event.new_category
        ),
        "merge": event.target != event.compound,
        "split": bool(event.parts) and all(part.compound != event.compound for part in event.parts),
    }
    if not legal.get(event.kind, True):
        raise Impossible("not what this kind of event is")


def register_modes(category: str) -> tuple[str, ...]:
    """The modes under which a category may enter the ledger."""
    if category in OPEN:
        return ("none",)
    return {"established": MANAGED, "new_build": MODES}.get(category, ())
