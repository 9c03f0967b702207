"""The stream of an .xls workbook, record by record ([MS-XLS]: BIFF8, Excel 97 to 2003).

Two things are found here: what keeps the workbook out (macros, passwords), and how far its sheets reach. What the
stream only claims, the size of a sheet and the number of its texts, is put right, so that nobody allots memory for it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from chaoyang_pm.kit.sheets.table import Merge

BOF, END_OF_SHEET, CONTINUE = 0x0809, 0x000A, 0x003C
OLDER_BOF = (0x0009, 0x0209, 0x0409)  # Excel 2 to 4
FILE_PASS, SHEET, TEXTS, VISUAL_BASIC, DIMENSIONS, MERGED = 0x002F, 0x0085, 0x00FC, 0x00D3, 0x0200, 0x00E5
NUMBER, LABEL, BOOL_OR_ERROR, TEXT_RESULT, RK, MANY_RK, SHARED_TEXT, RICH_LABEL, FORMULA = (
    0x0203, 0x0204, 0x0205, 0x0207, 0x027E, 0x00BD, 0x00FD, 0x00D6, 0x0006,
)  # fmt: skip
CELLS = frozenset({NUMBER, LABEL, BOOL_OR_ERROR, RK, MANY_RK, SHARED_TEXT, RICH_LABEL, FORMULA})
WORKSHEET, MACRO_SHEET = 0, 1
BIFF8 = 0x0600
ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
STRUCK_OUT = 0xFFF0
LEAST_TEXT = 3  # bytes that a text takes at least
_PLACE = struct.Struct("<HH")


class Record(NamedTuple):
    """Its kind, where its data begin and how long they are."""

    kind: int
    start: int
    size: int


@dataclass
class Tab:
    """One sheet of the workbook: where it begins, whether people see it, how far its filled cells reach."""

    position: int
    visible: bool
    kind: int
    last_row: int = 0
    last_column: int = 0
    filled: bool = False
    merged: list[Merge] = field(default_factory=list)
    #: (row number as shown, column from 0) → the error that a formula there ended in.
    failed: dict[tuple[int, int], str] = field(default_factory=dict)


class Stream:
    """The records of a workbook. Raises ValueError or struct.error for what is no such stream."""

    def __init__(self, content: bytes):
        self.content = bytearray(content)
        self.version = 0
        self.has_password = self.has_macros = False
        self.tabs: list[Tab] = []
        self._globals()

    def measure(self) -> None:
        """Find out how far the sheets reach, and put right what they claim."""
        for tab in self.tabs:
            if tab.kind == WORKSHEET:
                self._sheet(tab)

    def records(self, position: int) -> Iterator[Record]:
        """From a position to the end of the sheet there.

        A chart within a sheet is a sheet of its own, whose numbers are no cells: its records are struck out.
        """
        content, depth = self.content, 0
        while position + 4 <= len(content):
            kind, size = _PLACE.unpack_from(content, position)
            if position + 4 + size > len(content):
                raise ValueError("a record reaches beyond the end")
            if kind == END_OF_SHEET and depth <= 1:
                return
            depth += kind == BOF
            if depth <= 1:
                yield Record(kind, position + 4, size)
            else:
                _PLACE.pack_into(content, position, STRUCK_OUT, size)
            depth -= kind == END_OF_SHEET
            position += 4 + size

    def _globals(self) -> None:
        texts: Record | None = None
        following = 0
        for at, record in enumerate(self.records(0)):
            if at == 0:
                if record.kind != BOF:
                    raise ValueError("no workbook begins like this")
                (self.version,) = struct.unpack_from("<H", self.content, record.start)
            if record.kind == FILE_PASS:
                self.has_password = True
                return  # all that follows is encrypted
            self.has_macros |= record.kind == VISUAL_BASIC
            if record.kind == SHEET:
                position, state, kind = struct.unpack_from("<IBB", self.content, record.start)
                self.tabs.append(Tab(position, not state & 3, kind))
            elif record.kind == TEXTS:
                texts, following = record, record.size
            elif record.kind == CONTINUE:
                following += record.size
        self.has_macros |= any(tab.kind == MACRO_SHEET for tab in self.tabs)
        if texts:
            (count,) = struct.unpack_from("<I", self.content, texts.start + 4)
            struct.pack_into("<I", self.content, texts.start + 4, min(count, following // LEAST_TEXT))

    def _sheet(self, tab: Tab) -> None:
        content, sizes = self.content, []
        for record in self.records(tab.position):
            if record.kind in CELLS:
                row, column = _PLACE.unpack_from(content, record.start)
                if record.kind == MANY_RK:
                    (column,) = struct.unpack_from("<H", content, record.start + record.size - 2)
                elif record.kind == BOOL_OR_ERROR and content[record.start + 7]:
                    self._fail(tab, row, column, content[record.start + 6])
                elif record.kind == FORMULA and content[record.start + 12 : record.start + 14] == b"\xff\xff":
                    if content[record.start + 6] == 2:
                        self._fail(tab, row, column, content[record.start + 8])
                tab.filled = True
                tab.last_row, tab.last_column = max(tab.last_row, row + 1), max(tab.last_column, column)
            elif record.kind == DIMENSIONS:
                sizes.append(record)
            elif record.kind == MERGED:
                (count,) = struct.unpack_from("<H", content, record.start)
                for number in range(count):
                    top, bottom, left, right = struct.unpack_from("<4H", content, record.start + 2 + 8 * number)
                    tab.merged.append(Merge(top + 1, bottom + 1, left, right))
        for record in sizes:
            row_format = "<IIHH" if record.size == 14 else "<HHHH"
            if record.size in (10, 14):
                struct.pack_into(row_format, content, record.start, 0, tab.last_row, 0, tab.last_column + 1)

    @staticmethod
    def _fail(tab: Tab, row: int, column: int, code: int) -> None:
        tab.failed[row + 1, column] = ERRORS.get(code, "#VALUE!")
