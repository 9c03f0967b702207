import datetime

from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Progress
from oversight.plans import notices


@job(
    "plans.overdue", label=_("Overdue plans told"), redoable=True, daily=datetime.time(7, 20), tells={"told": _("Told")}
)  # fmt: skip
def overdue(progress: Progress) -> dict[str, int]:
    """May run again: whoever was told is not told again."""
    return {"told": notices.tell_overdue(progress.job.due_on or business_date())}
