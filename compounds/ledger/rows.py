"""Entries as programs see them."""

from typing import Any

from chaoyang_pm.kit.figures import m2
from compounds.ledger.models import Entry

#: What a row needs besides its own columns.
RELATED = ("compound", "target", "community")


def entry_row(entry: Entry) -> dict[str, Any]:
    """One entry: what happened to which compound, and its place in the chain."""
    target, community = entry.target, entry.community
    return {
        "height": entry.height,
        "hash": entry.hash,
        "kind": entry.kind,
        "effective_on": entry.effective_on.isoformat(),
        "precision": entry.precision,
        "recorded_at": entry.recorded_at.isoformat(),
        "compound": {"code": entry.compound.code, "name": entry.compound.name},
        "community": {"code": community.code, "name": community.name} if community else None,
        "category": entry.category or None,
        "mode_from": entry.mode_from or None,
        "mode_to": entry.mode_to or None,
        "new_category": entry.new_category or None,
        "target": {"code": target.code, "name": target.name} if target else None,
        "area_m2": m2(entry.area_dm2),
        "households": entry.households,
        "reverses": entry.reverses_id,
    }
