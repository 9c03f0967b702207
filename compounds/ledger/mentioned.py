"""Providers and document numbers as entries write them, found by a part of them, however many entries there are.

They are looked for in the indexes of the two columns alone: names are few, and each is found from the one before it;
numbers are read one by one. Whether a reader may see what was found is asked afterwards.
"""

import re
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from communities.people.models import User
from compounds.ledger.models import Entry

#: Names in order, one step in the index for each; the condition is that of the index, word for word (SQLite asks that).
_PROVIDERS = """
    WITH RECURSIVE names (name) AS (
        SELECT MIN(provider_to) FROM compounds_entry WHERE NOT (provider_to = '')
        UNION ALL
        SELECT (SELECT MIN(provider_to) FROM compounds_entry WHERE NOT (provider_to = '') AND provider_to > names.name)
        FROM names WHERE names.name IS NOT NULL
    )
    SELECT name FROM names WHERE name IS NOT NULL AND {like} ORDER BY name
"""
#: A fence: what matches is found first. Else PostgreSQL may go through all entries from the newest back.
_DOCUMENTS = """
    WITH found AS {fence} (SELECT height FROM compounds_entry WHERE NOT (basis_no = '') AND {like})
    SELECT height FROM found ORDER BY height DESC
"""
_SPECIAL = re.compile(r"([\\%_])")


def providers(text: str, *, user: User, limit: int) -> list[str]:
    """Names that hold ``text``, in order."""
    like, params = _like("name", [text])
    with connection.cursor() as cursor:
        cursor.execute(_PROVIDERS.format(like=like), params)
        names = [name for (name,) in cursor.fetchall()]
    if names and not user.scope.everything:
        seen: set[str] = set()
        for part in Entry.objects.visible_parts(user):
            seen.update(part.filter(provider_to__in=names).order_by().values_list("provider_to", flat=True).distinct())
        names = [name for name in names if name in seen]
    return names[:limit]


def documents(pieces: Iterable[str], *, user: User, limit: int) -> list[Entry]:
    """The newest entries whose document number holds all of the pieces."""
    like, params = _like("basis_no", pieces)
    fence = "MATERIALIZED" if connection.vendor == "postgresql" else ""
    sql = _DOCUMENTS.format(fence=fence, like=like)
    if user.scope.everything:
        sql, params = f"{sql} LIMIT %s", [*params, limit]
    entries = Entry.objects.visible_to(user).filter(pk__in=RawSQL(sql, params))  # noqa: S611 — only placeholders
    return list(entries.select_related("compound").order_by("-height")[:limit])


def _like(column: str, pieces: Iterable[str]) -> tuple[str, list[Any]]:
    """That a column holds all the pieces. Letters in either case; 汉字 and digits are compared as they are."""
    conditions, params = list[str](), list[Any]()
    for piece in pieces:
        is_cased = piece.lower() != piece.upper()
        compared = f"LOWER({column})" if is_cased else column
        conditions.append(f"{compared} LIKE %s ESCAPE '\\'")
        escaped = _SPECIAL.sub(r"\\\1", piece.lower() if is_cased else piece)
        params.append(f"%{escaped}%")
    return " AND ".join(conditions), params
