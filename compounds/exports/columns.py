"""The columns of the two sheets that an export writes: those of the importers, in their order and under their names."""

from django.utils.translation import override

from chaoyang_pm.kit.sheets.writing import Field, Shape
from compounds.imports.columns import AREA, BUILDINGS, ENTRIES, REGISTER
from compounds.ledger.choices import Category, Kind, Mode
from compounds.register.choices import AreaSource, CompoundKind, Status

NUMBERS = {"built_year", "buildings", "floors", "households", "renovated_year", "reverses", "units"}
DATES = {"registered_on", "taken_over_on", "committee_term_ends", "effective_on"}
WIDTHS = {
    "code": 18, "name": 20, "former_names": 16, "community": 24, "new_community": 24, "address": 24, "target": 18,
    "category": 16, "new_category": 16, "mode": 16, "mode_from": 16, "mode_to": 16, "provider": 24,
    "provider_from": 24, "provider_to": 24, "note": 30, "mark": 22, "basis_name": 24, "phone": 16,
}  # fmt: skip
#: The words of the sheets are those of the field, in whatever language the portal is read.
LANGUAGE = "zh-hans"
#: A date of which only the month is known.
MONTH = "{0.year}年{0.month}月"
REGISTER_SHEET, ENTRIES_SHEET, BUILDINGS_SHEET, REPORTS_SHEET = "台账", "变更", "楼栋", "上报"
#: Not in an export: a compound is named by its code, and what was taken back is not there.
LEFT_OUT = {"county", "subdistrict", "community", "reverses"}


def label(column) -> str:
    """The header of an importer's column, with its unit where it has one."""
    return f"{column.label}(㎡)" if column.dimension == AREA else column.label


def field(column) -> Field:
    shape = Shape.TEXT
    if column.dimension == AREA:
        shape = Shape.AREA
    elif column.key in NUMBERS:
        shape = Shape.NUMBER
    elif column.key in DATES:
        shape = Shape.DATE
    return Field(label(column), shape, WIDTHS.get(column.key, 13 if shape in (Shape.DATE, Shape.AREA) else 11))


REGISTER_FIELDS = [field(column) for column in REGISTER]
ENTRIES_COLUMNS = [column for column in ENTRIES if column.key not in LEFT_OUT]
ENTRIES_FIELDS = [field(column) for column in ENTRIES_COLUMNS]
BUILDINGS_FIELDS = [field(column) for column in BUILDINGS]


class Words:
    """What codes are called in a cell, each looked up once; blank for blank."""

    def __init__(self) -> None:
        with override(LANGUAGE):
            self.category, self.mode, self.kind, self.compound_kind, self.area_source, self.status = (
                {"": None, None: None} | {choice.value: str(choice.label) for choice in choices}
                for choices in (Category, Mode, Kind, CompoundKind, AreaSource, Status)
            )
