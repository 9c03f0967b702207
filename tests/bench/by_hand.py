"""The portal with one more address: a page of compounds as somebody writes it who has nothing but SQL and orjson."""

from typing import Any

import orjson
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.scoping import next_code
from chaoyang_pm.urls import handler400, handler403, handler404, handler500
from chaoyang_pm.urls import urlpatterns as portal
from communities.tokens import keys

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

_ALL = "SELECT id, code, name, community_id, status FROM compounds_compound WHERE code > %s ORDER BY code LIMIT 101"
_SOME = """
    SELECT * FROM (
        SELECT id, code, name, community_id, status FROM compounds_compound
        WHERE code > %s AND community_id >= %s AND community_id < %s
        UNION
        SELECT id, code, name, community_id, status FROM compounds_compound
        WHERE code > %s AND id IN (
            SELECT compound_id FROM compounds_posting
            WHERE community_id >= %s AND community_id < %s AND (area_dm2 < 0 OR households < 0)
              AND kind IN ('register', 'resurvey', 'relocate', 'merge', 'split', 'deregister'))
    ) AS seen ORDER BY code LIMIT 101
"""
_PAGE = """
    SELECT c.code, c.name, c.community_id, d.name, c.status, COALESCE(h.total, 0), COALESCE(h.managed, 0),
           COALESCE(h.households, 0)
    FROM ({chosen}) c
    JOIN communities_division d ON d.code = c.community_id
    LEFT JOIN LATERAL (
        SELECT SUM(area_dm2) AS total, SUM(area_dm2) FILTER (WHERE mode <> 'none') AS managed,
               SUM(households) AS households
        FROM compounds_posting p
        WHERE p.compound_id = c.id AND p.effective_on <= %s
          AND p.entry_id <= (SELECT height FROM compounds_ledgerhead) {within}
    ) h ON true
    ORDER BY c.code
"""


@login_not_required
def compounds(request: HttpRequest) -> HttpResponse:
    user, token = keys.owner_by(request.headers["Authorization"].removeprefix("Bearer "))
    keys.note_use(token, request.META["REMOTE_ADDR"])
    after, scope = request.GET.get("after", ""), user.scope
    with connection.cursor() as cursor:
        if scope.everything:
            cursor.execute(_PAGE.format(chosen=_ALL, within=""), [after, business_date()])
        else:
            bounds = [scope.codes[0], next_code(scope.codes[0])]
            within = "AND p.community_id >= %s AND p.community_id < %s"
            params = [after, *bounds, after, *bounds, business_date(), *bounds]
            cursor.execute(_PAGE.format(chosen=_SOME, within=within), params)
        rows = cursor.fetchall()
    found = [
        {
            "code": code, "name": name, "community": {"code": community, "name": called}, "status": status,
            "area_m2": m2(total), "managed_m2": m2(managed), "unmanaged_m2": m2(total - managed),
            "households": int(households),
        }
        for code, name, community, called, status, total, managed, households in rows[:100]
    ]  # fmt: skip
    following = f"/by-hand/?after={rows[99][0]}" if len(rows) > 100 else None
    return HttpResponse(orjson.dumps({"results": found, "next": following}), content_type="application/json")


def m2(area: Any) -> int | float:
    return int(area) // 100 if area % 100 == 0 else float(area) / 100


urlpatterns = [*portal, path("by-hand/", compounds)]
