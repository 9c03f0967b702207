"""Triggers that make the ledger's tables insert-only in the database itself (ledger.md, invariant 1).

SQLite's ``INSERT OR REPLACE`` would remove the row that it conflicts with, in any unique column or in the hidden row
number, without firing a delete trigger, so replacing is refused on insert as well. They are put back after every
migrate and lifted only where a test empties its database.
"""

from django.db import connections

#: Tables with their unique columns (an ``id`` is SQLite's row number).
TABLES = {
    "compounds_entry": ("height", "reverses_id", "rowid"),
    "compounds_entrypart": ("id",),
    "compounds_posting": ("id",),
}
MESSAGE = "the ledger is append-only"
#: Tables whose rows are final while their owner's row says so: foreign key, the owner's table, its condition.
FROZEN: dict[str, tuple[str, str, str]] = {}
FROZEN_MESSAGE = "rows of what is submitted are final"


def protect(table: str, *unique: str) -> None:
    """Make another room's table insert-only, too: what leads to an entry is kept as the entry is."""
    TABLES[table] = unique or ("id",)


def freeze(table: str, key: str, owner: str, while_: str) -> None:
    """Make rows final while the row of ``owner`` that ``key`` names meets a condition (SQL)."""
    FROZEN[table] = key, owner, while_


def install(connection) -> None:
    """Put the triggers of all ledger tables in place; doing it again changes nothing."""
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        if connection.vendor == "postgresql" and present & TABLES.keys():
            cursor.execute(
                "CREATE OR REPLACE FUNCTION compounds_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}: % on %', TG_OP, TG_TABLE_NAME; END $$"
            )
        for table, unique in TABLES.items():
            if table in present:
                for statement in _statements(connection.vendor, table, unique):
                    cursor.execute(statement)
        for table in FROZEN.keys() & present:
            for statement in _freezing(connection.vendor, table):
                cursor.execute(statement)


def lift(connection) -> None:
    """Remove the triggers. For tests, which must empty their tables."""
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        for table in (TABLES.keys() | FROZEN.keys()) & present:
            for name in _names(connection.vendor, table):
                suffix = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")


def missing(connection) -> list[str]:
    """Names of triggers that should be there and are not, or are disabled."""
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        found = {row[0] for row in cursor.fetchall()}
    tables = [table for table in (*TABLES, *FROZEN) if table in present]
    return [name for table in tables for name in _names(connection.vendor, table) if name not in found]


def after_migrate(using: str, **kwargs) -> None:
    """Signal handler of ``post_migrate``: triggers, privileges, and the one row that every writer locks."""
    from compounds.ledger import privileges
    from compounds.ledger.models import LedgerHead

    connection = connections[using]
    install(connection)
    privileges.withdraw(connection)
    if LedgerHead._meta.db_table in connection.introspection.table_names():
        LedgerHead.objects.using(using).get_or_create(pk=1)


def _names(vendor: str, table: str) -> list[str]:
    if table in FROZEN:
        return [f"{table}_final_{verb}" for verb in ("update", "delete")]
    kinds = (
        ["no_update", "no_delete", "no_truncate"]
        if vendor == "postgresql"
        else ["no_update", "no_delete", "no_replace"]
    )
    return [f"{table}_{kind}" for kind in kinds]


def _statements(vendor: str, table: str, unique: tuple[str, ...]) -> list[str]:
    update, delete, third = _names(vendor, table)
    if vendor == "postgresql":
        call = "EXECUTE FUNCTION compounds_ledger_is_append_only()"
        return [
            f"DROP TRIGGER IF EXISTS {update} ON {table}",
            f"CREATE TRIGGER {update} BEFORE UPDATE ON {table} FOR EACH ROW {call}",
            f"DROP TRIGGER IF EXISTS {delete} ON {table}",
            f"CREATE TRIGGER {delete} BEFORE DELETE ON {table} FOR EACH ROW {call}",
            f"DROP TRIGGER IF EXISTS {third} ON {table}",
            f"CREATE TRIGGER {third} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    conflict = " OR ".join(f"{column} = NEW.{column}" for column in unique)
    replaces = f"EXISTS (SELECT 1 FROM {table} WHERE {conflict})"  # noqa: S608 — names of this module
    return [
        f"CREATE TRIGGER IF NOT EXISTS {update} BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER IF NOT EXISTS {delete} BEFORE DELETE ON {table} {refuse}",
        f"CREATE TRIGGER IF NOT EXISTS {third} BEFORE INSERT ON {table} WHEN {replaces} {refuse}",
    ]


def _freezing(vendor: str, table: str) -> list[str]:
    """Update and delete are refused while the owner's row is final; a backup is restored by inserts."""
    key, owner, while_ = FROZEN[table]
    final = f"EXISTS (SELECT 1 FROM {owner} WHERE id = OLD.{key} AND {while_})"  # noqa: S608 — names of rooms
    statements = []
    if vendor == "postgresql":
        statements.append(
            f"CREATE OR REPLACE FUNCTION {table}_is_final() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {final} THEN RAISE EXCEPTION '{FROZEN_MESSAGE}: % on %', TG_OP, TG_TABLE_NAME; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
    for name, verb in zip(_names(vendor, table), ("UPDATE", "DELETE"), strict=True):
        if vendor == "postgresql":
            statements.append(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            statements.append(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_is_final()"
            )
        else:
            statements.append(
                f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON {table} WHEN {final} "
                f"BEGIN SELECT RAISE(ABORT, '{FROZEN_MESSAGE}'); END"
            )
    return statements
