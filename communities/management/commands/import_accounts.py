from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from chaoyang_pm.kit.sheets.findings import Finding
from communities.people import workbook


class Command(FormattedCommand):
    help = "Make the accounts of a workbook, all or none; prints log-in names and initial passwords once."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", help=".xlsx or .csv (UTF-8 or GBK)")
        parser.add_argument("--dry-run", action="store_true", help="check everything, make nothing")
        parser.add_argument("--annotated", metavar="OUT.xlsx", help="write a copy with the findings in its cells")

    def handle(self, *args, **options) -> None:
        path, as_json = Path(options["file"]), options["format"] == "json"
        plan = workbook.read(path, path.name, by=None)
        if out := options["annotated"]:
            self._annotate(plan, out)
        for finding in plan.warnings:
            self.stderr.write(_("Warning: %(message)s") % {"message": f"{_place(finding)}: {finding.message}"})
        result: dict[str, Any] = {"rows": plan.rows, "created": 0, "accounts": [], "errors": []}
        problems = [{"field": _place(one), "message": one.message} for one in plan.errors]
        result["errors"] = [
            {"row": one.row, "column": one.column, "value": None if one.value is None else str(one.value),
             "message": one.message}
            for one in plan.errors
        ]  # fmt: skip
        if problems:
            self.fail(problems, result, as_json=as_json)
        if options["dry_run"]:
            made = [(one.username, one.display_name, one.office, None) for one in plan.accounts]
        else:
            made = self._make(plan, result, as_json=as_json)
            result["created"] = len(made)
        if as_json:
            names = ("username", "display_name", "office", "initial_password")
            self.print_json(result | {"accounts": [dict(zip(names, one, strict=True)) for one in made]})
        else:
            self.print_table(
                [_("Log-in name"), _("Name"), _("Office"), _("Initial password")], [list(one) for one in made]
            )

    def _make(self, plan: workbook.Plan, result: dict[str, Any], *, as_json: bool) -> list[tuple]:
        try:
            slips = workbook.make(plan, by=None)
        except workbook.Refused as refused:
            problem = {"field": "", "message": str(refused)}
            self.fail([problem], result | {"errors": [problem]}, as_json=as_json)
            raise
        return [(one.user.username, one.user.display_name, "; ".join(one.offices), one.password) for one in slips]

    def _annotate(self, plan: workbook.Plan, out: str) -> None:
        try:
            plan.annotate(out)
        except OSError as error:
            message = _("The annotated copy cannot be written to %(path)s: %(error)s")
            raise CommandError(message % {"path": out, "error": error.strerror}) from error


def _place(finding: Finding) -> str:
    if finding.row is None:
        return finding.sheet
    place = _("%(sheet)s row %(row)s") % {"sheet": finding.sheet, "row": finding.row}
    value = f" “{finding.value}”" if finding.value not in (None, "") else ""
    return f"{place} {finding.column or ''}{value}".strip()
