"""Which compounds may be merged with one: those of its community on the date, possible duplicates first."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from compounds.ledger.selectors import newest
from compounds.register import selectors as register
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.structure import duplicates

#: More than a person reads; the search finds the others.
LISTED = 60


@dataclass(frozen=True)
class Candidate:
    """A compound of the community, with what it holds on the date (0.01 ㎡)."""

    compound: Compound
    is_asked: bool
    is_alike: bool

    @property
    def code(self) -> str:
        return self.compound.code


@dataclass(frozen=True)
class Offer:
    """What the form lists; ``more`` compounds are found by the search only, ``pending`` are withdrawn instead."""

    listed: list[Candidate]
    more: int
    pending: list[Compound]


def candidates(
    compound: Compound, *, on: datetime.date, community: str, visible: QuerySet[Compound], search: str = "",
    chosen: Iterable[str] = (),
) -> Offer:  # fmt: skip
    """The compounds to choose from: the one asked about, those chosen already, and what the search leaves."""
    height = newest().height
    alike = _alike(compound, visible)
    held = register.holding_area(as_of=on, height=height, code=community)
    offered = Q(pk__in=held, status=Status.ACTIVE)
    if search:
        offered &= Q(pk__in=register.find(search).values("pk"))
    always = {compound.code, *chosen}
    rows = register.rows(visible.filter(offered | Q(code__in=always)), as_of=on, height=height)
    found = [Candidate(row, row.code == compound.code, row.code in alike) for row in rows.order_by("code")]
    found.sort(key=lambda one: (not one.is_asked, one.code not in always, not one.is_alike, one.code))
    pending = visible.filter(code__in=alike, has_area=False).order_by("code")
    return Offer(found[:LISTED], max(0, len(found) - LISTED), list(pending))


def _alike(compound: Compound, visible: QuerySet[Compound]) -> set[str]:
    """Codes of the compounds that may be the same as this one."""
    near = duplicates.groups(visible.filter(community=compound.community_id))
    return {code for group in near if compound.pk in group.pks for code in group.codes} - {compound.code}
