"""What an importer found in a sheet; the command line prints it, ``annotate`` writes it into the workbook."""

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about a sheet, a row (``index`` None) or a cell.

    ``row`` is the number the spreadsheet program shows, ``index`` the column counted from 0,
    ``column`` that column's name for people. ``row`` is None for what concerns the sheet as a whole.
    """

    sheet: str
    row: int | None
    column: str | None
    index: int | None
    value: Any
    message: str
    severity: Severity = "error"
