"""The facts' version rises with every edit, whoever writes it and in whatever order transactions end."""

import threading

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection, transaction

from chaoyang_pm.kit.facts import services, triggers
from chaoyang_pm.kit.facts.models import FactsEdit
from chaoyang_pm.kit.facts.selectors import facts_version
from communities.divisions.models import Division, FormerName, Succession
from compounds.register.models import Building, ChosenColumns, Compound, SavedView
from oversight.programme.models import CountingRule, Target
from tests.support import day, drop_a_facts_trigger, drop_trigger, make_compound, run_sql

pytestmark = pytest.mark.both_databases


def rises(write) -> int:
    before = facts_version()
    write()
    after = facts_version()
    assert after.edits > before.edits
    assert after != before
    return after.edits - before.edits


@pytest.fixture
def committed(transactional_db):
    """Every write is a transaction of its own, as in a portal."""
    Division.objects.create(code="2113", name="朝阳市", level="city")
    Division.objects.create(code="211302", name="双塔区", level="county", parent_id="2113")


def test_every_kind_of_write_counts(committed):
    rises(lambda: Division.objects.filter(code="211302").update(name="双塔"))
    rises(
        lambda: Division.objects.bulk_create([Division(code="211303", name="龙城区", level="county", parent_id="2113")])
    )
    rises(lambda: run_sql("UPDATE communities_division SET short_name = 'x' WHERE code = '211303'"))
    rises(lambda: Division.objects.filter(code="211303").delete())
    change = Succession(kind="rename", effective_on=day("2014-06-01"), key="k", document="批复")
    rises(change.save)
    rises(
        lambda: FormerName.objects.create(division_id="211302", name="老", until=day("2014-06-01"), succession=change)
    )
    rises(lambda: make_compound("A", "211302"))
    rises(lambda: Compound.objects.update(name="新名"))
    rises(lambda: Building.objects.create(compound=Compound.objects.get(), name="1号楼"))
    rises(lambda: CountingRule.objects.create(code="r", name="r", modes=["owners"], valid_from=day("2014-01-01")))


def test_a_table_between_two_models_counts_as_well(reference):
    assert Target.divisions.through._meta.db_table in triggers.watched_tables()


def test_every_model_that_answers_are_made_of_is_watched():
    rooms = ("communities.divisions.", "oversight.programme.", "compounds.register.")
    own = {SavedView, ChosenColumns}  # what a person keeps for himself answers nothing
    models = [model for model in apps.get_models() if model.__module__.startswith(rooms) and model not in own]
    assert len(models) > 8
    assert {model._meta.db_table for model in models} <= set(triggers.watched_tables())


def test_what_is_taken_back_does_not_count(committed):
    before = facts_version()
    with transaction.atomic():
        Division.objects.update(name="x")
        transaction.set_rollback(True)
    assert facts_version() == before

    with transaction.atomic():
        with transaction.atomic():
            Division.objects.update(name="x")
            transaction.set_rollback(True)
        Division.objects.filter(code="211302").update(name="y")
    assert facts_version().edits > before.edits


def test_reading_does_not_count(committed):
    before = facts_version()
    list(Division.objects.all())
    assert facts_version() == before


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer")
def test_an_import_of_many_rows_adds_one(committed):
    def write():
        with transaction.atomic():
            for number in range(50):
                make_compound(f"C{number}", "211302")

    assert rises(write) == 1


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer")
def test_a_slow_transaction_that_began_first_counts_when_it_ends_and_nobody_waits_for_it(committed):
    began, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            Division.objects.filter(code="2113").update(name="慢")
            began.set()
            go_on.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert began.wait(20)
    rises(lambda: Division.objects.filter(code="211302").update(name="快"))
    between = facts_version()
    go_on.set()
    thread.join(20)
    assert facts_version().edits > between.edits


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="on SQLite there is one row")
def test_gathering_changes_no_sum(committed, monkeypatch):
    for number in range(5):
        Division.objects.update(short_name=str(number))
    before = facts_version()
    assert services.gather() == 0
    monkeypatch.setattr(services, "FEW", 3)
    assert services.gather() >= 4
    assert FactsEdit.objects.count() == 1
    assert facts_version() == before
    rises(lambda: Division.objects.update(short_name="y"))


def test_triggers_are_put_back_after_a_migration(db):
    assert triggers.missing(connection) == []
    name = drop_a_facts_trigger()
    assert triggers.missing(connection) == [name]
    call_command("migrate", verbosity=0)
    assert triggers.missing(connection) == []


@pytest.mark.parametrize("ledger", [True, False])
def test_a_missing_trigger_fails_the_system_check_whose_hint_helps(db, ledger):
    no_delete = "compounds_posting_no_delete"
    name = drop_trigger(no_delete, "compounds_posting") if ledger else drop_a_facts_trigger()
    with pytest.raises(SystemCheckError, match=name):
        call_command("check", "--database", "default")
    call_command("migrate", verbosity=0, skip_checks=False)  # as from the command line
    call_command("check", "--database", "default")
