from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Failed, Progress
from compounds.imports import runs
from compounds.imports import undo as undoing
from compounds.imports.models import ImportRun


def _page(job: Any) -> str:
    return reverse("imports:run", args=[job.parameters["run"]])


def _import(pk: str) -> ImportRun:
    run = ImportRun.objects.filter(pk=pk).first()
    if run is None:
        raise Failed(str(_("The import is not there any more; upload the workbook again.")))
    return run


COUNTS = {
    "rows": _("Rows"), "created": _("Newly entered"), "updated": _("Facts updated"), "unchanged": _("Unchanged"),
    "posted": _("Entries"), "area_pending": _("Area pending"), "errors": _("To correct"), "warnings": _("Questions"),
}  # fmt: skip


@job("imports.check", label=_("Check of a workbook"), redoable=True, page=_page, tells=COUNTS)
def check(progress: Progress, run: str, **options: Any) -> None:
    runs.do_check(progress, run=_import(run), **options)


@job("imports.post", label=_("Posting of a workbook"), redoable=True, page=_page, tells=COUNTS)
def post(progress: Progress, run: str, **options: Any) -> None:
    """May run again: what was posted was posted together with its end."""
    runs.do_post(progress, run=_import(run), **options)


@job("imports.hand_in", label=_("Reports for many compounds"), redoable=True, page=_page, tells=COUNTS)
def hand_in(progress: Progress, run: str, **options: Any) -> None:
    """Likewise, of a workbook of reports."""
    runs.do_post(progress, run=_import(run), **options)


UNDONE = {
    "reversed": _("Entries reversed"), "recorded_anew": _("Entries recorded anew"),
    "facts_restored": _("Compounds whose facts went back"), "retired": _("Compounds withdrawn"),
    "buildings_removed": _("Buildings removed"), "buildings_restored": _("Buildings that went back"),
    "reports_withdrawn": _("Reports withdrawn"),
}  # fmt: skip


@job("imports.undo", label=_("Undo of an import"), redoable=True, page=_page, tells=UNDONE)
def undo(progress: Progress, run: str, reason: str) -> None:
    """May run again: what was undone was undone together with its end."""
    undoing.do(progress, run=_import(run), reason=reason)
