import uuid
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from chaoyang_pm.kit.figures import m2
from compounds.imports import undo
from compounds.imports.choices import LANDED
from compounds.imports.models import ImportRun
from compounds.ledger.refusals import Refused
from compounds.ledger.selectors import newest

LISTED = 20


class Command(FormattedCommand):
    help = "Undo an import as a whole. Without RUN_ID: the newest imports with their ids."

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("run", metavar="RUN_ID", nargs="?", default="")
        parser.add_argument("--reason", metavar="TEXT", default="", help="why; stands with every reversal")
        parser.add_argument("--dry-run", action="store_true", help="show what it would do, undo nothing")

    def handle(self, *args, **options) -> None:
        self.as_json = options["format"] == "json"
        if not options["run"]:
            self._list()
            return
        run = self._run(options["run"])
        if run is None:
            message = _("There is no import %(run)s; “undo_import” without an id lists the newest ones.")
            problem = {"field": "run", "value": options["run"], "message": message % {"run": options["run"]}}
            self.fail([problem], as_json=self.as_json)
            return
        try:
            if options["dry_run"]:
                planned = undo.preview(run)
                if planned.problems:
                    raise Refused(*planned.problems)
                result = planned.as_dict()
            else:
                run = undo.undo(run=run, reason=options["reason"], by=None)
                result = run.undo_result
        except Refused as refused:
            self.fail([asdict(problem) for problem in refused.problems], as_json=self.as_json)
            return
        self._show(run, result)

    @staticmethod
    def _run(text: str) -> ImportRun | None:
        try:
            return ImportRun.objects.filter(pk=uuid.UUID(text)).first()
        except ValueError:
            return None

    def _show(self, run: ImportRun, result: dict[str, Any]) -> None:
        counts = {name: result[name] for name in ("reversed", "recorded_anew", "facts_restored", "retired")}
        areas = {f"{name}_m2": m2(result[name]) for name in ("adds_managed", "adds_total")}
        stays = {name: result[name] for name in ("facts_kept", "staying")}
        if self.as_json:
            self.print_json({"run": str(run.pk), **counts, **areas, **stays, "height": newest().height})
            return
        shown = counts | areas | {"height": newest().height}
        self.stdout.write(", ".join(f"{name}: {value}" for name, value in shown.items()))
        for kept in (*stays["staying"], *stays["facts_kept"]):
            place = f"{kept['name']} {kept['code']} {kept['field']}".strip()
            self.stdout.write(_("stays: %(what)s, %(why)s") % {"what": place, "why": kept["why"]})

    def _list(self) -> None:
        runs = ImportRun.objects.filter(state__in=LANDED)[:LISTED]
        header = ["run", "posted_at", "state", "workbook", "filename", "first_height", "last_height"]
        rows = [
            [str(run.pk), run.posted_at and run.posted_at.isoformat(timespec="seconds"),
             *(getattr(run, name) for name in header[2:])]
            for run in runs
        ]  # fmt: skip
        if self.as_json:
            self.print_json([dict(zip(header, row, strict=True)) for row in rows])
        else:
            self.print_table(header, rows)
