"""Columns whose header nobody knows, taken for what they look like: by a name that is alike, or by what they hold.

A guess has to be said to whoever sent the sheet; amounts are guessed least.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from chaoyang_pm.kit.sheets import words
from chaoyang_pm.kit.sheets.errors import CellError
from chaoyang_pm.kit.sheets.headers import Column, Header, assign, normalise_header
from chaoyang_pm.kit.sheets.table import Sheet

SAMPLE = 50
LEAST_ALIKE, LEAST_ALIKE_AMOUNT, LEAD = 0.75, 0.85, 0.05
LEAST_READABLE = 0.8  # of the cells in the sample


def samples(sheet: Sheet, header: Header, index: int, most: int = SAMPLE) -> list[Any]:
    """The first filled cells of a column below the header."""
    below = (row[index] for row in sheet.rows[:1000] if row.number > header.last_row)
    filled = [cell for cell in below if cell is not None and words.plain(str(cell)) not in words.BLANKS]
    return filled[:most]


def guess(
    sheet: Sheet, header: Header, columns: Sequence[Column], parsers: Mapping[str, Callable[[Any], Any]],
    shapes: Mapping[str, re.Pattern[str]],
) -> None:  # fmt: skip
    """Give keys that no column has to columns that no key is known for.

    ``shapes``: what every cell of a column looks like, if the column is told by its content alone.
    """
    free = [column for column in columns if column.key not in header.mapping]
    scored: list[tuple[float, int, str]] = []
    for index, text in header.unknown:
        cells = samples(sheet, header, index)
        if not cells or not normalise_header(text):
            continue
        are_numbers = not any(isinstance(cell, str) for cell in cells)
        for column in free:
            if column.names_row and are_numbers:
                continue  # numbers are no names: this counts what another column names
            if (shape := shapes.get(column.key)) and all(shape.fullmatch(words.plain(str(cell))) for cell in cells):
                scored.append((1.0, index, column.key))
                continue
            alike = _alike(text, column)
            least = LEAST_ALIKE_AMOUNT if column.adds_up else LEAST_ALIKE
            if alike >= least and _readable(cells, parsers[column.key]) >= LEAST_READABLE:
                scored.append((alike, index, column.key))
    assigned: dict[int, str | None] = {index: key for key, index in header.mapping.items()}
    taken: set[str] = set()
    for score, index, key in sorted(scored, key=lambda found: (-found[0], found[1], found[2])):
        rivals = [other for other in scored if (other[1] == index) != (other[2] == key)]
        open_to_doubt = any(score - other[0] < LEAD for other in rivals)
        if index not in assigned and key not in taken and not open_to_doubt:
            assigned[index] = key
            taken.add(key)
    if taken:
        assign(header, columns, assigned, "guessed")


def _alike(text: str, column: Column) -> float:
    sought = normalise_header(text)
    names = {normalise_header(name) for name in (column.label, *column.synonyms)}
    return max((SequenceMatcher(None, sought, name).ratio() for name in names if len(name) > 1), default=0.0)


def _readable(cells: Sequence[Any], parser: Callable[[Any], Any]) -> float:
    return sum(_reads(cell, parser) for cell in cells) / len(cells)


def _reads(cell: Any, parser: Callable[[Any], Any]) -> bool:
    try:
        parser(cell)
    except CellError:
        return False
    return True
