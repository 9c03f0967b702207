"""Runs one job under a lease: claim, heartbeat, progress, and an end that goes together with the effect.

A job is claimed by one conditional update of its row. A thread of its own renews the lease over its own database
connection, writes the progress and reads whether cancelling was asked for; the job's thread only reads flags. The
effect and the end are one transaction (``Progress.finishing``), conditional on the lease: a job whose lease somebody
else has taken meanwhile rolls its effect back.
"""

import contextlib
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

from auditlog.context import set_actor
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connections, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chaoyang_pm.kit import disk
from chaoyang_pm.kit.jobs.choices import JobState
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.registry import Kind, kind_of
from chaoyang_pm.kit.jobs.waking import wake
from chaoyang_pm.kit.logs.context import bind

log = logging.getLogger(__name__)

#: Set when this process has been told to end: jobs that may run again stop between two steps.
stopping = threading.Event()


class Cancelled(Exception):
    """Somebody asked for it; nothing of the job is kept."""


class LeaseLost(Exception):
    """The job is somebody else's by now; nothing of what was done here is kept."""


class Interrupted(Exception):
    """This process ends; the job waits for another one."""


class Failed(Exception):
    """The job cannot be done; str() says for people why and what to do. ``result`` is kept with it."""

    def __init__(self, message: str, result: Any = None):
        super().__init__(message)
        self.result = result


class Progress:
    """What a running job says and asks about itself. ``job`` is its row as it was claimed."""

    def __init__(self, job: Job, kind: Kind):
        self.job, self.kind = job, kind
        self.done, self.step = 0, ""
        self.total: int | None = None
        self.lost = self.cancelled = False
        #: Whether the end has been written in a transaction of the job's own.
        self.ended = False

    def advance(self, done: int | None = None, total: int | None = None, step: str | None = None) -> None:
        """Say how far the job is; between two steps, so that it can be left here.

        Raises Cancelled, LeaseLost or Interrupted: let them pass, so that open transactions are rolled back.
        """
        if total is not None:
            self.total = total
        if done is not None:
            self.done = done
        if step is not None:
            self.step = step
        if self.lost:
            raise LeaseLost
        if self.cancelled:
            raise Cancelled
        if stopping.is_set() and self.kind.redoable:
            raise Interrupted

    def finishing(self, result: Any = None, message: str = "") -> None:
        """Write the job's end within the transaction of its effect: both happen or neither.

        Raises LeaseLost or Cancelled; the transaction must then be rolled back, which letting them pass does.
        """
        if not transaction.get_connection().in_atomic_block:
            raise transaction.TransactionManagementError("finishing() belongs into the transaction of the effect")
        total = self.total if self.total is not None else self.done
        mine = Job.objects.filter(pk=self.job.pk, lease=self.job.lease)
        if not mine.filter(cancel_requested=False).update(
            state=JobState.DONE, done=total, total=total, result=result, message=message, **_released()
        ):
            raise Cancelled if mine.exists() else LeaseLost
        self.ended = True

    def shown(self) -> dict[str, Any]:
        """The progress as the row holds it."""
        done, total = self.done, self.total
        return {"done": done if total is None else min(done, total), "total": total, "step": self.step[:100]}


def worker_name() -> str:
    return f"{socket.gethostname()[:80]}:{os.getpid()}"


def run(pk: uuid.UUID | str, *, beats: bool = True) -> None:
    """Run a job if it waits for somebody to do so. Raises nothing that is about the job.

    ``beats=False`` leaves the heartbeat out: for a caller whose own transaction holds the row.
    """
    job = claim(pk)
    if job is None:
        return
    kind = kind_of(job.kind)
    if kind is None:  # claim() takes known kinds only
        raise LookupError(job.kind)
    progress = Progress(job, kind)
    with bind(job=str(job.pk), kind=job.kind), translation.override(job.language), set_actor(job.created_by):
        try:
            with _heartbeat(progress) if beats else contextlib.nullcontext():
                result = kind.function(progress, **job.parameters)
            if not progress.ended:
                with transaction.atomic():
                    progress.finishing(result)
        except Cancelled:
            _end(progress, JobState.CANCELLED, message=_("Cancelled; nothing of it was kept."))
        except LeaseLost:
            log.warning("Job %s (%s) was taken over by another worker; its effect was rolled back", job.pk, job.kind)
        except Interrupted:
            _give_back(progress)
        except Failed as failed:
            _end(progress, JobState.FAILED, message=str(failed), result=failed.result)
        except Exception as error:
            _end_by_error(progress, error)


