"""A whole province in a database of PostgreSQL, within a minute: rows made by SQL, not by the posting service.

Ten postings a compound: a registration, and takeovers of a fifth of its area each, which fit in any order. Entries
stand in order of recording: most within weeks, one in twenty up to a year late. Checksums are left out.
"""

from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

from communities.divisions.models import Division
from compounds.ledger.models import Entry, LedgerHead, Posting
from compounds.register.models import Compound

COUNTIES, COMMUNITIES = 100, 3_000
FIRST_DAY, DAYS = "2014-01-01", 3_650

_INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename IN (%s, %s, %s) AND indexdef NOT LIKE '%%UNIQUE%%'
"""
_COUNTY = "'2113' || lpad(n::text, 2, '0')"
_DIVISIONS = f"""
    SELECT '2113' AS code, '量测市' AS name, 'city' AS level, NULL AS parent
    UNION ALL
    SELECT {_COUNTY}, '第' || n || '县', 'county', '2113' FROM generate_series(0, {COUNTIES - 1}) n
    UNION ALL
    SELECT {_COUNTY} || lpad(s::text, 3, '0'), '第' || s || '街道', 'subdistrict', {_COUNTY}
    FROM generate_series(0, {COUNTIES - 1}) n, generate_series(0, 2) s
    UNION ALL
    SELECT {_COUNTY} || lpad((c % 3)::text, 3, '0') || lpad((1 + c / 3)::text, 3, '0'), '第' || c || '社区',
           'community', {_COUNTY} || lpad((c % 3)::text, 3, '0')
    FROM generate_series(0, {COUNTIES - 1}) n, generate_series(0, {COMMUNITIES // COUNTIES - 1}) c
"""
#: Compound i, event k: when it happened. Three in five were there from the first day.
_HAPPENED = f"""
    SELECT i, k, DATE '{FIRST_DAY}' + CASE WHEN k = 0 THEN begins ELSE begins + 1
           + ((hashint4(i * 16 + k) & 2147483647)::bigint * ({DAYS - 1} - begins) / 2147483648)::int END AS day
    FROM (SELECT i, CASE WHEN i % 5 < 3 THEN 0 ELSE (i * 6151::bigint) % {DAYS - 400} END::int AS begins
          FROM generate_series(1, :compounds) i) AS compounds, generate_series(0, 5) k
    WHERE k < 5 OR i % 2 = 0
"""
_TOLD = f"""
    CREATE TEMPORARY TABLE told AS
    SELECT i, k, day, known, row_number() OVER (ORDER BY known, k, i) AS height
    FROM (SELECT i, k, day, day + CASE WHEN (i * 31 + k) % 20 = 0 THEN (i * 37 + k * 11) % 365 ELSE (i + k) % 20 END
                 + k AS known
          FROM ({_HAPPENED}) AS happened) AS known
"""
_SIGNED = "CASE WHEN k = 0 THEN 5 WHEN side = 0 THEN -1 ELSE 1 END"
_KIND = "CASE WHEN k = 0 THEN 'register' ELSE 'takeover' END"


def fill(cursor: Any, *, compounds: int) -> None:
    """Fill a migrated, empty database."""
    tables = [model._meta.db_table for model in (Compound, Entry, Posting)]
    cursor.execute("SET session_replication_role = replica")  # the rows are right: no key needs to be looked up
    cursor.execute(_INDEXES, tables)
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    _insert(cursor, Division, {"code": "code", "name": "name", "level": "level", "parent_id": "parent"}, _DIVISIONS)
    cursor.execute(
        "CREATE TEMPORARY TABLE place AS SELECT row_number() OVER (ORDER BY code) - 1 AS number, code "
        "FROM communities_division WHERE level = 'community'"
    )
    _insert(
        cursor, Compound,
        {"id": "i", "code": "'C' || lpad(i::text, 7, '0')", "name": "'小区' || i", "community_id": "code",
         "status": "'active'", "has_area": "true", "built_year": "1980 + i % 40", "created_at": "now()",
         "updated_at": "now()"},
        f"SELECT i, place.code FROM generate_series(1, {compounds}) i "
        f"JOIN place ON number = (i * 7919::bigint) % {COMMUNITIES}",
    )  # fmt: skip
    cursor.execute(_TOLD.replace(":compounds", str(compounds)))
    _insert(
        cursor, Entry,
        {"height": "height", "kind": _KIND, "effective_on": "day", "precision": "'day'", "compound_id": "i",
         "community_id": "community_id", "recorded_at": "known::timestamptz", "source": "'command'",
         "provider_to": "CASE WHEN k > 0 THEN '物业' || (i % 500) ELSE '' END",
         "basis_no": "CASE WHEN k > 0 THEN '朝房物〔' || (2013 + k) || '〕' || (i % 60000) || '号' ELSE '' END"},
        "SELECT told.*, community_id FROM told JOIN compounds_compound c ON c.id = i",
    )  # fmt: skip
    _insert(
        cursor, Posting,
        {"entry_id": "height", "event_id": "height", "kind": _KIND, "effective_on": "day", "compound_id": "i",
         "community_id": "community_id",
         "category": "(ARRAY['abandoned','renovated','unserved','undetermined','established','new_build'])[1 + i % 6]",
         "mode": "CASE WHEN k = 0 OR side = 0 THEN 'none' ELSE "
                 "(ARRAY['professional', 'manager', 'owners', 'self_help', 'community'])[1 + (i / 6 + k) % 5] END",
         "area_dm2": f"{_SIGNED} * (100000 + i % 9973 * 13)", "households": f"{_SIGNED} * (10 + i % 97)"},
        "SELECT told.*, side, community_id FROM told JOIN compounds_compound c ON c.id = i, generate_series(0, 1) side "
        "WHERE k > 0 OR side = 1 ORDER BY height",
    )  # fmt: skip
    cursor.execute(
        f"UPDATE {LedgerHead._meta.db_table} SET recorded_at = now(), height = (SELECT max(height) FROM told)"
    )
    for _name, definition in indexes:
        cursor.execute(definition)
    for statement in connection.ops.sequence_reset_sql(no_style(), [Compound, Posting]):
        cursor.execute(statement)
    cursor.execute("SET session_replication_role = DEFAULT")
    cursor.execute("DROP TABLE told, place")


def _insert(cursor: Any, model: type[models.Model], given: dict[str, str], source: str) -> None:
    """Rows of a query; what is not given is blank."""
    values = dict(given)
    for field in model._meta.local_concrete_fields:
        blank = "''" if isinstance(field, (models.CharField, models.TextField)) else "false"
        if field.column not in values and not field.null and not field.primary_key:
            values[field.column] = blank
    names = ", ".join(map(connection.ops.quote_name, values))
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(values.values())} FROM ({source}) AS source"
    )
