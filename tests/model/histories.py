"""Random histories: steps of plain numbers that are read against what the model holds at that moment.

A step means something in every situation, so that hypothesis can drop any of them and try a smaller history.
Most steps are possible, some are not: what the portal refuses is compared as well.
"""

import datetime
import random
from dataclasses import dataclass, fields, replace

from tests.model.replay_model import CATEGORIES, MANAGED, MODES, OPEN, Event, Impossible, Model, Part, register_modes

START = datetime.date(2014, 1, 1)
#: Kinds as often as they are drawn.
KINDS = (
    "register", "register", "register", "takeover", "takeover", "takeover", "mode_change", "provider_change", "lapse",
    "reclassify", "resurvey", "relocate", "merge", "split", "split", "deregister", "reversal", "reversal",
)  # fmt: skip
BIGGEST = 999


@dataclass(frozen=True)
class Step:
    """What a random step is read from; every number from 0 to ``BIGGEST``."""

    kind: str
    who: int = 0
    other: int = 0
    day: int = 0
    amount: int = 0
    homes: int = 0
    pocket: int = 0
    choice: int = 0

    @classmethod
    def drawn(cls, source: random.Random, kinds: tuple[str, ...] = KINDS) -> "Step":
        numbers = {field.name: source.randint(0, BIGGEST) for field in fields(cls) if field.name != "kind"}
        return cls(source.choice(kinds), **numbers)


@dataclass(frozen=True)
class Stage:
    """Where a history plays: compounds with their first community, spare codes for parts of splits, dates."""

    homes: dict[str, str]
    spare: tuple[str, ...]
    dates: tuple[datetime.date, ...]

    @property
    def communities(self) -> list[str]:
        return sorted(set(self.homes.values()))

    @property
    def codes(self) -> list[str]:
        return [*self.homes, *self.spare]


def stage(communities: list[str], *, compounds: int, spare: int, dates: int, apart: int) -> Stage:
    """``dates`` dates, ``apart`` days from one to the next."""
    homes = {f"小{number:03}": communities[number % len(communities)] for number in range(compounds)}
    days = tuple(START + datetime.timedelta(days=apart * number) for number in range(dates))
    return Stage(homes, tuple(f"分{number:03}" for number in range(spare)), days)


def proposal(model: Model, place: Stage, step: Step) -> Event:
    """The event that a step means now."""
    on = pick(place.dates, step.day)
    if step.kind == "reversal":
        heights = [*range(1, model.height + 2)]
        height = pick(heights, step.other)
        named = model.events[height - 1].compound if height <= model.height else next(iter(place.homes))
        return Event("reversal", on, named, reverses=height)
    world = model.world(on)
    known = [code for code in place.codes if code in world.lies_in and code not in world.gone]
    if step.kind == "register" or not known or step.who % 17 == 0:
        compound = pick(place.codes, step.who)
    else:
        compound = pick(known, step.who)
    shape = Shape(place, step, on, compound, world)
    return getattr(shape, step.kind)()


def pick(items, number: int):
    return items[number % len(items)]


