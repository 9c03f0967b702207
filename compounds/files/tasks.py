import datetime

from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Progress
from compounds.files import basis, services


@job("files.sweep", label=_("Sweep of files that belong to no upload"), redoable=True, daily=datetime.time(2, 30))
def sweep(progress: Progress) -> dict[str, int]:
    """What interrupted uploads and forms that were left leave behind; a second sweep finds nothing."""
    return {"left": basis.sweep(), "removed": len(services.sweep_orphans())}
