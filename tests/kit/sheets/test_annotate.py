"""The annotated copy: everything of the user's workbook, what was found, and a way back in."""

import time

import openpyxl
import pytest
from django.utils.translation import override
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

from chaoyang_pm.kit.sheets.annotate import annotate
from chaoyang_pm.kit.sheets.datarows import data_rows
from chaoyang_pm.kit.sheets.findings import Finding
from chaoyang_pm.kit.sheets.headers import Column, find_header
from chaoyang_pm.kit.sheets.notes import SEPARATOR
from chaoyang_pm.kit.sheets.reading import read_sheet
from tests.kit.sheets.workbooks import MAIN, as_excel_writes, part, repacked, workbook, worksheet

COLUMNS = [
    Column("name", "小区名称", required=True),
    Column("community", "社区", required=True),
    Column("area", "建筑面积"),
]
ROWS = [
    ["台账"],
    ["小区名称", "社区", "建筑面积"],
    ["甲", "一社区", "=1+1"],
    ["乙", None, "abc"],
    ["合计", None, 3],
    ["丙", "二社区", 5],
]
RED, YELLOW = "FFFDECEA", "FFFFF4D6"


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def check(data, path, findings=(), filename="登记表.xlsx", summary=None):
    """Read, find the header, annotate: the copy as openpyxl sees it, with the sheet and header that were read."""
    sheet = read_sheet(data, filename)
    header = find_header(sheet, COLUMNS)
    list(data_rows(sheet, header))
    found = [Finding(sheet.name, *finding) for finding in findings]
    annotate(data, [(sheet, header)], found, path, summary or {"Rows": 3})
    return openpyxl.load_workbook(path), sheet, header


BAD_AREA = (4, "建筑面积", 2, "abc", "“abc” is no area", "error")
NO_COMMUNITY = (4, "社区", 1, None, "needed", "error")
LARGE = (6, "建筑面积", 2, 5, "looks small", "warning")
WHOLE_ROW = (6, None, None, None, "twice in the file", "error")


def test_findings_are_comments_fills_results_and_a_linked_list(tmp_path):
    book, _sheet, _header = check(workbook(*ROWS), tmp_path / "o.xlsx", [BAD_AREA, NO_COMMUNITY, LARGE, WHOLE_ROW])
    page = book["登记表"]
    assert [page.cell(row, 4).value for row in range(1, 7)] == [
        None, "Check result", "OK", "社区: needed; 建筑面积: “abc” is no area", None,
        "twice in the file; Warning: 建筑面积: looks small",
    ]  # fmt: skip
    assert page["C4"].comment.text == "“abc” is no area"
    assert page["B4"].comment.text == "needed"
    assert [page[cell].fill.fgColor.rgb for cell in ("C4", "B4", "C6")] == [RED, RED, YELLOW]
    assert page["A4"].fill.fill_type is None
    summary = book[book.sheetnames[-1]]
    listed = list(summary.iter_rows(values_only=True))
    assert listed[2][:2] == ("Rows", "3")
    assert [row[0] for row in listed[-4:]] == ["C4", "B4", "C6", "6"]
    assert listed[-4][1:] == ("建筑面积", "abc", "Error", "“abc” is no area")
    assert [cell.hyperlink.location for cell in summary["A"][-4:]] == [
        "'登记表'!C4",
        "'登记表'!B4",
        "'登记表'!C6",
        "'登记表'!A6",
    ]


def test_the_workbook_stays_as_it_was(tmp_path):
    edge = Side(style="thin")

    def decorate(book, page):
        page["C4"].font, page["C4"].border, page["C4"].number_format = Font(bold=True), Border(left=edge), "0.00"
        page["A3"].fill = PatternFill("solid", fgColor="FF00FF00")
        page["A6"].comment = Comment("mine", "Li")
        page.column_dimensions["A"].width = 33
        page.freeze_panes = "A3"
        page.merge_cells("A1:C1")
        page.add_data_validation(DataValidation(type="list", formula1='"x,y"', sqref="B3:B9"))
        page.conditional_formatting.add(
            "C3:C9", CellIsRule(operator="lessThan", formula=["0"], font=Font(color="FFFF0000"))
        )
        chart = BarChart()
        chart.add_data(Reference(page, min_col=3, min_row=3, max_row=6))
        page.add_chart(chart, "F2")
        book.create_sheet("说明")["A1"] = "=SUM(1,2)"

    data = workbook(*ROWS, prepare=decorate)
    book, _sheet, _header = check(data, tmp_path / "o.xlsx", [BAD_AREA])
    page = book["登记表"]
    cell = page["C4"]
    assert (cell.font.bold, cell.border.left.style, cell.number_format) == (True, "thin", "0.00")
    assert page["A3"].fill.fgColor.rgb == "FF00FF00"
    assert page["A6"].comment.text == "mine"
    assert page.column_dimensions["A"].width == 33
    assert (page.freeze_panes, str(page.merged_cells)) == ("A3", "A1:C1")
    assert len(page.data_validations.dataValidation) == len(page.conditional_formatting) == len(page._charts) == 1
    assert (page["C3"].value, book["说明"]["A1"].value) == ("=1+1", "=SUM(1,2)")


