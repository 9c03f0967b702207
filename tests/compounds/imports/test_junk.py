"""Files that are no such workbook, and cells that mean harm: one clear sentence, nothing written, nothing run."""

import io
import random
import zipfile

import openpyxl
import pytest
import xlsxwriter

from chaoyang_pm.kit.sheets.package import MAX_FILE_BYTES
from compounds.ledger.models import Entry
from compounds.register.models import Compound
from tests.compounds.imports.workbooks import Files, accepted, counts, places, refused, write
from tests.support import JINYUAN

OLE = bytes.fromhex("D0CF11E0A1B11AE1")


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


def workbook() -> bytes:
    file = io.BytesIO()
    book = openpyxl.Workbook()
    for number in range(300):
        book.active.append(["小区名称", "社区", number])
    book.save(file)
    return file.getvalue()


def bomb() -> bytes:
    """A real workbook whose sheet unfolds to gigabytes."""
    book = zipfile.ZipFile(io.BytesIO(workbook()))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name in book.namelist():
            if name != "xl/worksheets/sheet1.xml":
                package.writestr(name, book.read(name))
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _megabyte in range(1100):
                sheet.write(b" " * 1_000_000)
    return file.getvalue()


JUNK = {
    "图.xlsx": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)),
    "文档.xlsx": zipped(word__document_xml=b"<w/>", docProps__core_xml=b"<c/>"),
    "截断.xlsx": workbook()[:-700],
    "截断2.xlsx": workbook()[:1000],
    "改坏.xlsx": workbook()[:2000] + b"\x00" * 400 + workbook()[2400:],
    "空.xlsx": b"",
    "空.csv": b"",
    "空白.csv": b"\n\n  \n",
    "零字节.csv": b"\x00" * 5000,
    "旧版.xls": OLE + b"\x00" * 2000,
    "加密.xlsx": OLE + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 2000,
    "乱码.csv": random.Random(1).randbytes(5000),
    "网页.xls": b"<html><table><tr><td>1</td></tr></table></html>",
    "压缩包.zip": zipped(a=b"1"),
    "只有标题.csv": "双塔区小区台账\n".encode(),
    "只有表头.csv": f"小区名称,社区,建筑面积\n{'合计,,5'}\n".encode(),
    "别的表.csv": "序号,考核指标,满分\n1,覆盖率,20\n".encode(),
    "未闭合.csv": f'小区名称,社区\n"甲,{JINYUAN}\n'.encode(),
    "炸弹.xlsx": bomb,
}


@pytest.mark.parametrize("command", ["import_compounds", "import_entries"])
def test_junk_is_refused_in_one_sentence(files: Files, command):
    for name, content in JUNK.items():
        path = files.folder / name
        path.write_bytes(content() if callable(content) else content)
        for option in ("--dry-run", "--skip-bad-rows"):
            result = refused(command, path, option)
            (error,) = result["errors"]
            assert (error["row"], error["column"], error["value"]) == (None, None, name)
            assert len(error["message"]) < 300
            assert "Traceback" not in error["message"]
            assert result["rows"] == 0


def test_files_that_are_not_there_or_no_files_or_too_large(files: Files):
    large = files.folder / "大.xlsx"
    with large.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    assert MAX_FILE_BYTES < 200 * 1024 * 1024
    for path in (files.folder / "没有.xlsx", files.folder, large, "/dev/null"):
        assert len(refused("import_compounds", path)["errors"]) == 1


def test_an_annotated_copy_that_cannot_be_written_stops_the_import_before_it_begins(files: Files):
    path = files.file([{"小区名称": "甲", "社区": JINYUAN, "面积": 100}])
    refused("import_compounds", path, "--annotated", str(files.folder / "没有的夹" / "x.xlsx"))
    refused("import_compounds", path, "--annotated", str(files.folder))


HARM = [
    "=cmd|'/C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "\U0001f3d8小区",
    "'; DROP TABLE x;--",
    "<script>alert(1)</script>",
    "{{7*7}}",
    "%s%n",
]


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_text_that_looks_like_code_stays_text(files: Files, suffix):
    lines = [["小区名称", "社区", "面积", "地址", "备注"]]
    lines += [[f"小区{number}{text}", JINYUAN, 100, f" {text}", text] for number, text in enumerate(HARM)]
    path = files.folder / f"危险{suffix}"
    write(path, lines)
    if suffix == ".xlsx":  # as text cells, not as formulas
        book = openpyxl.load_workbook(path)
        for cell in book.active["E"]:
            cell.data_type = "s"
        book.save(path)
    result = accepted("import_compounds", path)
    assert counts(result)[0] == len(HARM)
    assert sorted(Compound.objects.values_list("note", flat=True)) == sorted(HARM)


