"""Reads about jobs."""

from typing import Any

from chaoyang_pm.kit.jobs.models import Job

#: A job as commands print it (ledger.md).
COLUMNS = ["id", "kind", "state", "done", "total", "result"]


def latest(key: str) -> Job | None:
    """The newest job with this key, open or ended."""
    return Job.objects.filter(key=key).select_related("created_by").order_by("-created_at").first()


def row_of(job: Job) -> dict[str, Any]:
    """A job as commands print it."""
    return {name: str(job.pk) if name == "id" else getattr(job, name) for name in COLUMNS}
