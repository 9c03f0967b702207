import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.jobs.choices import JobState
from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Progress
from compounds.exports import services


def _page(job: Any) -> str:
    """The file, once it is there."""
    return reverse("exports:kept", args=[job.pk]) if job.state == JobState.DONE else ""


@job(services.JOB, label=_("Export of register and changes"), redoable=True, page=_page, tells={"rows": _("Rows")})
def write(progress: Progress, division: str) -> dict[str, Any]:
    """May run again: a file that nobody was told of is swept."""
    return services.do_write(progress, division=division)


@job("exports.sweep", label=_("Sweep of exports that were not fetched"), redoable=True, daily=datetime.time(2, 40))
def sweep(progress: Progress) -> dict[str, int]:
    return {"removed": len(services.sweep())}
