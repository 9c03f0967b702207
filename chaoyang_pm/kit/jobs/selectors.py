"""Reads about jobs."""

from typing import Any

from chaoyang_pm.kit.jobs.choices import ENDED
from chaoyang_pm.kit.jobs.models import Job

#: A job as commands print it (ledger.md).
COLUMNS = ["id", "kind", "state", "done", "total", "result"]
#: So many ended jobs are listed in the bell; more are counted as "20+".
IN_THE_BELL = 20


def latest(key: str) -> Job | None:
    """The newest job with this key, open or ended."""
    return Job.objects.filter(key=key).select_related("created_by").order_by("-created_at").first()


def row_of(job: Job) -> dict[str, Any]:
    """A job as commands print it."""
    return {name: str(job.pk) if name == "id" else getattr(job, name) for name in COLUMNS}


def ended_unseen(user: Any) -> list[Job]:
    """What has ended and its owner has not seen yet, newest first; one more than is listed if there are more."""
    ended = Job.objects.filter(created_by=user, state__in=ENDED, seen_at=None).order_by("-finished_at")
    return list(ended.defer("result")[: IN_THE_BELL + 1])
