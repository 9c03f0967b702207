"""The user's own workbook comes back with every finding at its cell, and goes in again once it is corrected."""

import openpyxl
import pytest
import xlsxwriter
from openpyxl.styles import Font, PatternFill

from chaoyang_pm.kit.sheets.words import RESULT_HEADERS, SUMMARY_SHEETS
from compounds.ledger.models import Entry
from tests.compounds.imports.workbooks import Files, accepted, counts, grid, places, ran, refused, write
from tests.support import JINYUAN, ask_json


@pytest.fixture
def workbook(files: Files):
    """A formatted register with a formula that has a result, and three bad cells."""
    path = files.folder / "台账.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("台账")
        bold = book.add_format({"bold": True, "bg_color": "#FFEE99"})
        page.merge_range("A1:E1", "小区台账", bold)
        page.write_row(1, 0, ["小区名称", "社区", "面积", "户数", "类别"], bold)
        page.write_row(2, 0, ["甲", JINYUAN, -5, 10, "弃管"])
        page.write_row(3, 0, ["乙", "金园社区", 100, 10, "弃关"])
        page.write_row(4, 0, ["丙", JINYUAN])
        page.write_formula(4, 2, "=100*2", None, 200)
        page.write_row(5, 0, ["合计", None, 295])
        page.set_column(0, 0, 33)
        page.freeze_panes(2, 1)
    return path


def cell_of(page, text: str):
    return next(cell for line in page.iter_rows() for cell in line if cell.value == text)


def test_findings_stand_at_their_cells_and_everything_else_is_kept(workbook, files: Files):
    out = files.folder / "批注.xlsx"
    result = refused("import_compounds", workbook, "--annotated", str(out))
    assert places(result["errors"]) == [(3, "面积"), (4, "社区"), (4, "类别")]
    book = openpyxl.load_workbook(out)
    assert book.sheetnames[0] == "台账"
    assert book.sheetnames[1:] == [name for name in SUMMARY_SHEETS if name in book.sheetnames]
    page = book["台账"]
    comments = {cell.coordinate: cell.comment.text for line in page.iter_rows() for cell in line if cell.comment}
    assert comments.keys() == {"C3", "B4", "E4"}
    by_place = {(error["row"], error["column"]): error["message"] for error in result["errors"]}
    assert by_place[3, "面积"] in comments["C3"]
    (column,) = [cell.column for cell in page[2] if cell.value in RESULT_HEADERS]
    said = [page.cell(row, column).value for row in range(3, 7)]
    assert by_place[3, "面积"] in said[0]
    assert by_place[4, "社区"] in said[1]
    assert by_place[4, "类别"] in said[1]
    assert said[2]
    assert by_place[3, "面积"] not in said[2]
    assert said[3] is None  # a subtotal is no row of data
    assert page["C5"].value == "=100*2"
    assert openpyxl.load_workbook(out, data_only=True)["台账"]["C5"].value == 200
    assert page["A2"].font.bold
    assert page["A2"].fill.start_color.rgb == "FFFFEE99"
    assert "A1:E1" in page.merged_cells
    assert page.freeze_panes == "B3"
    assert page.column_dimensions["A"].width > 30
    assert Entry.objects.count() == 0


def test_the_corrected_copy_lands_and_leaves_no_old_findings(workbook, files: Files):
    out, again = files.folder / "批注.xlsx", files.folder / "再批注.xlsx"
    refused("import_compounds", workbook, "--annotated", str(out))
    book = openpyxl.load_workbook(out)
    page = book["台账"]
    page["C3"], page["B4"], page["E4"], page["C5"] = 500, JINYUAN, "弃管", 200
    book.save(out)
    result = accepted("import_compounds", out, "--annotated", str(again))
    assert counts(result) == (3, 0, 0, 3, 0)
    assert not [warning for warning in result["warnings"] if warning["row"] == 2]  # its own column is not "unknown"
    assert sorted(Entry.objects.values_list("area_dm2", flat=True)) == [10_000, 20_000, 50_000]
    page = openpyxl.load_workbook(again)["台账"]
    assert not [cell for line in page.iter_rows() for cell in line if cell.comment]
    assert sum(cell.value in RESULT_HEADERS for cell in page[2]) == 1
    assert counts(accepted("import_compounds", again)) == (0, 0, 3, 0, 0)


def test_a_text_table_and_changes_are_annotated_too(files: Files):
    files.register({"小区编号": "A", "小区名称": "甲", "社区": JINYUAN, "面积": 100, "类别": "弃管"})
    rows = [
        {"小区编号": "A", "变更类型": "接管", "发生日期": "2015-01-01", "新管理模式": "自助", "面积": 60},
        {"小区编号": "A", "变更类型": "接管", "发生日期": "2015-02-01", "新管理模式": "自助", "面积": 60},
    ]
    path, out = write(files.folder / "变更.csv", grid(rows), encoding="gb18030"), files.folder / "批注.xlsx"
    answer, result = ran("import_entries", path, "--skip-bad-rows", "--annotated", str(out))
    assert (answer.code, counts(result)) == (0, (0, 0, 0, 1, 0))
    book = openpyxl.load_workbook(out)
    page = book.worksheets[0]
    assert [cell.coordinate for line in page.iter_rows() for cell in line if cell.comment] == ["E3"]
    page["E3"] = 40
    book.save(out)
    # The first row was posted from the text table: the same row in a workbook is the same row.
    assert counts(accepted("import_entries", out)) == (0, 0, 1, 1, 0)
    assert ask_json("coverage", "--division", JINYUAN)["area_m2"]["managed"] == 100


def test_people_s_own_comments_and_styles_survive(files: Files):
    path, out = files.file([{"小区名称": "甲", "社区": JINYUAN, "面积": "x"}]), files.folder / "批注.xlsx"
    book = openpyxl.load_workbook(path)
    book.active["A2"].comment = openpyxl.comments.Comment("请核实", "张三")
    book.active["A2"].font = Font(italic=True)
    book.active["B2"].fill = PatternFill("solid", start_color="FF00FF00")
    book.save(path)
    refused("import_compounds", path, "--annotated", str(out))
    page = openpyxl.load_workbook(out).active
    assert "请核实" in page["A2"].comment.text
    assert page["A2"].font.italic
    assert page["B2"].fill.start_color.rgb == "FF00FF00"
    assert page["C2"].comment
