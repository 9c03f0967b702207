"""Entries as programs see them: codes with names for keys, dates in ISO 8601, areas in ㎡.

Names and telephone numbers of persons are not given.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db.models import F, QuerySet

from chaoyang_pm.kit.figures import m2
from chaoyang_pm.kit.scoping import Scope
from compounds.ledger.models import Entry, EntryPart, Posting

#: Descriptive columns, given as they are stored.
TEXTS = (
    "provider_from", "provider_to", "phase", "building_numbers", "date_basis", "basis_type", "basis_name", "basis_no",
    "reason", "late_reason", "reporting_unit", "source",
)  # fmt: skip
_NAMED = {
    "compound_code": F("compound__code"), "compound_name": F("compound__name"), "community_name": F("community__name"),
    "target_code": F("target__code"), "target_name": F("target__name"), "undone_by": F("reversed_by__height"),
}  # fmt: skip
_COLUMNS = (
    "height", "hash", "kind", "effective_on", "precision", "recorded_at", "community_id", "category", "mode_from",
    "mode_to", "new_category", "area_dm2", "households", "reverses_id", "recorded_for_id", *TEXTS,
)  # fmt: skip


def listed(entries: QuerySet[Entry], *, scope: Scope, undone_by: int | None = None) -> list[dict[str, Any]]:
    """Entries with their parts, and their postings as far as they lie in the scope: three queries for any number.

    With ``undone_by``, each says which reversal up to that height took it out of the replay.
    """
    found = list(entries.annotate(**_NAMED).values(*_COLUMNS, *_NAMED))
    heights = [entry["height"] for entry in found]
    postings, parts = _postings(heights, scope), _parts(heights)
    rows = []
    for entry in found:
        height = entry["height"]
        row = {
            "height": height,
            "hash": entry["hash"],
            "kind": entry["kind"],
            "effective_on": entry["effective_on"].isoformat(),
            "precision": entry["precision"],
            "recorded_at": utc(entry["recorded_at"]),
            "compound": {"code": entry["compound_code"], "name": entry["compound_name"]},
            "community": _pair(entry["community_id"], entry["community_name"]),
            "category": entry["category"] or None,
            "mode_from": entry["mode_from"] or None,
            "mode_to": entry["mode_to"] or None,
            "new_category": entry["new_category"] or None,
            "target": _pair(entry["target_code"], entry["target_name"]),
            "area_m2": m2(entry["area_dm2"]),
            "households": entry["households"],
            "reverses": entry["reverses_id"],
            "recorded_for": entry["recorded_for_id"],
            **{name: entry[name] for name in TEXTS},
            "parts": parts[height],
            "postings": postings[height],
        }
        if undone_by is not None:
            reversal = entry["undone_by"]
            row["reversed_by"] = reversal if reversal and reversal <= undone_by else None
        rows.append(row)
    return rows


def utc(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def _pair(code: str | None, name: str | None) -> dict[str, Any] | None:
    return {"code": code, "name": name} if code else None


def _postings(heights: Iterable[int], scope: Scope) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    columns = ("effective_on", "kind", "compound__code", "community_id", "category", "mode", "area_dm2", "households")
    own = Posting.objects.filter(scope.q("community"), entry__in=heights).order_by("pk")
    for height, on, kind, code, community, category, mode, area, households in own.values_list("entry_id", *columns):
        found[height].append({
            "effective_on": on.isoformat(), "kind": kind, "compound": code, "community": community,
            "category": category, "mode": mode, "area_m2": m2(area), "households": households,
        })  # fmt: skip
    return found


def _parts(heights: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    columns = ("entry_id", "split_id", "compound__code", "category", "mode", "area_dm2", "households")
    parts = EntryPart.objects.filter(entry__in=heights).order_by("pk")
    for height, split, code, category, mode, area, households in parts.values_list(*columns):
        found[height].append({
            "split": split, "compound": code, "category": category, "mode": mode, "area_m2": m2(area),
            "households": households,
        })  # fmt: skip
    return found
