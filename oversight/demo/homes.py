"""The compounds of the demo city as they were when the programme began."""

import datetime
import math
from dataclasses import dataclass, field
from random import Random
from typing import Any

from communities.divisions.models import Division
from compounds.ledger.choices import Category, Mode
from oversight.demo import facts
from oversight.demo.names import Names
from oversight.demo.plan import FIRST, SHOWCASE, SHOWCASE_COMPOUNDS, START, WAN, CountyPlan

SMALLEST, LARGEST = 1_800_00, 260_000_00
Pocket = tuple[str, str]

#: Kinds of housing by category, with weights.
KINDS = {
    "abandoned": {"work_unit": 34, "open": 24, "scattered": 18, "gated": 14, "resettlement": 10},
    "renovated": {"work_unit": 40, "open": 34, "scattered": 16, "gated": 10},
    "unserved": {"open": 24, "scattered": 20, "work_unit": 24, "resettlement": 20, "mixed_use": 12},
    "undetermined": {"open": 40, "scattered": 30, "work_unit": 30},
    "established": {"gated": 66, "mixed_use": 14, "resettlement": 12, "open": 8},
    "new_build": {"gated": 72, "mixed_use": 14, "resettlement": 14},
}
#: How large a compound of a kind is against the mean, and when it was built.
SIZE = {"work_unit": 0.75, "open": 1.15, "scattered": 0.4, "gated": 1.6, "resettlement": 1.5, "mixed_use": 1.1}
BUILT = {
    "work_unit": (1978, 1998), "open": (1982, 2001), "scattered": (1976, 1996), "gated": (1998, 2009),
    "resettlement": (2000, 2011), "mixed_use": (2000, 2010),
}  # fmt: skip


@dataclass(eq=False)
class Home:
    """One compound of the story: what is true of it, and how far the ledger has followed.

    ``pockets`` maps (category, mode) to [area in 0.01 ㎡, households]. ``last_on`` is the date of its newest event,
    ``known_at`` when that was recorded: later events are recorded later, so that each can be applied at once.
    """

    county: str
    community: str
    name: str
    kind: str
    facts: dict[str, Any]
    pockets: dict[Pocket, list[int]] = field(default_factory=dict)
    provider: str = ""
    phases: list[tuple[str, Pocket, int, int]] = field(default_factory=list)
    last_on: datetime.date = START
    known_at: datetime.datetime | None = None
    provider_since: datetime.date = datetime.date(2013, 6, 1)
    contract_until: datetime.date | None = None
    #: Fee in 0.01 元/㎡·月, and fees collected in 0.1 %: they outlast a provider, and change little with the next.
    fee: int = 0
    collected: int = 0
    parts_taken: int = 0
    code: str = ""
    gone: bool = False
    #: Facts and community as they were when it entered the register.
    entered: tuple[str, dict[str, Any]] = ("", {})

    def enters(self) -> None:
        self.entered = self.community, dict(self.facts)

    def area(self, *, managed: bool | None = None, categories: tuple[str, ...] | None = None) -> int:
        return sum(
            area
            for (category, mode), (area, _households) in self.pockets.items()
            if (managed is None or (mode != Mode.NONE) == managed) and (categories is None or category in categories)
        )

    def add(self, pocket: Pocket, area: int, households: int) -> None:
        held = self.pockets.setdefault(pocket, [0, 0])
        held[0] += area
        held[1] += households
        if held == [0, 0]:
            del self.pockets[pocket]

    def move(self, source: Pocket, target: Pocket, area: int, households: int) -> None:
        self.add(source, -area, -households)
        self.add(target, area, households)


class Places:
    """Where a county's compounds lie: its urban communities, towns with few."""

    def __init__(self, county: str, rng: Random):
        divisions = [d for d in Division.objects.subtree(county) if d.is_urban]
        streets = Division.objects.in_bulk({d.parent_id for d in divisions})
        self.rng = rng
        self.communities = [division.code for division in divisions]
        central = [facts.is_street(streets[division.parent_id].name) for division in divisions]
        self.weights = [rng.uniform(0.6, 1.6) * (1.0 if street else 0.25) for street in central]

    def pick(self) -> str:
        return self.rng.choices(self.communities, self.weights)[0]


