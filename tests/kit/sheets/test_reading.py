"""Files as they arrive: the values and row numbers people see, or one sentence that says why not."""

import contextlib
import csv
import datetime
import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoyang_pm.kit.sheets import ole, package, reading
from chaoyang_pm.kit.sheets.reading import SheetError, read_sheet
from tests.kit.sheets.workbooks import MAIN, as_excel_writes, repacked, saved, workbook, worksheet

OLE = ole.MAGIC
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


def cells(data, filename="a.xlsx"):
    return {row.number: row.cells for row in read_sheet(data, filename).rows}


# --- workbooks ------------------------------------------------------------------------------------
def test_values_arrive_as_people_see_them():
    row = ["文字", 12, 12.5, True, datetime.date(2014, 9, 15), datetime.datetime(2014, 9, 15, 8, 30), None, 3.0]
    found = cells(workbook(row))[1]
    assert found == ["文字", 12, 12.5, True, datetime.date(2014, 9, 15), datetime.datetime(2014, 9, 15, 8, 30), None, 3]
    assert [type(value) for value in found] == [
        str,
        int,
        float,
        bool,
        datetime.date,
        datetime.datetime,
        type(None),
        int,
    ]


def test_texts_in_a_part_of_their_own_are_read():
    assert cells(as_excel_writes(["甲", "乙", "甲"], [1, "丙"])) == {1: ["甲", "乙", "甲"], 2: [1, "丙", None]}


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 60), st.integers(1, 30)),
        st.integers(-5, 5) | st.sampled_from(["甲", "x\ny"]),
        min_size=1,
    )
)
def test_every_value_is_in_the_row_and_column_the_spreadsheet_shows(filled):
    def fill(_book, page):
        for (row, column), value in filled.items():
            page.cell(row, column, value)

    read = {
        (row.number, index): value
        for row in read_sheet(workbook(prepare=fill), "a.xlsx").rows
        for index, value in enumerate(row.cells, start=1)
        if value is not None
    }
    assert read == filled


def test_the_first_visible_sheet_with_data_is_read_and_the_others_are_named():
    book = openpyxl.Workbook()
    states = {"藏": "hidden", "深藏": "veryHidden", "空": "visible", "表": "visible", "附": "visible"}
    for title, state in states.items():
        page = book.create_sheet(title)
        page["A1"], page.sheet_state = None if title == "空" else title, state
    del book["Sheet"]
    sheet = read_sheet(saved(book), "a.xlsx")
    assert (sheet.name, sheet.rows[0].cells, sheet.other_sheets) == ("表", ["表"], ["附"])


def test_a_merged_cell_has_its_value_once():
    data = workbook(["题", None, None], ["甲", 1, 2], prepare=lambda _book, page: page.merge_cells("A1:C1"))
    assert cells(data)[1] == ["题", None, None]


def test_a_formula_is_its_stored_value_and_one_without_is_named():
    rows = (
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2"><f>1+1</f></c><c r="C2" t="str"><f>X</f><v>文</v></c>'
        '<c r="D2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
    )
    sheet = read_sheet(repacked(workbook(), sheet1=worksheet(rows)), "a.xlsx")
    assert [(row.number, row.cells) for row in sheet.rows] == [(2, [2, None, "文", "#DIV/0!"])]
    assert sheet.uncomputed == {(2, 1)}


def test_rows_and_cells_without_references_follow_each_other():
    rows = '<row><c><v>1</v></c><c/><c><v>3</v></c></row><row r="4"><c r="B4"><v>5</v></c><c><v>6</v></c></row>'
    assert cells(repacked(workbook(), sheet1=worksheet(rows))) == {1: [1, None, 3], 4: [None, 5, 6]}


def test_formatted_but_empty_cells_down_to_the_last_row_do_no_harm():
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    xml = worksheet(rows).replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    assert cells(repacked(workbook(), sheet1=xml)) == {1: [1]}


def test_prefixed_worksheets_are_read():
    xml = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="3"><x:c r="B3" t="inlineStr">'
        "<x:is><x:t>甲</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>"
    ).encode()
    assert cells(repacked(workbook(), sheet1=xml)) == {3: [None, "甲"]}


def test_the_type_goes_by_content_and_not_by_name(tmp_path):
    path = tmp_path / "表.csv"
    path.write_bytes(workbook(["甲"]))
    assert read_sheet(path, path.name).kind == "xlsx"
    assert read_sheet(b"a,b\n", "a.xlsx").kind == "csv"


# --- text -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_text_in_any_encoding_and_delimiter(encoding, delimiter):
    text = f'台账\r\n小区名称{delimiter}面积\r\n\r\n"甲{delimiter}乙\n园"{delimiter}"1,203.5"\r\n丙{delimiter}\r\n'
    assert cells(text.encode(encoding), "表.csv") == {
        1: ["台账"], 2: ["小区名称", "面积"], 4: [f"甲{delimiter}乙\n园", "1,203.5"], 5: ["丙", None],
    }  # fmt: skip


def test_a_line_that_names_the_delimiter_is_no_row():
    assert cells(b"sep=;\r\na;b,c\r\n") == {1: ["a", "b,c"]}


def test_a_quote_that_is_never_closed_swallows_nothing():
    with pytest.raises(SheetError, match="2"):
        read_sheet('a,b\n"甲,1\n乙,2\n'.encode(), "a.csv")


@given(
    st.lists(st.lists(st.text(alphabet="甲ab,;\"' \n\t", max_size=6), min_size=2, max_size=4), min_size=1, max_size=8)
)
def test_a_record_is_a_row_whatever_it_holds(records):
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["名称", "值", "注"], *records])
    read = cells(file.getvalue().encode(), "a.csv")
    for number, record in enumerate(records, start=2):
        assert read.get(number, [None] * len(record)) == [cell or None for cell in record]


