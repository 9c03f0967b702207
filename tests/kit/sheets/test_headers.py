"""The table in a sheet: its header under titles, its units, and which rows are data."""

import pytest

from chaoyang_pm.kit.sheets.datarows import data_rows
from chaoyang_pm.kit.sheets.headers import Column, find_header, normalise_header
from chaoyang_pm.kit.sheets.reading import Row, Sheet, SheetError

COLUMNS = [
    Column("code", "小区编号"),
    Column("name", "小区名称", ["小区", "楼盘"], required=True, names_row=True),
    Column("county", "县(市、区)", ["所属县区"]),
    Column("community", "社区", ["所属社区"], required=True),
    Column("households", "户数", ["总户数"]),
    Column("area", "建筑面积(㎡)", ["总建筑面积"], dimension="area"),
    Column("housing_area", "其中住宅面积", dimension="area"),
    Column("remark", "备注"),
]


def sheet(*rows):
    filled = [
        (number, list(cells)) for number, cells in enumerate(rows, start=1) if any(cell is not None for cell in cells)
    ]
    return Sheet("登记表", [Row(number, cells) for number, cells in filled], "xlsx")


def read(*rows):
    table = sheet(*rows)
    header = find_header(table, COLUMNS)
    rows = list(data_rows(table, header))
    return header, [(row, {key: row[index] for key, index in header.mapping.items()}) for row in rows]


def test_the_header_is_found_below_titles_and_columns_come_in_any_order():
    header, data = read(
        ["朝阳市住宅小区台账"],
        [None],
        ["填报单位：双塔区", None, "日期：2014年9月"],
        ["户数", "社区", "小区名称"],
        [12, "一社区", "甲"],
    )
    assert (header.row_number, header.mapping) == (4, {"name": 2, "community": 1, "households": 0})
    assert [(row.number, raw) for row, raw in data] == [(5, {"name": "甲", "community": "一社区", "households": 12})]


@pytest.mark.parametrize(
    "written",
    [
        "建筑面积",
        " 建筑 面积 ",
        "建筑\n面积",
        "建筑面积（平方米）",
        "建筑面积(必填)",
        "*建筑面积*",
        "建筑面积：",
        "总建筑面积",
        "AREA",
        "ａｒｅａ",
    ],
)
def test_a_header_is_known_however_it_is_written(written):
    header, _data = read(["小区名称", "社区", written])
    assert header.mapping["area"] == 2


@pytest.mark.parametrize("written", ["县（市、区）", "县", "所属县区", "county"])
def test_a_label_with_brackets_is_known_with_and_without_them(written):
    assert read(["小区名称", "社区", written])[0].mapping["county"] == 2


@pytest.mark.parametrize(
    ("rows", "unit"),
    [
        ([["小区名称", "社区", "建筑面积"]], "㎡"),
        ([["小区名称", "社区", "建筑面积(万平方米)"]], "万㎡"),
        ([["小区名称", "社区", "建筑面积 万㎡"]], "万㎡"),
        ([["小区名称", "社区", "建筑面积（单位：万㎡）"]], "万㎡"),
        ([["台账"], ["单位:万平方米"], ["小区名称", "社区", "建筑面积"]], "万㎡"),
        ([["台账", None, "单位：", "万㎡"], ["小区名称", "社区", "建筑面积"]], "万㎡"),
        ([["台账（单位：户、万平方米）"], ["小区名称", "社区", "建筑面积"]], "万㎡"),
        ([["填报单位（章）：双塔区", None, "单位：万平方米"], ["小区名称", "社区", "建筑面积"]], "万㎡"),
        ([["填报单位：双塔区   面积单位：万㎡"], ["小区名称", "社区", "建筑面积"]], "万㎡"),
        ([["单位：万平方米、元/平方米、户"], ["小区名称", "社区", "建筑面积"]], "万㎡"),
        ([["（单位：面积万㎡，户数户）"], ["小区名称", "社区", "建筑面积"]], "万㎡"),
        ([["小区面积统计表（万平方米）"], ["小区名称", "社区", "建筑面积"]], "万㎡"),
        ([["填报单位：万平方物业公司"], ["小区名称", "社区", "建筑面积"]], "㎡"),
        ([["单位:万平方米"], ["小区名称", "社区", "建筑面积(㎡)"]], "㎡"),
        ([["小区名称", "社区", "建筑面积"], [None, None, "万㎡"]], "万㎡"),
        ([["小区名称", "社区", "建筑面积", "户数"], [None, None, "（万平方米）", "户"]], "万㎡"),
    ],
)
def test_the_unit_of_an_area_is_found_where_it_is_stated(rows, unit):
    header, data = read(*rows, ["甲", "一社区", 2.5])
    assert header.unit("area") == unit
    assert [raw["name"] for _row, raw in data] == ["甲"]


