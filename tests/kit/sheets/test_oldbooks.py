"""Files of Excel 5.0 to 2003: the values people see, what keeps a file out, and nothing that reads too much."""

import contextlib
import datetime
import struct

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from chaoyang_pm.kit.sheets import limits, ole
from chaoyang_pm.kit.sheets.reading import Merge, SheetError, read_book
from tests.kit.sheets.oldbooks import Formula, Page, book, container, record, stream

ROWS = [["小区名称", "社区", "户数"], ["华园城市", "一社区", 200], ["翠湖", "二社区", 12.5]]

GOOD = book(
    Page("双塔区", [*ROWS, [Formula(2), Formula("文"), True]], merged=[(1, 2, 1, 1)]), Page("乙", ROWS, state=1)
)


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def rows(data, filename="a.xls"):
    return {sheet.name: {row.number: row.cells for row in sheet.rows} for sheet in read_book(data, filename).sheets}


def test_values_arrive_as_people_see_them():
    day = datetime.date(2014, 9, 15)
    page = Page("双塔区", [*ROWS, [], ["日期", day, True, None, Formula(3), Formula("文字"), Formula("#REF!"), "#N/A"]])
    found = rows(book(page))["双塔区"]
    assert found[1] == ["小区名称", "社区", "户数", None, None, None, None, None]
    assert (found[2][:3], found[3][:3]) == (["华园城市", "一社区", 200], ["翠湖", "二社区", 12.5])
    assert found[5] == ["日期", day, True, None, 3, "文字", "#REF!", "#N/A"]
    assert 4 not in found


def test_the_content_decides_not_the_name():
    assert read_book(book(Page("甲", ROWS)), "台账.xlsx").kind == "xls"


def test_hidden_sheets_and_charts_are_left_out():
    pages = [
        Page("甲", ROWS),
        Page("藏", ROWS, state=1),
        Page("深藏", ROWS, state=2),
        Page("图", kind=2),
        Page("乙", ROWS),
    ]
    found = read_book(book(*pages), "a.xls")
    assert ([sheet.name for sheet in found.sheets], found.hidden) == (["甲", "乙"], ["藏", "深藏"])


def test_merged_cells_are_told_and_a_chart_within_a_sheet_is_no_data():
    page = Page("甲", ROWS, merged=[(1, 2, 1, 1)], chart=True)
    sheet = read_book(book(page), "a.xls").sheets[0]
    assert sheet.merged == [Merge(2, 3, 1, 1)]
    assert sheet.rows[0].cells[0] == "小区名称"


@pytest.mark.parametrize(
    "data",
    [
        book(Page("甲", ROWS), VBA=b"x"),
        container({"Workbook": stream([Page("甲", ROWS)])}, ["_VBA_PROJECT_CUR"]),
        book(Page("甲", ROWS), first=record(0x00D3)),
        book(Page("甲", ROWS), Page("宏", kind=1, state=2)),
    ],
    ids=["VBA stream", "VBA storage", "VBA record", "Excel 4 macros"],
)
def test_macros_keep_a_file_out(data):
    with pytest.raises(SheetError, match="macros"):
        read_book(data, "a.xls")


@pytest.mark.parametrize(
    "data",
    [
        book(Page("甲", ROWS), first=record(0x002F, b"\1\0" + b"x" * 52)),
        container({"EncryptedPackage": b"x" * 5000, "EncryptionInfo": b"x" * 200}),
    ],
    ids=["xls", "xlsx"],
)
def test_a_password_keeps_a_file_out(data):
    with pytest.raises(SheetError, match="password"):
        read_book(data, "a.xls")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (container({"WordDocument": b"x" * 5000}), "Word"),
        (container({"PowerPoint Document": b"x" * 5000}), "not a spreadsheet"),
        (b"\x09\x04\x06\x00\x00\x04\x10\x00\x00\x00" + b"\0" * 50, "Excel 95"),
        (container({"Workbook": b"\x09\x02\x06\x00\x00\x02\x10\x00" * 20}), "Excel 95"),
        (container({"Book": stream([Page("甲", ROWS)], version=0x0500)}), "Excel 95"),
        (ole.MAGIC + b"\0" * 600, "damaged"),
        (ole.MAGIC, "damaged"),
        (container({"Workbook": b"x" * 5000}), "damaged"),
        (book(Page("甲", ROWS))[:1500], "damaged"),
        (book(Page("甲")), "no data"),
    ],
)
def test_what_is_no_such_workbook_is_named(data, said):
    with pytest.raises(SheetError, match=said):
        read_book(data, "a.xls")


def test_a_chain_of_sectors_that_leads_in_a_circle_is_damage():
    data = bytearray(book(Page("甲", [["x" * 50] * 40] * 20)))
    start = struct.unpack_from("<I", data, 512 + 116)  # whatever stands there: every sector now follows itself
    assert start
    (table,) = struct.unpack_from("<I", data, 76)
    at = 512 * (table + 1)
    data[at : at + 400] = struct.pack("<100I", *range(100))
    with pytest.raises(SheetError, match="damaged"):
        read_book(bytes(data), "a.xls")


def test_what_a_sheet_claims_is_not_allotted():
    texts = record(0x00FC, struct.pack("<II", 1, 2**31 - 1))
    found = rows(book(Page("甲", ROWS, claims=(2**32 - 1, 0xFFFF)), texts=texts))
    assert found["甲"][1] == ROWS[0]


@pytest.mark.parametrize(
    ("place", "said"), [((65535, 150), "more than 6000000 cells"), ((0, 250), "column IQ"), ((65535, 0), "")]
)
def test_far_off_cells_are_refused_before_anything_is_allotted(place, said):
    data = book(Page("甲", ROWS, places={place: "x"}))
    if not said:
        assert place[0] + 1 in rows(data)["甲"]
        return
    with pytest.raises(SheetError, match=said):
        read_book(data, "a.xls")


def test_too_many_sheets_are_refused():
    with pytest.raises(SheetError, match="sheets"):
        read_book(book(*(Page(f"第{n}页", [["x"]]) for n in range(limits.MAX_SHEETS + 1))), "a.xls")


@given(st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), min_size=1, max_size=12), st.booleans())
def test_broken_files_are_refused_or_read_and_nothing_else(changes, cut):
    data = bytearray(GOOD)
    for place, value in changes:
        data[place % len(data)] = value
    with contextlib.suppress(SheetError):
        read_book(bytes(data[: len(data) // 2] if cut else data), "a.xls")
