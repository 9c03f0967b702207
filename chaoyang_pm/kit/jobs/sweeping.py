"""The sweep: finds jobs whose worker died or whose message was lost, and registers what is due today or needed now.

Every worker sweeps on a schedule of its own; a row with the time of the last sweep lets one of them do it. Everything
here is a conditional update, so that even two sweeps at once do each thing once.
"""

import datetime
import logging

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.jobs.choices import JobState
from chaoyang_pm.kit.jobs.models import Job, Sweep
from chaoyang_pm.kit.jobs.registry import Kind, daily_kinds, kind_of, needed_kinds
from chaoyang_pm.kit.jobs.running import worker_name
from chaoyang_pm.kit.jobs.services import request
from chaoyang_pm.kit.jobs.waking import wake

log = logging.getLogger(__name__)

#: How many workers are called in one sweep: a queue as long as this is worked on anyway.
MOST_CALLS = 100


def last_sweep() -> datetime.datetime | None:
    """When a worker last swept; None if none ever did. Older than a few intervals means that no worker is alive."""
    return Sweep.objects.values_list("swept_at", flat=True).first()


def is_anybody_working() -> bool:
    """Whether a worker has swept within the last four intervals."""
    last = last_sweep()
    return last is not None and timezone.now() - last < 4 * settings.JOBS_SWEEP


def sweep() -> bool:
    """Do what is to be done; False if another worker has just done it."""
    if not _my_turn():
        return False
    with translation.override(settings.LANGUAGE_CODE):
        _take_from_the_dead()
        _register_what_is_due()
        for kind in needed_kinds():
            request(kind=kind)
    _call_again()
    return True


def _my_turn() -> bool:
    now, worker = timezone.now(), worker_name()
    if Sweep.objects.filter(swept_at__lte=now - settings.JOBS_SWEEP / 2).update(swept_at=now, worker=worker):
        return True
    return Sweep.objects.get_or_create(pk=1, defaults={"swept_at": now, "worker": worker})[1]


def _take_from_the_dead() -> None:
    """Jobs whose lease has run out: again, if that is safe and has not been tried too often."""
    now = timezone.now()
    for job in Job.objects.filter(state=JobState.RUNNING, lease_until__lt=now):
        kind = kind_of(job.kind)
        if kind is None:
            continue  # A newer portal's: its workers know what to do.
        # Only if nobody renewed it since it was read.
        dead = Job.objects.filter(pk=job.pk, lease=job.lease, lease_until__lt=now)
        free = {"lease": None, "lease_until": None}
        if job.cancel_requested:
            message = _("Cancelled; nothing of it was kept.")
            dead.update(state=JobState.CANCELLED, message=message, finished_at=now, **free)
        elif why_not := _reason_not_to_redo(job, kind):
            dead.update(state=JobState.FAILED, message=why_not, finished_at=now, **free)
        else:
            dead.update(state=JobState.QUEUED, woken_at=None, done=0, total=None, step="", **free)
        log.warning("Job %s (%s) was left by %s", job.pk, job.kind, job.worker)


def _reason_not_to_redo(job: Job, kind: Kind) -> str:
    if not kind.redoable:
        message = _("It was cut off and is not repeated by itself, because part of it may have happened. %(check)s")
        return message % {"check": kind.check_first}
    if job.attempt >= settings.JOBS_ATTEMPTS:
        message = _(
            "It was cut off %(times)s times and is not tried any more. If the server runs short of memory, free some "
            "or split the file; then start it again."
        )
        return message % {"times": job.attempt}
    return ""


def _register_what_is_due() -> None:
    """The daily jobs of today, once their time of day has come; the row is unique, so any number of workers is one."""
    today, clock = business_date(), _clock()
    due = [kind for kind in daily_kinds() if kind.is_due(clock)]
    there = Job.objects.filter(due_on=today).values_list("kind", flat=True)
    missing = [kind for kind in due if kind.code not in set(there)]
    jobs = [
        Job(kind=kind.code, due_on=today, key=f"{kind.code}:{today}", language=settings.LANGUAGE_CODE)
        for kind in missing
    ]
    Job.objects.bulk_create(jobs, ignore_conflicts=True)


def _clock() -> datetime.time:
    return timezone.localtime().time()


def _call_again() -> None:
    """Workers for jobs that nobody was called for, or whose message was lost."""
    lost = Q(woken_at=None) | Q(woken_at__lt=timezone.now() - settings.JOBS_LEASE)
    waiting = Job.objects.filter(lost, state=JobState.QUEUED).order_by("created_at")
    if keys := list(waiting.values_list("pk", flat=True)[:MOST_CALLS]):
        wake(keys)
