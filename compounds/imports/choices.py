from django.db import models
from django.utils.translation import gettext_lazy as _


class Workbook(models.TextChoices):
    """Which of the workbooks a file is."""

    REGISTER = "register", _("Register of compounds")
    ENTRIES = "entries", _("Changes")
    BUILDINGS = "buildings", _("Buildings of compounds")
    REPORTS = "reports", _("Reports for many compounds")


def right(workbook: str, verb: str) -> str:
    """Which row of the permission matrix lets somebody ``read``, ``upload`` or ``undo`` imports of a workbook.

    Streets report for their communities and import nothing into the ledger: 代报 by workbook is a right of its own.
    """
    if workbook != Workbook.REPORTS:
        return f"imports.{verb}"
    return "reports.read" if verb == "read" else "reports.import"


class RunState(models.TextChoices):
    """How far an import is."""

    WAITING = "waiting", _("To be checked")
    CHECKED = "checked", _("Checked")
    POSTED = "posted", _("Posted")
    UNDONE = "undone", _("Undone")


#: What has not been posted yet, and what was, whatever became of it since.
UNPOSTED = (RunState.WAITING, RunState.CHECKED)
LANDED = (RunState.POSTED, RunState.UNDONE)


class Field(models.TextChoices):
    """Fields whose values are words that clerks write in several ways."""

    CATEGORY = "category", _("Category")
    MODE = "mode", _("Mode")
    KIND = "kind", _("Kind of change")
    REPORT_KIND = "report_kind", _("What is reported")
    COMPOUND_KIND = "compound_kind", _("Compound kind")
    AREA_SOURCE = "area_source", _("Area source")
    REGISTER_HEADER = "register_header", _("Header of the register")
    ENTRIES_HEADER = "entries_header", _("Header of the changes")
    BUILDINGS_HEADER = "buildings_header", _("Header of the buildings")
    REPORTS_HEADER = "reports_header", _("Header of the reports")