def claim(pk: uuid.UUID | str) -> Job | None:
    """Take a waiting job: one conditional update, so that of several workers one gets it."""
    now = timezone.now()
    waiting = Job.objects.filter(pk=pk, state=JobState.QUEUED)
    kind = waiting.values_list("kind", flat=True).first()
    if kind is None or kind_of(kind) is None:
        return None
    lease = uuid.uuid4()
    claimed = waiting.update(
        state=JobState.RUNNING, lease=lease, lease_until=now + settings.JOBS_LEASE, attempt=F("attempt") + 1,
        started_at=now, worker=worker_name(), done=0, total=None, step="", message="",
    )  # fmt: skip
    return Job.objects.select_related("created_by").get(pk=pk) if claimed else None


@contextlib.contextmanager
def _heartbeat(progress: Progress) -> Iterator[None]:
    """Renew the lease in a thread, as long as the block runs."""
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(progress, over), name=f"lease of {progress.job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(progress: Progress, over: threading.Event) -> None:
    lease = settings.JOBS_LEASE.total_seconds()
    mine = Job.objects.filter(pk=progress.job.pk, lease=progress.job.lease)
    renewed, written = time.monotonic(), progress.shown()
    try:
        while not over.wait(min(1.0, lease / 10)):
            try:
                cancelled = mine.values_list("cancel_requested", flat=True).first()
                if cancelled is None:
                    progress.lost = True  # or ended: then nobody asks any more
                    return
                progress.cancelled = cancelled
                now, shown = time.monotonic(), progress.shown()
                if shown != written or now - renewed > lease / 4:
                    mine.update(lease_until=timezone.now() + settings.JOBS_LEASE, **shown)
                    renewed, written = now, shown
            except (DatabaseError, InterfaceError) as error:
                # The lease runs on; if it runs out, the end is refused and the effect rolled back.
                log.warning("The lease of job %s could not be renewed: %s", progress.job.pk, error)
                connections.close_all()
    finally:
        connections.close_all()


def _released() -> dict[str, Any]:
    """What every end writes."""
    return {"lease": None, "lease_until": None, "finished_at": timezone.now(), "step": ""}


def _end(progress: Progress, state: JobState, *, message: str, result: Any = None) -> None:
    """Write an end without effect. A row that is not ours any more stays as it is."""
    job = progress.job
    try:
        Job.objects.filter(pk=job.pk, lease=job.lease).update(
            **progress.shown() | _released(), state=state, message=message, result=result
        )
    except (DatabaseError, InterfaceError):
        # Nothing is lost: the lease runs out, and the sweep decides.
        log.exception("The end of job %s (%s) could not be written: %s", job.pk, state, message)


def _give_back(progress: Progress) -> None:
    """Back into the queue: an orderly stop is no failed attempt."""
    job = progress.job
    returned = Job.objects.filter(pk=job.pk, lease=job.lease).update(
        state=JobState.QUEUED, lease=None, lease_until=None, attempt=F("attempt") - 1, done=0, total=None, step="",
        woken_at=None,
    )  # fmt: skip
    if returned:
        wake([job.pk])


def _end_by_error(progress: Progress, error: Exception) -> None:
    job = progress.job
    log.error("Job %s (%s) ended with an error", job.pk, job.kind, exc_info=error)
    if disk.is_full(error):
        _end(progress, JobState.FAILED, message=disk.explanation())
    elif isinstance(error, OperationalError | InterfaceError) and progress.kind.redoable:
        return  # The database went away or was busy for too long: the lease runs out, and the job runs again.
    else:
        message = _(
            "The job ended with an unexpected error (%(error)s); the server's log has it under %(number)s. Start it "
            "again; if it happens again, tell the administrator this number."
        )
        if not progress.kind.redoable:
            message = f"{message} {progress.kind.check_first}"
        _end(progress, JobState.FAILED, message=message % {"error": type(error).__name__, "number": job.pk})
