"""What the sweep finds: dead workers, lost messages, and what is due today."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.utils import timezone

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.jobs import running, services, sweeping
from chaoyang_pm.kit.jobs.models import Job, Sweep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("always_due")]
ANCHOR = "ledger.anchor"


@pytest.fixture
def always_due(settings):
    settings.JOBS_SWEEP = datetime.timedelta(0)


@pytest.fixture
def called(monkeypatch) -> list:
    """The jobs that workers were called for; the broker is reached, or not if the list says so."""
    calls: list = []
    monkeypatch.setattr(sweeping, "wake", calls.extend)
    return calls


def dead(kind: str = "test.gate", **more) -> Job:
    """A job whose worker died some time ago."""
    job = services.enqueue(kind=kind, by=None, parameters={"name": "甲", "gate": "x"})
    running.claim(job.pk)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - datetime.timedelta(seconds=1), **more)
    return job


def swept(job: Job) -> Job:
    assert sweeping.sweep()
    job.refresh_from_db()
    return job


def test_a_dead_workers_job_runs_again(called):
    job = swept(dead())
    assert (job.state, job.lease, job.attempt) == ("queued", None, 1)
    assert job.pk in called


def test_a_living_workers_job_is_left_alone(called):
    job = services.enqueue(kind="test.gate", by=None)
    running.claim(job.pk)
    assert swept(job).state == "running"


def test_a_job_that_cannot_be_redone_says_so_and_what_to_check(called):
    job = swept(dead("test.once"))
    assert job.state == "failed"
    assert "Look whether the letter went out." in job.message
    assert not job.may_start_again


def test_a_job_that_takes_its_worker_with_it_every_time_is_given_up(called, settings):
    job = swept(dead(attempt=settings.JOBS_ATTEMPTS))
    assert job.state == "failed"
    assert str(settings.JOBS_ATTEMPTS) in job.message
    assert job.may_start_again


def test_a_dead_workers_job_that_was_to_be_cancelled_is_cancelled(called):
    assert swept(dead(cancel_requested=True)).state == "cancelled"


def test_a_job_of_a_newer_portal_is_left_to_its_workers(called):
    job = dead()
    Job.objects.filter(pk=job.pk).update(kind="later.kind")
    assert swept(job).state == "running"
    assert running.claim(job.pk) is None


def test_a_worker_is_called_again_for_a_lost_message_only(called):
    lost, fresh = (services.enqueue(kind="test.sum", by=None, parameters={"numbers": []}) for _job in range(2))
    now = timezone.now()
    Job.objects.filter(pk=lost.pk).update(woken_at=now - datetime.timedelta(seconds=61))
    Job.objects.filter(pk=fresh.pk).update(woken_at=now)
    sweeping.sweep()
    assert lost.pk in called
    assert fresh.pk not in called


def test_the_sweep_is_done_by_one_worker_per_interval(called, settings):
    settings.JOBS_SWEEP = datetime.timedelta(seconds=15)
    assert sweeping.last_sweep() is None
    assert not sweeping.is_anybody_working()
    assert sweeping.sweep()
    assert not sweeping.sweep()
    assert sweeping.is_anybody_working()
    Sweep.objects.update(swept_at=timezone.now() - datetime.timedelta(seconds=8))
    assert sweeping.sweep()
    Sweep.objects.update(swept_at=timezone.now() - datetime.timedelta(seconds=61))
    assert not sweeping.is_anybody_working()


def test_the_anchor_is_due_once_a_day(called, monkeypatch, reference, data_folder):
    monkeypatch.setattr(sweeping, "_clock", lambda: datetime.time(12))
    for _time in range(3):
        sweeping.sweep()
    job = Job.objects.get(kind=ANCHOR)
    assert (job.due_on, job.created_by) == (business_date(), None)
    running.run(job.pk, beats=False)
    sweeping.sweep()
    assert Job.objects.filter(kind=ANCHOR).count() == 1
    (line,) = (data_folder / "anchors.log").read_text().splitlines()
    job.refresh_from_db()
    assert line.endswith(job.result["anchor"])
    tomorrow = business_date() + datetime.timedelta(days=1)
    monkeypatch.setattr(sweeping, "business_date", lambda: tomorrow)
    sweeping.sweep()
    assert Job.objects.filter(kind=ANCHOR).count() == 2


def test_nothing_is_due_before_its_time_of_day(called, monkeypatch):
    monkeypatch.setattr(sweeping, "_clock", lambda: datetime.time(0, 5))
    sweeping.sweep()
    assert not Job.objects.filter(kind=ANCHOR).exists()


@pytest.mark.django_db(transaction=True)
def test_many_sweeps_at_once_register_what_is_due_once(called, monkeypatch):
    monkeypatch.setattr(sweeping, "_clock", lambda: datetime.time(12))

    def sweep() -> None:
        try:
            sweeping._register_what_is_due()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        for each in [pool.submit(sweep) for _time in range(16)]:
            each.result()
    assert Job.objects.filter(kind=ANCHOR).count() == 1
