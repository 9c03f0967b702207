"""Under a lease: of several who want a job one gets it, and an effect happens with the job's end or not at all."""

import datetime
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import connection, connections, transaction
from django.utils import timezone

from chaoyang_pm.kit.jobs import running, services
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.registry import kind_of
from chaoyang_pm.kit.jobs.sweeping import sweep
from tests.kit.jobs.kinds import effects
from tests.support import run_sql, until

pytestmark = pytest.mark.django_db(transaction=True)
SOMEBODY = uuid.uuid4()


def enqueue(kind: str, **parameters) -> Job:
    return services.enqueue(kind=kind, by=None, parameters=parameters)


def again(job: Job) -> Job:
    job.refresh_from_db()
    return job


def elsewhere(function, *arguments):
    """Call in a thread with a database connection of its own."""
    try:
        return function(*arguments)
    finally:
        connections.close_all()


@pytest.fixture
def threads():
    with ThreadPoolExecutor(8) as pool:
        yield lambda function, *arguments: pool.submit(elsewhere, function, *arguments)


@pytest.fixture
def gate(tmp_path) -> Path:
    return tmp_path / "gate"


@pytest.fixture
def short_leases(settings):
    settings.JOBS_LEASE, settings.JOBS_SWEEP = datetime.timedelta(seconds=1), datetime.timedelta(0)


def let_the_lease_run_out(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - datetime.timedelta(seconds=1))


def test_the_effect_happens_and_the_job_is_done(bureau):
    job = enqueue("test.effect", name="甲")
    running.run(job.pk)
    assert (again(job).state, job.result, job.attempt, effects("甲")) == ("done", {"name": "甲"}, 1, 1)
    assert job.worker == running.worker_name()


def test_a_computation_ends_with_its_result_and_its_progress():
    job = enqueue("test.sum", numbers=[1, 2, 3])
    running.run(job.pk)
    assert (again(job).state, job.result, job.done, job.total) == ("done", {"sum": 6}, 3, 3)


def test_a_job_runs_once_however_often_workers_are_called(threads):
    jobs = [enqueue("test.effect", name=f"第{number}") for number in range(10)]
    calls = [threads(running.run, job.pk) for job in jobs for _call in range(4)]
    for call in calls:
        call.result()
    assert [effects(f"第{number}") for number in range(10)] == [1] * 10
    assert {again(job).attempt for job in jobs} == {1}


def test_progress_is_seen_while_it_runs_and_cancelling_works_between_steps(threads, gate):
    job = enqueue("test.gate", name="甲", gate=str(gate))
    run = threads(running.run, job.pk)
    until(lambda: again(job).done > 1 and job.step == "waiting")
    assert services.cancel(job=job, by=None)
    run.result()
    assert (again(job).state, effects("甲")) == ("cancelled", 0)


def test_cancelling_that_came_before_the_end_keeps_the_effect_out():
    job = enqueue("test.sum", numbers=[])
    claimed = running.claim(job.pk)
    services.cancel(job=job, by=None)
    progress = running.Progress(claimed, kind_of("test.sum"))

    def act() -> None:
        with transaction.atomic():
            Group.objects.create(name="甲 1")
            progress.finishing()

    with pytest.raises(running.Cancelled):
        act()
    assert (effects("甲"), again(job).state) == (0, "running")


def test_a_lease_that_somebody_else_took_leaves_no_effect(threads, gate):
    job = enqueue("test.gate", name="甲", gate=str(gate))
    run = threads(running.run, job.pk)
    until(lambda: again(job).state == "running")
    Job.objects.filter(pk=job.pk).update(lease=SOMEBODY, worker="another")
    gate.touch()
    run.result()
    assert (again(job).state, job.lease, effects("甲")) == ("running", SOMEBODY, 0)


def test_a_job_taken_over_while_it_slept_happens_once(short_leases, threads, gate):
    """As if the process had been stopped for longer than its lease: no beat, the sweep, and a second worker."""
    job = enqueue("test.gate", name="甲", gate=str(gate))
    sleeper = threads(lambda: running.run(job.pk, beats=False))
    until(lambda: gate.with_suffix(".here").exists())
    let_the_lease_run_out(job)
    assert sweep()
    assert again(job).state == "queued"
    second = threads(running.run, job.pk)
    until(lambda: again(job).attempt == 2)
    gate.touch()
    sleeper.result()
    second.result()
    assert (again(job).state, job.attempt, effects("甲")) == ("done", 2, 1)


