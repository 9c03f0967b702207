"""By which keys rows are known that went into the register and the ledger."""

import datetime
import hashlib
from collections import Counter
from decimal import Decimal
from typing import Any

import orjson

from chaoyang_pm.kit.sheets.rows import ParsedRow

#: Values that the hash takes as they are; a date becomes ISO 8601.
_PLAIN = (str, int, datetime.date)


def assign_keys(rows: list[ParsedRow], columns: set[str]) -> None:
    """Source keys (ledger.md, invariant 7): the hash of the known columns, normalised, and the occurrence number.

    A row with a cell that could not be read has none: it is another row once it is corrected.
    """
    seen: Counter[str] = Counter()
    for row in rows:
        if row.errors:
            continue
        # What an export wrote is known by its mark, so that it stays known when facts are edited in it.
        named = {"mark", "code"} if row.get("mark") else columns
        known = {
            column: value if type(value) in _PLAIN else _hashable(value)
            for column, value in row.values.items()
            if column in named
        }
        digest = hashlib.sha256(orjson.dumps(known, option=orjson.OPT_SORT_KEYS)).hexdigest()[:48]
        seen[digest] += 1
        row.occurrence = seen[digest]
        row.key = f"{digest}-{row.occurrence}"


def _hashable(value: Any) -> Any:
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value if isinstance(value, int) else str(value)
