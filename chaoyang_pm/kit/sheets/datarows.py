"""The rows below a header that are data, and those that are not: subtotals, repeated headers, signatures, notes."""

import re
from collections.abc import Callable, Iterator

from chaoyang_pm.kit.sheets import words
from chaoyang_pm.kit.sheets.headers import Header, Skipped, is_unit_row
from chaoyang_pm.kit.sheets.table import CellValue, Row, Sheet

#: Column, cell, and its text as ``words.plain`` has it ("" for what is no text).
FilledCells = list[tuple[int, CellValue, str]]
#: Told the number of a row and the only text in it: whether that is a heading of the rows below.
IsSection = Callable[[int, str], bool]
_SIGNATURE = re.compile(r"([^:]{1,12}?):(.*)", re.DOTALL)


def data_rows(
    sheet: Sheet, header: Header, is_section: IsSection = lambda number, text: False
) -> Iterator[tuple[Row, dict[str, CellValue]]]:
    """Each row of data with its raw value for every mapped key.

    Subtotals, repeated headers, signatures, footnotes, headings of sections and rows without a value in any known
    column are left out and listed in ``header.skipped``.
    """
    header.skipped.clear()
    known = set(header.mapping.values())
    titles = {index: words.plain(text) for index, text in header.texts.items()}
    columns = list(header.mapping.items())
    width = max(known, default=-1) + 1
    for row in sheet.rows:
        if row.number <= header.last_row:
            continue
        reason = _reason_to_skip(row, header, known, titles, is_section)
        if reason:
            header.skipped.append(Skipped(row.number, reason))
            continue
        cells = row.cells if len(row.cells) >= width else [*row.cells, *[None] * (width - len(row.cells))]
        yield row, {key: cells[index] for key, index in columns}


def _reason_to_skip(
    row: Row, header: Header, known: set[int], titles: dict[int, str], is_section: IsSection
) -> str | None:  # fmt: skip
    """Runs for every row. ``known`` are the columns that are read, ``titles`` the header's texts by column."""
    own = header.result_index
    filled: FilledCells = []
    says_something = False
    same = 0
    for index, cell in enumerate(row.cells):
        if cell is None or index == own:
            continue
        if isinstance(cell, str):
            text = words.plain(cell)
            if not text:
                continue
            same += text == titles.get(index)
            says_something = says_something or (index in known and text not in words.BLANKS)
        else:
            text = ""
            says_something = says_something or index in known
        filled.append((index, cell, text))
    if len(filled) == 1 and filled[0][2] and is_section(row.number, filled[0][2]):
        return "section"
    if not says_something:
        return "signature" if _is_signature(filled) else "empty"
    if _is_subtotal(filled, header):
        return "subtotal"
    titled = len(filled) == 1 and (filled[0][2] or words.plain(str(filled[0][1]))) in header.titles
    if titled or (same >= 2 and 2 * same >= len(filled)) or is_unit_row(row):
        return "header"
    return "signature" if _is_signature(filled) else None


def _is_subtotal(filled: FilledCells, header: Header) -> bool:
    for position, (index, _cell, text) in enumerate(filled):
        if text and (position < 2 or index in header.names) and words.is_subtotal(text):
            return True
    return False


def _is_signature(filled: FilledCells) -> bool:
    """Whether the row consists of labels such as 负责人: and their values, or is a note such as 注:…"""
    follows_label = False
    for position, (_index, _cell, text) in enumerate(filled):
        match = _SIGNATURE.match(text) if ":" in text else None
        if match and words.letters_only(words.without_brackets(match[1])) in words.SIGNATURES:
            follows_label = not text.rpartition(":")[2]
        elif position and follows_label:
            follows_label = False
        else:
            return False
    return bool(filled)
