"""Headers in several rows, and merged cells: among the headers, and among the data."""

import pytest
from django.utils.translation import override

from chaoyang_pm.kit.sheets.datarows import data_rows
from chaoyang_pm.kit.sheets.guessing import guess
from chaoyang_pm.kit.sheets.headers import Column, find_header, header_at
from chaoyang_pm.kit.sheets.headings import plain_heading
from chaoyang_pm.kit.sheets.merging import fill_down
from chaoyang_pm.kit.sheets.reading import SheetError, read_sheet
from chaoyang_pm.kit.sheets.values import clean_text, parse_int
from tests.kit.sheets.oldbooks import Page, book
from tests.kit.sheets.workbooks import workbook

COLUMNS = [
    Column("name", "小区名称", ["小区"], required=True, names_row=True),
    Column("community", "社区", ["所属社区"], required=True),
    Column("buildings", "楼栋数", adds_up=True),
    Column("households", "户数", adds_up=True),
    Column("area", "建筑面积", ["总建筑面积"], dimension="area", adds_up=True),
    Column("housing_area", "其中住宅面积", ["其中住宅"], dimension="area", adds_up=True),
    Column("mode", "管理模式"),
    Column("provider", "物业服务单位", ["管理单位"]),
    Column("phone", "联系电话"),
]
PARSERS = {column.key: clean_text for column in COLUMNS} | {"households": parse_int, "buildings": parse_int}
GROUPED = [
    ["双塔区住宅小区台账"],
    ["序号", "小区名称", "所属社区", "基本情况", None, None, "管理情况", None],
    [None, None, None, "楼栋数", "户数", "建筑面积(万㎡)", "模式", "单位"],
    [1, "甲", "一社区", 3, 200, 2.5, "专业", "某物业"],
    [2, "乙", None, 4, None, 1.5, "专业", None],
    [3, "丙", "二社区", 5, 90, 1, "无", None],
]
GROUPED_MERGES = ["A1:H1", "A2:A3", "B2:B3", "C2:C3", "D2:F2", "G2:H2", "C4:C5"]
MAPPED = {"name": 1, "community": 2, "buildings": 3, "households": 4, "area": 5, "mode": 6, "provider": 7}


def merged(rows, merges):
    def prepare(_book, page):
        for merge in merges:
            page.merge_cells(merge)

    return read_sheet(workbook(*rows, prepare=prepare), "a.xlsx")


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.mark.parametrize("merges", [GROUPED_MERGES, []], ids=["merged", "not merged"])
def test_groups_above_columns_are_read_together(merges):
    header = find_header(sheet := merged(GROUPED, merges), COLUMNS)
    assert header.mapping == MAPPED
    assert (header.first_row, header.row_number, header.unit("area")) == (2, 3, "万㎡")
    assert [row.number for row in data_rows(sheet, header)] == [4, 5, 6]


def test_an_old_workbook_says_the_same():
    page = Page("甲", GROUPED, merged=[(1, 2, 1, 1), (1, 2, 2, 2), (1, 1, 3, 5), (1, 1, 6, 7), (3, 4, 2, 2)])
    header = find_header(sheet := read_sheet(book(page), "a.xls"), COLUMNS)
    assert header.mapping == MAPPED
    fill_down(sheet, header, COLUMNS)
    assert [row[2] for row in sheet.rows[3:]] == ["一社区", "一社区", "二社区"]


def test_three_rows_of_header_with_the_unit_in_the_group():
    rows = [
        ["小区名称", "社区", "基本情况", None, None, None],
        [None, None, "规模", None, "建筑面积(万㎡)", None],
        [None, None, "楼栋数", "户数", "合计", "其中住宅"],
        ["甲", "一社区", 3, 200, 2.5, 2],
    ]
    header = find_header(merged(rows, ["A1:A3", "B1:B3", "C1:F1", "C2:D2", "E2:F2"]), COLUMNS)
    found = {"name": 0, "community": 1, "buildings": 2, "households": 3, "area": 4, "housing_area": 5}
    assert (header.mapping, header.first_row, header.row_number) == (found, 1, 3)
    assert (header.unit("area"), header.unit("housing_area")) == ("万㎡", "万㎡")


