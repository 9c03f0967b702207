"""Tables as xlsx. Text is written as text: nothing a user typed becomes a formula."""

import io
from typing import Any

import xlsxwriter


def write_table(header: list[str], rows: list[list[Any]], *, title: str = "") -> bytes:
    """One sheet with a bold header (below a title line if given); numbers stay numbers, None stays empty."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
        first = 0
        if title:
            sheet.write_string(0, 0, title, bold)
            first = 1
        for number, row in enumerate([header, *rows], start=first):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value, bold if number == first else None)
                elif value is not None:
                    sheet.write(number, column, value)
        sheet.freeze_panes(first + 1, 0)
        sheet.set_column(0, len(header) - 1, 16)
    return buffer.getvalue()
