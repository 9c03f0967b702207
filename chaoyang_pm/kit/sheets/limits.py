"""How large a sheet may be; said before anything is allotted for it."""

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.grid import column_letters

MAX_SHEETS = 100
MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_CELLS = 6_000_000  # between the first and the last filled cell: what reading allots memory for


def refuse_extent(name: str, rows: int, columns: int, before: int = 0) -> int:
    """Refuse a sheet that reaches too far, or that is too much with the cells of the sheets ``before`` it.

    Returns the cells of all of them.
    """
    if rows > MAX_ROWS:
        raise SheetError(
            _("The sheet “%(sheet)s” has content down to row %(rows)s; at most %(limit)s rows are accepted. Split it.")
            % {"sheet": name, "rows": rows, "limit": MAX_ROWS}
        )
    if columns > MAX_COLUMNS:
        raise SheetError(
            _("The sheet “%(sheet)s” has content as far as column %(column)s; at most %(limit)s columns are accepted.")
            % {"sheet": name, "column": column_letters(columns - 1), "limit": MAX_COLUMNS}
        )
    if before + rows * columns > MAX_CELLS:
        raise SheetError(
            _(
                "The sheet “%(sheet)s” reaches to cell %(cell)s, more than %(limit)s cells; delete what is far off, "
                "or split it."
            )
            % {"sheet": name, "cell": f"{column_letters(columns - 1)}{rows}", "limit": MAX_CELLS}
        )
    return before + rows * columns


def refuse_sheets(number: int) -> None:
    if number > MAX_SHEETS:
        message = _("The workbook has %(number)s sheets with data; at most %(limit)s are accepted. Split it.")
        raise SheetError(message % {"number": number, "limit": MAX_SHEETS})
