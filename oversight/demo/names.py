"""Names of compounds, addresses and people: invented, of their time and kind, and never twice in one county."""

import itertools
from random import Random

from compounds.register import names as register_names
from oversight.demo.words import W


class Names:
    """Gives out the names and addresses of one county."""

    def __init__(self, rng: Random):
        self.rng = rng
        self._taken: set[str] = set()
        self._stems: dict[str, set[str]] = {}
        self._streets: dict[str, list[str]] = {}
        self._addresses: set[tuple[str, str]] = set()

    def compound(self, community: str, kind: str, built: int) -> str:
        """A name that no other compound of the county has, and whose stem is new in its community."""
        for tried in itertools.count():
            name = self._proposed(community, kind, built)
            if tried > 60:  # a large city runs out of names and counts its quarters
                name = self.rng.choice(W.quarters).format(name=name)
            stem = register_names.stem(name)
            if name not in self._taken and stem not in self._stems.setdefault(community, set()):
                return self.take(community, name)
        raise AssertionError

    def take(self, community: str, name: str) -> str:
        self._taken.add(name)
        self._stems.setdefault(community, set()).add(register_names.stem(name))
        return name

    @staticmethod
    def can_be_alike(name: str) -> bool:
        """Whether a clerk could call it otherwise and mean the same: 祥和小区, 祥和家园."""
        return name.endswith(tuple(W.alike_suffixes)) and len(name) - len(register_names.stem(name)) == 2

    def alike(self, community: str, name: str) -> str:
        """Another name with the same stem: what a clerk may have entered twice."""
        stem = register_names.stem(name)
        options = [f"{stem}{suffix}" for suffix in W.alike_suffixes]
        return self.take(community, next(each for each in options if each != name))

    def _proposed(self, community: str, kind: str, built: int) -> str:
        rng = self.rng
        if kind == "work_unit":
            unit = rng.choice(W.units)
            # Only factories are numbered: there is one 粮食局.
            prefix = rng.choice(W.unit_prefixes) if unit.endswith(W.factory) else ""
            return prefix + unit + rng.choice(W.unit_housing)
        if kind == "scattered" or (kind == "open" and rng.random() < 0.3):
            return self._by_street(rng.choice(W.groups), community)
        if built < 1992:
            stem, suffixes = rng.choice([*W.stems_old, *W.stems[:60]]), W.suffixes["early"]
        elif built < 2003:
            stem, suffixes = rng.choice([*W.stems, *W.stems_old]), W.suffixes["middle"]
        else:
            stem, suffixes = rng.choice(W.stems), W.suffixes["late" if built < 2010 else "recent"]
        if kind == "resettlement":
            suffixes = W.suffixes["resettlement"]
        elif kind == "mixed_use":
            suffixes = W.suffixes["mixed"]
        if stem[-1] in W.whole_names:  # 静园小区, never 静园花园
            suffixes = W.suffixes["early"][:1]
        return f"{stem}{rng.choice(suffixes)}"

    def _by_street(self, pattern: str, community: str) -> str:
        return pattern.format(
            street=self.street(community), section=self.rng.choice(W.sections), number=self.rng.randrange(2, 96)
        )

    def street(self, community: str) -> str:
        """One of the few streets of a community."""
        if community not in self._streets:
            self._streets[community] = self.rng.sample(W.streets, 4)
        return self.rng.choice(self._streets[community])

    def address(self, community: str) -> str:
        while True:
            address = self._by_street(self.rng.choice(W.house_numbers), community)
            if (community, address) not in self._addresses:
                self._addresses.add((community, address))
                return address

    def person(self) -> str:
        return self.rng.choice(W.surnames) + self.rng.choice(W.given)

    def titled(self, titles: list[str]) -> str:
        return W.duty_person.format(surname=self.rng.choice(W.surnames), title=self.rng.choice(titles))


def phone(rng: Random) -> str:
    """A number that nobody can have: the exchange 000 is not given out, nor is the block 139 0000."""
    return f"0421-000{rng.randrange(10000):04d}" if rng.random() < 0.4 else f"139 0000 {rng.randrange(10000):04d}"