def weighted(rng: Random, weights: dict[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def sizes(rng: Random, total: int, mean: int, kinds: list[str]) -> list[int]:
    """Log-normal areas in 0.01 ㎡ that add up to ``total`` exactly; measured ones to the cent, others to 100 ㎡."""
    sigma = 0.62
    drawn = [mean * SIZE[kind] * math.exp(rng.gauss(-sigma * sigma / 2, sigma)) for kind in kinds]
    areas = [min(LARGEST, max(SMALLEST, round(each * total / sum(drawn)))) for each in drawn]
    # Estimates are round; the largest take what that leaves.
    areas = [round(each, -4) if rng.random() < 0.28 else each for each in areas]
    rest = total - sum(areas)
    # What clipping took or gave goes to the largest, which can bear it.
    order = sorted(range(len(areas)), key=lambda index: -areas[index])
    order = order[: max(1, len(order) // 4)]
    for place, index in enumerate(order):
        share = rest // (len(order) - place) if place < len(order) - 1 else rest
        share = max(share, SMALLEST - areas[index])
        areas[index] += share
        rest -= share
    return areas


class Builder:
    """Makes the compounds of one county."""

    def __init__(self, plan: CountyPlan, rng: Random, divisions: dict[str, Division]):
        self.plan, self.rng = plan, rng
        self.names, self.places = Names(rng), Places(plan.code, rng)
        self.facts = facts.Facts(plan.code, rng, self.names, divisions)

    def baseline(self) -> list[Home]:
        """All compounds of the county that hold area on 2014-01-01."""
        plan = self.plan
        homes = self._group(FIRST, round(plan.first), plan.open_size)
        homes += self._group((Category.UNSERVED.value,), round(plan.rest), plan.open_size)
        homes += self._group((Category.UNDETERMINED.value,), round(plan.undetermined), plan.open_size * 0.7)
        homes += self._group((Category.ESTABLISHED.value,), round(plan.established), plan.established_size)
        self._give_the_showcase_its_own(homes)
        self._name(homes)
        self._mix_categories(homes)
        return homes

    def new_build(self, year: int) -> Home:
        """A compound finished in ``year``."""
        kind = weighted(self.rng, KINDS["new_build"])
        home = self._home(self.places.pick(), kind, year)
        self._name([home], built=year)
        return home

    def older(self, category: str, *, in_showcase: bool = False) -> Home:
        """A compound that the register missed, or whose area nobody knows yet."""
        community = SHOWCASE if in_showcase and self.plan.code == SHOWCASE[:6] else self.places.pick()
        home = self._home(community, weighted(self.rng, KINDS[category]), 0)
        self._name([home], category=category)
        return home

    def _group(self, categories: tuple[str, ...], total: int, mean_wan: float) -> list[Home]:
        rng = self.rng
        count = max(1 if total < 4 * SMALLEST else 2, round(total / WAN / mean_wan))
        chosen = [rng.choices(categories, (58, 42)[: len(categories)])[0] for _ in range(count)]
        kinds = [weighted(rng, KINDS[category]) for category in chosen]
        homes = []
        for category, kind, area in zip(chosen, kinds, sizes(rng, total, round(mean_wan * WAN), kinds), strict=True):
            home = self._home(self.places.pick(), kind, 0)
            mode = Mode.NONE.value if category != Category.ESTABLISHED else facts.established_mode(rng)
            home.add((category, mode), area, self.facts.households(area, kind))
            homes.append(home)
        return homes

    def _home(self, community: str, kind: str, year: int) -> Home:
        return Home(self.plan.code, community, "", kind, {"built_year": year or self.rng.randint(*BUILT[kind])})

    def _give_the_showcase_its_own(self, homes: list[Home]) -> None:
        if self.plan.code != SHOWCASE[:6]:
            return
        for category in (*FIRST, Category.UNSERVED, Category.ESTABLISHED, Category.UNSERVED, *FIRST):
            present = sum(home.community == SHOWCASE for home in homes)
            others = [
                home
                for home in homes
                if home.community != SHOWCASE and 6000_00 < home.area() < 60_000_00
                and home.area(categories=(category,))
            ]  # fmt: skip
            if others and present < SHOWCASE_COMPOUNDS + 2:
                self.rng.choice(others).community = SHOWCASE

    def _name(self, homes: list[Home], *, built: int = 0, category: str = "") -> None:
        for home in homes:
            home.name = self.names.compound(home.community, home.kind, home.facts["built_year"])
            main = category or next(iter(home.pockets), ("new_build", ""))[0]
            self.facts.describe(home, main)

    def _mix_categories(self, homes: list[Home]) -> None:
        """Some compounds were renovated in part, and large ones were built in phases: further registrations."""
        for home in homes:
            (category, mode), (area, households) = next(iter(home.pockets.items()))
            rng, later = self.rng, 0
            if category in FIRST and area > 12_000_00 and rng.random() < 0.07:
                # The other part stays within the group, so that its total stays exact.
                other = FIRST[1] if category == FIRST[0] else FIRST[0]
                later = round(area * rng.uniform(0.25, 0.45) / 100_00) * 100_00
                homes_later = round(households * later / area)
                home.move((category, mode), (other, mode), later, homes_later)
            elif category == Category.ESTABLISHED and area > 45_000_00 and rng.random() < 0.6:
                later = round(area * rng.uniform(0.3, 0.5))
                second = round(households * later / area)
                home.phases = [
                    (facts.PHASES[0], (category, mode), area - later, households - second),
                    (facts.PHASES[1], (category, mode), later, second),
                ]
