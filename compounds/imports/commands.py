"""What ``import_compounds`` and ``import_entries`` share."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from chaoyang_pm.kit.jobs.selectors import COLUMNS, row_of
from chaoyang_pm.kit.sheets.findings import Finding
from chaoyang_pm.kit.uploads.refusals import StorageFull
from compounds.imports import runs, services
from compounds.imports.choices import Workbook
from compounds.imports.defaults import registration_date
from compounds.imports.mappings import remembered
from compounds.imports.outcome import Outcome
from compounds.imports.reading import Import, read_or_refuse
from compounds.ledger.selectors import newest


class ImportCommand(FormattedCommand):
    """``FILE [--dry-run] [--skip-bad-rows] [--annotated OUT.xlsx] [--background] [--format json]``.

    Posts, or exits with 1.
    """

    workbook: Workbook

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", help=".xlsx, .xls or .csv (UTF-8 or GBK)")
        parser.add_argument("--dry-run", action="store_true", help="check everything, post nothing")
        parser.add_argument("--skip-bad-rows", action="store_true", help="post the rows without errors")
        parser.add_argument("--annotated", metavar="OUT.xlsx", help="write a copy with the findings in its cells")
        parser.add_argument("--background", action="store_true", help="leave it to a worker; `manage.py jobs` shows it")

    def handle(self, *args, **options) -> None:
        path, out = Path(options["file"]), options["annotated"] and Path(options["annotated"])
        if out and (out.is_dir() or not out.absolute().parent.is_dir()):
            message = _("There is no folder for the annotated copy %(path)s, or a folder has its name.")
            self.refuse("annotated", message % {"path": out}, options)
        if options["background"]:
            return self._background(path, out, options)
        imported, outcome = read_or_refuse(
            workbook=self.workbook, path=path, filename=path.name, default_date=self.default_date(options),
            known=remembered(self.workbook, None),
        )  # fmt: skip
        if imported:
            outcome = services.run(
                imported, by=None, dry_run=options["dry_run"], skip_bad_rows=options["skip_bad_rows"]
            )
            if out:
                self._annotate(imported, out)
        self._report(outcome, options)

    def _background(self, path: Path, out: Path | None, options: dict[str, Any]) -> None:
        """Keep the file and register the job; what becomes of it stands in the job."""
        try:
            job = runs.in_background(
                path=path, workbook=self.workbook, default_date=self.default_date(options),
                dry_run=options["dry_run"], skip_bad_rows=options["skip_bad_rows"], annotated=out and out.absolute(),
            )  # fmt: skip
        except OSError as error:
            message = _("%(path)s cannot be read: %(error)s")
            self.refuse("file", message % {"path": path, "error": error.strerror}, options)
        except StorageFull as full:
            self.refuse("file", str(full), options)
        if options["format"] == "json":
            self.print_json(row_of(job))
        else:
            self.print_table(COLUMNS, [list(row_of(job).values())])

    def refuse(self, field: str, message: str, options: dict[str, Any]) -> None:
        """An option that cannot be used: nothing was read."""
        outcome = Outcome(height=newest().height)
        outcome.errors.append(Finding("", None, None, None, None, message))
        self.fail([{"field": field, "message": message}], outcome.as_dict(), as_json=options["format"] == "json")

    def default_date(self, options):
        return registration_date()

    def _annotate(self, imported: Import, out: Path) -> None:
        try:
            imported.annotate(out)
        except OSError as error:
            message = _("The annotated copy cannot be written to %(path)s: %(error)s")
            raise CommandError(message % {"path": out, "error": error.strerror}) from error

    def _report(self, outcome: Outcome, options: dict[str, Any]) -> None:
        as_json = options["format"] == "json"
        for finding in outcome.warnings:
            self.stderr.write(_("Warning") + f" {_place(finding)}{finding.message}")
        problems = [{"field": _place(finding).strip(": "), "message": finding.message} for finding in outcome.errors]
        if outcome.errors and not (options["skip_bad_rows"] and outcome.accepted):
            self.fail(problems, outcome.as_dict(), as_json=as_json)
        for problem in problems:
            self.stderr.write(f"{problem['field']}: {problem['message']}")
        if as_json:
            self.print_json(outcome.as_dict())
        else:
            counts = outcome.as_dict()
            names = ("rows", "created", "updated", "unchanged", "posted", "area_pending", "height")
            shown = [f"{name}: {counts[name]}" for name in names]
            if outcome.run:
                shown.append(f"run: {outcome.run}")
            self.stdout.write(", ".join(shown))


def _place(finding: Finding) -> str:
    """Where in the workbook: sheet, row, column, and the value that stands there."""
    if finding.row is None:
        return f"{finding.value}: " if finding.value else ""
    place = _("%(sheet)s row %(row)s") % {"sheet": finding.sheet or "", "row": finding.row}
    if finding.column:
        place += f" {finding.column}"
    if finding.value not in (None, ""):
        place += f" “{finding.value}”"
    return f"{place.strip()}: "
