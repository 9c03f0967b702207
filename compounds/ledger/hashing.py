"""The hash chain: ``hash = sha256(previous hash + canonical JSON)`` (ledger.md, invariant 6).

Canonical JSON is UTF-8, with sorted keys and no spaces; codes stand for rows, dates are ISO 8601, the time of
recording is UTC with microseconds, postings are sorted, and empty fields are left out, so that a column added
later changes no old hash. ``docs/ledger.md`` has a test vector.
"""

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from compounds.ledger.events import Change, Event

#: Descriptive fields of an entry that are hashed as they stand.
TEXT_FIELDS = (
    "precision", "provider_from", "provider_to", "phase", "building_numbers", "date_basis", "basis_type",
    "basis_name", "basis_no", "reason", "late_reason", "reporting_unit", "handler", "reviewer", "phone", "note",
    "source", "source_ref", "source_key",
)  # fmt: skip


def canonical(
    event: Event,
    changes: Iterable[Change],
    texts: Mapping[str, str],
    *,
    recorded_at: datetime.datetime,
    recorded_by: str = "",
    recorded_for: str = "",
) -> bytes:
    """The canonical JSON of one entry with its parts and postings."""
    record: dict[str, Any] = {name: texts.get(name, "") for name in TEXT_FIELDS}
    record |= {
        "height": event.height,
        "kind": str(event.kind),
        "effective_on": event.effective_on.isoformat(),
        "compound": event.compound,
        "community": event.community,
        "category": str(event.category),
        "mode_from": str(event.mode_from),
        "mode_to": str(event.mode_to),
        "new_category": str(event.new_category),
        "target": event.target,
        "area_dm2": event.area_dm2,
        "households": event.households,
        "reverses": event.reverses,
        "parts": sorted([event.height, *map(_plain, part)] for part in event.parts)
        + sorted([split, *map(_plain, part)] for split, parts in event.new_parts for part in parts),
        "postings": sorted(
            [change.event, change.effective_on.isoformat(), *map(_plain, change.effect)] for change in changes
        ),
        "recorded_at": recorded_at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "recorded_by": recorded_by,
        "recorded_for": recorded_for,
    }
    return orjson.dumps(
        {key: value for key, value in record.items() if value not in ("", None, [])}, option=orjson.OPT_SORT_KEYS
    )


def chain_hash(previous: str, canonical_json: bytes) -> str:
    return hashlib.sha256(previous.encode() + canonical_json).hexdigest()


def _plain(value: Any) -> Any:
    """An enumeration's value as a plain string; everything else as it is."""
    return str(value) if isinstance(value, str) else value
