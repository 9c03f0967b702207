"""``/healthz``: says without a log-in whether the portal can do its work, and nothing that helps an intruder."""

import json
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from chaoyang_pm.kit.health import checks
from chaoyang_pm.kit.jobs import sweeping
from chaoyang_pm.kit.operations import maintenance
from tests.support import drop_a_facts_trigger, triggers_lifted

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def at_work(db):
    """A worker has just swept."""
    sweeping.sweep()


def ask(client, status):
    response = client.get("/healthz")
    assert response.status_code == status, response.content
    assert "no-store" in response["Cache-Control"]
    return json.loads(response.content)


def test_all_is_well(client, at_work):
    told = ask(client, 200)
    assert told["status"] == "ok"
    names = {"database", "migrations", "triggers", "facts", "broker", "worker", "maintenance", "rollups"}
    assert set(told["checks"]) == names
    assert told["checks"]["worker"].startswith("ok, ")


def test_it_is_asked_without_a_log_in_and_opens_no_session(client, at_work):
    assert not client.get("/healthz").cookies


@pytest.mark.usefixtures("at_work")
def test_a_database_that_is_away_is_named_without_its_address(client):
    with patch.object(checks, "connection") as away:
        away.cursor.side_effect = OperationalError("connection to server at 10.1.2.3, user chaoyang failed")
        told = ask(client, 503)
    assert told["checks"]["database"] == "OperationalError"
    for name in ("worker", "triggers", "facts"):
        assert told["checks"][name] == "not asked", "each would wait for it"
    assert "10.1.2.3" not in json.dumps(told)


def test_a_migration_that_is_not_applied(client, at_work):
    MigrationRecorder(connection).record_unapplied("compounds", "0001_initial")
    assert ask(client, 503)["checks"]["migrations"] == "1 not applied"


@pytest.mark.django_db(transaction=True)
def test_a_missing_trigger(client, at_work):
    with triggers_lifted():
        assert "missing" in ask(client, 503)["checks"]["triggers"]
    assert ask(client, 200)["checks"]["triggers"] == "ok"


def test_a_missing_trigger_of_the_facts_version(client, at_work):
    """An edit would leave an ETag as it is, and clients with what was true before it."""
    drop_a_facts_trigger()
    assert ask(client, 503)["checks"]["facts"] == "1 missing"
    call_command("migrate", verbosity=0)
    assert ask(client, 200)["checks"]["facts"] == "ok"


def test_no_worker_ever(client):
    assert ask(client, 503)["checks"]["worker"] == "never seen"


def test_a_worker_that_has_gone(client, settings):
    sweeping.sweep()
    long_ago = timezone.now() - 10 * settings.JOBS_SWEEP
    sweeping.Sweep.objects.update(swept_at=long_ago)
    assert "last seen" in ask(client, 503)["checks"]["worker"]


def test_a_broker_that_is_away(client, at_work, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.REDIS_URL = ""
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"folder": str(tmp_path / "file" / "broker")}
    assert ask(client, 503)["checks"]["broker"] == "NotADirectoryError"
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"
    assert ask(client, 503)["checks"]["broker"] == "ConnectionError"


def test_while_closed(client, at_work):
    with maintenance.closed(work="by hand"):
        assert ask(client, 503)["checks"]["maintenance"] == "closed"


def test_alive_is_not_the_same_as_well(client):
    """What a front server asks: a portal without a worker still answers pages."""
    with maintenance.closed(work="by hand"):
        assert client.get("/healthz?live").json() == {"status": "ok"}


def test_only_reading(client):
    assert client.post("/healthz").status_code == 405
