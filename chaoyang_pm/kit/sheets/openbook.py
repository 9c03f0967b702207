"""The sheets of an .xlsx file: what calamine gets to see was inspected first, so that it allots no more than needed."""

import codecs
import io
import re
import zipfile
from xml.parsers import expat

import python_calamine
from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets import package
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.grid import GridRow, column_index, scan
from chaoyang_pm.kit.sheets.limits import refuse_extent, refuse_sheets
from chaoyang_pm.kit.sheets.markup import Edit, parse, spliced, tag_end, with_attribute
from chaoyang_pm.kit.sheets.table import Sheet, merges_of, rows_of
from chaoyang_pm.kit.sheets.words import is_own_sheet

_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="[0-9]+")?(?: t="[a-zA-Z]+")?/?>')
_PLAIN_ROOT = re.compile(rb"(?:<\?xml[^>]*\?>)?\s*<worksheet[\s>]")
_ODD = (b"<f", b't="e"', b"t='e'", b"<!")


def read_workbook(data: bytes) -> tuple[list[Sheet], list[str]]:
    """The visible sheets with data, and the names of hidden ones."""
    parts = package.unpack(data)
    for name in parts:
        if name.endswith("sharedStrings.xml"):
            parse(parts[name], expat.ParserCreate())  # calamine takes what it can get and leaves the rest blank
    every = [sheet for sheet in package.worksheets(parts) if not is_own_sheet(sheet.name)]
    visible = [sheet for sheet in every if sheet.visible]
    extents = {sheet: extent for sheet in visible if (extent := _Extent(parts[sheet.part])).filled}
    refuse_sheets(len(extents))
    cells = 0
    for sheet, extent in extents.items():
        cells = refuse_extent(sheet.name, extent.last_row, extent.last_column + 1, cells)
    return _sheets(parts, extents), [sheet.name for sheet in every if not sheet.visible]


class _Extent:
    """How far the filled cells of a worksheet reach, and which of them need care when they are read."""

    def __init__(self, xml: bytes):
        self.last_row = self.last_column = 0
        self.filled = False
        self.uncomputed: set[tuple[int, int]] = set()
        self.failed: list[int] = []  # where cells start that hold a formula's error, such as #REF!
        if not self._is_plain(xml):
            scan(xml, self._add)

    def _is_plain(self, xml: bytes) -> bool:
        """The extent of a sheet as programs write it, with no formula and no error in it; else False, to be scanned.

        All cells count, also those without a value: where that is too far, it has to be looked at closely.
        """
        end = xml.rfind(b"</sheetData>")
        if not _PLAIN_ROOT.match(xml.removeprefix(codecs.BOM_UTF8)) or any(xml.find(odd, 0, end) >= 0 for odd in _ODD):
            return False
        places = _CELL.findall(xml)
        if not places or len(places) != xml.count(b"<c ") + xml.count(b"<c>") + xml.count(b"<c/"):
            return False
        parse(xml, expat.ParserCreate())  # broken XML is refused as such
        row = max((int(digits) for digits in {digits for _letters, digits in places}), default=0)
        column = max((column_index(letters.decode()) for letters in {letters for letters, _ in places}), default=0)
        try:
            refuse_extent("", row, column + 1)
        except SheetError:
            return False
        self.last_row, self.last_column = row, column
        self.filled = b"<v" in xml or b"<is" in xml
        return True

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


def _sheets(parts: package.Parts, extents: dict[package.SheetPart, _Extent]) -> list[Sheet]:
    """The sheets' rows through calamine, which only gets to see parts that were inspected.

    It would allot memory for any distance between two cells, and it drops errors of formulas without a
    word; so far-off cells were refused before, and errors are handed over as text.
    """
    needed = {
        name: content
        for name, content in parts.items()
        if name.endswith((".xml", ".rels")) and not name.startswith("xl/worksheets/")
    }
    for sheet, extent in extents.items():
        xml = parts[sheet.part]
        ends = [(start, tag_end(xml, start)) for start in extent.failed]
        needed[sheet.part] = spliced(
            xml, [Edit(start, end, with_attribute(xml[start:end], "t", "str")) for start, end in ends]
        )
    read, name = [], ""
    try:
        with python_calamine.CalamineWorkbook.from_filelike(
            io.BytesIO(package.pack(needed, zipfile.ZIP_STORED))
        ) as book:
            for sheet, extent in extents.items():
                name = sheet.name
                found = book.get_sheet_by_name(name)
                rows = rows_of(found.iter_rows(), found.start[1] if found.start else 0)
                numbered = {row.number: row for row in rows} if extent.uncomputed else {}
                uncomputed = {(n, i) for n, i in extent.uncomputed if n not in numbered or numbered[n][i] is None}
                if rows or uncomputed:
                    merged = merges_of(found.merged_cell_ranges)
                    read.append(Sheet(name, rows, "xlsx", uncomputed=uncomputed, merged=merged))
    except BaseException as error:  # a panic inside calamine is no Exception
        raise unreadable(name, error) from error
    return read


def unreadable(name: str, error: BaseException) -> SheetError:
    """What to say of a sheet that calamine gave up on; what is no fault of the file is raised again."""
    if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
        raise error
    message = _("The sheet “%(sheet)s” cannot be read (%(detail)s). Open it, save it again as .xlsx, and retry.")
    return SheetError(message % {"sheet": name, "detail": error})
