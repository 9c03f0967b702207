import datetime

from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Progress
from compounds.ledger.anchors import write_anchor


@job(
    "ledger.anchor", label=_("Daily anchor of the ledger"), redoable=True, daily=datetime.time(0, 10),
    tells={"anchor": _("Anchor")},
)  # fmt: skip
def anchor(progress: Progress) -> dict[str, str]:
    """A second line for one day is as good as the first: each says what stood then."""
    return {"anchor": write_anchor()}
