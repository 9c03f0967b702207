"""The hash chain: ``hash = sha256(previous hash + canonical JSON)`` (ledger.md, invariant 6).

Canonical JSON is UTF-8, with sorted keys and no spaces; codes stand for rows, dates are ISO 8601, the time of
recording is UTC with microseconds, postings are sorted, and empty fields are left out, so that a column added
later changes no old hash. ``docs/ledger.md`` has a test vector.
"""

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import orjson

from compounds.ledger.events import Change, Event

#: Descriptive fields of an entry that are hashed as they stand.
TEXT_FIELDS = (
    "precision", "provider_from", "provider_to", "phase", "building_numbers", "date_basis", "basis_type",
    "basis_name", "basis_no", "reason", "late_reason", "reporting_unit", "handler", "reviewer", "phone", "note",
    "source", "source_ref", "source_key",
)  # fmt: skip
_TEXTS = frozenset(TEXT_FIELDS)
_EMPTY: tuple[object, ...] = ("", None, [])


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
    record: dict[str, Any] = {
        "height": event.height,
        "kind": event.kind,
        "effective_on": event.effective_on,
        "compound": event.compound,
        "community": event.community,
        "category": event.category,
        "mode_from": event.mode_from,
        "mode_to": event.mode_to,
        "new_category": event.new_category,
        "target": event.target,
        "area_dm2": event.area_dm2,
        "households": event.households,
        "reverses": event.reverses,
        "postings": [[change.event, change.effective_on, *change.effect] for change in changes],
        "recorded_at": _utc(recorded_at),
        "recorded_by": recorded_by,
        "recorded_for": recorded_for,
    }
    if event.parts or event.new_parts:
        record["parts"] = sorted([event.height, *part] for part in event.parts) + sorted(
            [split, *part] for split, parts in event.new_parts for part in parts
        )
    record["postings"].sort()
    record = {name: value for name, value in record.items() if value not in _EMPTY}
    record.update((name, text) for name, text in texts.items() if text and name in _TEXTS)
    # Enumerations become their values, dates ISO 8601.
    return orjson.dumps(record, option=orjson.OPT_SORT_KEYS)


@lru_cache(16)
def _utc(moment: datetime.datetime) -> str:
    """The same for every entry of a long write."""
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def chain_hash(previous: str, canonical_json: bytes) -> str:
    return hashlib.sha256(previous.encode() + canonical_json).hexdigest()
