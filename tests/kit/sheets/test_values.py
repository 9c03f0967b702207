"""What clerks write in cells, and the exact value it stands for."""

import contextlib
import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoyang_pm.kit.sheets import values
from chaoyang_pm.kit.sheets.values import CellError

PARSERS = [values.parse_area, values.parse_int, values.parse_date, values.parse_percent, values.parse_year]
RAW = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes()
    | st.times() | st.timedeltas() | st.text(alphabet="0123456789.,-/年月日万㎡ 　约#%栋+eE", max_size=12)
)  # fmt: skip


@given(RAW)
def test_any_cell_gives_a_value_or_a_cell_error(raw):
    for parse in PARSERS:
        with contextlib.suppress(CellError):
            parse(raw)


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    "blank", [None, "", " ", "　", "-", "—", "/", "\\", "无", "暂无信息", " 暂 无 ", "N/A", "NULL"]
)
def test_what_clerks_write_for_nothing_is_nothing(parse, blank):
    assert parse(blank) is None


@pytest.mark.parametrize(
    ("raw", "unit", "dm2"),
    [
        (12345.67, "㎡", 1234567), ("1,203.5", "㎡", 120350), ("１，２０３．５", "㎡", 120350), (3, "万㎡", 3_000_000),
        ("2.5万㎡", "㎡", 2_500_000), ("2.5 万平方米", "㎡", 2_500_000), ("2.5万", "万㎡", 2_500_000),
        ("12000平方米", "万㎡", 1_200_000), ("12000平", "㎡", 1_200_000), ("100m2", "㎡", 10_000),
        ("100 M²", "㎡", 10_000),
        (12345.670000001, "㎡", 1234567), (0.1 + 0.2, "㎡", 30), (1.005, "㎡", 101), (0.00005, "万㎡", 50),
        ("-500", "㎡", -50_000), ("−500", "㎡", -50_000), (-0.005, "㎡", -1), (0, "㎡", 0), ("0.004", "㎡", 0),
    ],
)  # fmt: skip
def test_areas(raw, unit, dm2):
    assert values.parse_area(raw, unit) == dm2


@pytest.mark.parametrize(
    "raw",
    [
        "0.3至0.5", "12000+3000", "1,20", "12 000", "约500", "12亩", "3公顷", "1e5", "abc", "#REF!", "100m3", True,
        float("nan"), float("inf"), 1e12, 10**400, datetime.date(2014, 9, 1), datetime.time(3), "1.2.3", "--5", "500元",
    ],
)  # fmt: skip
def test_what_is_no_single_area_is_refused(raw):
    with pytest.raises(CellError):
        values.parse_area(raw)


@given(st.integers(min_value=-(10**11), max_value=10**11))
def test_every_area_comes_back_from_any_notation(dm2):
    square_metres = Decimal(dm2) / 100
    for raw in (
        str(square_metres),
        f"{square_metres:,.2f}㎡",
        float(square_metres),
        f"{Decimal(dm2) / 10**6:f}万平方米",
    ):
        assert values.parse_area(raw) == dm2


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("65栋", 65),
        ("3005户", 3005),
        ("约300户", 300),
        ("１２００", 1200),
        ("1,203.0", 1203),
        (12.0, 12),
        (0, 0),
        ("-3", -3),
    ],
)
def test_counts(raw, number):
    assert values.parse_int(raw) == number


@pytest.mark.parametrize(
    "raw", ["3-5", "12栋3单元", 3.5, "三栋", "65㎡", True, "1e3", datetime.date(2014, 1, 1), 10**12]
)
def test_what_is_no_count_is_refused(raw):
    with pytest.raises(CellError):
        values.parse_int(raw)


@pytest.mark.parametrize(
    "raw", [2004, 2004.0, "2004", "2004年", "2004年建成", "２００４年", 2004.9, "2004-09-01", datetime.date(2004, 1, 1)]
)
def test_years(raw):
    assert values.parse_year(raw) == 2004


