import re
from dataclasses import asdict

from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from chaoyang_pm.kit.figures import m2
from compounds.ledger import selectors, services
from compounds.ledger.anchors import write_anchor
from compounds.ledger.choices import Source
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.ledger.verify import verify
from compounds.register.models import Compound


class Command(FormattedCommand):
    help = "Verify, anchor, show or correct the area ledger."

    def add_arguments(self, parser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        checking = actions.add_parser("verify", help="is the ledger whole, untouched and equal to its replay?")
        checking.add_argument("--anchor", metavar="HEIGHT:HASH", default="")
        anchoring = actions.add_parser("anchor", help="write (height, hash) out of the database")
        showing = actions.add_parser("show", help="everything recorded about one compound")
        showing.add_argument("compound", metavar="COMPOUND")
        undoing = actions.add_parser("reverse", help="take one event out of the replay")
        undoing.add_argument("height", metavar="HEIGHT")
        undoing.add_argument("--reason", required=True, metavar="TEXT")
        for each in (checking, anchoring, showing, undoing):
            super().add_arguments(each)

    def handle(self, *args, **options) -> None:
        self.as_json = options["format"] == "json"
        getattr(self, options["action"])(options)

    def verify(self, options) -> None:
        anchor = None
        if options["anchor"]:
            matched = re.fullmatch(r"(\d{1,18}):([0-9a-fA-F]{64})", options["anchor"])
            if not matched:
                message = _("Write the anchor as HEIGHT:HASH, a whole number and 64 hexadecimal digits.")
                self._refuse("anchor", options["anchor"], message)
                return
            anchor = (int(matched[1]), matched[2])
        report = verify(anchor=anchor)
        result = {"ok": report.ok, "height": report.height, "hash": report.hash, "findings": report.findings}
        if not report.ok:
            problems = [{"field": "height", "value": f["height"], "message": f["problem"]} for f in report.findings]
            self.fail(problems, result, as_json=self.as_json)
        if self.as_json:
            self.print_json(result)
        else:
            self.stdout.write(f"OK {report.height}:{report.hash}")

    def anchor(self, options) -> None:
        anchor = write_anchor()
        height, digest = anchor.split(":")
        if self.as_json:
            self.print_json({"height": int(height), "hash": digest})
        else:
            self.stdout.write(anchor)

    def show(self, options) -> None:
        compound = Compound.objects.filter(code=options["compound"]).first()
        if compound is None:
            message = _("There is no compound %(code)s; check the compound code.")
            self._refuse("compound", options["compound"], message % {"code": options["compound"]})
            return
        rows = [self._row(entry) for entry in selectors.history(compound)]
        pockets = [
            {"category": str(pocket.category), "mode": str(pocket.mode), "area_m2": m2(area), "households": households}
            for pocket, (area, households) in sorted(selectors.holding(compound).pockets.items())
        ]
        if self.as_json:
            head = {"code": compound.code, "name": compound.name, "community": compound.community_id}
            self.print_json({"compound": head, "status": compound.status, "pockets": pockets, "entries": rows})
            return
        self.stdout.write(f"{compound.code} {compound.name} {compound.community_id} {compound.get_status_display()}")
        columns = [
            "height", "effective_on", "kind", "category", "mode_from", "mode_to", "area_m2", "households",
            "reversed_by",
        ]  # fmt: skip
        self.print_table(columns, [[row[column] for column in columns] for row in rows])

    @staticmethod
    def _row(entry: Entry) -> dict:
        return {
            "height": entry.height,
            "kind": entry.kind,
            "effective_on": entry.effective_on.isoformat(),
            "compound": entry.compound.code,
            "community": entry.community_id,
            "category": entry.category,
            "mode_from": entry.mode_from,
            "mode_to": entry.mode_to,
            "new_category": entry.new_category,
            "target": entry.target.code if entry.target else None,
            "area_m2": m2(entry.area_dm2),
            "households": entry.households,
            "reverses": entry.reverses_id,
            "reversed_by": entry.reversed_by.height if hasattr(entry, "reversed_by") else None,
            "basis_no": entry.basis_no,
            "recorded_at": entry.recorded_at.isoformat(),
            "hash": entry.hash,
        }

    def reverse(self, options) -> None:
        text = options["height"]
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            message = _("“%(value)s” is not a version; give the whole number of the entry to reverse.")
            self._refuse("height", text, message % {"value": text})
            return
        if not options["reason"].strip():
            self._refuse("reason", "", _("Say why the entry is reversed."))
            return
        try:
            entry = services.reverse(height=int(text), reason=options["reason"], by=None, source=Source.COMMAND)
        except Refused as refused:
            self.fail([asdict(problem) for problem in refused.problems], as_json=self.as_json)
            return
        if self.as_json:
            self.print_json({"height": entry.height, "reversed": entry.reverses_id})
        else:
            self.stdout.write(f"{entry.height}: {int(text)} ↩")

    def _refuse(self, field: str, value: str, message: str) -> None:
        self.fail([{"field": field, "value": value, "message": message}], as_json=self.as_json)
