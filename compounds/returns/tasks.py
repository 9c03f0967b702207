import datetime

from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Progress
from compounds.returns import services


@job(
    "returns.open", label=_("Monthly returns asked for"), redoable=True, daily=datetime.time(0, 5),
    tells={"asked": _("Asked for")},
)  # fmt: skip
def open_month(progress: Progress) -> dict[str, int]:
    return {"asked": services.open_month(month=business_date())}
