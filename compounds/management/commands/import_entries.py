from compounds.imports.choices import Workbook
from compounds.imports.commands import ImportCommand


class Command(ImportCommand):
    help = "Import changes of compounds that are in the register."
    workbook = Workbook.ENTRIES
