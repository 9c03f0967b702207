import datetime

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from compounds.imports.choices import Workbook
from compounds.imports.commands import ImportCommand


class Command(ImportCommand):
    help = "Import a register of compounds (小区台账)."
    workbook = Workbook.REGISTER

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--effective-on", metavar="DATE", help="registration date where the cell is blank")

    def default_date(self, options):
        text = options["effective_on"]
        if not text:
            return super().default_date(options)
        try:
            day = datetime.datetime.strptime(text, "%Y-%m-%d").date()
        except ValueError:
            message = _("“%(value)s” is not a date; write it as 2014-12-31.") % {"value": text}
        else:
            if day <= business_date():
                return day
            message = _("%(value)s lies after the business date; dates up to %(today)s are accepted.")
            message %= {"value": text, "today": business_date().isoformat()}
        self.fail(
            [{"field": "effective_on", "value": text, "message": message}], as_json=options["format"] == "json"
        )
