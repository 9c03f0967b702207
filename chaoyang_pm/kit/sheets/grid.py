"""Where the cells of a worksheet part are: for limits before reading, for places to write when annotating."""

import re
from typing import NamedTuple
from xml.parsers import expat

from chaoyang_pm.kit.sheets.markup import parse

REFERENCE = re.compile(r"([A-Za-z]+)([0-9]+)")


class Cell(NamedTuple):
    """One ``<c>``: column from 0, byte where it starts, its style, its type, and what it holds."""

    column: int
    start: int
    style: int
    kind: str
    has_value: bool
    has_formula: bool


class GridRow(NamedTuple):
    """One ``<row>``: number as shown, bytes where it starts and where its closing tag (or it) ends the cells."""

    number: int
    start: int
    close: int
    cells: list[Cell]


def column_letters(index: int) -> str:
    """``A`` for 0, ``AA`` for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """0 for ``A``."""
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def scan(xml: bytes, on_row) -> None:
    """Call ``on_row(GridRow)`` for each row of a worksheet. Rows and cells without a reference follow the one before."""
    parser = expat.ParserCreate()
    columns: dict[str, int] = {}
    row = column = row_start = 0
    cells: list[Cell] = []
    open_cell: tuple[int, dict[str, str]] | None = None
    has_value = has_formula = False

    def start(tag, attributes):
        nonlocal row, column, row_start, cells, open_cell, has_value, has_formula
        name = tag.rpartition(":")[2]
        if name == "c":
            reference = REFERENCE.fullmatch(attributes.get("r", ""))
            if reference:
                letters = reference[1]
                column = columns.get(letters, -1)
                if column < 0:
                    column = columns[letters] = column_index(letters)
            else:
                column += 1
            open_cell, has_value, has_formula = (parser.CurrentByteIndex, attributes), False, False
        elif name == "v" or name == "is":
            has_value = True
        elif name == "f":
            has_formula = True
        elif name == "row":
            row = int(attributes["r"]) if attributes.get("r", "").isdigit() else row + 1
            column, row_start, cells = -1, parser.CurrentByteIndex, []

    def end(tag):
        nonlocal open_cell
        name = tag.rpartition(":")[2]
        if name == "c" and open_cell:
            at, attributes = open_cell
            style = attributes.get("s", "0")
            cells.append(
                Cell(column, at, int(style) if style.isdigit() else 0, attributes.get("t", "n"), has_value, has_formula)
            )
            open_cell = None
        elif name == "row":
            on_row(GridRow(row, row_start, parser.CurrentByteIndex, cells))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parse(xml, parser)
