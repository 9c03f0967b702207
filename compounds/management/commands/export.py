from dataclasses import asdict
from pathlib import Path

from django.utils.translation import gettext as _

from chaoyang_pm.kit.commands import FormattedCommand
from communities.divisions.models import Division
from communities.divisions.selectors import root
from compounds.exports import services


class Command(FormattedCommand):
    help = "Write register and changes to an .xlsx that another portal can import. 台账、变更"

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE", help=".xlsx to write")
        parser.add_argument("--division", default="", help="division code; default: the city")

    def handle(self, *args, **options) -> None:
        as_json, code = options["format"] == "json", options["division"]
        division = Division.objects.filter(code=code).first() if code else root()
        if division is None:
            message = _("There is no division %(code)s.") % {"code": code or "—"}
            self.fail([{"field": "division", "value": code, "message": message}], as_json=as_json)
            return
        path = Path(options["file"])
        try:
            written = services.write_to(path, division=division)
        except OSError as error:
            message = _("%(path)s cannot be written: %(error)s") % {"path": path, "error": error.strerror}
            self.fail([{"field": "file", "message": message}], as_json=as_json)
            return
        if as_json:
            self.print_json(asdict(written))
        else:
            self.stdout.write(", ".join(f"{name}: {value}" for name, value in asdict(written).items()))
