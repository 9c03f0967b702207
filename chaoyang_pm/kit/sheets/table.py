"""What a sheet is once it has been read, whatever kind of file it came from."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

CellValue = str | int | float | bool | datetime.date | datetime.datetime | datetime.time | datetime.timedelta | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something: its number as the spreadsheet program shows it, its cells from column A."""

    number: int
    cells: list[CellValue]

    def __getitem__(self, index: int) -> CellValue:
        """The cell in a column counted from 0; None beyond the row's end."""
        return self.cells[index] if index < len(self.cells) else None


class Merge(NamedTuple):
    """Cells merged into one: row numbers as shown, columns counted from 0, both ends included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int

    @property
    def rows(self) -> range:
        return range(self.first_row, self.last_row + 1)

    @property
    def columns(self) -> range:
        return range(self.first_column, self.last_column + 1)


@dataclass(slots=True)
class Sheet:
    """A visible sheet that holds data; rows without any value are left out.

    ``other_sheets``: names of further visible sheets with data, for whoever reads one only.
    ``uncomputed``: (row number, column from 0) of formulas without a stored value; their cells are None.
    ``merged``: the value of merged cells stands in the first of them, the others are None.
    """

    name: str
    rows: list[Row]
    kind: Literal["xlsx", "xls", "csv"]
    other_sheets: list[str] = field(default_factory=list)
    uncomputed: set[tuple[int, int]] = field(default_factory=set)
    merged: list[Merge] = field(default_factory=list)


def rows_of(lines: Iterable[list[Any]], left: int) -> list[Row]:
    """Rows from calamine's lines, which begin at column ``left`` and have "" for an empty cell.

    Whole numbers become int, as far as they are exact: the file formats know floats only. Runs for every cell.
    """
    exact = 2**53
    ahead: list[CellValue] = [None] * left
    rows = []
    for number, line in enumerate(lines, start=1):
        cells = [
            None
            if value == ""
            else int(value)
            if type(value) is float and -exact < value < exact and value.is_integer()
            else value
            for value in line
        ]
        if cells.count(None) != len(cells):
            rows.append(Row(number, ahead + cells))
    return rows


def merges_of(found: Iterable[tuple[tuple[int, int], tuple[int, int]]] | None) -> list[Merge]:
    """calamine's merged ranges, which count rows and columns from 0."""
    return [Merge(top + 1, bottom + 1, left, right) for (top, left), (bottom, right) in found or ()]
