"""Writes about jobs from outside of them: register, cancel, start again, see. What runs them is ``running``."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chaoyang_pm.kit.jobs import registry
from chaoyang_pm.kit.jobs.choices import ENDED, OPEN, JobState
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.waking import wake


class Busy(Exception):
    """An open job has the key already: ``job``. str() says so for people."""

    def __init__(self, job: Job):
        super().__init__(_("“%(job)s” is under way already; wait for its end.") % {"job": job.label})
        self.job = job


class JobRefused(Exception):
    """What was asked does not go with the job's state; str() says why."""


def enqueue(
    *, kind: str, by: Any, parameters: dict[str, Any] | None = None, scope_code: str | None = None, key: str = ""
) -> Job:
    """Register a job and, once the transaction is committed, call a worker. Raises Busy if the key is taken."""
    if registry.kind_of(kind) is None:
        raise LookupError(f"No room declares jobs of the kind {kind}")
    job = Job(
        kind=kind, created_by=by, parameters=parameters or {}, scope_code=scope_code, key=key, language=_language()
    )
    _register(job)
    return job


def request(*, kind: str) -> None:
    """Ask for work that is asked for again and again: one row of the kind is enough, and is opened anew each time.

    Nothing is done while it is open. Whoever does the work has to look, once its end is committed, whether more came up
    meanwhile, and then to ask again.
    """
    if Job.objects.filter(key=kind, state__in=OPEN).exists():
        return
    last = Job.objects.filter(key=kind).order_by("-created_at").first()
    try:
        if last is None:
            enqueue(kind=kind, by=None, key=kind)
        elif _reopen(Job.objects.filter(pk=last.pk, state__in=ENDED), created_at=timezone.now()):
            transaction.on_commit(partial(wake, [last.pk]))
    except (Busy, IntegrityError):
        return  # somebody else has just asked


def tell(*, kind: str, people: Iterable[Any], message: str, result: Any = None) -> None:
    """Put a failure that nobody started into the bells of those who have to know of it."""
    now, language = timezone.now(), _language()
    Job.objects.bulk_create(
        Job(
            kind=kind, created_by=person, language=language, state=JobState.FAILED, finished_at=now, message=message,
            result=result,
        )
        for person in people
    )  # fmt: skip


def start_again(*, job: Job, by: Any) -> None:
    """Put a job that failed or was cancelled back into the queue. Raises JobRefused or Busy."""
    if not job.may_start_again:
        raise JobRefused(_("“%(job)s” cannot be started again.") % {"job": job.label})
    stopped = Job.objects.filter(pk=job.pk, state__in=[JobState.FAILED, JobState.CANCELLED])
    try:
        found = _reopen(stopped)
    except IntegrityError:
        raise Busy(Job.objects.get(key=job.key, state__in=OPEN)) from None
    if found:
        transaction.on_commit(partial(wake, [job.pk]))


def cancel(*, job: Job, by: Any) -> bool:
    """Cancel a job: at once while it waits, between two steps while it runs. False if it had ended before."""
    waiting = Job.objects.filter(pk=job.pk, state=JobState.QUEUED)
    message = _("Cancelled by %(user)s.") % {"user": by} if by else _("Cancelled.")
    if waiting.update(state=JobState.CANCELLED, finished_at=timezone.now(), message=message):
        return True
    return bool(Job.objects.filter(pk=job.pk, state=JobState.RUNNING).update(cancel_requested=True))


def mark_seen(*, jobs: Iterable[Job], by: Any) -> None:
    """Take ended jobs out of their owner's bell."""
    keys = [job.pk for job in jobs if job.seen_at is None and job.state in ENDED and job.created_by_id == by.pk]
    if keys:
        Job.objects.filter(pk__in=keys, state__in=ENDED, seen_at=None).update(seen_at=timezone.now())


def mark_all_seen(*, by: Any) -> None:
    """Empty the owner's bell."""
    Job.objects.filter(created_by=by, state__in=ENDED, seen_at=None).update(seen_at=timezone.now())


def _reopen(stopped: Any, **more: Any) -> int:
    """Put ended jobs back into the queue; their number. Raises IntegrityError if another open one has the key."""
    with transaction.atomic():
        return stopped.update(
            state=JobState.QUEUED, finished_at=None, seen_at=None, result=None, message="", step="", done=0,
            total=None, attempt=0, cancel_requested=False, woken_at=None, **more,
        )  # fmt: skip


def _register(job: Job) -> None:
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        other = Job.objects.filter(key=job.key, state__in=OPEN).exclude(key="").first()
        if other is None:
            raise
        raise Busy(other) from None
    transaction.on_commit(partial(wake, [job.pk]))


def _language() -> str:
    return get_language() or "zh-hans"