@dataclass(frozen=True)
class Shape:
    """Builds one event of each kind, usually one that fits."""

    place: Stage
    step: Step
    on: datetime.date
    compound: str
    world: object

    def pockets(self, wanted) -> list[tuple[str, str]]:
        found = [pocket for pocket in sorted(self.world.pockets(self.compound)) if wanted(*pocket)]
        return found or [(pick(CATEGORIES, self.step.pocket), pick(MODES, self.step.choice))]

    def event(self, kind: str, **more) -> Event:
        return Event(kind, self.on, self.compound, **more)

    def taken(self, pocket: tuple[str, str]) -> dict:
        """All of a pocket, a part of it, or now and then more than it holds."""
        area, households = self.world.pocket(self.compound, *pocket)
        amounts = {"area": max(1, area * (self.step.amount % 500) // 500) if area else 1 + self.step.amount}
        if self.step.amount % 3 == 0:
            amounts = {"area": None}
        elif self.step.amount % 31 == 0:
            amounts = {"area": area + 1 + self.step.homes}
        if self.step.homes % 3 == 0:
            amounts["households"] = min(households, self.step.homes % 40) if self.step.homes % 5 else self.step.homes
        return amounts

    def source(self, wanted) -> dict:
        """A pocket to begin with, sometimes left open, and what is taken from it."""
        category, mode = pick(self.pockets(wanted), self.step.pocket)
        named = {"category": category, "mode_from": mode, **self.taken((category, mode))}
        if self.step.pocket % 7 == 0:
            named["mode_from"] = ""
        if self.step.pocket % 5 == 0:
            named["category"] = ""
        return named

    def register(self) -> Event:
        category = pick(CATEGORIES, self.step.pocket)
        mode = pick(register_modes(category) if self.step.choice % 13 else MODES, self.step.choice)
        lies_in = self.world.lies_in.get(self.compound) or self.place.homes.get(self.compound)
        if lies_in is None or self.step.other % 19 == 0:
            lies_in = pick(self.place.communities, self.step.other)
        households = self.step.homes % 500 if self.step.homes % 4 else None
        area = 100_000 + self.step.amount * 997 if self.step.amount % 23 else None
        return self.event(
            "register", community=lies_in, category=category, mode_to=mode, area=area, households=households
        )

    def takeover(self) -> Event:
        return self.event("takeover", mode_to=pick(MANAGED, self.step.choice), **self.source(lambda _c, m: m == "none"))

    def mode_change(self) -> Event:
        mode_to = pick(MANAGED, self.step.choice)
        return self.event("mode_change", mode_to=mode_to, **self.source(lambda _c, m: m not in ("none", mode_to)))

    def lapse(self) -> Event:
        return self.event("lapse", **self.source(lambda _c, m: m != "none"))

    def provider_change(self) -> Event:
        return self.event("provider_change")

    def reclassify(self) -> Event:
        new = pick(OPEN, self.step.choice)
        return self.event("reclassify", new_category=new, **self.source(lambda c, _m: c in OPEN and c != new))

    def resurvey(self) -> Event:
        category, mode = pick(self.pockets(lambda _c, _m: True), self.step.pocket)
        area, households = self.step.amount * 100 - 40_000, self.step.homes % 30 - 10
        blank = self.step.choice % 3 == 0
        return self.event(
            "resurvey", category=category, mode_from=mode, area=area, households=None if blank else households
        )

    def relocate(self) -> Event:
        return self.event("relocate", community=pick(self.place.communities, self.step.other))

    def merge(self) -> Event:
        here = self.world.lies_in.get(self.compound)
        neighbours = [
            code
            for code in self.place.codes
            if code != self.compound and self.world.lies_in.get(code) == here and code not in self.world.gone
        ]
        if not neighbours or self.step.other % 11 == 0:
            neighbours = self.place.codes
        return self.event("merge", target=pick(neighbours, self.step.other))

    def split(self) -> Event:
        pockets = self.pockets(lambda _c, _m: True)
        number = 1 + self.step.choice % min(3, len(pockets) + 1)
        fresh = [code for code in self.place.spare if code not in self.world.lies_in] or list(self.place.spare)
        parts = []
        for index in range(number):
            pocket = pick(pockets, self.step.pocket + index)
            area, _households = self.world.pocket(self.compound, *pocket)
            share = None if (self.step.amount + index) % 4 == 0 else max(1, area * (self.step.amount % 450) // 1000)
            to = pick(fresh if self.step.other % 7 else self.place.codes, self.step.other + index)
            parts.append(Part(to, *pocket, share, self.step.homes % 9 if self.step.homes % 6 == 0 else None))
        return self.event("split", parts=tuple(parts))

    def deregister(self) -> Event:
        return self.event("deregister")


def with_new_parts(model: Model, late: Event) -> Event | None:
    """A late entry that a split stands in the way of, with new parts for it; None if that does not help."""
    if late.kind in ("reversal", "split"):
        return None
    own = model.height + 1
    brought: dict[int, tuple[Part, ...]] = {}
    settled = model.settled(late)
    for _try in range(3):
        candidate = replace(late, new_parts=tuple(sorted(brought.items())))
        standing = [*model.live(), (own, replace(settled, new_parts=candidate.new_parts))]
        standing.sort(key=lambda pair: (pair[1].on, pair[0]))
        try:
            model.replay(standing)
        except Impossible as impossible:
            split = dict(standing).get(impossible.height)
            if split is None or split.kind != "split" or impossible.height in brought:
                return None
            world = model.replay(standing, before=impossible.height)
            brought[impossible.height] = shared_out(split, world.pockets(split.compound))
            if not brought[impossible.height]:
                return None  # nothing is left to divide: that split must be taken back first
        else:
            return candidate
    return None


def shared_out(split: Event, pockets: dict[tuple[str, str], tuple[int, int]]) -> tuple[Part, ...]:
    """Parts of a split anew: of each pocket that it listed, two fifths to the new compound, the rest stays."""
    parts = []
    for category, mode in dict.fromkeys((part.category, part.mode) for part in split.parts):
        area, households = pockets.get((category, mode), (0, 0))
        new = next(part.compound for part in split.parts if (part.category, part.mode) == (category, mode))
        gone = (area * 2 // 5, households * 2 // 5)
        parts.append(Part(new, category, mode, *gone))
        parts.append(Part(split.compound, category, mode, area - gone[0], households - gone[1]))
    return tuple(part for part in parts if part.area or part.households)
