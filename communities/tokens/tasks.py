import datetime

from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Progress
from communities.tokens import services


@job(
    "tokens.tidy", label=_("Old uses of tokens removed"), redoable=True, daily=datetime.time(0, 20),
    tells={"removed": _("Removed")},
)  # fmt: skip
def tidy(progress: Progress) -> dict[str, int]:
    return {"removed": services.tidy()}
