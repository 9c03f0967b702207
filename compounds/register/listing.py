"""A page of compounds with their figures, for programs: one statement, the same cost however far the page is."""

import datetime
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from chaoyang_pm.kit.figures import m2
from chaoyang_pm.kit.scoping import Scope
from compounds.register.models import Compound


def page(
    parts: Iterable[QuerySet[Compound]], *, after: str | None, limit: int, as_of: datetime.date, height: int,
    scope: Scope, modes: Iterable[str],
) -> list[dict[str, Any]]:  # fmt: skip
    """At most ``limit`` compounds by code after ``after``, with what they hold in ``scope`` at (date, height).

    ``parts``: the compounds to list, each in one of them (``CompoundQuerySet.visible_parts``).

    ``{code, name, community {code, name}, status, area_m2, managed_m2, unmanaged_m2, households}``. The figures are
    those of ``selectors.rows``, summed for the page at once instead of in five subqueries per row.
    """
    chosen, params = _chosen(parts, after, limit)
    if not chosen:
        return []
    modes = list(modes)
    marks = ", ".join(["%s"] * len(modes)) or "''"
    # Written so that no index of communities serves it: the postings of a page's compounds are found by compound.
    within, bounds = scope.sql("held.community_id || ''")
    sql = f"""
        WITH {chosen}
        SELECT page.code, page.name, page.community_id, division.name, page.status,
               COALESCE(SUM(held.area_dm2), 0),
               COALESCE(SUM(CASE WHEN held.mode IN ({marks}) THEN held.area_dm2 ELSE 0 END), 0),
               COALESCE(SUM(held.households), 0)
        FROM page
        JOIN communities_division division ON division.code = page.community_id
        LEFT JOIN compounds_posting held
               ON held.compound_id = page.id AND held.effective_on <= %s AND held.entry_id <= %s AND {within}
        GROUP BY page.code, page.name, page.community_id, division.name, page.status
        ORDER BY page.code
    """  # noqa: S608 — only placeholders and compiled queries are put together
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, *modes, as_of, height, *bounds])
        found = cursor.fetchall()
    return [
        {
            "code": code,
            "name": name,
            "community": {"code": community, "name": community_name},
            "status": status,
            "area_m2": m2(int(total)),
            "managed_m2": m2(int(managed)),
            "unmanaged_m2": m2(int(total - managed)),
            "households": int(households),
        }
        for code, name, community, community_name, status, total, managed, households in found
    ]


def _chosen(parts: Iterable[QuerySet[Compound]], after: str | None, limit: int) -> tuple[str, list[Any]]:
    """The common table ``page`` (id, code, name, status, community_id), and its parameters; "" where there is nothing.

    One part is walked along the index of codes. Several are few compounds of many: they are found first, then ordered
    (left to itself PostgreSQL walks the codes of everybody until enough of them happen to be in the scope).
    """
    compiled = []
    parts = list(parts)
    for part in parts:
        listed = part if after is None else part.filter(code__gt=after)
        listed = listed.order_by() if len(parts) > 1 else listed.order_by("code")[:limit]
        with suppress(EmptyResultSet):  # a reader without any office
            compiled.append(listed.values_list("pk", "code", "name", "status", "community_id").query.sql_with_params())
    if not compiled:
        return "", []
    columns = "(id, code, name, status, community_id)"
    params = [param for _sql, own in compiled for param in own]
    if len(parts) == 1:
        return f"page {columns} AS ({compiled[0][0]})", params
    fence = "MATERIALIZED" if connection.vendor == "postgresql" else ""
    found = " UNION ALL ".join(sql for sql, _own in compiled)
    page = "SELECT id, code, name, status, community_id FROM found ORDER BY code LIMIT %s"
    return f"found {columns} AS {fence} ({found}), page {columns} AS ({page})", [*params, limit]
