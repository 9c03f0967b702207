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
) -> Iterator[Row]:  # fmt: skip
    """Each row of data.

    Subtotals, repeated headers, signatures, footnotes, headings of sections and rows without a value in any known
    column are left out and listed in ``header.skipped``.
    """
    header.skipped.clear()
    known = set(header.mapping.values())
    titles = {index: words.plain(text) for index, text in header.texts.items()}
    first, heads = min(known, default=0), frozenset(titles.values()) | frozenset(header.titles)
    for row in sheet.rows:
        if row.number <= header.last_row:
            continue
        if not _is_plainly_data(row, first, heads):
            reason = _reason_to_skip(row, header, known, titles, is_section)
            if reason:
                header.skipped.append(Skipped(row.number, reason))
                continue
        yield row


def _is_plainly_data(row: Row, first: int, heads: frozenset[str]) -> bool:
    """Whether nothing in the row could be a reason to skip it: nearly every row, in a third of the time.

    ``first`` is the first column that is read, ``heads`` what the header and the titles above it say.
    """
    filled = row[first]
    if type(filled) is not str or words.plain(filled) in words.BLANKS:
        return False
    texts = [text for cell in row.cells if type(cell) is str and (text := words.plain(cell))]
    if len(texts) < 2:  # it may be the heading of a section
        return False
    said = "".join(texts)
    return ":" not in said and words.SUBTOTALS_END.isdisjoint(said) and heads.isdisjoint(texts) and not is_unit_row(row)


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
