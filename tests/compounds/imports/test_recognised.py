"""Files that are no register and no changes: told from them, with the reason and what to do instead."""

import pytest
from django.utils.translation import override

from tests.compounds.imports.workbooks import accepted, ran, refused, write
from tests.support import JINYUAN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
REGISTER = [["小区名称", "社区", "建筑面积"], ["华园城市", JINYUAN, 20000]]
CHANGES = [["小区名称", "社区", "变更类型", "发生日期"], ["华园城市", JINYUAN, "撤管", "2014-05-01"]]
PLAN = [
    ["朝阳市住宅小区物业管理全覆盖工作计划汇总表"],
    ["单位:万平方米"],
    ["序号", "县区", "小区数", "楼栋数", "户数", "建筑面积"],
    [1, "双塔区", 12, 90, 5200, 52.5],
    [None, "其中:弃管小区", 3, 9, 800, 8],
    [2, "龙城区", 8, 60, 4100, 41],
    ["小计", None, 20, 150, 9300, 93.5],
]
BY_STREET = [
    ["双塔区各街道小区情况统计"],
    ["街道", "社区", "小区(个)", "户数", "建筑面积", "覆盖率"],
    ["前进街道", JINYUAN, 3, 200, 2, "50%"],
    ["合计", None, 3, 200, 2, "50%"],
]
MOVEMENTS = [["增减变动表"], ["单位", "期初", "新增登记", "接管", "撤管", "期末"], ["双塔区", 1, 2, 3, 4, 5]]


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def sheet(tmp_path, rows):
    return write(tmp_path / "表.xlsx", rows)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (PLAN, ["is a summary, not a register", "小区数", "汇总表", "rows such as “其中:弃管小区” (2)", "template"]),
        (PLAN[2:], ["is a summary, not a register", "小区数"]),
        (BY_STREET, ["is a summary, not a register", "小区(个)", "覆盖率", "rows such as “合计” (1)"]),
        (MOVEMENTS, ["is the table 增减变动表", "期初", "期末", "from the ledger"]),
        ([["小区", "原报数", "现数", "差额", "原因"], ["甲", 1, 2, 1, "x"]], ["数据差异说明表", "as a change"]),
        ([["序号", "责任单位", "小区", "拟用模式", "完成时限"], [1, "x", "甲", "专业", "6月"]], ["任务分解表"]),
        (CHANGES, ["holds changes", "变更类型"]),
        ([["小区名称", "社区"]], ["has a header but no rows of data"]),
        ([["随便", "什么"], [1, 2]], ["No header was found"]),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_what_is_no_register_is_explained(tmp_path, rows, said, dry_run):
    result = refused("import_compounds", sheet(tmp_path, rows), *(["--dry-run"] if dry_run else []))
    (error,) = result["errors"]
    assert error["row"] is None
    for words in said:
        assert words in error["message"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [(REGISTER, "is a register of compounds"), (PLAN, "is a summary"), ([CHANGES[0]], "has a header but no rows")],
)
def test_what_is_no_workbook_of_changes_is_explained(tmp_path, rows, said):
    (error,) = refused("import_entries", sheet(tmp_path, rows))["errors"]
    assert said in error["message"]


@pytest.mark.parametrize(
    "rows",
    [
        [["小区数据汇总"], *REGISTER],  # a title that says so makes no summary of a list of names
        [[*REGISTER[0], "占比"], [*REGISTER[1], "3%"]],
        [*REGISTER, ["小计", None, 20000]],
        [["小区名称", "社区", "建筑面积", "类型", "日期"], ["华园城市", JINYUAN, 20000, "封闭小区", "2014-01-01"]],
        [REGISTER[0], [302, JINYUAN, 20000], ["华园城市", JINYUAN, 1000]],
    ],
)
def test_a_register_is_never_taken_for_something_else(tmp_path, rows):
    assert accepted("import_compounds", sheet(tmp_path, rows), "--dry-run")["created"] >= 1


def test_one_file_may_hold_both_workbooks_and_each_command_takes_its_own(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for name, rows in (("台账", REGISTER), ("变更", [CHANGES[0], [*CHANGES[1][:2], "注销", "2014-05-01"]])):
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    del book["Sheet"]
    book.save(tmp_path / "两张.xlsx")
    result = accepted("import_compounds", tmp_path / "两张.xlsx")
    assert (result["rows"], [one["sheet"] for one in result["warnings"]]) == (1, ["变更"])
    _answer, result = ran("import_entries", tmp_path / "两张.xlsx", "--dry-run")
    assert (result["rows"], [one["sheet"] for one in result["warnings"]]) == (1, ["台账"])
