from chaoyang_pm.kit.problems import BadQuestion
from compounds.imports.choices import Workbook
from compounds.imports.commands import ImportCommand
from compounds.ledger.asking import resolve_date


class Command(ImportCommand):
    help = "Import a register of compounds."
    workbook = Workbook.REGISTER

    def add_arguments(self, parser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--effective-on", metavar="DATE", help="registration date where the cell is blank")

    def default_date(self, options):
        text = options["effective_on"]
        if text is None:
            return super().default_date(options)
        try:
            return resolve_date(text, field="effective_on")
        except BadQuestion as question:
            self.refuse("effective_on", str(question), options)
