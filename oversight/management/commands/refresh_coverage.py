from dataclasses import asdict

from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from oversight.coverage import services


class Command(FormattedCommand):
    help = (
        "Brings the roll-ups of the figures up to the newest version of the ledger; prints the number of cells changed."
    )

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        group = parser.add_mutually_exclusive_group()
        group.add_argument(
            "--rebuild", action="store_true", help="work out every cell anew, and put right what differs"
        )
        group.add_argument("--check", action="store_true", help="hold every cell against the ledger, and change none")

    def handle(self, *args, **options) -> None:
        as_json = options["format"] == "json"
        if options["check"]:
            self._check(as_json=as_json)
            return
        done = services.rebuild() if options["rebuild"] else services.refresh()
        found = services.known_to_differ()
        if as_json:
            self.print_json(asdict(done))
        else:
            self.stdout.write(_("Cells changed: %(changed)s; version %(height)s.") % asdict(done))
        if found:
            message = _("The roll-ups differ from the ledger and are not used; make them anew with --rebuild.")
            self.fail([{"message": message}], asdict(done), as_json=False)

    def _check(self, *, as_json: bool) -> None:
        found = services.check()
        if as_json:
            self.print_json(asdict(found))
        else:
            facts = {"compared": found.compared, "differing": found.differing, "height": found.height}
            self.stdout.write(_("Cells compared: %(compared)s, differing: %(differing)s; version %(height)s.") % facts)
        if found.differing:
            lines = [
                f"{one['month_end']} {' '.join(map(str, one['cell']))}: {one['stored']} ≠ {one['ledger']}"
                for one in found.named
            ]
            self.fail([{"message": line} for line in lines], asdict(found), as_json=False)