def test_stored_results_of_formulas_survive(tmp_path):
    rows = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>小区名称</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>社区</t></is></c></row>'
        '<row r="2" spans="1:2"><c r="A2" t="str"><f>X1</f><v>甲</v></c></row>'
    )
    data = repacked(workbook(), sheet1=worksheet(rows))
    check(data, tmp_path / "o.xlsx", [(2, "社区", 1, None, "needed", "error")])
    again = read_sheet(tmp_path / "o.xlsx", "o.xlsx")
    assert again.rows[1].cells == ["甲", None, "社区: needed"]


def test_a_prefixed_worksheet_can_be_annotated(tmp_path):
    cell = '<x:c r="%s1" t="inlineStr"><x:is><x:t>%s</x:t></x:is></x:c>'
    texts = cell % ("A", "小区名称") + cell % ("B", "社区")
    xml = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1">{texts}</x:row></x:sheetData></x:worksheet>'
    data = repacked(workbook(), sheet1=xml.encode())
    book, _sheet, _header = check(data, tmp_path / "o.xlsx", [(1, "社区", 1, "社区", "why", "warning")])
    assert (book["登记表"]["B1"].comment.text, book["登记表"]["C1"].value) == ("Warning: why", "Check result")


def test_a_copy_checked_again_has_nothing_of_the_earlier_check(tmp_path):
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    data = workbook(*ROWS, prepare=lambda _book, page: setattr(page["C4"], "comment", Comment("mine", "Li")))
    book, before, _header = check(data, first, [BAD_AREA, NO_COMMUNITY])
    assert book["登记表"]["C4"].comment.text == f"“abc” is no area{SEPARATOR}mine"
    names = book.sheetnames
    with override("zh-hans"):
        book, sheet, header = check(first.read_bytes(), second, [LARGE])
    assert (sheet.other_sheets, header.unknown, header.result_index) == ([], [], 3)
    assert [row.cells[:3] for row in sheet.rows] == [row.cells for row in before.rows]
    page = book["登记表"]
    assert (page.max_column, len(book.sheetnames)) == (4, len(names))
    assert [page[cell].fill.fill_type for cell in ("B4", "C4", "C6")] == [None, None, "solid"]
    assert page["B4"].comment is None
    assert page["C4"].comment.text == "mine"
    assert page["D4"].value != "社区: needed; 建筑面积: “abc” is no area"


def test_comments_that_excel_wrote_stay_beside_ours(tmp_path):
    def comment(_book, page):
        page.write_comment("A3", "theirs", {"author": "Li"})
        page.write_comment("C4", "theirs too", {"author": "Wang"})
        page.insert_button("F2")

    data = as_excel_writes(*ROWS, prepare=comment)
    check(data, tmp_path / "1.xlsx", [BAD_AREA])
    assert part((tmp_path / "1.xlsx").read_bytes(), "xl/drawings/vmlDrawing1.vml").count(b'ObjectType="Button"') == 1
    page = check((tmp_path / "1.xlsx").read_bytes(), tmp_path / "2.xlsx", [BAD_AREA, NO_COMMUNITY])[0]["登记表"]
    notes = {cell.coordinate: cell.comment.text for row in page.iter_rows() for cell in row if cell.comment}
    assert notes == {"A3": "theirs", "B4": "needed", "C4": f"“abc” is no area{SEPARATOR}theirs too"}