@pytest.mark.parametrize("unit", ["亩", "公顷", "平方公里"])
def test_a_unit_that_nobody_can_take_for_square_metres_is_refused(unit):
    with pytest.raises(SheetError, match=unit):
        read(["小区名称", "社区", f"建筑面积({unit})"])


def test_two_units_in_the_title_need_a_word_in_the_header():
    with pytest.raises(SheetError, match="建筑面积"):
        read(["单位:㎡、万㎡"], ["小区名称", "社区", "建筑面积"])
    assert read(["单位:㎡、万㎡"], ["小区名称", "社区", "建筑面积(㎡)"])[0].unit("area") == "㎡"


def test_a_header_in_two_rows_is_read_as_one():
    header, data = read(
        ["台账"],
        ["小区名称", "社区", "建筑面积", None, "户数"],
        [None, None, "小计", "其中住宅面积", None],
        ["甲", "一社区", 100, 80, 5],
    )
    assert header.mapping == {"name": 0, "community": 1, "area": 2, "housing_area": 3, "households": 4}
    assert header.row_number == 3
    assert [row.number for row, _raw in data] == [4]


def test_a_row_of_data_is_never_taken_for_the_second_row_of_a_header():
    header, data = read(["小区名称", "社区", "备注"], ["甲", "一社区", "户数"], ["乙", "二社区", None])
    assert header.row_number == 1
    assert [raw["name"] for _row, raw in data] == ["甲", "乙"]


def test_unknown_missing_and_doubled_columns_are_named():
    header, _data = read(["小区名称", "颜色", "户数", "总户数", "检查结果"])
    assert header.unknown == [(1, "颜色")]
    assert header.duplicates == [("households", [2, 3])]
    assert header.missing == ["community"]
    assert header.result_index == 4


@pytest.mark.parametrize("rows", [[["随便"], [1, 2, 3]], [["小区名称"]], [[None]]])
def test_without_a_header_the_needed_columns_are_named(rows):
    with pytest.raises(SheetError, match="小区名称、社区"):
        read(*rows)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["合 计", None, None, 100], "subtotal"),
        ([None, "小计：", None, 100], "subtotal"),
        (["双塔区", "小计", None, 100], "subtotal"),
        (["其中：住宅", None, None, 100], "subtotal"),
        (["本页合计(元)", None, None, 100], "subtotal"),
        (["小区编号", "小区名称", "社区", "户数"], "header"),
        (["台账", None, None, None], "header"),
        (["填报单位（章）：", None, "负责人：", None], "signature"),
        (["填报单位（章）：", "双塔街道", "填表人：张三", None], "signature"),
        (["填表人：张三   审核人：李四   日期：2014年9月", None, None, None], "signature"),
        (["注：本表一式两份", None, None, None], "signature"),
        ([None, None, None, None, "看这里"], "empty"),
        (["-", "/", None, None], "empty"),
    ],
)
def test_rows_that_are_no_data_are_skipped_with_a_reason(row, reason):
    header, data = read(
        ["台账"], ["小区编号", "小区名称", "社区", "户数"], ["C1", "甲", "一社区", 100], row, ["C2", "乙", "一社区", 1]
    )
    assert [raw["code"] for _row, raw in data] == ["C1", "C2"]
    assert [tuple(skipped) for skipped in header.skipped] == [(4, reason)]


@pytest.mark.parametrize("name", ["合计花园", "小计苑", "其中苑", "累计里", "总计家园", "说明苑", "日期新村"])
def test_names_that_only_begin_like_a_subtotal_are_data(name):
    _header, data = read(["小区名称", "社区"], [name, "一社区"])
    assert [raw["name"] for _row, raw in data] == [name]


def test_a_row_that_numbers_the_columns_is_no_data():
    header, data = read(["小区名称", "社区", "户数", "建筑面积"], ["甲", 1, 2, 3], ["乙园", "一社区", 2, 3])
    assert [raw["name"] for _row, raw in data] == ["乙园"]
    assert header.last_row == 2


def test_a_short_row_has_none_where_it_ends():
    _header, data = read(["小区名称", "社区", "备注"], ["甲"])
    assert data[0][1] == {"name": "甲", "community": None, "remark": None}


def test_headers_are_compared_by_letters_and_digits():
    assert normalise_header(" 建 筑\n面积（㎡）* ：") == "建筑面积"
