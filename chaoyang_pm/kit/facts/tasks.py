import datetime

from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.facts import services
from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Progress


@job(
    "facts.gather", label=_("Notes of edits put together"), redoable=True, daily=datetime.time(0, 20),
    tells={"gathered": _("Notes put together")},
)  # fmt: skip
def gather(progress: Progress) -> dict[str, int]:
    """Each edit leaves a row; their sum is asked for with every call of the API, so there should be few."""
    return {"gathered": services.gather()}
