"""Registers as street offices keep them land exactly, area by area, and every bad cell is named with its row."""

import datetime
from collections import Counter

import openpyxl
import pytest

from communities.divisions.models import Division
from compounds.ledger.models import Entry
from compounds.register.models import Compound
from tests.compounds.imports.workbooks import Files, accepted, counts, places, ran, refused, write
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, ask_json

HEADER = (
    "序号", "小区名称", "所属县区", "所属街道", "居委会", "总建筑面积", "总户数", "楼栋数", "竣工年份", "类别",
    "管理方式", "接管时间",
    "物业公司", "收缴率", "弃管时间", "小区经理联系电话", "物业费开票方式",
)  # fmt: skip
#: Name → area in 0.01 ㎡ and households: what the sheet below says.
LANDS = {
    "金元小区": (250_000_000, 3005), "金元二期": (3_020_000, 302), "前进里": (12_035_000, 0), "华园城市": (3_250_000,
    41),
    "海河花园": (5_000_000, 50), "新柳苑": (100, 1),
}  # fmt: skip


def sheet(unit: str = "单位:万平方米") -> list[list]:
    return [
        ["双塔区、龙城区住宅小区物业管理情况台账(2014年9月)"],
        [unit, None, None, "填报单位:房产局"],
        list(HEADER),
        [1, "金元小区", "双塔区", None, "金元社区", 250, "3005户", "65栋", "2004年建成", "弃管", "-", None, "无",
         0.62, datetime.datetime(2012, 5, 1), 13904210001, "月"],
        [2, " 金元 二期", "双塔区", None, JINYUAN, "３０,２００㎡", "３０２", "暂无信息", 1998, "已改造", "社区代管",
         "2014.9", "业主自筹物业", "62%", "/", "0421-2610000", None],
        ["小计", None, None, None, None, 253.02, 3307, 65],
        [3, "前进里", "双塔区", None, int(QIANJIN), "12.035", None, None, "1990.6", "其他未实施", None, None, None,
         None, "2009年", "-", None],
        [None, "其中:旧楼", None, None, None, 5, None],
        [4, "华园城市", None, None, HAIHE, 3.25, "41户", "２", None, "新建", "物业公司", None, "华园物业", "98.5",
         None, None, None],
        [5, "海河花园", "龙城区", None, "海河", "5万㎡", "50户", None, None, "原已管", "经理人", datetime.date(2013,
         5, 1), None, None, None, None, None],
        [6, "新柳苑", "朝阳县", None, XINLIU, 0.0001, 1, None, None, None, None, None, None, None, None, None, None],
        [7, "待测小区", "双塔区", None, "金元社区", "暂无信息", "无", None, None, "弃管", None, None, None, None,
         None, None, None],
        ["合计", None, None, None, None, 275.0, 3399],
        ["单位负责人:", "张三", None, "填表人:李四", None, "填报日期:2014年9月30日"],
        ["注:本表一式两份"],
    ]  # fmt: skip


def check_landed() -> None:
    found = {compound.name: compound for compound in Compound.objects.all()}
    held = {}
    for entry in Entry.objects.filter(kind="register").select_related("compound"):
        held[entry.compound.name] = (entry.area_dm2, entry.households)
    assert {name.replace(" ", ""): quantities for name, quantities in held.items()} == {
        **LANDS, "金元小区": (250_000_000, 3005), "金元二期": (3_020_000, 302), "前进里": (12_035_000, 0),
    }  # fmt: skip
    assert found["金元小区"].buildings == 65
    assert found["金元小区"].built_year == 2004
    assert found["金元小区"].collection_rate == 62
    assert found["金元小区"].abandoned_since == "2012-05-01"
    assert found["金元小区"].phone == "13904210001"
    assert found["前进里"].built_year == 1990
    assert not found["待测小区"].has_area
    takeover = Entry.objects.get(kind="takeover")
    assert (takeover.effective_on, takeover.precision) == (datetime.date(2014, 9, 30), "month")
    assert (takeover.mode_to, takeover.provider_to, takeover.area_dm2) == ("community", "业主自筹物业", 3_020_000)
    categories = dict(Entry.objects.filter(kind="register").values_list("compound__name", "category"))
    assert categories["新柳苑"] == "undetermined"
    assert categories["华园城市"] == "new_build"
    coverage = ask_json("coverage", "--division", "2113")
    assert round(coverage["area_m2"]["total"] * 100) == sum(area for area, _homes in LANDS.values())
    assert coverage["households"]["total"] == sum(homes for _area, homes in LANDS.values())
    assert coverage["compounds"]["area_pending"] == 1


