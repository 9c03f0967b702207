"""Workers as processes of their own, on both kinds of broker: SQLite goes with a folder, PostgreSQL with Redis."""

import datetime
import os
import signal

from django.utils import timezone

from chaoyang_pm.kit.jobs import services, sweeping
from chaoyang_pm.kit.jobs.models import Job
from tests.kit.jobs.kinds import effects
from tests.support import until


def enqueue(kind: str, **parameters) -> Job:
    return services.enqueue(kind=kind, by=None, parameters=parameters)


def running(*jobs: Job) -> bool:
    for job in jobs:
        job.refresh_from_db()
    return all(job.state == "running" for job in jobs)


def test_two_workers_share_the_jobs_and_a_killed_ones_run_again(portal, tmp_path):
    workers = [portal.start_worker(), portal.start_worker()]
    jobs = [enqueue("test.effect", name=f"第{number}") for number in range(20)]
    for number, job in enumerate(jobs):
        assert (portal.ended(job).state, job.attempt, effects(f"第{number}")) == ("done", 1, 1)

    gate = tmp_path / "gate"
    job, once = enqueue("test.gate", name="甲", gate=str(gate)), enqueue("test.once", name="乙", gate=str(gate))
    until(lambda: running(job, once))
    for worker in workers:
        portal.kill(worker)
    portal.start_worker()
    assert portal.ended(once).state == "failed"
    assert "Look whether the letter went out." in once.message
    until(lambda: running(job) and job.attempt == 2)
    gate.touch()
    assert (portal.ended(job).state, effects("甲"), effects("乙")) == ("done", 1, 0)


def test_lost_messages_are_made_good_and_a_stopped_worker_changes_nothing_afterwards(portal, tmp_path):
    lost = [enqueue("test.effect", name=f"第{number}") for number in range(5)]
    portal.lose_messages()
    # What was called for a lease ago without an answer is called for again.
    Job.objects.update(woken_at=timezone.now() - datetime.timedelta(minutes=2))
    first = portal.start_worker()
    for number, job in enumerate(lost):
        assert (portal.ended(job).state, effects(f"第{number}")) == ("done", 1)

    gate = tmp_path / "gate"
    job = enqueue("test.gate", name="甲", gate=str(gate))
    until(lambda: running(job))
    os.kill(first.pid, signal.SIGSTOP)
    portal.start_worker()
    until(lambda: running(job) and job.attempt == 2)
    os.kill(first.pid, signal.SIGCONT)
    gate.touch()
    assert (portal.ended(job).state, job.attempt, effects("甲")) == ("done", 2, 1)


def test_several_workers_do_what_is_due_once_and_an_orderly_stop_gives_jobs_back(portal, tmp_path):
    workers = [portal.start_worker() for _worker in range(3)]
    portal.ready(*workers)
    assert sweeping.is_anybody_working()
    daily = until(lambda: Job.objects.filter(kind="test.daily").first())
    assert portal.ended(daily).state == "done"
    job = enqueue("test.gate", name="甲", gate=str(tmp_path / "gate"))
    until(lambda: running(job))
    for worker in workers:
        worker.terminate()
    assert [worker.wait(30) for worker in workers] == [0, 0, 0]
    job.refresh_from_db()
    assert (job.state, effects("甲")) == ("queued", 0)
    assert (Job.objects.filter(kind="test.daily").count(), effects("daily")) == (1, 1)
