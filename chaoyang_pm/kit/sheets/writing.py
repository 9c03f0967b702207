"""Tables as xlsx and csv, row by row: memory does not grow with them.

Text is written as text: nothing that somebody typed becomes a formula or a link, and codes keep their zeros.
"""

import csv
import datetime
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain, islice
from typing import IO, Any

import xlsxwriter

from chaoyang_pm.kit.sheets.plain import plain
from chaoyang_pm.kit.sheets.reading import MAX_ROWS

Cell = str | int | float | datetime.date | None
A3 = 8
READABLE = 250  # so many characters across one page
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Shape(Enum):
    """How a column's numbers and dates look; text is text in every column."""

    ANY = "General"
    TEXT = "@"
    NUMBER = "0"
    AREA = "#,##0.00"
    DATE = "yyyy-mm-dd"
    PERCENT = "0.00%"


@dataclass(frozen=True)
class Field:
    """A column: its header, what it holds, its width in characters."""

    label: str
    shape: Shape = Shape.TEXT
    width: float = 12


@dataclass(frozen=True)
class Table:
    """A sheet to be: rows of cells in the order of ``fields``; ``title`` is a line above the header."""

    name: str
    fields: Sequence[Field]
    rows: Iterable[Sequence[Cell]]
    title: str = ""


def write_xlsx(
    target: str | os.PathLike | IO[bytes], tables: Iterable[Table], *, properties: dict[str, str] | None = None,
    rows_per_sheet: int = MAX_ROWS - 2,
) -> int:  # fmt: skip
    """Write each table on a sheet of its own, a longer one on several; return how many rows of data there are.

    ``properties``: title, comments … of the document. The rows are asked for while the file is being written.
    """
    name = target if hasattr(target, "write") else os.fspath(target)
    written = 0
    with xlsxwriter.Workbook(name, {"constant_memory": True, **OPTIONS}) as book:
        book.use_zip64()
        book.set_properties(properties or {})
        for table in tables:
            for number, rows in enumerate(_portions(table.rows, rows_per_sheet), start=1):
                sheet = book.add_worksheet(table.name if number == 1 else f"{table.name} ({number})")
                written += _write_sheet(book, sheet, table, rows)
    return written


def _portions(rows: Iterable[Sequence[Cell]], size: int) -> Iterator[Iterable[Sequence[Cell]]]:
    """The rows in portions, each to be used up before the next is asked for; one empty portion if there are none."""
    rest = iter(rows)
    yield islice(rest, size)
    for first in rest:
        yield chain([first], islice(rest, size - 1))


def _write_sheet(book: Any, sheet: Any, table: Table, rows: Iterable[Sequence[Cell]]) -> int:
    bold = book.add_format({"bold": True})
    head = book.add_format({"bold": True, "bg_color": "#D9E5F3", "bottom": 1, "text_wrap": True, "valign": "vcenter"})
    formats = [book.add_format({"num_format": field.shape.value}) for field in table.fields]
    for column, field in enumerate(table.fields):
        sheet.set_column(column, column, field.width)
    top = 0
    if table.title:
        sheet.write_string(0, 0, table.title, bold)
        top = 1
    for column, field in enumerate(table.fields):
        sheet.write_string(top, column, field.label, head)
    sheet.freeze_panes(top + 1, 0)
    set_up_print(sheet, table.fields, top)
    string, number_, date = sheet.write_string, sheet.write_number, sheet.write_datetime
    number = top
    for number, row in enumerate(rows, start=top + 1):
        for column, cell in enumerate(row):
            if cell is None or cell == "":
                continue
            kind = cell.__class__
            if kind is str:
                string(number, column, cell, formats[column])
            elif kind is datetime.date:
                date(number, column, cell, formats[column])
            else:
                number_(number, column, cell, formats[column])
    return number - top


def set_up_print(sheet: Any, fields: Sequence[Field], header: int) -> None:
    """A3 across, on as many pages side by side as leave it readable, each with the header and the first two columns."""
    pages = max(1, round(sum(field.width for field in fields) / READABLE))
    sheet.repeat_rows(header)
    if pages > 1:
        sheet.repeat_columns(0, 1)
    sheet.set_landscape()
    sheet.set_paper(A3)
    sheet.fit_to_pages(pages, 0)
    sheet.set_footer("&C&P / &N")


def csv_lines(fields: Sequence[Field], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Comma-separated lines as they are asked for; a text that a spreadsheet program would calculate is quoted."""
    line = csv.writer(_Echo(), lineterminator="\r\n").writerow
    yield line([field.label for field in fields])
    for row in rows:
        yield line([plain(cell) for cell in row])


class _Echo:
    """A file that hands on what is written into it."""

    def write(self, text: str) -> str:
        return text


def write_table(header: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> bytes:
    """A small table as a workbook in memory: one sheet, below a title line if given; None stays empty."""
    buffer = io.BytesIO()
    write_xlsx(buffer, [Table("Sheet1", [Field(label, Shape.ANY, 16) for label in header], rows, title)])
    return buffer.getvalue()
