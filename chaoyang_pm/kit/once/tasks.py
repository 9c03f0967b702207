import datetime

from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Progress
from chaoyang_pm.kit.once import services


@job(
    "once.tidy", label=_("Old answers to programs removed"), redoable=True, daily=datetime.time(0, 25),
    tells={"removed": _("Removed")},
)  # fmt: skip
def tidy(progress: Progress) -> dict[str, int]:
    return {"removed": services.tidy()}
