"""``read_book``: a workbook or a text table as sheets of plain values, with the numbers people see.

Nothing is ever evaluated: a formula is the value its program stored, links are not followed, macros are refused.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets import ole, package, textfile
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.limits import MAX_COLUMNS, MAX_ROWS, refuse_extent
from chaoyang_pm.kit.sheets.oldbook import inspected, is_too_old, read_old_workbook, too_old
from chaoyang_pm.kit.sheets.openbook import read_workbook
from chaoyang_pm.kit.sheets.table import CellValue, Merge, Row, Sheet

__all__ = [
    "MAX_COLUMNS", "MAX_ROWS", "Book", "CellValue", "Merge", "Row", "Sheet", "SheetError", "inspect", "load",
    "read_book", "read_sheet",
]  # fmt: skip


@dataclass(slots=True)
class Book:
    """The visible sheets that hold data, in the order of their tabs; ``hidden`` names those that nobody sees."""

    kind: Literal["xlsx", "xls", "csv"]
    sheets: list[Sheet]
    hidden: list[str] = field(default_factory=list)


def read_book(source: str | os.PathLike | bytes, filename: str) -> Book:
    """Read a path or the bytes of an .xlsx, .xls or .csv file; its content decides which, not its name.

    Raises SheetError (never anything else) for a file that is missing, too large, broken, or something else.
    """
    data = load(source)
    book: Book
    if data.startswith(ole.MAGIC):
        book = Book("xls", *read_old_workbook(data))
    elif is_too_old(data):
        raise too_old()
    elif data.startswith(b"PK"):
        book = Book("xlsx", *read_workbook(data))
    else:
        records = textfile.read_records(data)
        rows = [Row(number, [cell or None for cell in cells]) for number, cells in records if any(cells)]
        name = Path(filename).stem
        refuse_extent(name, records[-1][0] if records else 0, max((len(row.cells) for row in rows), default=0))
        book = Book("csv", [Sheet(name, rows, "csv")] if rows else [])
    if not book.sheets:
        raise SheetError(_("The file holds no data: no visible sheet has a filled cell."))
    return book


def inspect(data: bytes) -> None:
    """Refuse in no time what ``read_book`` refuses whatever its cells: no workbook, macros, a password, a bomb."""
    if data.startswith(ole.MAGIC):
        inspected(data)
    elif is_too_old(data):
        raise too_old()
    elif data.startswith(b"PK"):
        package.inspect(data)
    elif data.strip():
        textfile.inspect(data[:1024])
    else:
        raise SheetError(_("The file is empty."))


def read_sheet(source: str | os.PathLike | bytes, filename: str) -> Sheet:
    """The first sheet of ``read_book``, for workbooks that have one; it knows the names of the others."""
    first, *others = read_book(source, filename).sheets
    first.other_sheets = [sheet.name for sheet in others]
    return first


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
