"""The page of possible duplicates: groups with what each compound holds, and what can be done about them."""

from collections import Counter
from dataclasses import dataclass
from operator import attrgetter

from django.db.models import QuerySet

from chaoyang_pm.kit.dates import business_date
from compounds.ledger.selectors import newest
from compounds.register import selectors as register
from compounds.register.models import Compound
from compounds.structure.duplicates import Alike, Group


@dataclass(frozen=True)
class Shown:
    """A group on the page. Areas in 0.01 ㎡ as of today."""

    compounds: list[Compound]
    reasons: tuple[Alike, ...]

    @property
    def _largest_community(self) -> list[Compound]:
        """Those with area in the community where most of them lie: what can be merged at once."""
        held = [compound for compound in self.compounds if compound.has_area]
        communities = Counter(compound.community_id for compound in held)
        community = max(communities, key=lambda code: (communities[code], code), default="")
        return [compound for compound in held if compound.community_id == community]

    @property
    def stays(self) -> Compound | None:
        """The proposal for the compound that stays: the one with most area."""
        mergeable = self._largest_community
        return max(mergeable, key=attrgetter("total")) if len(mergeable) > 1 else None

    @property
    def merged(self) -> list[Compound]:
        return [compound for compound in self._largest_community if compound != self.stays]

    @property
    def elsewhere(self) -> bool:
        """Whether some with area lie in different communities: one of them is relocated first."""
        return len({compound.community_id for compound in self.compounds if compound.has_area}) > 1

    @property
    def pairs(self) -> int:
        return len(self.compounds) * (len(self.compounds) - 1) // 2


def shown(groups: list[Group], visible: QuerySet[Compound]) -> list[Shown]:
    """The groups of one page with their compounds; one query."""
    wanted = visible.filter(pk__in=[pk for group in groups for pk in group.pks])
    rows = register.rows(wanted, as_of=business_date(), height=newest().height).in_bulk()
    return [Shown([rows[pk] for pk in group.pks], group.reasons) for group in groups]
