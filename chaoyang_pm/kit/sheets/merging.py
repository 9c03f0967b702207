"""Merged cells among the data: what one cell says for several rows."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.headers import Column, Header
from chaoyang_pm.kit.sheets.limits import MAX_CELLS
from chaoyang_pm.kit.sheets.table import Merge, Sheet


def fill_down(sheet: Sheet, header: Header, columns: Sequence[Column]) -> list[tuple[str, Merge]]:
    """Write what merged cells say into each of their rows, but for amounts, which would be counted several times.

    Returns the merged amounts with the column's key. Nothing is filled where the sheet does not say merged.
    """
    merges = [m for m in sheet.merged if m.first_row > header.last_row and m.last_row > m.first_row]
    if not merges:
        return []
    amounts = {
        header.mapping[column.key]: column.key for column in columns if column.adds_up and column.key in header.mapping
    }
    numbers = [row.number for row in sheet.rows]
    found, written = [], 0
    for merge in merges:
        first, last = bisect_left(numbers, merge.first_row), bisect_right(numbers, merge.last_row)
        written += last - first
        if written > MAX_CELLS:
            raise SheetError(_("The sheet “%(sheet)s” merges cells over cells; unmerge them.") % {"sheet": sheet.name})
        if key := amounts.get(merge.first_column):
            found.append((key, merge))
            continue
        if first == last or numbers[first] != merge.first_row:
            continue
        value = sheet.rows[first][merge.first_column]
        for row in sheet.rows[first + 1 : last] if value is not None else ():
            row.cells.extend([None] * (merge.first_column + 1 - len(row.cells)))
            row.cells[merge.first_column] = value
    return found
