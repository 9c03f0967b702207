"""Templates: empty workbooks with the importers' headers, lists to choose from, and a sheet that explains each column.

Lists of subdistricts and communities depend on what stands beside them, by named ranges on a hidden sheet. They help
and forbid nothing: the importers read other spellings too.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import IO, Any

import xlsxwriter
from django.db import models
from django.utils.translation import override
from xlsxwriter.utility import xl_col_to_name

from chaoyang_pm.kit.scoping import Scope
from chaoyang_pm.kit.sheets.writing import OPTIONS, Shape, set_up_print
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.exports import guide
from compounds.exports.columns import BUILDINGS_SHEET, ENTRIES_SHEET, LANGUAGE, REGISTER_SHEET, REPORTS_SHEET, field
from compounds.imports.choices import Workbook
from compounds.imports.standing import MARK
from compounds.imports.vocabulary import HEADERS
from compounds.ledger.choices import Category, Kind, Mode
from compounds.register.choices import AreaSource, CompoundKind
from compounds.reports.choices import ReportKind
from compounds.reports.offers import DATE_BASES

LISTS = "选项"
SHEETS = {
    Workbook.REGISTER: REGISTER_SHEET, Workbook.ENTRIES: ENTRIES_SHEET, Workbook.BUILDINGS: BUILDINGS_SHEET,
    Workbook.REPORTS: REPORTS_SHEET,
}  # fmt: skip
#: So many rows get the lists, beyond those that are filled in already.
ROWS = 2_000
CHOICES: dict[Workbook, dict[str, type[models.TextChoices] | tuple]] = {
    Workbook.REGISTER: {"kind": CompoundKind, "area_source": AreaSource, "category": Category, "mode": Mode},
    Workbook.ENTRIES: {
        "kind": Kind, "category": Category, "new_category": Category, "mode_from": Mode, "mode_to": Mode,
    },
    Workbook.BUILDINGS: {},
    Workbook.REPORTS: {
        "kind": ReportKind, "date_basis": DATE_BASES, "category": Category, "mode_from": Mode, "mode_to": Mode,
    },
}  # fmt: skip
COUNTIES, COMMUNITIES = "全部县区", "全部社区"


def title(workbook: Workbook) -> str:
    return f"{SHEETS[workbook]}模板"


def write(
    target: str | os.PathLike | IO[bytes], workbook: Workbook, *, scope: Scope, rows: Iterable[dict[str, str]] = ()
) -> None:
    """A template of a workbook for the divisions of a scope; ``rows`` are filled in already, by column."""
    columns = [column for column in HEADERS[workbook][1] if column.key != MARK]
    with override(LANGUAGE), xlsxwriter.Workbook(target, {"in_memory": True, **OPTIONS}) as book:
        book.set_properties({"title": title(workbook)})
        sheet = book.add_worksheet(SHEETS[workbook])
        _explain(book, workbook, columns)
        lists = _Lists(book)
        last = _head(book, sheet, columns, workbook, rows)
        letters = {column.key: xl_col_to_name(index, col_abs=True) for index, column in enumerate(columns)}
        sources = {key: lists.add(key, _labels(choices)) for key, choices in CHOICES[workbook].items()}
        sources |= _places(lists, scope, letters)
        for index, column in enumerate(columns):
            how, example = guide.HOW[workbook][column.key]
            options: dict[str, Any] = {"validate": "any", "ignore_blank": True, "show_error": False}
            if source := sources.get(column.key):
                options |= {"validate": "list", "source": source}
            if how:
                options |= {"input_title": column.label[:32], "input_message": f"{how}。例：{example}"[:255]}
            if how or column.key in sources:
                sheet.data_validation(1, index, last + ROWS, index, options)


def _head(book: Any, sheet: Any, columns: list[Any], workbook: Workbook, rows: Iterable[dict[str, str]]) -> int:
    """Header, formats, print set-up and the rows that are given; returns the number of the last one, from 0."""
    plain = {"bold": True, "border": 1, "text_wrap": True, "valign": "vcenter", "align": "center"}
    heads = {needed: book.add_format({**plain, "bg_color": colour}) for needed, colour in
             ((True, "#FCE4D6"), (False, "#D9E5F3"))}  # fmt: skip
    formats = {shape: book.add_format({"num_format": shape.value}) for shape in Shape}
    for index, column in enumerate(columns):
        needed = column.required or (workbook != Workbook.REGISTER and column.key == "code")
        shown = field(column)
        sheet.write_string(0, index, f"{shown.label}*" if needed else shown.label, heads[needed])
        sheet.set_column(index, index, shown.width, formats[shown.shape])
    last = 0
    for last, row in enumerate(rows, start=1):
        for index, column in enumerate(columns):
            if value := row.get(column.key):
                sheet.write_string(last, index, value, formats[field(column).shape])
    sheet.set_row(0, 32)
    sheet.freeze_panes(1, 2)
    set_up_print(sheet, [field(column) for column in columns], 0)
    return last


def _explain(book: Any, workbook: Workbook, columns: list[Any]) -> None:
    sheet = book.add_worksheet(guide.SHEET)
    title, head = (
        book.add_format({"bold": True, "font_size": 14}),
        book.add_format({"bold": True, "border": 1, "bg_color": "#D9E5F3"}),
    )
    cell = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
    lines = guide.INTRODUCTION[workbook]
    for number, line in enumerate(lines):
        sheet.write_string(number, 0, line, title if number == 0 else None)
    top = len(lines) + 1
    for index, (label, width) in enumerate(zip(guide.HEADER, guide.WIDTHS, strict=True)):
        sheet.set_column(index, index, width)
        sheet.write_string(top, index, label, head)
    for number, column in enumerate(columns, start=top + 1):
        how, example = guide.HOW[workbook][column.key]
        values = (field(column).label, "必填" if column.required else "", how, example)
        for index, value in enumerate(values):
            sheet.write_string(number, index, value, cell)
    sheet.freeze_panes(top + 1, 0)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


class _Lists:
    """The hidden sheet: a list per column, with a name for each."""

    def __init__(self, book: Any):
        self.book, self.sheet, self.column = book, book.add_worksheet(LISTS), 0
        self.sheet.hide()

    def add(self, heading: str, values: Iterable[str], *, name: str = "") -> str:
        """Write a list; returns the formula of its range. ``name`` is defined for it, too."""
        number = 0
        self.sheet.write_string(0, self.column, heading)
        for number, value in enumerate(values, start=1):
            self.sheet.write_string(number, self.column, value)
        letter = xl_col_to_name(self.column, col_abs=True)
        formula = f"='{LISTS}'!{letter}$2:{letter}${max(number, 1) + 1}"
        if name:
            self.book.define_name(name, formula)
        self.column += 1
        return formula


def _labels(choices: type[models.TextChoices] | tuple) -> list[str]:
    return [str(getattr(choice, "label", choice)) for choice in choices]


def _places(lists: _Lists, scope: Scope, letters: dict[str, str]) -> dict[str, str]:
    """The sources of the lists of counties, subdistricts and communities.

    A subdistrict's list is named after its county, a community's after county and subdistrict; without them every
    community of the scope is offered.
    """
    names: dict[str, str] = {}
    below: dict[str, list[str]] = defaultdict(list)
    counties, communities = [], []
    for division in Division.objects.living().order_by("code"):
        names[division.code] = division.name
        if division.level == Level.CITY or not _meets(scope, division.code):
            continue
        if division.level == Level.COUNTY:
            counties.append(division.name)
        elif division.level == Level.SUBDISTRICT:
            below[division.code[: CODE_LENGTH[Level.COUNTY]]].append(division.name)
        else:
            written = f"{division.name} {division.code}"
            communities.append(written)
            below[division.code[: CODE_LENGTH[Level.SUBDISTRICT]]].append(written)
    for code, values in below.items():
        name = "_".join(names[code[:length]] for length in CODE_LENGTH.values() if 4 < length <= len(code))
        if re.fullmatch(r"[^\W\d]\w*", name):
            lists.add(name, values, name=name)
    everywhere = lists.add(COMMUNITIES, communities, name=COMMUNITIES)
    sources = {"county": lists.add(COUNTIES, counties, name=COUNTIES)}
    county, subdistrict = f"{letters['county']}2", f"{letters['subdistrict']}2"
    sources["subdistrict"] = f"=INDIRECT({county})"
    sources["community"] = f'=IF({subdistrict}="",{COMMUNITIES},INDIRECT({county}&"_"&{subdistrict}))'
    return sources | ({"new_community": everywhere} if "new_community" in letters else {})


def _meets(scope: Scope, code: str) -> bool:
    """Whether a division lies in the scope, or the scope in it."""
    return scope.covers(code) or any(own.startswith(code) for own in scope.codes)
