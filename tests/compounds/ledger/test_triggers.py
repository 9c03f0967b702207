"""Invariant 1: the database itself keeps entries, parts and postings as they were written."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations import AddField, AlterField, RemoveField
from django.db.migrations.loader import MigrationLoader
from django.db.models import ProtectedError

from compounds.ledger import triggers
from compounds.ledger.events import Part
from compounds.ledger.models import Entry, EntryPart, LedgerHead, Posting
from compounds.ledger.verify import verify
from tests.support import ask_json, drop_trigger, record, register, reverse, run_sql, triggers_lifted

TABLES = {"compounds_entry": Entry, "compounds_entrypart": EntryPart, "compounds_posting": Posting}
EVERY_TABLE = pytest.mark.parametrize("table", TABLES)
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite only: INSERT OR REPLACE")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL only: TRUNCATE")


def put_something_in_each_table():
    register("甲", m2=1000, households=10)
    register("乙", m2=1)
    record("split", "2014-02-01", "甲", parts=(Part("乙", "abandoned", "none", 30_000, 3),))
    record("takeover", "2014-03-01", "乙", mode_to="owners")
    reverse(4)


@pytest.fixture
def ledger(reference):
    put_something_in_each_table()


def contents() -> dict[str, list]:
    return {table: list(model.objects.order_by("pk").values()) for table, model in TABLES.items()}


def refused(action) -> None:
    """The database says no, for the ledger's own reason, and nothing has changed."""
    before = contents()
    with pytest.raises(DatabaseError, match=triggers.MESSAGE), transaction.atomic():
        action()
    assert contents() == before


@EVERY_TABLE
def test_update_is_refused_in_sql(ledger, table):
    refused(lambda: run_sql(f"UPDATE {table} SET area_dm2 = area_dm2"))


@EVERY_TABLE
def test_delete_is_refused_in_sql(ledger, table):
    refused(lambda: run_sql(f"DELETE FROM {table}"))


@EVERY_TABLE
def test_queryset_update_is_refused(ledger, table):
    refused(lambda: TABLES[table].objects.update(area_dm2=1))


@EVERY_TABLE
def test_saving_a_changed_row_is_refused(ledger, table):
    row = TABLES[table].objects.first()
    row.households = 7
    refused(row.save)


@EVERY_TABLE
def test_queryset_delete_is_refused(ledger, table):
    # The ORM sees the entries' protected relations before the database is even asked.
    expected = ProtectedError if table == "compounds_entry" else DatabaseError
    before = contents()
    with pytest.raises(expected), transaction.atomic():
        TABLES[table].objects.all().delete()
    with pytest.raises(DatabaseError, match=triggers.MESSAGE), transaction.atomic():
        TABLES[table].objects.all()._raw_delete("default")
    assert contents() == before


@on_postgresql
@EVERY_TABLE
def test_truncate_is_refused(ledger, table):
    truncated(table)


@on_postgresql
def test_truncate_of_a_table_that_the_ledger_hangs_on_is_refused(ledger):
    truncated("communities_division")


def truncated(table: str) -> None:
    # Without rows that wait for their foreign keys to be checked, which would be refused for another reason.
    run_sql("SET CONSTRAINTS ALL IMMEDIATE")
    refused(lambda: run_sql(f"TRUNCATE {table} CASCADE"))


def replaced(table: str, **changes) -> None:
    """INSERT OR REPLACE of the last row with some columns changed."""
    row = {field.column: value for field, value in stored_row(TABLES[table]).items()} | changes
    marks = ", ".join(["%s"] * len(row))
    run_sql(f"INSERT OR REPLACE INTO {table} ({', '.join(row)}) VALUES ({marks})", row.values())


def stored_row(model) -> dict:
    last = model.objects.order_by("pk").last()
    return {field: field.get_db_prep_save(getattr(last, field.attname), connection) for field in model._meta.fields}


@on_sqlite
@EVERY_TABLE
def test_replacing_a_row_on_insert_is_refused(ledger, table):
    refused(lambda: replaced(table, households=99))


@on_sqlite
def test_replacing_a_reversal_by_another_of_the_same_event_is_refused(ledger):
    """A conflict in any unique column removes the old row, not only one in the key."""
    assert Entry.objects.order_by("pk").last().reverses_id == 4
    refused(lambda: replaced("compounds_entry", height=6))


