"""Reads on the division tree: ancestry, and names as people write them."""

import datetime
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Protocol, TypeVar

from django.db.models import Q

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.scoping import next_code
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division, FormerName, SuccessionLine
from communities.divisions.vocabulary import KINDS, SUFFIXES


class Placed(Protocol):
    """A row that holds within a division."""

    division_id: str


P = TypeVar("P", bound=Placed)


def ancestors(division: Division) -> list[Division]:
    """The way from the city down to ``division``, itself included."""
    codes = [division.code[:length] for length in CODE_LENGTH.values() if length <= len(division.code)]
    if len(codes) == 1:  # the city itself
        return [division]
    return list(Division.objects.filter(code__in=codes).order_by("code"))


def around(code: str, *levels: str) -> tuple[list[Division], list[Division]]:
    """The way from the city down to a division, itself included, and the divisions right below it; one query.

    With ``levels``, those of them that lie further down, too.
    """
    lengths = list(CODE_LENGTH.values())
    codes = [code[:length] for length in lengths if length <= len(code)]
    below = [level for level, length in CODE_LENGTH.items() if length > len(code)][:1]
    children = Q(code__gt=code, code__lt=next_code(code), level__in=[*below, *levels])
    found = list(Division.objects.filter(Q(code__in=codes) | children).order_by("code"))
    return [each for each in found if each.code in codes], [each for each in found if each.code not in codes]


def root() -> Division | None:
    """The city (the shortest code), or None in an empty database."""
    return Division.objects.filter(level=Level.CITY).first()


@lru_cache(2**14)
def normalised(name: str) -> str:
    """A name without white space and width differences, for comparison."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()


@lru_cache(2**14)
def stem(name: str) -> str:
    """A normalised name without the suffix of its kind: 前进社区居民委员会 and 前进社区 are both 前进."""
    name = normalised(name)
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name.removesuffix(suffix)
    return name


def nearest(rows: Iterable[P], code: str) -> P | None:
    """Of several rows, the one of the smallest division that holds ``code``."""
    here = [row for row in rows if code.startswith(row.division_id)]
    return max(here, key=lambda row: len(row.division_id), default=None)


def kind(name: str) -> str:
    """What sort of place a name says it is, by its suffix: 前进街道办事处 and 前进街道 are a 街道, 前进乡 is not."""
    name = normalised(name)
    return next((sort for suffix, sort in KINDS.items() if name.endswith(suffix)), "")


#: Lines of successions by which somebody's scope may grow.
FROM_AN_ENDED_DIVISION = Q(from_division__ended_on__isnull=False)


def with_predecessors(codes: Iterable[str]) -> set[str]:
    """The divisions ``codes`` and the ended ones that they, or divisions below them, have followed: one query."""
    ended = SuccessionLine.objects.filter(FROM_AN_ENDED_DIVISION).order_by()
    lines = list(ended.values_list("from_division", "to_division"))
    found = set(codes)
    grown = bool(lines)
    while grown:
        subtrees = tuple(found)
        before = {old for old, new in lines if new.startswith(subtrees) and not old.startswith(subtrees)}
        found |= before
        grown = bool(before)
    return {code for code in found if not any(code != other and code.startswith(other) for other in found)}


@dataclass
class Step:
    """One division's part in a change: its day and document, and the successors (or the predecessors)."""

    day: datetime.date
    succession: int
    document: str
    document_no: str
    codes: set[str] = field(default_factory=set)

    def source_key(self, compound: str) -> str:
        """The source key of the relocation of a compound by this change."""
        return f"succession:{self.succession}:{compound}"


@dataclass
class Lineage:
    """Who followed whom, loaded once; empty while nothing was ever changed."""

    #: By code of a division that ended: its successors.
    ended: dict[str, Step] = field(default_factory=dict)
    #: By code of a division that was new: what it was made of.
    began: dict[str, Step] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "Lineage":
        lineage = cls()
        lines = SuccessionLine.objects.filter(succession__undone_at__isnull=True).order_by()
        change = ("effective_on", "pk", "document", "document_no")
        columns = ("from_division", "to_division", "ends", "is_new", *(f"succession__{name}" for name in change))
        for old, new, ends, is_new, *facts in lines.values_list(*columns):
            if ends:
                lineage.ended.setdefault(old, Step(*facts)).codes.add(new)
            if is_new:
                lineage.began.setdefault(new, Step(*facts)).codes.add(old)
        return lineage

    def after(self, code: str) -> set[str]:
        """All that followed a division, and what followed that."""
        step = self.ended.get(code)
        return {each for successor in step.codes for each in (successor, *self.after(successor))} if step else set()

    def living(self, code: str) -> set[str]:
        """What stands for a division now: itself, or the living successors of an ended one."""
        return {each for each in self.after(code) if each not in self.ended} or {code}


