"""What of the jobs waits for their owner: those that failed and were not looked at."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.desk.registry import Item, Pile
from chaoyang_pm.kit.jobs.choices import JobState
from chaoyang_pm.kit.jobs.models import Job


def failed(user: Any, limit: int) -> Pile | None:
    rows = Job.objects.filter(created_by=user, state=JobState.FAILED, seen_at=None).order_by("-finished_at")
    found = list(rows.defer("result")[:limit])
    if not found:
        return None
    items = [
        Item(job.label, job.page or job.get_absolute_url(), why=job.message[:200], since=job.finished_at)
        for job in found
    ]  # fmt: skip
    number = len(found) if len(found) < limit else rows.count()
    return Pile(_("Background work that failed"), items, number, reverse("jobs:list"))