@on_sqlite
def test_replacing_a_row_by_its_hidden_row_number_is_refused(ledger):
    """An entry's height is not SQLite's row number, which a REPLACE can name as well."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rowid FROM compounds_entry WHERE height = 3")
        (rowid,) = cursor.fetchone()
    refused(lambda: replaced("compounds_entry", height=6, rowid=rowid, kind="lapse", reverses_id=None))


def test_ordinary_entries_are_still_written(ledger):
    before = Entry.objects.count()
    record("takeover", "2014-03-01", "甲", mode_to="owners")
    assert Entry.objects.count() == before + 1


# --- where one is missing ------------------------------------------------------------------------------
def trigger_names(tables=TABLES) -> list[str]:
    third = "truncate" if connection.vendor == "postgresql" else "replace"
    return [f"{table}_no_{kind}" for table in tables for kind in ("update", "delete", third)]


def drop(name: str) -> None:
    drop_trigger(name, name.rsplit("_no_", 1)[0])


def test_all_nine_triggers_are_there_and_nothing_is_found(reference):
    assert triggers.missing(connection) == []
    call_command("check", "--database", "default")
    assert verify().ok


@pytest.mark.parametrize("number", range(9))
def test_a_missing_trigger_fails_the_system_check_and_verify(reference, number):
    name = trigger_names()[number]
    drop(name)
    with pytest.raises(SystemCheckError, match=name):
        call_command("check", "--database", "default")
    report = verify()
    assert [name in finding["problem"] for finding in report.findings] == [True]


@on_postgresql
def test_a_disabled_trigger_is_as_good_as_missing(reference):
    run_sql("ALTER TABLE compounds_posting DISABLE TRIGGER compounds_posting_no_update")
    assert triggers.missing(connection) == ["compounds_posting_no_update"]
    assert not verify().ok


def test_lifting_them_is_what_the_tests_of_tampering_do(ledger):
    frozen = [f"{table}_final_{verb}" for table in triggers.FROZEN for verb in ("update", "delete")]
    with triggers_lifted():
        assert sorted(triggers.missing(connection)) == sorted([*trigger_names(triggers.TABLES), *frozen])
        assert run_sql("UPDATE compounds_posting SET households = households + 1") > 0
    assert triggers.missing(connection) == []


# --- after later migrations ----------------------------------------------------------------------------
@pytest.fixture
def empty_again(transactional_db):
    """SQLite's schema editor works outside of transactions only."""
    from oversight.programme.services import load_reference

    LedgerHead.objects.get_or_create(pk=1)
    load_reference()
    put_something_in_each_table()


def migrated(*operations) -> None:
    """Apply operations of later migrations to the tables, each followed by ``migrate``, as a deployment does."""
    state = MigrationLoader(connection).project_state()
    for operation in operations:
        after = state.clone()
        operation.state_forwards("compounds", after)
        with connection.schema_editor() as editor:
            operation.database_forwards("compounds", editor, state, after)
        state = after
        if connection.vendor == "sqlite" and isinstance(operation, AlterField):
            assert triggers.missing(connection), "the rebuild drops them silently, or this test tests nothing"
        call_command("migrate", verbosity=0)
        assert triggers.missing(connection) == []
        for table in TABLES:
            refused(lambda table=table: run_sql(f"UPDATE {table} SET households = 5"))
            refused(lambda table=table: run_sql(f"DELETE FROM {table}"))


@EVERY_TABLE
def test_they_are_put_back_after_migrations_that_rebuild_the_table(empty_again, table):
    model = TABLES[table]
    name, before = model._meta.model_name, contents()
    migrated(
        AddField(name, "added_later", models.CharField(max_length=10, null=True)),
        AlterField(name, "added_later", models.CharField(max_length=20, null=True, db_index=True)),
        AlterField(name, "category", models.CharField(max_length=40)),
        AlterField(name, "category", model._meta.get_field("category").clone()),
        RemoveField(name, "added_later"),
    )
    assert contents() == before
    assert ask_json("ledger", "verify")["ok"]


@pytest.mark.django_db
def test_migrating_again_changes_nothing_about_them(reference):
    register("甲")
    call_command("migrate", verbosity=0)
    assert triggers.missing(connection) == []
    refused(lambda: run_sql("UPDATE compounds_entry SET households = 1"))
    assert LedgerHead.objects.get().height == 1
