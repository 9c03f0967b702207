"""方案表 as a workbook: what there is to plan, or the lines of a version, with lists to choose from.

In Chinese, whoever downloads it: it is the bureau's form, and the columns are those that are read back.
"""

from collections.abc import Iterable, Mapping
from typing import IO

import xlsxwriter
from django.utils.translation import gettext as _
from django.utils.translation import override
from xlsxwriter.utility import xl_col_to_name

from chaoyang_pm.kit.sheets.writing import OPTIONS, Field, Shape, set_up_print
from communities.divisions.models import Division
from compounds.exports.columns import LANGUAGE
from compounds.ledger.choices import Category
from oversight.plans import selectors
from oversight.plans.columns import COLUMNS, when
from oversight.plans.models import MODES, PlanVersion
from oversight.plans.sheet import KEYS, area_text, shown
from oversight.programme.models import Programme

WIDTHS = {"code": 20, "name": 20, "community": 14, "category": 18, "mode": 18, "planned_for": 14, "note": 24}
#: So many rows beyond those that are filled in get the lists.
MORE = 500


def write_blank(target: IO[bytes], programme: Programme, county: Division) -> None:
    """A template with a row for each compound of the county that holds unmanaged area."""
    with override(LANGUAGE):
        rows = [
            {
                "code": one.compound.code, "name": one.compound.name, "community": names[one.community],
                "category": str(Category(next(iter(one.pockets))).label) if len(one.pockets) == 1 else "",
                "area": area_text(one.area_dm2), "households": str(one.households or ""),
            }
            for there in [selectors.unmanaged(county.code)]
            for names in [_names(one.community for one in there.values())]
            for one in there.values()
        ]  # fmt: skip
        _write(target, programme, county, rows)


def write_version(target: IO[bytes], version: PlanVersion) -> None:
    """The lines of a version, as they would be read back."""
    with override(LANGUAGE):
        lines = version.lines.select_related("compound", "community").order_by("number")
        _write(target, version.programme, version.county, (shown(line) for line in lines.iterator(2000)))


def _names(codes: Iterable[str]) -> dict[str, str]:
    return dict(Division.objects.filter(code__in=set(codes)).values_list("code", "name"))


def _write(target: IO[bytes], programme: Programme, county: Division, rows: Iterable[Mapping[str, str]]) -> None:
    title = _("Plan of %(county)s: property management") % {"county": county}
    with xlsxwriter.Workbook(target, {"in_memory": True, **OPTIONS}) as book:
        book.set_properties({"title": title})
        sheet = book.add_worksheet(_("Plan lines"))
        fields = [_field(key) for key in KEYS]
        bold = book.add_format({"bold": True, "font_size": 14})
        look = {"bold": True, "border": 1, "text_wrap": True, "align": "center", "valign": "vcenter"}
        heads = {
            required: book.add_format(look | {"bg_color": colour})
            for required, colour in ((True, "#FCE4D6"), (False, "#D9E5F3"))
        }
        formats = {shape: book.add_format({"num_format": shape.value}) for shape in Shape}
        sheet.write_string(0, 0, title, bold)
        by_key = {column.key: column for column in COLUMNS}
        for index, (key, field) in enumerate(zip(KEYS, fields, strict=True)):
            sheet.set_column(index, index, field.width, formats[field.shape])
            sheet.write_string(1, index, field.label, heads[by_key[key].required])
        last = 1
        for last, row in enumerate(rows, start=2):
            for index, (key, field) in enumerate(zip(KEYS, fields, strict=True)):
                if not (text := row.get(key)):
                    continue
                if field.shape is Shape.TEXT:
                    sheet.write_string(last, index, text, formats[field.shape])
                else:
                    sheet.write_number(last, index, float(text), formats[field.shape])
        _lists(book, sheet, programme, last + MORE)
        sheet.freeze_panes(2, 2)
        set_up_print(sheet, fields, 1)


def _field(key: str) -> Field:
    column = next(one for one in COLUMNS if one.key == key)
    label = f"{column.label}{_(' (㎡)') if key == 'area' else ''}{'*' if column.required else ''}"
    shape = {"area": Shape.AREA, "households": Shape.NUMBER}.get(key, Shape.TEXT)
    return Field(label, shape, WIDTHS.get(key, 11))


def _lists(book: xlsxwriter.Workbook, sheet: xlsxwriter.worksheet.Worksheet, programme: Programme, last: int) -> None:
    """Lists to choose from, on a hidden sheet; they help and forbid nothing."""
    choices = {
        "category": [str(label) for label in Category.labels], "mode": [str(label) for _mode, label in MODES],
        "planned_for": [when(day, True) for day in selectors.quarters(programme)], "is_pilot": [_("Yes"), _("No")],
    }  # fmt: skip
    name = _("Choices")
    hidden = book.add_worksheet(name)
    hidden.hide()
    for place, (key, values) in enumerate(choices.items()):
        for number, value in enumerate(values):
            hidden.write_string(number, place, value)
        letter, column = xl_col_to_name(place, col_abs=True), KEYS.index(key)
        sheet.data_validation(2, column, last, column, {
            "validate": "list", "source": f"='{name}'!{letter}$1:{letter}${len(values)}", "show_error": False,
            "ignore_blank": True,
        })  # fmt: skip
