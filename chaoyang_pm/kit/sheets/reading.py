"""``read_sheet``: a workbook or a text table as rows of plain values, with the numbers people see.

Nothing is ever evaluated: a formula is the value its program stored, links are not followed, macros are refused.
"""

import datetime
import io
import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from xml.parsers import expat

import python_calamine
from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets import package
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.grid import GridRow, column_letters, scan
from chaoyang_pm.kit.sheets.markup import Edit, parse, spliced, tag_end, with_attribute
from chaoyang_pm.kit.sheets.textfile import read_records
from chaoyang_pm.kit.sheets.words import is_own_sheet

MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_CELLS = 6_000_000  # between the first and the last filled cell: what reading allots memory for

CellValue = str | int | float | bool | datetime.date | datetime.datetime | datetime.time | datetime.timedelta | None

__all__ = ["MAX_COLUMNS", "MAX_ROWS", "Row", "Sheet", "SheetError", "load", "read_sheet"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something: its number as the spreadsheet program shows it, its cells from column A."""

    number: int
    cells: list[CellValue]

    def __getitem__(self, index: int) -> CellValue:
        """The cell in a column counted from 0; None beyond the row's end."""
        return self.cells[index] if index < len(self.cells) else None


@dataclass(slots=True)
class Sheet:
    """The first visible sheet that holds data; rows without any value are left out.

    ``other_sheets``: names of further visible sheets with data, which nobody reads.
    ``uncomputed``: (row number, column from 0) of formulas without a stored value; their cells are None.
    """

    name: str
    rows: list[Row]
    kind: Literal["xlsx", "csv"]
    other_sheets: list[str] = field(default_factory=list)
    uncomputed: set[tuple[int, int]] = field(default_factory=set)


def read_sheet(source: str | os.PathLike | bytes, filename: str) -> Sheet:
    """Read a path or the bytes of an .xlsx or .csv file; its content decides which, not its name.

    Raises SheetError (never anything else) for a file that is missing, too large, broken, or something else.
    """
    data = load(source)
    package.refuse_ole(data)
    if data.startswith(b"PK"):
        return _read_workbook(data)
    records = read_records(data)
    rows = [Row(number, [cell or None for cell in cells]) for number, cells in records if any(cells)]
    _refuse_extent(records[-1][0] if records else 0, max((len(row.cells) for row in rows), default=0))
    if not rows:
        raise _no_data()
    return Sheet(Path(filename).stem, rows, "csv")


def load(source: str | os.PathLike | bytes) -> bytes:
    """The bytes of the file, unless it is too large (then it is not read at all), missing or empty."""
    try:
        size = len(source) if isinstance(source, bytes) else os.stat(source).st_size
        if size > package.MAX_FILE_BYTES:
            raise package.too_big(size)
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SheetError(_("The file cannot be opened: %(reason)s") % {"reason": reason}) from error
    if not data.strip():
        raise SheetError(_("The file is empty."))
    return data


def _read_workbook(data: bytes) -> Sheet:
    parts = package.unpack(data)
    for name in parts:
        if name.endswith("sharedStrings.xml"):
            parse(parts[name], expat.ParserCreate())  # calamine takes what it can get and leaves the rest blank
    visible = [sheet for sheet in package.worksheets(parts) if sheet.visible and not is_own_sheet(sheet.name)]
    filled = [(sheet, extent) for sheet in visible if (extent := _Extent(parts[sheet.part])).filled]
    for position, (sheet, extent) in enumerate(filled):
        _refuse_extent(extent.last_row, extent.last_column + 1)
        rows = _rows(parts, sheet, extent)
        cells = {row.number: row for row in rows} if extent.uncomputed else {}
        uncomputed = {(n, i) for n, i in extent.uncomputed if n not in cells or cells[n][i] is None}
        if rows or uncomputed:
            others = [other.name for other, _extent in filled[position + 1 :]]
            return Sheet(sheet.name, rows, "xlsx", others, uncomputed)
    raise _no_data()


class _Extent:
    """How far the filled cells of a worksheet reach, and which of them need care when they are read."""

    def __init__(self, xml: bytes):
        self.last_row = self.last_column = 0
        self.filled = False
        self.uncomputed: set[tuple[int, int]] = set()
        self.failed: list[int] = []  # where cells start that hold a formula's error, such as #REF!
        scan(xml, self._add)

    def _add(self, row: GridRow) -> None:
        for cell in row.cells:
            if cell.has_value or cell.has_formula:
                self.filled = True
                self.last_row = max(self.last_row, row.number)
                self.last_column = max(self.last_column, cell.column)
                # A text result may be empty; any other formula with an empty ``<v/>`` was never computed.
                if not cell.has_value or (cell.has_formula and cell.kind != "str"):
                    self.uncomputed.add((row.number, cell.column))
                if cell.kind == "e":
                    self.failed.append(cell.start)


def _rows(parts: package.Parts, sheet: package.SheetPart, extent: _Extent) -> list[Row]:
    """The sheet's rows through calamine, which only gets to see parts that were inspected.

    It would allot memory for any distance between two cells, and it drops errors of formulas without a
    word; so far-off cells were refused before, and errors are handed over as text.
    """
    xml = parts[sheet.part]
    ends = [(start, tag_end(xml, start)) for start in extent.failed]
    as_text = spliced(xml, [Edit(start, end, with_attribute(xml[start:end], "t", "str")) for start, end in ends])
    needed = {
        name: content
        for name, content in parts.items()
        if name.endswith((".xml", ".rels")) and not name.startswith("xl/worksheets/")
    }
    file = io.BytesIO(package.pack({**needed, sheet.part: as_text}, zipfile.ZIP_STORED))
    try:
        with python_calamine.CalamineWorkbook.from_filelike(file) as book:
            found = book.get_sheet_by_name(sheet.name)
            left = [None] * (found.start[1] if found.start else 0)
            lines = enumerate(found.iter_rows(), start=1)
            filled = ((number, line) for number, line in lines if any(value != "" for value in line))
            return [Row(number, left + [_plain(value) for value in line]) for number, line in filled]
    except BaseException as error:  # a panic inside calamine is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise SheetError(
            _("The sheet “%(sheet)s” cannot be read (%(detail)s). Open it, save it again as .xlsx, and retry.")
            % {"sheet": sheet.name, "detail": error}
        ) from error


def _plain(value):
    """Whole numbers as int, as far as they are exact: the file format knows floats only."""
    if value == "":
        return None
    return int(value) if type(value) is float and abs(value) < 2**53 and value.is_integer() else value


def _refuse_extent(rows: int, columns: int) -> None:
    if rows > MAX_ROWS:
        raise SheetError(
            _("The sheet has content down to row %(rows)s; at most %(limit)s rows are accepted. Split it.")
            % {"rows": rows, "limit": MAX_ROWS}
        )
    if columns > MAX_COLUMNS:
        raise SheetError(
            _("The sheet has content as far as column %(column)s; at most %(limit)s columns are accepted.")
            % {"column": column_letters(columns - 1), "limit": MAX_COLUMNS}
        )
    if rows * columns > MAX_CELLS:
        raise SheetError(
            _("The sheet reaches to cell %(cell)s, more than %(limit)s cells; delete what is far off, or split it.")
            % {"cell": f"{column_letters(columns - 1)}{rows}", "limit": MAX_CELLS}
        )


def _no_data() -> SheetError:
    return SheetError(_("The file holds no data: no visible sheet has a filled cell."))
