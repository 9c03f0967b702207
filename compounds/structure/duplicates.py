"""Compounds that may have been entered twice: groups of names and addresses that look alike.

One pass over the register puts every compound into baskets, one for each way of looking alike; who shares a basket
belongs together. The work grows with the number of compounds, not with its square.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from communities.divisions.choices import CODE_LENGTH, Level
from compounds.register import names
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.structure.models import KnownApart
from compounds.structure.vocabulary import TELLING

NEIGHBOURS = CODE_LENGTH[Level.SUBDISTRICT]
#: Shorter names that differ in one sign are near only if they sound alike: 供电公司 and 供水公司 are two.
LONG_ENOUGH = 6
ADDRESS_LENGTH = 4


class Alike(models.TextChoices):
    """Why compounds are taken for the same, the strongest reason first."""

    NAME = "name", _("Same name in one community")
    STEM = "stem", _("Names differ only in what clerks add or drop")
    NEAR = "near", _("Names differ in one character")
    ADDRESS = "address", _("Same address")
    NEIGHBOUR = "neighbour", _("Same name in a neighbouring community")


class Entered(NamedTuple):
    """What is compared of a compound."""

    pk: int
    code: str
    community: str
    name: str
    stem: str
    initials: str
    address: str


@dataclass(frozen=True)
class Group:
    """Compounds that may be the same, in order of code, with every reason."""

    pks: tuple[int, ...]
    codes: tuple[str, ...]
    reasons: tuple[Alike, ...]


def groups(compounds: QuerySet[Compound]) -> list[Group]:
    """Groups among these compounds, the strongest reason first; two queries, whatever their number.

    What was merged, deregistered or withdrawn is no question any more; what somebody told apart is not asked again.
    """
    rows = compounds.filter(status=Status.ACTIVE).order_by("code")
    entered = [
        Entered(*row)
        for row in rows.values_list("pk", "code", "community_id", "normalised_name", "name_stem", "initials", "address")
    ]
    apart = set(KnownApart.objects.values_list("first_id", "second_id"))
    links = [link for kind, basket in _baskets(entered) for link in _links(kind, basket, apart)]
    order = list(Alike)
    return sorted(_joined(entered, links), key=lambda group: (order.index(group.reasons[0]), group.codes))


def _baskets(entered: list[Entered]) -> Iterator[tuple[Alike, list[Entered]]]:
    """Compounds that share a key, by the way in which they look alike."""
    keys: tuple[tuple[Alike, Callable[[Entered], Hashable]], ...] = (
        (Alike.NAME, lambda one: (one.community, one.name)),
        (Alike.STEM, lambda one: (one.community, one.stem)),
        (Alike.NEIGHBOUR, lambda one: (one.community[:NEIGHBOURS], one.name)),
        (Alike.ADDRESS, lambda one: _address(one)),
    )
    for kind, key_of in keys:
        baskets: dict[Hashable, list[Entered]] = defaultdict(list)
        for one in entered:
            if key := key_of(one):
                baskets[key].append(one)
        for basket in baskets.values():
            if len(basket) > 1 and (kind != Alike.NEIGHBOUR or len({one.community for one in basket}) > 1):
                yield kind, basket
    yield from ((Alike.NEAR, basket) for basket in _near(entered))


def _address(one: Entered) -> Hashable:
    """An address with a number in it, within the subdistrict; a street alone is the address of many."""
    address = names.normalise(one.address)
    exact = len(address) >= ADDRESS_LENGTH and any(letter.isdigit() for letter in address)
    return (one.community[:NEIGHBOURS], address) if exact else None


def _near(entered: list[Entered]) -> Iterator[list[Entered]]:
    """Stems of one community that differ in one sign: two of them are equal once that sign is left out."""
    baskets: dict[Hashable, dict[str, list[Entered]]] = defaultdict(lambda: defaultdict(list))
    for one in entered:
        for place, sign in enumerate(one.stem):
            if sign in TELLING:
                continue
            rest = one.stem[:place] + one.stem[place + 1 :]
            sound = "" if len(one.stem) >= LONG_ENOUGH else one.initials[: len(one.stem)]
            if rest:
                baskets[one.community, place, rest, sound][sign].append(one)
    for by_sign in baskets.values():
        if len(by_sign) > 1:
            yield [one for same in by_sign.values() for one in same]


def _links(kind: Alike, basket: list[Entered], apart: set[tuple[int, int]]) -> Iterator[tuple[Alike, int, int]]:
    """Enough pairs of a basket to hold together all that nobody told apart.

    Every compound is tied to one of each bunch so far; only pairs that were told apart cost a further look.
    """
    bunches: list[list[int]] = []
    for one in basket:
        joined, rest = [], []
        for bunch in bunches:
            other = next((pk for pk in bunch if (min(pk, one.pk), max(pk, one.pk)) not in apart), None)
            if other is None:
                rest.append(bunch)
            else:
                yield kind, other, one.pk
                joined.append(bunch)
        first = joined[0] if joined else []
        for bunch in joined[1:]:
            first.extend(bunch)
        first.append(one.pk)
        bunches = [*rest, first]


def _joined(entered: list[Entered], links: Iterable[tuple[Alike, int, int]]) -> Iterator[Group]:
    """Groups out of pairs."""
    parent: dict[int, int] = {}

    def root(pk: int) -> int:
        while (above := parent.setdefault(pk, pk)) != pk:
            parent[pk] = pk = parent[above]
        return pk

    links = list(links)
    for _kind, one, other in links:
        parent[root(other)] = root(one)
    reasons: dict[int, set[Alike]] = defaultdict(set)
    for kind, one, _other in links:
        reasons[root(one)].add(kind)
    members: dict[int, list[Entered]] = defaultdict(list)
    for each in entered:
        if each.pk in parent:
            members[root(each.pk)].append(each)
    for top, own in members.items():
        said = reasons[top]
        if Alike.NAME in said:
            said -= {Alike.STEM}  # the same name has the same stem
        yield Group(
            tuple(each.pk for each in own),
            tuple(each.code for each in own),
            tuple(kind for kind in Alike if kind in said),
        )