@pytest.mark.parametrize("raw", ["80年代", "2004-2006", 1899, 2101, 20040, "04", True])
def test_what_is_no_year_is_refused(raw):
    with pytest.raises(CellError):
        values.parse_year(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "2014-09-15", "2014/9/15", "2014.9.15", "2014年9月15日", "２０１４年９月１５日", "20140915", 20140915, 41897,
        41897.5, "2014-09-15 00:00:00", datetime.date(2014, 9, 15), datetime.datetime(2014, 9, 15, 8, 30),
    ],
)  # fmt: skip
def test_days(raw):
    assert values.parse_date(raw) == (datetime.date(2014, 9, 15), "day")


@pytest.mark.parametrize(
    "raw",
    [
        "2014.9",
        2014.9,
        "2014-09",
        "2014/09",
        "2014年9月",
        "2014年9月份",
        "201409",
        201409,
        "2014年9月上旬",
        "2014年9月底",
        "2014年 9月",
    ],
)
def test_a_month_stands_for_its_last_day(raw):
    assert values.parse_date(raw) == (datetime.date(2014, 9, 30), "month")


def test_october_and_january_are_told_apart_where_that_is_possible():
    assert values.parse_date("2014.1").date == datetime.date(2014, 1, 31)
    assert values.parse_date("2014.10").date == datetime.date(2014, 10, 31)
    assert values.parse_date(2014.11).date == datetime.date(2014, 11, 30)
    assert values.parse_date(2014.01).date == datetime.date(2014, 1, 31)
    with pytest.raises(CellError, match=r"2014-01.*2014-10"):
        values.parse_date(2014.1)


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        ("2014.13", "13"), (2014.13, "13"), (201413, "13"), ("2014-02-30", "30"), ("2014年9月31日", "31"),
        (2014, "2014-09"), ("2014年", "2014-09"), ("1776-07-04", "1776"), ("九月", "九月"), (5, "5"), (True, "True"),
        (datetime.time(3), "03:00"), ("#N/A", "#N/A"), ("2014-09-15至2015-09-14", "2014"),
        (datetime.date(1, 1, 1), "1900"),
        (float("nan"), "nan"),
    ],
)  # fmt: skip
def test_impossible_dates_are_named(raw, named):
    with pytest.raises(CellError, match=named):
        values.parse_date(raw)


@given(st.dates(min_value=datetime.date(1900, 1, 1), max_value=datetime.date(2100, 12, 31)))
def test_every_day_comes_back_from_any_notation(day):
    for raw in (day, day.isoformat(), f"{day:%Y%m%d}", int(f"{day:%Y%m%d}"), f"{day.year}年{day.month}月{day.day}日"):
        assert values.parse_date(raw) == (day, "day")


@pytest.mark.parametrize(
    ("raw", "percent"), [("62%", 62), (0.62, 62), (62, 62), ("６２％", 62), (1, 100), ("0.5%", "0.5"), (0, 0)]
)
def test_percentages(raw, percent):
    assert values.parse_percent(raw) == Decimal(percent)


@pytest.mark.parametrize("raw", ["150%", -1, "62‰", 101, True])
def test_what_is_no_percentage_is_refused(raw):
    with pytest.raises(CellError):
        values.parse_percent(raw)


def test_a_choice_goes_by_any_of_its_words_and_an_error_lists_them():
    table = {"新建": "new", "新小区": "new", "new": "new", "已改造": "old", "老旧已改造": "old", "old": "old"}
    assert [values.parse_choice(raw, table, "类别") for raw in ("新 建", "老旧已改造", "OLD", " 新小区　", "-")] == [
        "new", "old", "old", "new", None,
    ]  # fmt: skip
    with pytest.raises(CellError, match=r"旧楼.*类别.*新建、已改造"):
        values.parse_choice("旧楼", table, "类别")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("　Ａ１２　栋\u200b", "A12 栋"), ("甲（一期）、乙", "甲（一期）、乙"), (12.0, "12"),
        (13800138000.0, "13800138000"), ("a\n b\xa0c", "a b c"), ("第①期㎡", "第①期㎡"),
        ("   ", None), (None, None), (12, "12"),
    ],
)  # fmt: skip
def test_text_is_tidied_and_its_words_stay(raw, text):
    assert values.clean_text(raw) == text


def test_a_formulas_error_is_no_text():
    with pytest.raises(CellError, match="#REF!"):
        values.clean_text("#REF!")
