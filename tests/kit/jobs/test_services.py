"""Jobs as their rows: what is registered, kept apart, cancelled, started again and seen."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from chaoyang_pm.kit.jobs import running, services
from chaoyang_pm.kit.jobs.choices import JobState
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.registry import job as declare
from chaoyang_pm.kit.jobs.waking import wake

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(bureau) -> Job:
    return services.enqueue(kind="test.sum", by=bureau, parameters={"numbers": [1, 2]}, key="sum:1")


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def test_a_registered_job_waits_with_all_that_it_needs(job, bureau):
    assert (job.state, job.created_by, job.parameters, job.attempt) == ("queued", bureau, {"numbers": [1, 2]}, 0)


def test_a_worker_is_called_once_the_transaction_is_committed(bureau, django_capture_on_commit_callbacks, data_folder):
    with django_capture_on_commit_callbacks(execute=True):
        job = services.enqueue(kind="test.sum", by=bureau, parameters={"numbers": []})
        assert list(data_folder.glob("broker/jobs/*")) == []
    job.refresh_from_db()
    assert len(list(data_folder.glob("broker/jobs/*.msg"))) == 1
    assert not job.waits_for_broker


def test_a_kind_that_nobody_declares_is_no_job(bureau):
    with pytest.raises(LookupError):
        services.enqueue(kind="test.unknown", by=bureau)


def test_two_kinds_of_one_code_and_a_kind_without_advice_are_refused():
    with pytest.raises(ValueError, match="two jobs"):
        declare("test.sum", label="Sum", redoable=True)(print)
    with pytest.raises(ValueError, match="what to check"):
        declare("test.other", label="Other", redoable=False)


def test_a_key_is_open_once_and_free_again_at_the_end(job, bureau):
    with pytest.raises(services.Busy) as busy:
        services.enqueue(kind="test.sum", by=bureau, key="sum:1")
    assert busy.value.job == job
    running.run(job.pk, beats=False)
    services.enqueue(kind="test.sum", by=bureau, key="sum:1")


def test_without_a_key_jobs_do_not_keep_each_other_out(bureau):
    for _time in range(2):
        services.enqueue(kind="test.sum", by=bureau)
    assert Job.objects.count() == 2


def test_a_waiting_job_is_cancelled_at_once(job, bureau):
    assert services.cancel(job=job, by=bureau)
    assert state(job) == "cancelled"
    assert "王芳" in job.message
    running.run(job.pk, beats=False)
    assert state(job) == "cancelled"


def test_what_has_ended_is_not_cancelled(job, bureau):
    running.run(job.pk, beats=False)
    assert not services.cancel(job=job, by=bureau)
    assert state(job) == "done"


def test_a_failed_job_is_started_again(bureau):
    job = services.enqueue(kind="test.refused", by=bureau)
    running.run(job.pk, beats=False)
    assert (state(job), job.message, job.result) == ("failed", "The file is gone; upload it again.", {"rows": 0})
    services.start_again(job=job, by=bureau)
    assert (state(job), job.message, job.result) == ("queued", "", None)


def test_what_is_done_or_cannot_be_redone_is_not_started_again(job, bureau):
    running.run(job.pk, beats=False)
    job.refresh_from_db()
    once = services.enqueue(kind="test.once", by=bureau, parameters={"name": "x", "gate": "x"})
    services.cancel(job=once, by=bureau)
    once.refresh_from_db()
    for each in (job, once):
        with pytest.raises(services.JobRefused):
            services.start_again(job=each, by=bureau)


def test_a_job_whose_key_another_one_has_taken_is_not_started_again(job, bureau):
    services.cancel(job=job, by=bureau)
    other = services.enqueue(kind="test.sum", by=bureau, key="sum:1")
    job.refresh_from_db()
    with pytest.raises(services.Busy) as busy:
        services.start_again(job=job, by=bureau)
    assert busy.value.job == other


def test_only_its_owner_sees_an_ended_job(job, bureau, admin_user):
    services.mark_seen(jobs=[job], by=bureau)
    running.run(job.pk, beats=False)
    job.refresh_from_db()
    services.mark_seen(jobs=[job], by=admin_user)
    assert (state(job), job.seen_at) == ("done", None)
    services.mark_seen(jobs=[job], by=bureau)
    job.refresh_from_db()
    assert job.seen_at


def test_messages_are_in_the_language_of_whoever_asked(bureau):
    with translation.override("en"):
        job = services.enqueue(kind="test.error", by=bureau)
    running.run(job.pk, beats=False)
    job.refresh_from_db()
    assert job.message.startswith("The job ended with an unexpected error (ZeroDivisionError)")


def test_a_broker_that_is_away_raises_nothing_and_says_so(job, data_folder, monkeypatch):
    (data_folder / "broker").write_text("a file where the folder should be")
    assert not wake([job.pk])
    job.refresh_from_db()
    assert job.waits_for_broker
    (data_folder / "broker").unlink()
    assert wake([job.pk])
    job.refresh_from_db()
    assert not job.waits_for_broker


NOW = timezone.now()


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "lost"},
        {"state": JobState.RUNNING},
        {"lease": uuid.uuid4(), "lease_until": NOW},
        {"state": JobState.DONE},
        {"finished_at": NOW},
        {"done": 3, "total": 2},
        {"done": -1},
        {"seen_at": NOW},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_the_database_keeps_rows_that_make_no_sense_out(job, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**wrong)
