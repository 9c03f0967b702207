"""Headers as clerks write them: in one row or in up to three, with groups above their columns, merged or not.

A heading is the path from the group down to the column: (基本情况, 建筑面积(㎡)), or (小区名称,) for a cell of its own.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chaoyang_pm.kit.sheets import words
from chaoyang_pm.kit.sheets.table import Merge, Row, Sheet

HEADER_WITHIN = 20  # rows that hold something
MOST_ROWS = 3
LONGEST = 200
Heading = tuple[str, ...]
#: What a group says beside what it is about: 管理情况 over 模式 is 管理模式.
_GROUP_TAIL = re.compile(r"(?:基本)?(?:情况|信息|现状|状况|内容)$")


class Candidate(NamedTuple):
    """Rows that may be a header: the position of the first among the sheet's rows, the rows, headings by column.

    ``pairs``: a column's text, and the one right below it, where the upper one is no group across columns.
    """

    position: int
    rows: list[Row]
    headings: dict[int, Heading]
    pairs: list[tuple[str, str]]


def candidates(sheet: Sheet) -> Iterator[Candidate]:
    """All that may be the header: one row, or two or three that follow one another."""
    rows = sheet.rows[:HEADER_WITHIN]
    last = rows[-1].number if rows else 0
    merged = [merge for merge in sheet.merged if merge.first_row <= last]
    for position in range(len(rows)):
        for height in range(1, MOST_ROWS + 1):
            found = rows[position : position + height]
            if len(found) == height and found[-1].number == found[0].number + height - 1:
                yield candidate(position, found, merged)


def candidate(position: int, rows: list[Row], merged: Iterable[Merge]) -> Candidate:
    """The headings in these rows. Without merged cells a group reaches to the next one beside it."""
    own = [_text_cells(row) for row in rows]
    filled = [dict(texts) for texts in own]
    first, last = rows[0].number, rows[-1].number
    within = [merge for merge in merged if first <= merge.first_row <= last]
    across: set[tuple[int, int]] = set()
    for merge in within:
        text = own[merge.first_row - first].get(merge.first_column)
        if text is None:
            continue
        if len(merge.columns) > 1:
            across.add((merge.first_row - first, merge.first_column))
        for number in range(merge.first_row, min(merge.last_row, last) + 1):
            for column in merge.columns:
                filled[number - first][column] = text
    width = max(len(row.cells) for row in rows)
    for level in range(len(rows) - 1):
        if not any(at == level for at, _column in across):
            _reach_right(filled[level], own[level + 1], width)
    headings: dict[int, Heading] = {}
    for column in range(max([width, *(index + 1 for texts in filled for index in texts)])):
        heading = [text for level in filled if (text := level.get(column))]
        if heading:
            headings[column] = tuple(text for at, text in enumerate(heading) if not at or text != heading[at - 1])
    pairs = [
        (text, below)
        for level, texts in enumerate(own[:-1])
        for column, text in texts.items()
        if (level, column) not in across and (below := own[level + 1].get(column))
    ]
    return Candidate(position, rows, headings, pairs)


def _reach_right(groups: dict[int, str], below: dict[int, str], width: int) -> None:
    group = ""
    for column in range(width):
        group = groups.get(column, group)
        if group and column in below:
            groups.setdefault(column, group)


def _text_cells(row: Row) -> dict[int, str]:
    return {i: " ".join(cell.split()) for i, cell in enumerate(row.cells) if isinstance(cell, str) and cell.strip()}


def plain_heading(heading: Heading) -> str:
    """A heading for comparing and for keeping: letters and digits only, levels apart, its beginning if it is long."""
    return "/".join(words.letters_only(words.plain(text)) for text in heading)[:LONGEST]


def signature(headings: Iterable[Heading]) -> str:
    """The shape of a table, whatever the order of its columns: SHA-256 of its headings."""
    known = sorted(plain_heading(heading) for heading in headings if not words.is_result_header(heading[-1]))
    return hashlib.sha256("\n".join(known).encode()).hexdigest()


def joined(heading: Heading) -> Iterator[str]:
    """What a heading may be called, the longest first."""
    for start in range(len(heading) - 1):
        yield "".join(heading[start:])
        group = _GROUP_TAIL.sub("", words.without_brackets(heading[start]))
        if group and group != words.without_brackets(heading[start]):
            yield group + heading[-1]
    yield heading[-1]
