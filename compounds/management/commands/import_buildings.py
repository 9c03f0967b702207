from compounds.imports.choices import Workbook
from compounds.imports.commands import ImportCommand


class Command(ImportCommand):
    help = "Import buildings of compounds that are in the register."
    workbook = Workbook.BUILDINGS