# --- what is refused ------------------------------------------------------------------------------
def zipped(**members) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


def with_a_cell_far_off(reference, row):
    cell = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{reference}"><v>1</v></c></row>'
    return repacked(workbook(), sheet1=worksheet(cell))


GOOD = as_excel_writes(["小区名称", "社区"], ["甲", "一社区"])
BILLION_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + worksheet("")
JUNK = {
    "nothing": b"",
    "blanks": b" \r\n\n",
    "picture": PNG,
    "text with NULs": b"a,b\0\n1,2\n",
    "binary": bytes(range(256)) * 10,
    "truncated zip": GOOD[: len(GOOD) // 2],
    "zip without its end": GOOD[:-30],
    "flipped bytes": GOOD[:300] + b"\xff" * 40 + GOOD[340:],
    "zip magic only": b"PK\x03\x04",
    "some zip": zipped(a="b"),
    "Word": zipped(word__document_xml="<x/>"),
    "OpenDocument": zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
    "xlsb": zipped(xl__workbook_bin="x", **{"xl/workbook.bin": "x"}),
    "macros": repacked(GOOD, **{"[Content_Types]": lambda xml: xml.replace(b"sheet.main", b"macroEnabled.main")}),
    "old xls": OLE + b"\0" * 600 + "Workbook".encode("utf-16-le") + b"\0" * 600,
    "password": OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600,
    "other OLE": OLE + b"\0" * 600,
    "web page": "<html><table><tr><td>甲</td></tr></table></html>".encode(),
    "PDF": b"%PDF-1.4 abc",
    "entities": repacked(GOOD, sheet1=BILLION_LAUGHS),
    "document type": repacked(GOOD, styles=b"<!DOCTYPE x><x/>"),
    "UTF-16 inside": repacked(GOOD, sheet1="<x/>".encode("utf-16")),
    "broken XML": repacked(GOOD, sheet1=b"<worksheet><sheetData><row>"),
    "no XML": repacked(GOOD, sheet1=b"hello"),
    "broken workbook": repacked(GOOD, workbook=b"<workbook>"),
    "broken strings": repacked(GOOD, sharedStrings=b"<sst><si>"),
    "bad style": repacked(GOOD, sheet1=worksheet('<row r="1"><c r="A1" s="x"><v>1</v></c></row>')),
    "bad row": repacked(GOOD, sheet1=worksheet('<row r="x"><c r="A1"><v>1</v></c></row>')),
    "row zero": repacked(GOOD, sheet1=worksheet('<row r="0"><c r="A0"><v>1</v></c></row>')),
    "cell of another row": repacked(GOOD, sheet1=worksheet('<row r="1"><c r="XFD1048576"><v>1</v></c></row>')),
    "bad reference": repacked(GOOD, sheet1=worksheet('<row r="1"><c r="-1"><v>1</v></c></row>')),
    "far row": with_a_cell_far_off("A1048576", 1048576),
    "far column": with_a_cell_far_off("XFD2", 2),
    "far corner": with_a_cell_far_off("GR100000", 100000),
    "beyond any column": with_a_cell_far_off("ZZZZZZZZ2", 2),
    "empty workbook": workbook(),
    "only styled": workbook(prepare=lambda _book, page: setattr(page["B2"], "number_format", "0.00")),
    "delimiters only": b",,,\n,,,\n",
    "too many columns": ("a," * reading.MAX_COLUMNS + "b\n").encode(),
    "too many rows": b"a,b\n" * (reading.MAX_ROWS + 1),
    "field too long": b'"' + b"a" * 200_000 + b'"\n',
    "Latin-1 bytes": b"caf\xe9,\xff\xff\n",
}


@pytest.mark.parametrize("kind", JUNK)
def test_junk_is_refused_with_a_sentence(kind):
    with pytest.raises(SheetError) as refused:
        read_sheet(JUNK[kind], "登记表.xlsx")
    assert len(str(refused.value)) > 5
    assert "Traceback" not in str(refused.value)


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=8))
def test_any_damage_is_refused_or_read(at, bytes_there):
    with contextlib.suppress(SheetError):
        read_sheet(GOOD[:at] + bytes_there + GOOD[at + len(bytes_there) :], "a.xlsx")


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_read(data):
    with contextlib.suppress(SheetError):
        read_sheet(data, "a.csv")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "a.xlsx"
    with path.open("wb") as file:
        file.truncate(package.MAX_FILE_BYTES * 10)
    with pytest.raises(SheetError, match="200"):
        read_sheet(path, path.name)
    with pytest.raises(SheetError):
        read_sheet(bytes(package.MAX_FILE_BYTES + 1), "a.xlsx")


@pytest.mark.parametrize("name", ["missing.xlsx", "", "a\0b.xlsx"])
def test_a_file_that_is_not_there_is_a_sentence(tmp_path, name):
    with pytest.raises(SheetError):
        read_sheet(f"{tmp_path}/{name}", "a.xlsx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked():
    bomb = zipped(**{"xl/workbook.xml": b"<x/>", "xl/media/a.bin": bytes(package.MAX_UNPACKED_BYTES + 1)})
    assert len(bomb) < 1024 * 1024
    with pytest.raises(SheetError):
        read_sheet(bomb, "a.xlsx")
    small_bomb = zipped(**{"xl/workbook.xml": b"<x/>", "a.xml": bytes(package.RATIO_MATTERS_FROM + 1)})
    with pytest.raises(SheetError, match="10"):
        read_sheet(small_bomb, "a.xlsx")
