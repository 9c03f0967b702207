"""A printed table as a workbook in the printed shape, and as CSV. Text stays text: nothing becomes a formula."""

import io
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils.translation import gettext as _

from chaoyang_pm.kit.portal import selectors as portal
from chaoyang_pm.kit.sheets.sending import csv_file, send_bytes
from chaoyang_pm.kit.sheets.writing import Field
from oversight.coverage.question import Question
from oversight.tables.printed import TYPEFACE, Column, Line, Printed, Role, Sort

A4 = 9
FORMATS = {Sort.WAN: "#,##0.00", Sort.M2: "#,##0.00", Sort.COUNT: "#,##0", Sort.RATE: "0.00%", Sort.TEXT: "@"}
FONT = {"font_name": TYPEFACE, "font_size": 10, "valign": "vcenter"}


def workbook(printed: Printed, *, notice: str = "") -> bytes:
    """One sheet, A4 landscape, one page wide: title, what it is about, merged headings, rows, signatures.

    ``notice`` stands above the title and in every page's head: that the data are synthetic.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        _Sheet(book, printed, notice).draw()
    return buffer.getvalue()


class _Sheet:
    def __init__(self, book: xlsxwriter.Workbook, printed: Printed, notice: str):
        self.book, self.printed, self.notice = book, printed, notice
        self.sheet = book.add_worksheet(str(printed.table.label)[:31])
        self.last = len(printed.columns) - 1
        self.row = 0
        self._formats: dict[tuple, Any] = {}

    def draw(self) -> None:
        for number, column in enumerate(self.printed.columns):
            self.sheet.set_column(number, number, column.width)
        if self.notice:
            self._across(self.notice, self._format(bold=True, font_color="#A2410B", align="center"))
        self.sheet.set_row(self.row, 30)
        self._across(self.printed.title, self._format(bold=True, font_size=16, align="center"))
        self._facts()
        first = self.row
        self._headings()
        self.sheet.repeat_rows(first, self.row - 1)
        self.sheet.freeze_panes(self.row, 1)
        for line in self.printed.everything:
            self._line(line)
        for note in self.printed.notes:
            self._across(note, self._format(font_size=9, text_wrap=True, align="left"))
        self._signatures()
        self._page()

    def _facts(self) -> None:
        """填报单位(章), 数据截止日, 口径 on the left of the line above the table, 单位 on its right."""
        facts = [_("%(label)s: %(value)s") % {"label": label, "value": value} for label, value in self.printed.facts]
        text = self._format(align="left")
        middle = max(1, self.last - 2)
        self._merge(0, middle, "    ".join(facts[:-1]), text)
        self._merge(middle + 1, self.last, facts[-1], self._format(align="right"))
        self.row += 1

    def _headings(self) -> None:
        columns, style = self.printed.columns, self._format(bold=True, border=1, align="center", text_wrap=True)
        rows = 2 if self.printed.has_groups else 1
        number = 0
        while number <= self.last:
            column = columns[number]
            if not column.group:
                if rows == 2:
                    self.sheet.merge_range(self.row, number, self.row + 1, number, column.label, style)
                else:
                    self.sheet.write_string(self.row, number, column.label, style)
                number += 1
                continue
            end = number
            while end < self.last and columns[end + 1].group == column.group:
                end += 1
            self.sheet.merge_range(self.row, number, self.row, end, column.group, style)
            for below in range(number, end + 1):
                self.sheet.write_string(self.row + 1, below, columns[below].label, style)
            number = end + 1
        self.row += rows

    def _line(self, line: Line) -> None:
        bold = line.role != Role.ROW
        if line.role == Role.HEADING:
            self._merge(0, self.last, str(line.values[0]), self._format(bold=True, border=1, align="left"))
            self.row += 1
            return
        for number, (column, value) in enumerate(zip(self.printed.columns, line.values, strict=True)):
            self._cell(number, column, value, bold)
        self.row += 1

    def _cell(self, number: int, column: Column, value: Any, bold: bool) -> None:
        if isinstance(value, str) or value is None:
            align = "center" if column.sort.is_number else "left"
            style = self._format(bold=bold, border=1, text_wrap=True, align=align, num_format="@")
            self.sheet.write_string(self.row, number, "—" if value is None else value, style)
            return
        align = "center" if number == 0 else "right"  # 序号
        style = self._format(bold=bold, border=1, align=align, num_format=FORMATS[column.sort])
        self.sheet.write_number(self.row, number, column.sort.number(value), style)

    def _signatures(self) -> None:
        """负责人, 审核人, 填表人, 电话, 日期, with room for the pen, in one line below the table."""
        self.sheet.set_row(self.row, 24)
        text = "                    ".join(f"{label}:" for label in self.printed.signatures)
        self._across(text, self._format(align="left"))

    def _page(self) -> None:
        sheet = self.sheet
        sheet.set_landscape()
        sheet.set_paper(A4)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, self.row - 1, self.last)
        sheet.center_horizontally()
        version = self.printed.question.version
        about = _("Version of the data %(height)s, checksum %(hash)s") % {
            "height": version.height, "hash": f"{version.hash[:4]}…{version.hash[-4:]}",
        }  # fmt: skip
        sheet.set_footer(f"&L&8{about}&R&8" + _("Page %(page)s of %(pages)s") % {"page": "&P", "pages": "&N"})
        if self.notice:
            sheet.set_header(f"&C&8{self.notice.replace('&', '&&')}")

    def _across(self, text: str, style: Any) -> None:
        self._merge(0, self.last, text, style)
        self.row += 1

    def _merge(self, first: int, last: int, text: str, style: Any) -> None:
        if first == last:
            self.sheet.write_string(self.row, first, text, style)
            return
        self.sheet.merge_range(self.row, first, self.row, last, "", style)
        self.sheet.write_string(self.row, first, text, style)

    def _format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(FONT | properties)
        return self._formats[key]


def text_file(printed: Printed) -> bytes:
    """Header and rows as CSV. A heading is a row of its own."""
    fields = [Field(f"{c.group} ({c.label})" if c.group else c.label) for c in printed.columns]
    return b"".join(csv_file(fields, (_values(printed, line) for line in printed.everything)))


def download(printed: Printed, question: Question, form: str) -> HttpResponse:
    """The table as "csv" or "xlsx", under its title, date and version."""
    content = text_file(printed) if form == "csv" else workbook(printed, notice=portal.notice())
    return send_bytes(f"{printed.title}-{question.as_of}-{question.height}.{form}", content)


def _values(printed: Printed, line: Line) -> list[Any]:
    if line.role == Role.HEADING:
        return [line.values[0]]
    cells = zip(printed.columns, line.values, strict=True)
    return [value if isinstance(value, str) else column.sort.number(value) for column, value in cells]
