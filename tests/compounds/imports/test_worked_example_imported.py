"""The worked example of the ledger's definition by workbooks and commands alone."""

import pytest

from tests.compounds.imports.workbooks import Files, counts, places
from tests.compounds.ledger.test_worked_example import COMPLETED, FIGURES, rounded
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, ask_json, dm2


@pytest.fixture
def example(files: Files) -> Files:
    """Heights 1 to 20, by several files in order and one reversal on the command line."""

    def registered(code, community, category, mode, area, households, on="2014-01-01"):
        return {
            "小区编号": code, "小区名称": f"示例小区{code}", "社区": community, "小区类别": category, "管理模式": mode,
            "建筑面积(㎡)": area, "户数": households, "登记日期": on,
        }  # fmt: skip

    result = files.register(
        registered("A", JINYUAN, "弃管", None, "100,000.00", 1000),
        registered("B", QIANJIN, "已改造", None, "50,000.50", 500),
        registered("C", HAIHE, "未实施物业管理", None, "80,000.00", 800),
        registered("D", JINYUAN, "原已管", "专业物业", "30,000.00", 300),
        registered("E", XINLIU, "弃管", None, "40,000.00", 400),
    )
    assert (counts(result), result["height"]) == ((5, 0, 0, 5, 0), 5)

    def change(code, kind, on, **cells):
        return {"小区编号": code, "变更类型": kind, "发生日期": on, **cells}

    files.change(
        change("B", "接管", "2014-08-01", 新管理模式="社区代管"),
        change("A", "接管", "2014-09-15", 新管理模式="业委会自管"),
        change("A", "接管", "2014-05-10", 新管理模式="专业物业", **{"面积(㎡)": 60000}),
    )
    files.register(registered("F", QIANJIN, "新建", "专业物业", 25000, 250, "2014-10-01"))
    files.change(change("D", "失管", "2014-12-20"))
    files.change(
        change(
            "A",
            "面积核定",
            "2015-04-01",
            小区类别="弃管",
            原管理模式="专业物业",
            面积="+1000",
            户数=0,
            依据名称="测绘报告",
        ),
        change("A", "变更管理方式", "2015-03-01", 原管理模式="业主自管", 新管理模式="专业物业"),
        change("C", "接管", "2014-12-15", 新管理模式="专业物业", 面积=20000, 补报原因="社区报送迟"),
    )
    assert (
        files.change({"变更类型": "更正", "原数据版次": 7, "发生日期": "2014-08-01", "备注": "未实际接管"})["height"]
        == 14
    )
    files.change(
        change("C", "归属调整", "2015-06-01", 新社区="前进社区", 县区="双塔区"),
        change("E", "改类", "2015-07-01", 新类别="已改造", 面积=15000, 依据文号="朝房认定1号"),
    )
    files.change(change("C", "接管", "2015-05-20", 新管理模式="专业物业", 面积=10000, 补报原因="补报"))
    assert ask_json("ledger", "reverse", "17", "--reason", "录入有误") == {"height": 18, "reversed": 17}
    files.change(change("D", "合并", "2015-09-01", 目标小区="A"))
    last = files.change(change("D", "接管", "2015-08-15", 新管理模式="专业物业", 补报原因="补报"))
    assert last["height"] == 20
    return files


def test_every_figure_by_the_coverage_command(example):
    for division, as_of, height, managed, unmanaged, total, rate, compounds, households in FIGURES:
        asked = ("--division", division, "--as-of", as_of, "--height", str(height))
        data = ask_json("coverage", *asked)
        areas = [dm2(data["area_m2"][name]) for name in ("managed", "unmanaged", "total")]
        assert areas == [dm2(managed), dm2(unmanaged), dm2(total)], asked
        assert rounded(data["rate"]) == rate, asked
        assert tuple(data["compounds"][name] for name in ("managed", "partial", "unmanaged")) == compounds
        assert (data["households"]["managed"], data["households"]["total"]) == households


def test_completed_by_the_targets_command(example):
    for code, as_of, height, completed in COMPLETED:
        targets = {target["code"]: target for target in ask_json("targets", "--as-of", as_of, "--height", str(height))}
        assert dm2(targets[code]["completed_m2"]) == dm2(completed)


def test_movements_add_up(example):
    data = ask_json("movements", "--division", "2113", "--from", "2014-12-31", "--to", "2015-12-31")
    for name in ("managed_m2", "total_m2", "households"):
        moved = sum(dm2(kind[name]) for kind in data["by_kind"])
        assert dm2(data["opening"][name]) + moved == dm2(data["closing"][name])
    assert data["closing"] == {"managed_m2": 176000, "total_m2": 326000.5, "households": 3250}
    kinds = {kind["kind"]: kind for kind in data["by_kind"]}
    assert kinds["resurvey"] == {"kind": "resurvey", "managed_m2": 1000, "total_m2": 1000, "households": 0}
    assert kinds["takeover"]["managed_m2"] == 30000  # D's, carried along by the merge


def test_the_refusal_of_the_example_names_height_6(example):
    too_much = {"小区编号": "A", "变更类型": "接管", "发生日期": "2014-02-01", "新管理模式": "专业物业", "面积": 50000}
    result = example.change_refused(too_much)
    assert places(result["errors"]) == [(2, "面积")]
    assert "6" in result["errors"][0]["message"]
    assert "10,000.00" in result["errors"][0]["message"]
    assert ask_json("ledger", "verify")["ok"]