def test_a_copy_that_a_spreadsheet_program_saved_is_checked_again_as_well(tmp_path):
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    book, _sheet, _header = check(workbook(*ROWS), first, [BAD_AREA, NO_COMMUNITY])
    book["登记表"]["C4"] = 12
    book.save(first)
    book, sheet, _header = check(first.read_bytes(), second)
    assert sheet.rows[3].cells[2] == 12
    page = book["登记表"]
    assert [page.cell(row, 4).value for row in range(2, 7)] == ["Check result", "OK", "OK", None, "OK"]
    assert not [cell for row in page.iter_rows() for cell in row if cell.comment or cell.fill.fill_type]


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A0", "a\x00\x0b<b>&\"'"])
def test_what_users_wrote_never_becomes_a_formula(tmp_path, hostile):
    quoted = hostile.replace('"', '""').replace("\0", "").replace("\x0b", "")
    data = f'小区名称,社区\n"{quoted}",一社区\n'.encode()
    finding = (2, hostile, 0, hostile, hostile, "error")
    book, sheet, _header = check(data, tmp_path / "o.xlsx", [finding], filename="[=1].csv", summary={hostile: hostile})
    assert book[book.sheetnames[0]]["A2"].value == sheet.rows[1].cells[0]
    assert not [cell for page in book for row in page.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_text_table_becomes_a_workbook_with_the_same_rows(tmp_path):
    text = "台账\n\n小区名称,社区,建筑面积\n甲,一社区,007\n".encode("gbk")
    book, sheet, _header = check(
        text, tmp_path / "o.xlsx", [(4, "建筑面积", 2, "007", "why", "error")], filename="表.csv"
    )
    page = book["表"]
    assert (page["C4"].value, page["C4"].comment.text, page["D4"].value) == ("007", "why", "建筑面积: why")
    again = read_sheet(tmp_path / "o.xlsx", "o.xlsx")
    assert [(row.number, row.cells[:3]) for row in again.rows][1:] == [(row.number, row.cells) for row in sheet.rows][
        1:
    ]


def test_without_a_header_the_summary_says_it_all(tmp_path):
    data = workbook(["随便"])
    sheet = read_sheet(data, "a.xlsx")
    annotate(data, [(sheet, None)], [Finding(sheet.name, None, None, None, None, "no header")], tmp_path / "o.xlsx", {})
    book = openpyxl.load_workbook(tmp_path / "o.xlsx")
    assert book["登记表"].max_column == 1
    assert book[book.sheetnames[-1]]["E5"].value == "no header"


@pytest.mark.parametrize("styles", [b"<styleSheet/>", b"<x"])
def test_a_workbook_too_odd_to_edit_still_gets_a_copy(tmp_path, styles):
    data = workbook(["小区名称", "社区"], ["甲", 12])
    odd = repacked(data, styles=styles)
    sheet = read_sheet(data, "a.xlsx")
    header = find_header(sheet, COLUMNS)
    annotate(odd, [(sheet, header)], [Finding(sheet.name, 2, "社区", 1, 12, "why")], tmp_path / "o.xlsx", {})
    assert openpyxl.load_workbook(tmp_path / "o.xlsx")["登记表"]["C2"].value == "社区: why"


def test_the_parts_that_other_programs_insist_on_are_there(tmp_path):
    check(workbook(*ROWS), tmp_path / "o.xlsx", [BAD_AREA])
    data = (tmp_path / "o.xlsx").read_bytes()
    types = part(data, "[Content_Types].xml")
    assert all(f'"/{name}"'.encode() in types for name in ("xl/commentsCheck1.xml", "xl/worksheets/check1.xml"))
    xml = part(data, "xl/worksheets/sheet1.xml")
    assert xml.index(b"<pageMargins") < xml.index(b"<legacyDrawing") < xml.index(b"</worksheet>")
    assert b"<x:Row>3</x:Row><x:Column>2</x:Column>" in part(data, "xl/drawings/vmlDrawingCheck1.vml")


@pytest.mark.bench
def test_twenty_thousand_rows_take_less_than_ten_seconds(tmp_path):
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("登记表")
    page.append(["小区名称", "社区", *(f"列{n}" for n in range(43))])
    for number in range(20_000):
        page.append([f"小区{number}", "一社区", *range(43)])
    book.save(tmp_path / "a.xlsx")
    data = (tmp_path / "a.xlsx").read_bytes()
    sheet = read_sheet(data, "a.xlsx")
    header = find_header(sheet, COLUMNS)
    findings = [Finding(sheet.name, row, "列3", 5, row, "why", "warning") for row in range(2, 20_000)]
    started = time.monotonic()
    annotate(data, [(sheet, header)], findings, tmp_path / "o.xlsx", {})
    assert time.monotonic() - started < 10