def test_the_heartbeat_keeps_the_lease_of_a_job_that_takes_longer(short_leases, threads, gate):
    job = enqueue("test.gate", name="甲", gate=str(gate))
    run = threads(running.run, job.pk)
    until(lambda: again(job).state == "running")
    first = job.lease_until
    until(lambda: again(job).lease_until > first + datetime.timedelta(seconds=2))
    sweep()
    gate.touch()
    run.result()
    assert (again(job).state, job.attempt, effects("甲")) == ("done", 1, 1)


def test_a_write_longer_than_the_lease_is_done_once(short_leases, threads):
    """On SQLite the transaction itself keeps the heartbeat from writing, and the sweep too; on PostgreSQL the row."""
    job = enqueue("test.effect", name="甲")
    claimed = running.claim(job.pk)
    progress = running.Progress(claimed, kind_of("test.effect"))
    with running._heartbeat(progress):
        with transaction.atomic():
            Group.objects.create(name="甲 1")
            progress.finishing()
            sweeping = threads(sweep)
            until(lambda: timezone.now() > claimed.lease_until + datetime.timedelta(seconds=0.5))
        sweeping.result()
    running.run(job.pk)
    assert (again(job).state, job.attempt, effects("甲")) == ("done", 1, 1)


def test_the_end_belongs_into_the_transaction_of_the_effect():
    job = enqueue("test.effect", name="甲")
    progress = running.Progress(running.claim(job.pk), kind_of("test.effect"))
    with pytest.raises(transaction.TransactionManagementError):
        progress.finishing()


def test_an_effect_that_is_rolled_back_after_the_end_is_no_end():
    job = enqueue("test.effect", name="甲")
    progress = running.Progress(running.claim(job.pk), kind_of("test.effect"))
    with transaction.atomic():
        Group.objects.create(name="甲 1")
        progress.finishing()
        transaction.set_rollback(True)
    assert (again(job).state, effects("甲")) == ("running", 0)


def test_a_worker_that_is_told_to_end_gives_its_job_back(threads, gate, monkeypatch):
    stopping = threading.Event()
    monkeypatch.setattr(running, "stopping", stopping)
    job, once = enqueue("test.gate", name="甲", gate=str(gate)), enqueue("test.once", name="乙", gate=str(gate))
    runs = [threads(running.run, each.pk) for each in (job, once)]
    until(lambda: again(job).state == again(once).state == "running")
    stopping.set()
    runs[0].result()
    assert (again(job).state, job.attempt, effects("甲")) == ("queued", 0, 0)
    gate.touch()
    runs[1].result()  # one that cannot be redone is finished first
    assert (again(once).state, effects("乙")) == ("done", 1)


def test_an_unexpected_error_is_named_and_logged_under_the_job(caplog):
    job = enqueue("test.error")
    running.run(job.pk)
    assert again(job).state == "failed"
    assert "ZeroDivisionError" in job.message
    assert str(job.pk) in job.message
    assert str(job.pk) in caplog.text


def test_a_full_disk_is_named(caplog):
    job = enqueue("test.error", error="disk")
    running.run(job.pk)
    assert (again(job).state, "磁盘" in job.message, job.may_start_again) == ("failed", True, True)


def test_a_full_database_is_named_and_its_effect_rolled_back(caplog):
    """As the databases say it themselves: SQLite at its largest size, PostgreSQL by its own error code."""
    job = enqueue("test.effect", name="甲" * 30)
    if connection.vendor == "sqlite":
        full = "CREATE TRIGGER full_disk BEFORE INSERT ON auth_group BEGIN SELECT RAISE(ABORT, '{}'); END"
        statements = [full.format("database or disk is full")], ["DROP TRIGGER full_disk"]
    else:
        full = (
            "CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full', "
            "MESSAGE = 'could not extend file: No space left on device'; END $$ LANGUAGE plpgsql"
        )
        trigger = "CREATE TRIGGER full_disk BEFORE INSERT ON auth_group FOR EACH ROW EXECUTE FUNCTION full_disk()"
        statements = [full, trigger], ["DROP TRIGGER full_disk ON auth_group", "DROP FUNCTION full_disk()"]
    for statement in statements[0]:
        run_sql(statement)
    try:
        running.run(job.pk)
    finally:
        for statement in statements[1]:
            run_sql(statement)
    assert (again(job).state, "磁盘" in job.message, Group.objects.count()) == ("failed", True, 0)
    services.start_again(job=job, by=None)
    running.run(job.pk)
    assert (again(job).state, effects("甲" * 30)) == ("done", 1)


def test_a_database_that_goes_away_leaves_the_job_to_the_sweep(caplog, short_leases):
    job = enqueue("test.error", error="database")
    running.run(job.pk)
    assert again(job).state == "running"
    let_the_lease_run_out(job)
    sweep()
    assert again(job).state == "queued"
