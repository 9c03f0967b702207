"""Tables on their way out: types, sheets that continue, memory that does not grow, csv that calculates nothing."""

import datetime
import io
import tracemalloc

import openpyxl
import pytest

from chaoyang_pm.kit.sheets.reading import read_sheet
from chaoyang_pm.kit.sheets.writing import Field, Shape, Table, csv_lines, write_table, write_xlsx

FIELDS = [Field("小区编号"), Field("户数", Shape.NUMBER), Field("面积", Shape.AREA), Field("日期", Shape.DATE)]
ROW = ("007", 12, 1234.5, datetime.date(2014, 9, 15))


def book_of(*tables: Table, **how) -> openpyxl.Workbook:
    file = io.BytesIO()
    write_xlsx(file, tables, **how)
    return openpyxl.load_workbook(io.BytesIO(file.getvalue()))


def test_cells_keep_their_types_and_blank_ones_are_not_there():
    sheet = book_of(Table("台账", FIELDS, [ROW, (None, None, "", None), ("=1+1", 0, -0.01, "2014年9月")]))["台账"]
    code, number, area, date = sheet[2]
    assert [cell.value for cell in (code, number, area)] == ["007", 12, 1234.5]
    assert (code.number_format, area.number_format) == ("@", "#,##0.00")
    assert date.value.date() == ROW[3]
    assert [cell.value for cell in sheet[3]] == [None] * 4
    assert [(cell.value, cell.data_type) for cell in sheet[4]] == [
        ("=1+1", "s"), (0, "n"), (-0.01, "n"), ("2014年9月", "s"),
    ]  # fmt: skip
    assert sheet.freeze_panes == "A2"
    assert sheet.print_title_rows == "$1:$1"


def test_what_was_written_is_read_back(tmp_path):
    path = tmp_path / "x.xlsx"
    assert write_xlsx(path, [Table("台账", FIELDS, [ROW], "演示数据")]) == 1
    title, header, row = (row.cells for row in read_sheet(path, path.name).rows)
    assert title == ["演示数据", None, None, None]
    assert header == ["小区编号", "户数", "面积", "日期"]
    assert row == ["007", 12, 1234.5, datetime.date(2014, 9, 15)]


@pytest.mark.parametrize(("rows", "sheets"), [(0, [0]), (3, [3]), (4, [3, 1]), (6, [3, 3]), (7, [3, 3, 1])])
def test_a_long_table_continues_on_further_sheets(rows, sheets):
    book = book_of(Table("台账", FIELDS[:1], ((str(number),) for number in range(rows))), rows_per_sheet=3)
    assert [sheet.max_row - 1 for sheet in book] == sheets
    assert book.sheetnames == ["台账", "台账 (2)", "台账 (3)"][: len(sheets)]
    assert [cell.value for sheet in book for (cell,) in sheet.iter_rows(min_row=2)] == list(map(str, range(rows)))
    assert {sheet["A1"].value for sheet in book} == {"小区编号"}


def test_memory_does_not_grow_with_the_rows(tmp_path):
    def peak(rows: int) -> int:
        tracemalloc.start()
        write_xlsx(tmp_path / "x.xlsx", [Table("台账", FIELDS, ((f"C{n}", n, n / 100, ROW[3]) for n in range(rows)))])
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(6_000) < peak(1_500) + 200_000


def test_csv_comes_line_by_line_and_nothing_in_it_is_calculated():
    asked = []

    def rows():
        for number in range(3):
            asked.append(number)
            yield (f"=A{number}", -1, "-", ROW[3])

    lines = csv_lines(FIELDS, rows())
    assert next(lines) == "小区编号,户数,面积,日期\r\n"
    assert next(lines) == "'=A0,-1,'-,2014-09-15\r\n"
    assert asked == [0]


def test_a_small_table_in_memory():
    book = openpyxl.load_workbook(io.BytesIO(write_table(["a", "b"], [["=1", 2], [None, 3.5]], title="t")))
    assert list(book.active.values) == [("t", None), ("a", "b"), ("=1", 2), (None, 3.5)]
