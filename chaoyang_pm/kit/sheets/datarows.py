"""The rows below a header that are data, and those that are not: subtotals, repeated headers, signatures, notes."""

import re
from collections.abc import Iterator

from chaoyang_pm.kit.sheets import words
from chaoyang_pm.kit.sheets.headers import Header, Skipped, is_unit_row
from chaoyang_pm.kit.sheets.table import CellValue, Row, Sheet

FilledCells = list[tuple[int, CellValue]]
_SIGNATURE = re.compile(r"([^:]{1,12}?):(.*)", re.DOTALL)


def data_rows(sheet: Sheet, header: Header) -> Iterator[tuple[Row, dict[str, CellValue]]]:
    """Each row of data with its raw value for every mapped key.

    Subtotals, repeated headers, signatures, footnotes and rows without a value in any known column are
    left out and listed in ``header.skipped``.
    """
    header.skipped.clear()
    for row in sheet.rows:
        if row.number <= header.last_row:
            continue
        reason = _reason_to_skip(row, header)
        if reason:
            header.skipped.append(Skipped(row.number, reason))
        else:
            yield row, {key: row[index] for key, index in header.mapping.items()}


def _reason_to_skip(row: Row, header: Header) -> str | None:
    own = header.result_index
    filled: FilledCells = [
        (i, cell)
        for i, cell in enumerate(row.cells)
        if cell is not None and i != own and (not isinstance(cell, str) or words.plain(cell))
    ]
    known = set(header.mapping.values())
    if not any(index in known and words.plain(str(cell)) not in words.BLANKS for index, cell in filled):
        return "signature" if _is_signature(filled) else "empty"
    if _is_subtotal(filled, header):
        return "subtotal"
    if _is_repeated_header(filled, header) or is_unit_row(row):
        return "header"
    return "signature" if _is_signature(filled) else None


def _is_subtotal(filled: FilledCells, header: Header) -> bool:
    places = {index for index, _cell in filled[:2]} | header.names
    for index, cell in filled:
        if index in places and isinstance(cell, str):
            if words.is_subtotal(cell):
                return True
    return False


def _is_repeated_header(filled: FilledCells, header: Header) -> bool:
    texts = [(i, cell) for i, cell in filled if isinstance(cell, str) and i in header.texts]
    same = [i for i, cell in texts if words.plain(cell) == words.plain(header.texts[i])]
    titled = len(filled) == 1 and words.plain(str(filled[0][1])) in header.titles
    return titled or (len(same) >= 2 and 2 * len(same) >= len(filled))


def _is_signature(filled: FilledCells) -> bool:
    """Whether the row consists of labels such as 负责人: and their values, or is a note such as 注:…"""
    follows_label = False
    for position, (_index, cell) in enumerate(filled):
        match = _SIGNATURE.match(words.plain(cell)) if isinstance(cell, str) else None
        if match and words.letters_only(words.without_brackets(match[1])) in words.SIGNATURES:
            follows_label = not words.plain(str(cell)).rpartition(":")[2]
        elif position and follows_label:
            follows_label = False
        else:
            return False
    return bool(filled)
