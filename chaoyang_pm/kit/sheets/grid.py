"""Where the cells of a worksheet part are: for limits before reading, for places to write when annotating."""

import re
from collections.abc import Callable
from typing import NamedTuple
from xml.parsers import expat

from chaoyang_pm.kit.sheets.markup import damaged, parse

LETTERS = re.compile(r"[A-Za-z]+")
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
    """0 for ``A``; ValueError for what is no letters."""
    if not LETTERS.fullmatch(letters):
        raise ValueError(letters)
    index = 0
    for letter in letters.upper():
        index = index * 26 + ord(letter) - 64
    return index - 1


def scan(xml: bytes, on_row: Callable[[GridRow], None]) -> None:
    """Call ``on_row`` for each row of a worksheet; a row or cell without a reference follows the one before.

    Runs for every element of a large file: names are compared whole, prefix included, and cells are made
    when the next one begins.
    """
    parser = expat.ParserCreate()
    columns: dict[str, int] = {}
    row_tag = cell_tag = formula_tag = row_digits = ""
    value_tags: tuple[str, ...] = ()
    row = row_start = cell_start = 0
    column = -1
    attributes: dict[str, str] | None = None  # of the cell that is being read
    has_value = has_formula = False
    cells: list[Cell] = []

    def finish_cell() -> None:
        nonlocal attributes
        if attributes is not None:
            style = int(attributes.get("s", 0))
            cells.append(Cell(column, cell_start, style, attributes.get("t", "n"), has_value, has_formula))
            attributes = None

    def start(tag: str, about: dict[str, str]) -> None:
        nonlocal row, row_digits, row_start, column, cell_start, attributes, has_value, has_formula, cells
        if tag in value_tags:
            has_value = True
        elif tag == cell_tag:
            finish_cell()
            reference = about.get("r")
            if reference is None:
                column += 1
            else:
                letters = reference.removesuffix(row_digits)  # a cell that names another row is no letters
                known = columns.get(letters)
                column = columns[letters] = column_index(letters) if known is None else known
            attributes, cell_start, has_value, has_formula = about, parser.CurrentByteIndex, False, False
        elif tag == formula_tag:
            has_formula = True
        elif tag == row_tag:
            row = int(about["r"]) if "r" in about else row + 1
            row_digits = str(row)
            column, row_start, cells = -1, parser.CurrentByteIndex, []

    def end(tag: str) -> None:
        if tag == row_tag:
            finish_cell()
            on_row(GridRow(row, row_start, parser.CurrentByteIndex, cells))

    def root(tag: str, about: dict[str, str]) -> None:
        nonlocal row_tag, cell_tag, formula_tag, value_tags
        prefix = tag[: tag.find(":") + 1]
        row_tag, cell_tag, formula_tag = prefix + "row", prefix + "c", prefix + "f"
        value_tags = (prefix + "v", prefix + "is")
        parser.StartElementHandler = start

    parser.StartElementHandler, parser.EndElementHandler = root, end
    try:
        parse(xml, parser)
    except ValueError as error:  # a row or a style that is no number
        raise damaged(str(error)) from error
