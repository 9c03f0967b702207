"""Triggers that note edits of the watched tables. No code that writes has to think of it, and none can forget it.

PostgreSQL: a trigger per statement adds one row per transaction, which holds no lock that another writer waits for; a
local setting remembers that it was added, so that the 20,000 rows of an import cost one. SQLite has one writer and no
triggers per statement: each row raises the one number there is.
"""

from django.apps import apps
from django.db import connections, models

TABLE = "kit_factsedit"
FUNCTION = "kit_facts_edited"
_watched: dict[str, None] = {}

_POSTGRESQL = f"""
    CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('chaoyang_pm.facts_edited', true) IS DISTINCT FROM '1' THEN
            PERFORM set_config('chaoyang_pm.facts_edited', '1', true);
            INSERT INTO {TABLE} (edits, stamp) VALUES (1, floor(random() * 2147483648)::bigint);
        END IF;
        RETURN NULL;
    END $$
"""  # noqa: S608 — names of this module
_SQLITE = f"""
    INSERT INTO {TABLE} (id, edits, stamp) VALUES (1, 1, abs(random() % 2147483648))
    ON CONFLICT (id) DO UPDATE SET edits = edits + 1, stamp = stamp + excluded.stamp
"""  # noqa: S608 — names of this module


def watch(*watched: type[models.Model]) -> None:
    """Let every edit of these models' tables, and of the tables between them and others, raise the version."""
    for model in watched:
        _watched[model._meta.db_table] = None
        for field in model._meta.local_many_to_many:
            _watched[field.m2m_db_table()] = None


def watch_room(label: str, room: str) -> None:
    """Watch every model of a room, also those that it will get."""
    watch(*(model for model in apps.get_app_config(label).get_models() if model.__module__.startswith(room)))


def watched_tables() -> list[str]:
    return list(_watched)


def install(connection) -> None:
    """Put the triggers of all watched tables in place; doing it again changes nothing."""
    present = set(connection.introspection.table_names())
    if TABLE not in present:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL)
        for name, table, statement in _missing(cursor, connection.vendor, present):
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")  # one that was disabled
            cursor.execute(statement)


def missing(connection) -> list[str]:
    """Names of triggers that should be there and are not, or are disabled."""
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        return [name for name, _table, _statement in _missing(cursor, connection.vendor, present)]


def after_migrate(using: str, **kwargs) -> None:
    """Signal handler of ``post_migrate``: SQLite drops triggers silently where a migration rebuilds a table."""
    install(connections[using])


def _missing(cursor, vendor: str, present: set[str]) -> list[tuple[str, str, str]]:
    if vendor == "postgresql":
        cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
    else:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    found = {row[0] for row in cursor.fetchall()}
    wanted = [one for table in _watched if table in present for one in _triggers(vendor, table)]
    return [one for one in wanted if one[0] not in found]


def _triggers(vendor: str, table: str) -> list[tuple[str, str, str]]:
    """Name, table and statement of each trigger of a table."""
    if vendor == "postgresql":
        name = f"{table}_facts"
        events = "INSERT OR UPDATE OR DELETE"
        return [(
            name, table,
            f"CREATE TRIGGER {name} AFTER {events} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()",
        )]  # fmt: skip
    names = {kind: f"{table}_facts_{kind}" for kind in ("insert", "update", "delete")}
    return [
        (name, table, f"CREATE TRIGGER {name} AFTER {kind} ON {table} BEGIN {_SQLITE}; END")
        for kind, name in names.items()
    ]