def as_called_on(divisions: Iterable[Division], on: datetime.date) -> list[Division]:
    """The divisions under the names that they had on a date (not to be saved); one query, none for today.

    A division gets another name up to today, so that nobody has a former one left by then.
    """
    divisions = list(divisions)
    if on >= business_date():
        return divisions
    former: dict[str, FormerName] = {}
    names = FormerName.objects.filter(division__in=[division.code for division in divisions], until__gt=on)
    for name in names.order_by("-until"):
        former[name.division_id] = name  # the one that ended first after the date stays
    for division in divisions:
        if then := former.get(division.code):
            division.name, division.short_name = then.name, then.short_name
    return divisions


@dataclass
class Gazetteer:
    """All divisions by name, loaded once for many look-ups (an import asks thousands of times).

    A former name finds its division, and the name or code of an ended division its living successors: old workbooks
    keep working, and where an ended division was divided its successors are a question.
    """

    by_code: dict[str, Division] = field(default_factory=dict)
    _by_name: dict[tuple[str, str], list[Division]] = field(default_factory=lambda: defaultdict(list))
    _by_stem: dict[tuple[str, str], list[Division]] = field(default_factory=lambda: defaultdict(list))
    _lineage: Lineage = field(default_factory=Lineage)

    @classmethod
    def load(cls) -> "Gazetteer":
        gazetteer = cls(_lineage=Lineage.load())
        living = set()
        ended = []
        for division in Division.objects.all():
            gazetteer.by_code[division.code] = division
            if division.ended_on is None:
                living.add((division.parent_id, normalised(division.name)))
                gazetteer._name(division, division.name, division.short_name)
            elif not division.never_was:
                ended.append(division)
        for former in FormerName.objects.all():
            division = gazetteer.by_code[former.division_id]
            if (division.parent_id, normalised(former.name)) not in living:
                gazetteer._name(division, former.name, former.short_name)
        for division in ended:
            # A living division has taken over the name of an ended one below the same parent.
            if (division.parent_id, normalised(division.name)) not in living:
                gazetteer._name(division, division.name, division.short_name)
        return gazetteer

    def _name(self, division: Division, *names: str) -> None:
        for name in {normalised(name) for name in names} - {""}:
            self._by_name[division.level, name].append(division)
        for name in {stem(name) for name in names} - {""}:
            self._by_stem[division.level, name].append(division)

    def find(self, level: Level, text: str, *, within: str = "") -> list[Division]:
        """All divisions of ``level`` below ``within`` that ``text`` (a code or a name) can mean.

        An exact name wins over one that differs only in its suffix, and there the same kind of place over another
        (街道 over 乡). One result is an answer, none is unknown, several are a question.
        """
        text = normalised(text)
        if text.isdigit():
            division = self.by_code.get(text)
            known = division and division.level == level and not division.never_was
            return self._now([division], within) if division and known else []
        exact = self._now(self._by_name.get((level, text), []), within)
        if exact:
            return exact
        alike = self._by_stem.get((level, stem(text)), [])
        return self._now([d for d in alike if kind(d.name) == kind(text)], within) or self._now(alike, within)

    def _now(self, divisions: Iterable[Division], within: str) -> list[Division]:
        """Living ones in place of ended ones; of those that lay below ``within`` then, or their successors do now."""
        found: dict[str, Division] = {}
        for division in divisions:
            living = [division] if division.ended_on is None else self._successors(division)
            if not division.code.startswith(within):
                living = [each for each in living if each.code.startswith(within)]
            found |= {each.code: each for each in living if each.level == division.level}
        return list(found.values())

    def _successors(self, division: Division) -> list[Division]:
        return [self.by_code[code] for code in sorted(self._lineage.living(division.code))]

    def similar(self, level: Level, text: str, *, within: str = "", limit: int = 3) -> list[Division]:
        """Divisions with a name near ``text``, nearest first: what to offer for a misspelt one."""
        wanted = stem(text)
        scored: dict[str, tuple[float, str, Division]] = {}
        for (its_level, name), found in self._by_stem.items():
            if its_level == level and (ratio := SequenceMatcher(None, wanted, name).ratio()) >= 0.5:
                for division in self._now(found, within):
                    scored.setdefault(division.code, (-ratio, division.code, division))
        return [division for *_, division in sorted(scored.values(), key=lambda item: item[:2])[:limit]]

    def path(self, code: str) -> str:
        """The names from the county down: 双塔区前进街道前进社区."""
        lengths = [length for length in CODE_LENGTH.values() if 4 < length <= len(code)]
        return "".join(self.by_code[code[:length]].name for length in lengths)
