"""Reads on the division tree: ancestry, and names as people write them."""

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.vocabulary import KINDS, SUFFIXES


def ancestors(division: Division) -> list[Division]:
    """The way from the city down to ``division``, itself included."""
    codes = [division.code[:length] for length in CODE_LENGTH.values() if length <= len(division.code)]
    return list(Division.objects.filter(code__in=codes).order_by("code"))


def root() -> Division | None:
    """The city (the shortest code), or None in an empty database."""
    return Division.objects.filter(level=Level.CITY).first()


def normalised(name: str) -> str:
    """A name without white space and width differences, for comparison."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()


def stem(name: str) -> str:
    """A normalised name without the suffix of its kind: 前进社区居民委员会 and 前进社区 are both 前进."""
    name = normalised(name)
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name.removesuffix(suffix)
    return name


def kind(name: str) -> str:
    """What sort of place a name says it is, by its suffix: 前进街道办事处 and 前进街道 are a 街道, 前进乡 is not."""
    name = normalised(name)
    return next((sort for suffix, sort in KINDS.items() if name.endswith(suffix)), "")


@dataclass
class Gazetteer:
    """All divisions by name, loaded once for many look-ups (an import asks thousands of times)."""

    by_code: dict[str, Division] = field(default_factory=dict)
    _by_name: dict[tuple[str, str], list[Division]] = field(default_factory=lambda: defaultdict(list))
    _by_stem: dict[tuple[str, str], list[Division]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def load(cls) -> "Gazetteer":
        gazetteer = cls()
        for division in Division.objects.all():
            gazetteer.by_code[division.code] = division
            for name in {division.name, division.short_name} - {""}:
                gazetteer._by_name[division.level, normalised(name)].append(division)
            for name in {stem(division.name), stem(division.short_name)} - {""}:
                gazetteer._by_stem[division.level, name].append(division)
        return gazetteer

    def find(self, level: Level, text: str, *, within: str = "") -> list[Division]:
        """All divisions of ``level`` below ``within`` that ``text`` (a code or a name) can mean.

        An exact name wins over one that differs only in its suffix, and there the same kind of place over another
        (街道 over 乡). One result is an answer, none is unknown, several are a question.
        """
        text = normalised(text)
        if text.isdigit():
            division = self.by_code.get(text)
            return [division] if division and division.level == level and text.startswith(within) else []
        exact = [d for d in self._by_name.get((level, text), []) if d.code.startswith(within)]
        if exact:
            return exact
        alike = [d for d in self._by_stem.get((level, stem(text)), []) if d.code.startswith(within)]
        return [division for division in alike if kind(division.name) == kind(text)] or alike

    def similar(self, level: Level, text: str, *, within: str = "", limit: int = 3) -> list[Division]:
        """Divisions with a name near ``text``, nearest first: what to offer for a misspelt one."""
        wanted = stem(text)
        scored = []
        for (its_level, name), found in self._by_stem.items():
            if its_level == level and (ratio := SequenceMatcher(None, wanted, name).ratio()) >= 0.5:
                scored += [(-ratio, d.code, d) for d in found if d.code.startswith(within)]
        return [division for *_, division in sorted(scored, key=lambda item: item[:2])[:limit]]

    def path(self, code: str) -> str:
        """The names from the county down: 双塔区前进街道前进社区."""
        lengths = [length for length in CODE_LENGTH.values() if 4 < length <= len(code)]
        return "".join(self.by_code[code[:length]].name for length in lengths)