def test_a_row_of_data_below_a_merged_header_stays_data():
    rows = [["小区名称", "社区", "管理情况", None], [None, None, "模式", "单位"], ["户数", "一社区", "专业", "楼栋数"]]
    sheet = merged(rows, ["A1:A2", "B1:B2", "C1:D1"])
    header = find_header(sheet, COLUMNS)
    assert [row.number for row in data_rows(sheet, header)] == [3]


def test_what_is_merged_is_said_of_every_row_and_nothing_else_is_filled():
    header = find_header(sheet := merged(GROUPED, GROUPED_MERGES), COLUMNS)
    assert fill_down(sheet, header, COLUMNS) == []
    data = [{key: row[index] for key, index in header.mapping.items()} for row in data_rows(sheet, header)]
    assert [raw["community"] for raw in data] == ["一社区", "一社区", "二社区"]
    assert [raw["provider"] for raw in data] == ["某物业", None, None]


def test_one_amount_of_several_rows_is_told_and_not_counted_twice():
    header = find_header(sheet := merged(GROUPED, [*GROUPED_MERGES, "E4:E5"]), COLUMNS)
    shared = fill_down(sheet, header, COLUMNS)
    assert [(key, merge.first_row, merge.last_row) for key, merge in shared] == [("households", 4, 5)]
    assert sheet.rows[4][4] is None


def test_a_remembered_header_goes_before_the_names_whatever_the_order_of_its_columns():
    first = find_header(merged(GROUPED, GROUPED_MERGES), COLUMNS)
    meanings = {plain_heading(heading): [None] for heading in first.headings.values()}
    meanings |= {"小区名称": ["provider"], "管理情况/单位": ["name"], "所属社区": ["community"]}
    swapped = [[row[1], row[0], *row[2:]] if len(row) > 2 else row for row in GROUPED]
    header = find_header(merged(swapped, GROUPED_MERGES), COLUMNS, {first.signature: meanings})
    assert header.mapping == {"provider": 0, "community": 2, "name": 7}
    assert set(header.how.values()) == {"remembered"}
    assert header.first_row == 2


def test_a_header_nobody_knows_is_found_when_it_is_remembered():
    rows = [["说明"], ["全称", "居委", "量"], ["甲", "一社区", 3]]
    sheet = merged(rows, [])
    with pytest.raises(SheetError):
        find_header(sheet, COLUMNS)
    known = header_at(sheet, COLUMNS, 2, 2, {0: "name", 1: "community"}, {}, by_hand=True)
    meanings = {"全称": ["name"], "居委": ["community"], "量": [None]}
    assert find_header(sheet, COLUMNS, {known.signature: meanings}).mapping == {"name": 0, "community": 1}


@pytest.mark.parametrize(
    ("text", "cells", "key"),
    [
        ("小区联系电话", ["1381234"], "phone"),
        ("物业服务公司", ["某物业"], None),  # as near to one name as to another thing altogether
        ("总户口数", [12, 13], None),  # an amount is guessed by a nearer name only
        ("管理模示", ["专业"], "mode"),
        ("居民小区户数", ["很多"], None),
    ],
)
def test_a_header_that_is_nearly_known_is_guessed(text, cells, key):
    sheet = merged(
        [["小区名称", "社区", text], *([name, "一社区", cell] for name, cell in zip("甲乙", cells, strict=False))], []
    )
    header = find_header(sheet, COLUMNS)
    guess(sheet, header, COLUMNS, PARSERS, {})
    assert ([found for found in header.mapping if found not in ("name", "community")] or [None]) == [key]
    assert header.how.get(2) == ("guessed" if key else None)