def test_formulas_are_never_run_and_a_stored_result_is_used(files: Files):
    path = files.folder / "公式.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, ["小区名称", "社区", "面积"])
        page.write_row(1, 0, ["甲", JINYUAN])
        page.write_formula(1, 2, '=WEBSERVICE("http://127.0.0.1:9/")', None, 250)
    accepted("import_compounds", path)
    assert Entry.objects.get().area_dm2 == 25_000


def test_text_longer_than_its_field_is_named(files: Files):
    columns = [
        "小区编号", "小区名称", "曾用名", "地址", "产权性质", "原产权单位", "开发建设单位", "合同起止", "合同备案号",
        "收费标准", "业委会",
        "未管原因", "弃管时间", "包保责任人", "联系人", "联系电话", "填报单位", "填报人", "物业服务单位", "分片(期)",
        "日期依据",
        "类别认定依据",
    ]  # fmt: skip
    long = dict.fromkeys(columns, "长" * 10000)
    result = files.register_refused(
        {"社区": JINYUAN, "面积": 5, "小区类别": "弃管", "管理模式": "自助", "接管日期": "2014-05-01"} | long
    )
    assert {column for _row, column in places(result["errors"])} == set(columns)
    files.register({"小区编号": "A", "小区名称": "甲", "社区": JINYUAN, "面积": 50, "备注": "长" * 10_000})
    columns = [
        "日期依据", "原物业服务单位", "新物业服务单位", "分片(期)", "涉及楼号", "变更原因", "依据类型", "依据名称",
        "依据文号", "补报原因",
        "填报单位", "经办人", "复核人", "联系电话", "备注",
    ]  # fmt: skip
    change = {"小区编号": "A", "变更类型": "接管", "发生日期": "2015-01-01", "新管理模式": "自助"}
    result = files.change_refused(change | dict.fromkeys(columns, "长" * 10000))
    assert {column for _row, column in places(result["errors"])} == set(columns)
    limits = {"备注": 500, "变更原因": 200, "依据名称": 200, "新物业服务单位": 100}
    files.change(change | {column: "长" * limit for column, limit in limits.items()})


def test_invisible_and_odd_characters(files: Files):
    result = files.register(
        {"小区名称": "甲\u200b小\u00a0区\ufeff", "社区": JINYUAN + "\u200b", "面积": " 100\t", "备注": "一\u202e二",
         "地址": "\U0001f600" * 200},
        suffix=".csv",
    )  # fmt: skip
    assert counts(result) == (1, 0, 0, 1, 0)
    compound = Compound.objects.get()
    assert (compound.name, compound.note) == ("甲小 区", "一二")
    assert counts(files.register({"小区名称": "甲小区", "社区": JINYUAN, "备注": "一二"})) == (0, 0, 1, 0, 0)
    result = files.register_refused({"小区名称": "·", "社区": JINYUAN}, {"小区名称": "㍿" * 60, "社区": JINYUAN})
    assert places(result["errors"]) == [(2, "小区名称"), (3, "小区名称")]


def test_numbers_out_of_any_reach(files: Files):
    result = files.register_refused(
        {"小区名称": "甲", "社区": JINYUAN, "面积": 1e300, "户数": 10**12, "楼栋数": 10**18, "建成年份": 20045},
        {
            "小区名称": "乙",
            "社区": JINYUAN,
            "面积": "99999999999999999999999999",
            "户数": 1.5,
            "楼栋数": True,
            "建成年份": "一九九〇",
        },
        {"小区名称": "丙", "社区": JINYUAN, "面积": "1e5", "户数": 500_000_000, "楼栋数": "-1", "建成年份": None},
    )
    assert places(result["errors"]) == sorted(
        [(row, column) for row in (2, 3) for column in ("面积", "户数", "楼栋数", "建成年份")]
        + [(4, "面积"), (4, "户数"), (4, "楼栋数")]
    )  # fmt: skip