@pytest.mark.parametrize(
    ("suffix", "encoding"), [(".xlsx", ""), (".csv", "gb18030"), (".csv", "utf-8-sig"), (".csv", "utf-8")]
)
def test_a_register_as_clerks_keep_it_lands_exactly(files: Files, suffix, encoding):
    lines = sheet()
    lines[6][4] = QIANJIN if suffix == ".csv" else lines[6][4]
    path = write(files.folder / f"台账{suffix}", lines, encoding=encoding)
    result = accepted("import_compounds", path)
    assert result["rows"] == 7
    assert counts(result) == (7, 0, 0, 7, 1)
    assert "物业费开票方式" in {warning["value"] for warning in result["warnings"]}
    check_landed()
    assert counts(accepted("import_compounds", path)) == (0, 0, 7, 0, 0)


def test_units_by_header_unit_row_and_title(files: Files):
    def area(lines) -> int:
        name = f"单位{Compound.objects.count()}"
        lines = [[name if cell == "?" else cell for cell in line] for line in lines]
        accepted("import_compounds", write(files.folder / f"{name}.xlsx", lines))
        return Entry.objects.get(compound__name=name).area_dm2

    assert area([["小区名称", "社区", "建筑面积(万㎡)"], ["?", JINYUAN, 2.5]]) == 2_500_000
    assert area([["小区名称", "社区", "建筑面积(㎡)"], ["?", JINYUAN, 25000.005]]) == 2_500_001  # half up
    assert area([["小区名称", "社区", "建筑面积"], [None, None, "万平方米"], ["?", JINYUAN, 2.5]]) == 2_500_000
    assert area([["单位:万平方米"], ["小区名称", "社区", "建筑面积(㎡)"], ["?", JINYUAN, 25000]]) == 2_500_000
    assert (
        area([["小区名称", "社区", "面积", None], [None, None, "总面积", "其中住宅面积"], ["?", JINYUAN, 900, 800]])
        == 90_000
    )
    assert area([["name", "community", "area"], ["?", JINYUAN, "1,203.5"]]) == 120_350


def test_latin_codes_as_headers_and_values(files: Files):
    rows = [
        {
            "code": "X1", "name": "甲", "community": JINYUAN, "area": 100, "households": 5, "category": "unserved",
            "mode": "self_help", "taken_over_on": "2014-05-06", "kind": "gated", "area_source": "survey",
            "registered_on": "2014-02-03",
        },
        {"code": "X2", "name": "乙", "community": JINYUAN, "area": 50, "category": "new_build", "mode": "none"},
    ]  # fmt: skip
    assert counts(files.register(*rows)) == (2, 0, 0, 3, 0)
    assert list(Entry.objects.order_by("height").values_list("kind", "mode_to", "effective_on")) == [
        ("register", "none", datetime.date(2014, 2, 3)),
        ("takeover", "self_help", datetime.date(2014, 5, 6)),
        ("register", "none", datetime.date(2014, 1, 1)),
    ]
    changes = {"code": "X1", "kind": "lapse", "effective_on": 20150203, "mode_from": "self_help", "mode_to": "none"}
    assert files.change(changes)["posted"] == 1


@pytest.mark.parametrize(
    ("cell", "day", "precision"),
    [
        ("2014-09-15", (2014, 9, 15), "day"),
        ("2014/9/5", (2014, 9, 5), "day"),
        ("2014年9月15日", (2014, 9, 15), "day"),
        ("２０１４．９．１５", (2014, 9, 15), "day"),
        (20140915, (2014, 9, 15), "day"),
        (datetime.datetime(2014, 9, 15), (2014, 9, 15), "day"),
        (41897, (2014, 9, 15), "day"),
        (2014.9, (2014, 9, 30), "month"),
        ("2014.10", (2014, 10, 31), "month"),
        ("2016年2月上旬", (2016, 2, 29), "month"),
    ],
)
def test_dates_in_every_style(files: Files, cell, day, precision):
    files.register({"小区名称": "甲", "社区": JINYUAN, "面积": 100, "登记日期": cell})
    entry = Entry.objects.get()
    assert (entry.effective_on, entry.precision) == (datetime.date(*day), precision)


def test_a_name_used_twice_is_a_question_and_its_parents_answer_it(files: Files):
    communities = Division.objects.filter(level="community")
    name = next(name for name, times in Counter(communities.values_list("name", flat=True)).items() if times > 1)
    one, other = communities.filter(name=name).order_by("code")[:2]
    result = files.register_refused({"小区名称": "甲", "社区": name, "面积": 100})
    assert places(result["errors"]) == [(2, "社区")]
    assert one.code in result["errors"][0]["message"]
    county = Division.objects.get(code=other.code[:6])
    street = Division.objects.get(code=other.code[:9])
    files.register({"小区名称": "甲", "社区": name, "面积": 100, "县区": county.name, "街道": street.name})
    assert Compound.objects.get().community_id == other.code


