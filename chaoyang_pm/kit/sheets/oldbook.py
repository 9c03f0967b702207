"""The sheets of an .xls file. calamine gets a container of our own making, with a stream that was looked at before."""

import io
import struct

import python_calamine
from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets import ole, package
from chaoyang_pm.kit.sheets.biff import BIFF8, OLDER_BOF, WORKSHEET, Stream, Tab
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.limits import refuse_extent, refuse_sheets
from chaoyang_pm.kit.sheets.openbook import unreadable
from chaoyang_pm.kit.sheets.table import Row, Sheet, rows_of
from chaoyang_pm.kit.sheets.words import is_own_sheet

#: Streams that hold a workbook: of Excel 97 to 2003, and of Excel 95, whose Chinese texts calamine cannot read.
STREAMS = ("Workbook", "Book")
MACROS = ("_VBA_PROJECT_CUR", "VBA", "_VBA_PROJECT")
ENCRYPTED = ("EncryptedPackage", "EncryptionInfo")


def read_old_workbook(data: bytes) -> tuple[list[Sheet], list[str]]:
    """The visible sheets with data, and the names of hidden ones."""
    stream = inspected(data)
    try:
        stream.measure()
    except (ValueError, struct.error, IndexError) as error:
        raise package.damaged_file() from error
    refuse_sheets(len(stream.tabs))
    cells = 0
    for number, tab in enumerate(stream.tabs, start=1):  # calamine reads the hidden ones, too
        cells = refuse_extent(str(number), tab.last_row, tab.last_column + 1, cells)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(
            io.BytesIO(ole.wrapped("Workbook", bytes(stream.content)))
        )
    except BaseException as error:  # a panic inside calamine is no Exception
        raise unreadable("", error) from error
    with book:
        tabs = list(zip(book.sheet_names, stream.tabs, strict=False))
        seen = [(name, tab) for name, tab in tabs if tab.kind == WORKSHEET and not is_own_sheet(name)]
        visible = [(name, tab) for name, tab in seen if tab.visible and tab.filled]
        sheets = [sheet for name, tab in visible if (sheet := _sheet(book, name, tab)).rows]
        return sheets, [name for name, tab in seen if not tab.visible]


def inspected(data: bytes) -> Stream:
    """The workbook's stream, if nothing in it keeps it out."""
    try:
        container = ole.Container(data)
        if container.has(*ENCRYPTED):
            raise package.locked()
        content = container.stream(*STREAMS)
        if content is None:
            raise package.a_word_document() if container.has("WordDocument") else package.not_a_workbook()
        if is_too_old(content):
            raise too_old()
        stream = Stream(content)
    except (ValueError, struct.error, IndexError) as error:
        raise package.damaged_file() from error
    if stream.has_password:
        raise package.locked()
    if stream.has_macros or container.has(*MACROS):
        raise SheetError(_("The workbook contains macros, which are not accepted. Save it as .xlsx, without them."))
    if stream.version != BIFF8:
        raise too_old()
    return stream


def _sheet(book: python_calamine.CalamineWorkbook, name: str, tab: Tab) -> Sheet:
    try:
        found = book.get_sheet_by_name(name)
        rows = rows_of(found.iter_rows(), found.start[1] if found.start else 0)
    except BaseException as error:
        raise unreadable(name, error) from error
    return Sheet(name, _with_errors(rows, tab.failed), "xls", merged=tab.merged)


def _with_errors(rows: list[Row], failed: dict[tuple[int, int], str]) -> list[Row]:
    """The rows with the errors of formulas as text, which calamine leaves out."""
    if not failed:
        return rows
    numbered = {row.number: row for row in rows}
    for (number, column), text in failed.items():
        row = numbered.setdefault(number, Row(number, []))
        row.cells.extend([None] * (column + 1 - len(row.cells)))
        row.cells[column] = text
    return [numbered[number] for number in sorted(numbered)]


def is_too_old(content: bytes) -> bool:
    """Whether this is a workbook of Excel 2 to 4, which came without a container, too."""
    return content[:2] in {struct.pack("<H", kind) for kind in OLDER_BOF} and b"\0" in content[:8]


def too_old() -> SheetError:
    return SheetError(
        _("This workbook was saved in the format of Excel 95 or older. Open it, save it as .xlsx, and retry.")
    )
