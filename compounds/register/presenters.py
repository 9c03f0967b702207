"""A compound as plain data for programs. Names and telephone numbers of persons are left out."""

import datetime
from collections.abc import Iterable
from typing import Any

from chaoyang_pm.kit.figures import m2
from communities.people.models import User
from compounds.ledger import selectors as ledger
from compounds.register.models import Compound

#: Descriptive facts as they stand today.
FACTS = (
    "address", "kind", "built_year", "buildings", "area_source", "category_basis", "ownership", "original_owner",
    "developer", "renovated_year", "contract_term", "contract_filing_no", "fee", "collection_rate", "owners_committee",
    "committee_term_ends", "unmanaged_reason", "abandoned_since",
)  # fmt: skip
COMPOUND_COLUMNS = (
    "code", "name", "former_names", "community.code", "community.name", "status", "merged_into", "area_m2",
    "managed_m2", "unmanaged_m2", "households", "provider", "residential_area_m2", *FACTS,
)  # fmt: skip


def compound(
    compound: Compound, *, user: User, as_of: datetime.date, height: int, modes: Iterable[str]
) -> dict[str, Any]:  # fmt: skip
    """A compound as far as ``user`` sees it, at (date, height)."""
    pockets = ledger.pockets(compound, as_of=as_of, height=height, scope=user.scope)
    counted = set(modes)
    total = sum(pocket.area_dm2 for pocket in pockets)
    managed = sum(pocket.area_dm2 for pocket in pockets if pocket.mode in counted)
    facts = {name: getattr(compound, name) for name in FACTS}
    rate = facts["collection_rate"]
    return {
        "code": compound.code,
        "name": compound.name,
        "former_names": compound.former_names,
        "community": {"code": compound.community_id, "name": compound.community.name},
        "status": compound.status,
        "merged_into": compound.merged_into.code if compound.merged_into else None,
        "area_m2": m2(total),
        "managed_m2": m2(managed),
        "unmanaged_m2": m2(total - managed),
        "households": sum(pocket.households for pocket in pockets),
        "pockets": [
            {
                "category": pocket.category.value,
                "mode": pocket.mode.value,
                "area_m2": m2(pocket.area_dm2),
                "households": pocket.households,
            }
            for pocket in pockets
        ],
        "provider": ledger.provider(compound, user=user, as_of=as_of, height=height),
        "residential_area_m2": m2(compound.residential_area_dm2),
        **facts,
        "collection_rate": None if rate is None else float(rate),
    }
