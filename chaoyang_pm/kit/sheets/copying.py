"""A new workbook with the values of sheets that cannot be edited in place: .xls files and tables of text."""

import datetime
import io
import re
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format

from chaoyang_pm.kit.sheets.limits import MAX_COLUMNS
from chaoyang_pm.kit.sheets.table import CellValue, Merge, Sheet

_FORBIDDEN = re.compile(r"[\[\]:*?/\\\\']")
WIDEST = 40
MOST_MERGED = 200_000  # cells


def new_workbook(sheets: Sequence[Sheet]) -> tuple[list[str], bytes]:
    """The sheets' names in it, and the workbook: rows at their numbers, merged cells merged. Text stays text."""
    file = io.BytesIO()
    names: list[str] = []
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for sheet in sheets:
            names.append(_unused(_FORBIDDEN.sub("_", sheet.name)[:31] or "Sheet1", names))
            page = book.add_worksheet(names[-1])
            merged, done = _mergeable(sheet), set[tuple[int, int]]()
            for row in sheet.rows:
                for index, value in enumerate(row.cells):
                    if (row.number, index) in done:
                        continue
                    merge = merged.get((row.number, index))
                    if merge:
                        page.merge_range(merge.first_row - 1, index, merge.last_row - 1, merge.last_column, "", text)
                        done |= {(number, column) for number in merge.rows for column in merge.columns}
                    _write(page, row.number - 1, index, value, text, day, moment)
            page.autofit(WIDEST * 7)
    return names, file.getvalue()


def _mergeable(sheet: Sheet) -> dict[tuple[int, int], Merge]:
    """Merged cells by their first one; those that overlap others, or are too many, are left apart."""
    found: dict[tuple[int, int], Merge] = {}
    covered: set[tuple[int, int]] = set()
    for merge in sheet.merged:
        if len(covered) + len(merge.rows) * len(merge.columns) > MOST_MERGED:
            break
        cells = {(number, column) for number in merge.rows for column in merge.columns}
        if len(cells) > 1 and not cells & covered and merge.last_column < MAX_COLUMNS:
            covered |= cells
            found[merge.first_row, merge.first_column] = merge
    return found


def _write(page: Any, row: int, column: int, value: CellValue, text: Format, day: Format, moment: Format) -> None:
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        page.write_number(row, column, value)
    elif isinstance(value, datetime.datetime) and value.year >= 1900:
        page.write_datetime(row, column, value, moment)
    elif isinstance(value, datetime.date) and value.year >= 1900:
        page.write_datetime(row, column, value, day)
    elif value is not None:
        page.write_string(row, column, str(value), text)


def _unused(name: str, names: Sequence[str]) -> str:
    taken = {each.casefold() for each in names}
    number, found = 1, name
    while found.casefold() in taken:
        number += 1
        found = f"{name[:27]}_{number}"
    return found
