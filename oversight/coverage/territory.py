"""Which area a target is about: its divisions, followed through the changes of divisions (DESIGN.md).

Each area goes on counting where it counted. A community that a change has made belongs to a target if all that it was
made of does, not if none does, and by its own code if that is mixed. A community that goes on stays what it was.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Q

from chaoyang_pm.kit.scoping import Scope, next_code
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division, SuccessionLine

Lines = dict[str, set[str]]


@dataclass(frozen=True)
class Territory:
    """Subtrees of divisions: ``codes`` and ``plus``, without ``minus`` (which lie within ``codes``)."""

    codes: tuple[str, ...]
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()

    def covers(self, community: str) -> bool:
        return community.startswith((*self.codes, *self.plus)) and not (self.minus and community.startswith(self.minus))

    def touches(self, code: str) -> bool:
        """Whether it lies, in whole or in part, in a division's subtree."""
        return any(part.startswith(code) for part in (*self.codes, *self.plus))

    def concerns(self, code: str) -> bool:
        """Whether a division has to do with it: it lies there, or the division lies in it."""
        return self.touches(code) or self.covers(code)

    def q(self, path: str) -> Q:
        """Rows whose community, found by ``path``, is covered."""
        covered = Scope((*self.codes, *self.plus)).q(path)
        return covered & ~Scope(self.minus).q(path) if self.minus else covered

    def sql(self, column: str) -> tuple[str, list[str]]:
        """``q`` for a statement written out: a condition on the column, and its parameters."""
        covered, codes = Scope((*self.codes, *self.plus)).sql(column)
        if not self.minus:
            return covered, codes
        left, without = Scope(self.minus).sql(column)
        return f"({covered} AND NOT {left})", [*codes, *without]


def territories(divisions: Mapping[str, Iterable[str]], lines: Lines | None = None) -> dict[str, Territory]:
    """The territory of every target, given the codes of its divisions; one query where nothing was ever changed.

    ``lines``: what ``made_of`` says, by whoever has read it already.
    """
    lines = made_of() if lines is None else lines
    plain = {target: Territory(tuple(sorted(codes))) for target, codes in divisions.items()}
    if not lines:
        return plain
    exceptions = {target: _exceptions(territory.codes, lines) for target, territory in plain.items()}
    counties = {code[: CODE_LENGTH[Level.COUNTY]] for pair in exceptions.values() for codes in pair for code in codes}
    below = _communities_below(counties)
    return {
        target: Territory(plain[target].codes, _subtrees(joined, below), _subtrees(left, below))
        for target, (joined, left) in exceptions.items()
    }


def made_of() -> Lines:
    """What every community that a change has made was made of. A code used again counts by the change that stands."""
    found = SuccessionLine.objects.filter(is_new=True, to_division__level=Level.COMMUNITY).order_by()
    standing: Lines = defaultdict(set)
    undone: Lines = defaultdict(set)
    for before, after, undone_at in found.values_list("from_division", "to_division", "succession__undone_at"):
        (undone if undone_at else standing)[after].add(before)
    return dict(undone) | dict(standing)


def _exceptions(codes: tuple[str, ...], made_of: Lines) -> tuple[set[str], set[str]]:
    """Communities that belong although their code says no, and those that do not although it says yes."""

    @lru_cache(None)
    def belongs(community: str) -> bool:
        own = community.startswith(codes)
        before = {belongs(code) for code in made_of.get(community, ())}
        return own if len(before) != 1 else before.pop()

    joined = {code for code in made_of if belongs(code) and not code.startswith(codes)}
    left = {code for code in made_of if not belongs(code) and code.startswith(codes)}
    return joined, left


def _communities_below(counties: set[str]) -> set[str]:
    found = Q(pk__in=[])
    for county in counties:
        found |= Q(code__gte=county, code__lt=next_code(county))
    return set(Division.objects.filter(found, level=Level.COMMUNITY).values_list("code", flat=True))


def _subtrees(communities: set[str], known: set[str]) -> tuple[str, ...]:
    """The communities, with whole counties and subdistricts in place of all their communities."""
    found: set[str] = set()
    left = set(communities)
    for level in (Level.COUNTY, Level.SUBDISTRICT):
        for code in sorted({community[: CODE_LENGTH[level]] for community in left}):
            below = {community for community in known if community.startswith(code)}
            if below <= left:
                found.add(code)
                left -= below
    return tuple(sorted(found | left))