def test_every_bad_cell_is_named_at_once(files: Files):
    header = [
        "小区名称",
        "县区",
        "社区",
        "建筑面积",
        "户数",
        "楼栋数",
        "类别",
        "管理模式",
        "接管日期",
        "登记日期",
        "收缴率",
    ]
    lines = [
        ["台账"],
        header,
        ["甲", "双塔区", "金园社区", "-1,200", "三百", 3, "弃管", None, None, None, "620%"],
        ["乙", "双塔区", "金元社区", 900, 9, "3到5栋", "弃关", "代管", "2014.13", "2031-01-01", None],
        [None, "双塔区", None, 900, -9, None, None, None, None, None, None],
        ["丙", "火星区", "金元社区", "1.2.3", None, None, "原已管", None, None, None, None],
        ["丁", "双塔区", "金元社区", 900, None, None, "弃管", "经理人", None, "abc", None],
        ["戊", "双塔区", "金元社区", "#REF!", None, None, None, None, "2014-02-30", None, None],
        ["己", "双塔区", XINLIU, 0, None, None, None, None, None, None, None],
        ["庚", "双塔区", "金元社区", 900, 9, 2, "弃管", None, None, "2014-01-01", "80%"],
    ]  # fmt: skip
    result = refused("import_compounds", write(files.folder / "错.xlsx", lines))
    assert places(result["errors"]) == sorted(
        [
            (3, "社区"), (3, "建筑面积"), (3, "户数"), (3, "收缴率"),
            (4, "楼栋数"), (4, "类别"), (4, "管理模式"), (4, "接管日期"), (4, "登记日期"),
            (5, "小区名称"), (5, "社区"), (5, "户数"),
            (6, "县区"), (6, "建筑面积"), (6, "管理模式"),
            (7, "登记日期"), (7, "接管日期"),
            (8, "建筑面积"), (8, "接管日期"),
            (9, "社区"), (9, "建筑面积"),
        ]
    )  # fmt: skip
    by_place = {(error["row"], error["column"]): error for error in result["errors"]}
    assert by_place[3, "建筑面积"]["value"] == "-1,200"
    assert by_place[4, "接管日期"]["value"] == "2014.13"
    assert by_place[3, "建筑面积"]["sheet"] == "台账"
    assert JINYUAN in by_place[3, "社区"]["message"]  # what was probably meant
    answer, result = ran("import_compounds", files.folder / "错.xlsx", "--skip-bad-rows")
    assert (answer.code, counts(result)) == (0, (1, 0, 0, 1, 0))
    assert len(result["errors"]) == len(by_place)


def test_row_numbers_are_those_of_the_spreadsheet(files: Files):
    book = openpyxl.Workbook()
    page = book.active
    page["B7"], page["C7"], page["D7"] = "小区名称", "社区", "面积"
    page["B12"], page["C12"], page["D12"] = "甲", JINYUAN, "x"
    book.save(files.folder / "空行.xlsx")
    assert places(refused("import_compounds", files.folder / "空行.xlsx")["errors"]) == [(12, "面积")]
    path = files.folder / "空行.csv"
    path.write_text(
        f'\n标题\n\n小区名称,社区,面积,备注\n甲,{JINYUAN},1,"两\n行"\n\n乙,{JINYUAN},x,\n', encoding="utf-8"
    )
    assert places(refused("import_compounds", path)["errors"]) == [(7, "面积")]


def test_hidden_sheets_are_not_read_and_further_ones_are_named(files: Files):
    book = openpyxl.Workbook()
    hidden = book.active
    hidden.title, hidden.sheet_state = "草稿", "hidden"
    hidden.append(["小区名称", "社区"])
    page = book.create_sheet("正式")
    page.append(["小区名称", "社区"])
    page.append(["甲", JINYUAN])
    book.create_sheet("填表说明").append(["逐栏填写"])
    book.save(files.folder / "多表.xlsx")
    result = accepted("import_compounds", files.folder / "多表.xlsx")
    assert counts(result) == (1, 0, 0, 0, 1)
    assert "填表说明" in {warning["value"] for warning in result["warnings"]}
    assert "草稿" not in str(result)


def test_a_second_column_of_the_same_meaning_is_named(files: Files):
    lines = [["小区名称", "社区", "面积", "总建筑面积"], ["甲", JINYUAN, 100, 200]]
    result = accepted("import_compounds", write(files.folder / "重列.xlsx", lines))
    assert places(result["warnings"]) == [(1, "总建筑面积")]
    assert Entry.objects.get().area_dm2 == 10_000


def test_a_running_number_is_no_compound_code(files: Files):
    lines = [["编号", "小区名称", "社区"], [1, "甲", JINYUAN], [2, "乙", JINYUAN]]
    result = accepted("import_compounds", write(files.folder / "编号.xlsx", lines))
    assert set(Compound.objects.values_list("code", flat=True)) == {f"{JINYUAN}-001", f"{JINYUAN}-002"}
    assert "编号" in {warning["value"] for warning in result["warnings"]}
