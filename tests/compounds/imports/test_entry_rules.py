"""``import_entries``, rule by rule of its contract."""

import pytest

from compounds.ledger.models import Entry, EntryPart
from compounds.register.models import Compound
from tests.compounds.imports.workbooks import Files, counts, places, ran
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, ask_json, day


def change(code, kind, on="2015-01-01", **cells) -> dict:
    return {"小区编号": code, "变更类型": kind, "发生日期": on, **cells}


def entries(**where) -> list[tuple]:
    fields = ("kind", "effective_on", "category", "mode_from", "mode_to", "area_dm2", "households")
    found = Entry.objects.filter(**where).order_by("height").values_list(*fields)
    return [(kind, on.isoformat(), *rest) for kind, on, *rest in found]


def held(code: str) -> dict[tuple[str, str], tuple[float, int]]:
    pockets = ask_json("ledger", "show", code)["pockets"]
    return {(p["category"], p["mode"]): (p["area_m2"], p["households"]) for p in pockets}


@pytest.fixture
def city(files: Files) -> Files:
    """A and B in 金元, C in 海河 (another county): 1,000 ㎡ and 10 households each, heights 1 to 3."""
    files.register(
        *[
            {"小区编号": code, "小区名称": name, "社区": place, "小区类别": "弃管", "面积": 1000, "户数": 10}
            for code, name, place in (("A", "甲小区", JINYUAN), ("B", "乙小区", JINYUAN), ("C", "丙小区", HAIHE))
        ]
    )
    return files


# --- kinds and blanks ----------------------------------------------------------------------------------
def test_every_kind_by_the_words_that_clerks_use(city: Files):
    city.change(
        change("A", "接管", "2014-02-01", 新管理模式="专业物业", 面积=600),
        change("A", "变更管理方式", "2014-03-01", 新管理模式="经理人", 面积=100.5, 户数=0),
        change("A", "换物业", "2014-04-01", 原物业服务单位="甲物业", 新物业服务单位="乙物业"),
        change("A", "失管", "2014-05-01", 原管理模式="经理人"),
        change("A", "改类", "2014-06-01", 新类别="已改造", 原管理模式="未管", 依据文号="1号"),
        change("A", "面积核定", "2014-07-01", 小区类别="弃管", 面积="-99.5", 户数="-1", 依据名称="测绘报告"),
        change("A", "区划调整", "2014-08-01", 新社区="前进社区"),
        change("A", "登记", "2014-09-01", 小区类别="新建", 新管理模式="自助", 面积=50, **{"分片(期)": "二期"}),
        change("A", "拆分", "2014-10-01", 目标小区="甲小区东院", 小区类别="弃管", 面积=100),
        change("C", "拆除", "2014-11-01", 依据类型="决定"),
        change("B", "区划调整", "2014-11-02", 新社区=QIANJIN),
        change("B", "并入", "2014-12-01", 目标小区="甲小区"),
    )
    assert [kind for kind, *_ in entries(height__gt=3)] == [
        "takeover", "mode_change", "provider_change", "lapse", "reclassify", "resurvey", "relocate", "register",
        "split",
        "deregister", "relocate", "merge",
    ]  # fmt: skip
    east = Compound.objects.get(name="甲小区东院")
    assert held(east.code) == {("abandoned", "professional"): (100, 1)}
    assert held("A") == {
        ("abandoned", "professional"): (300, 4), ("renovated", "none"): (500.5, 4), ("new_build", "self_help"): (50, 0),
        ("abandoned", "none"): (1000, 10),
    }  # fmt: skip
    assert (held("B"), held("C")) == ({}, {})
    assert ask_json("ledger", "verify")["ok"]


def test_blank_category_and_mode_where_one_pocket_fits_else_the_pockets_are_listed(city: Files):
    city.change(change("A", "接管", "2014-02-01", 新管理模式="专业物业", 面积=600))
    assert city.change(change("A", "撤管", "2014-03-01", 面积=100))["posted"] == 1
    result = city.change_refused(change("A", "面积核定", "2014-04-01", 面积=1, 依据名称="x"))
    assert places(result["errors"]) == [(2, "小区类别")]
    assert "500.00" in result["errors"][0]["message"]


def test_a_blank_area_is_the_whole_pocket_and_households_go_in_proportion(city: Files):
    city.change(
        change("A", "接管", 新管理模式="自助", 面积=250),
        change("B", "接管", 新管理模式="自助"),
        change("C", "接管", 新管理模式="自助", 面积=250, 户数=0),
    )
    assert [row[-2:] for row in entries(height__gt=3)] == [(25_000, 3), (100_000, 10), (25_000, 0)]  # 2.5, half up


#: What a row says instead of a possible takeover of A, and the cell that is wrong then.
REFUSED = [
    ({"变更类型": "接管", "新管理模式": None}, "新管理模式"),
    ({"变更类型": "接管", "新管理模式": "未管"}, "新管理模式"),
    ({"变更类型": "接管", "新管理模式": "自助", "面积": -5}, "面积"),
    ({"变更类型": "接管", "新管理模式": "自助", "面积": 0}, "面积"),
    ({"变更类型": "接管", "新管理模式": "自助", "面积": 1000.01}, "面积"),
    ({"变更类型": "接管", "新管理模式": "自助", "面积": 10, "户数": 11}, "户数"),
    ({"变更类型": "接管", "新管理模式": "自助", "发生日期": "2013-12-31"}, "发生日期"),
    ({"变更类型": "接管", "新管理模式": "自助", "发生日期": "2017-01-01"}, "发生日期"),
    ({"变更类型": "接管", "新管理模式": "自助", "发生日期": "2015.13"}, "发生日期"),
    ({"变更类型": "接管", "新管理模式": "自助", "发生日期": None}, "发生日期"),
    ({"变更类型": "接管", "新管理模式": "自助", "小区编号": "Z"}, "小区编号"),
    ({"变更类型": "接管", "新管理模式": "自助", "小区编号": None}, "小区编号"),
    ({"变更类型": "搬迁"}, "变更类型"),
    ({"变更类型": None}, "变更类型"),
    ({"变更类型": "管理模式变更", "新管理模式": "自助"}, "发生日期"),
    ({"变更类型": "撤管"}, "发生日期"),
    ({"变更类型": "换物业"}, "发生日期"),
    ({"变更类型": "改类", "新类别": "新建", "依据名称": "x"}, "新类别"),
    ({"变更类型": "改类", "新类别": "已改造"}, "依据名称"),
    ({"变更类型": "面积核定", "面积": 5}, "依据名称"),
    ({"变更类型": "面积核定", "依据名称": "x"}, "面积"),
    ({"变更类型": "面积核定", "面积": -1000.01, "依据名称": "x"}, "面积"),
    ({"变更类型": "注销"}, "依据名称"),
    ({"变更类型": "归属调整"}, "新社区"),
    ({"变更类型": "归属调整", "新社区": JINYUAN}, "新社区"),
    ({"变更类型": "归属调整", "新社区": "没有社区"}, "新社区"),
    ({"变更类型": "合并"}, "目标小区"),
    ({"变更类型": "合并", "目标小区": "A"}, "目标小区"),
    ({"变更类型": "合并", "目标小区": "C"}, "目标小区"),
    ({"变更类型": "合并", "目标小区": "没有小区"}, "目标小区"),
    ({"变更类型": "拆分"}, "目标小区"),
    ({"变更类型": "拆分", "目标小区": "B"}, "目标小区"),
    ({"变更类型": "拆分", "目标小区": "新院", "面积": 2000}, "面积"),
    ({"变更类型": "更正"}, "原数据版次"),
    ({"变更类型": "更正", "原数据版次": 4}, "原数据版次"),
    ({"变更类型": "更正", "原数据版次": 0}, "原数据版次"),
    ({"变更类型": "更正", "原数据版次": "x"}, "原数据版次"),
    ({"变更类型": "更正", "原数据版次": 2}, "原数据版次"),  # B's
    ({"变更类型": "更正", "原数据版次": 1, "发生日期": "2017-01-01"}, "发生日期"),
]


def test_what_is_refused_and_in_which_cell(city: Files):
    blank = dict.fromkeys(("面积", "户数", "新管理模式", "新类别", "依据名称", "新社区", "目标小区", "原数据版次"))
    for cells, column in REFUSED:
        row = change("A", "接管") | blank | cells
        errors = city.change_refused(row)["errors"]
        assert [(error["row"], error["column"], error["value"]) for error in errors] == [(2, column, row[column])]


def test_all_errors_of_all_rows_at_once(city: Files):
    result = city.change_refused(
        change("Z", "面积核定", "2031-01-01", 面积="若干", 户数="几户"),
        change("A", "合并", "2015-01-01", 面积="若干"),
        change("A", "接管", "2015-01-01", 新管理模式="自助", 面积=900),
        change("A", "接管", "2015-02-01", 新管理模式="自助", 面积=900),
        change(None, "接管", "x", 新管理模式="代管"),
    )
    assert places(result["errors"]) == sorted(
        [
            (2, "小区编号"), (2, "发生日期"), (2, "面积"), (2, "户数"), (3, "面积"), (3, "目标小区"), (5, "面积"),
            (6, "小区编号"), (6, "发生日期"), (6, "新管理模式"),
        ]
    )  # fmt: skip


# --- naming compounds ----------------------------------------------------------------------------------
def test_compounds_by_community_and_name(city: Files):
    by_name = {
        "社区": "金元社区",
        "小区名称": " 甲小区 ",
        "变更类型": "接管",
        "发生日期": "2015-01-01",
        "新管理模式": "自助",
    }
    assert city.change(by_name)["posted"] == 1
    result = city.change_refused(by_name | {"小区名称": "没有小区"})
    assert places(result["errors"]) == [(2, "小区名称")]


def test_after_a_relocation_a_compound_is_found_in_its_new_and_its_old_community(city: Files):
    def found(community, on):
        return {
            "社区": community,
            "小区名称": "甲小区",
            "变更类型": "接管",
            "发生日期": on,
            "面积": 1,
            "新管理模式": "自助",
        }

    result = city.change(
        change("A", "归属调整", "2015-03-01", 新社区=QIANJIN),
        found(QIANJIN, "2015-04-01"),  # in the same workbook already
        found(JINYUAN, "2015-02-01"),
    )
    assert result["posted"] == 3
    assert city.change(found(QIANJIN, "2015-04-02"), found(JINYUAN, "2015-02-02"))["posted"] == 2


def test_relocation_by_name_within_the_county_first_and_by_code_anywhere(city: Files):
    city.change(
        change("A", "归属调整", 新社区="前进社区", **{"县(市、区)": "双塔区", "社区": "金元社区"}),
        change("B", "归属调整", 新社区="新柳城社区", **{"县(市、区)": "双塔区", "社区": "金元社区"}),
        change("C", "归属调整", 新社区=int(QIANJIN)),
    )
    communities = dict(Compound.objects.values_list("code", "community_id"))
    assert communities == {"A": QIANJIN, "B": XINLIU, "C": QIANJIN}


# --- merges and splits ---------------------------------------------------------------------------------
def test_merge_by_code_and_by_name(city: Files):
    city.register({"小区编号": "D", "小区名称": "丁", "社区": JINYUAN, "小区类别": "弃管", "面积": 5})
    city.change(change("A", "合并", 目标小区="D"), change("B", "合并", 目标小区="丁"))
    assert held("D") == {("abandoned", "none"): (2005, 20)}
    assert set(Compound.objects.filter(merged_into__code="D").values_list("code", flat=True)) == {"A", "B"}


def test_consecutive_split_rows_are_one_event_and_create_their_compounds(city: Files):
    part = change("A", "拆分", 依据文号="1号")
    result = city.change(
        part | {"目标小区": "东院", "面积": 300},
        part | {"目标小区": "西院", "面积": 200, "户数": 1},
        change("B", "拆分", 目标小区="后院", 面积=100),
        change("A", "拆分", 依据文号="2号", 目标小区="北院", 面积=100),
        {"社区": JINYUAN, "小区名称": "东院", "变更类型": "接管", "发生日期": "2015-02-01", "新管理模式": "自助"},
    )
    assert counts(result) == (4, 0, 0, 4, 0)
    assert [kind for kind, *_ in entries(height__gt=3)] == ["split", "split", "split", "takeover"]
    parts = EntryPart.objects.filter(entry=4).order_by("id").values_list("compound__name", "area_dm2", "households")
    assert list(parts) == [("东院", 30_000, 3), ("西院", 20_000, 1), ("甲小区", 50_000, 6)]
    assert {c.community_id for c in Compound.objects.filter(name__in=["东院", "西院", "北院"])} == {JINYUAN}


def test_a_split_may_go_to_a_compound_whose_area_is_pending(city: Files):
    city.register({"小区编号": "P", "小区名称": "待建", "社区": JINYUAN})
    assert counts(city.change(change("A", "拆分", 目标小区="待建", 面积=300))) == (0, 0, 0, 1, 0)
    assert held("P") == {("abandoned", "none"): (300, 3)}


@pytest.mark.parametrize("bad", [{"面积": "若干"}, {"发生日期": "2014-13-01"}])
def test_a_split_with_one_bad_part_is_refused_whole(city: Files, bad):
    part = change("A", "拆分", 依据文号="1号")
    rows = [part | {"目标小区": "东院", "面积": 300}, part | {"目标小区": "西院", "面积": 100} | bad]
    _answer, result = ran(
        "import_entries", city.file([*rows, change("B", "接管", 新管理模式="自助")]), "--skip-bad-rows"
    )
    assert counts(result) == (0, 0, 0, 1, 0)
    assert {error["row"] for error in result["errors"]} == {2, 3}
    assert not Compound.objects.filter(name__in=["东院", "西院"]).exists()


def test_a_split_with_a_further_part_is_not_the_same_event(city: Files):
    part = change("A", "拆分", 依据文号="1号")
    rows = [part | {"目标小区": "东院", "面积": 300}, part | {"目标小区": "西院", "面积": 100}]
    city.change(*rows)
    assert counts(city.change(*rows)) == (0, 0, 2, 0, 0)
    result = city.change_refused(*rows, part | {"目标小区": "南院", "面积": 100})  # never dropped in silence
    assert {error["row"] for error in result["errors"]} == {2, 3, 4}


def test_a_change_of_provider_without_the_new_one_is_a_question(city: Files):
    city.change(change("A", "接管", "2015-01-01", 新管理模式="专业物业"))
    result = city.change(change("A", "更换物业服务单位", "2015-03-01"))
    assert (result["posted"], len(result["warnings"])) == (1, 1)


# --- reversals -----------------------------------------------------------------------------------------
def test_reversals(city: Files):
    city.change(change("A", "接管", "2015-01-01", 新管理模式="自助"), change("A", "撤管", "2015-02-01"))
    blocked = city.change_refused({"变更类型": "更正", "原数据版次": 4, "发生日期": "2015-01-01"})
    assert "5" in blocked["errors"][0]["message"]
    undated = {"变更类型": "冲正", "原数据版次": 5, "发生日期": None, "备注": "未撤管"}
    assert city.change(undated)["height"] == 6
    assert Entry.objects.get(height=6).reason == "未撤管"
    assert places(city.change_refused({"变更类型": "更正", "原数据版次": 5, "发生日期": "2015-02-02"})["errors"]) == [
        (2, "原数据版次")
    ]
    assert places(city.change_refused({"变更类型": "更正", "原数据版次": 6, "发生日期": "2015-02-01"})["errors"]) == [
        (2, "原数据版次")
    ]
    assert counts(city.change(undated)) == (0, 0, 1, 0, 0)
    # 7 would be this workbook's own takeover: it has no version that anybody could mean
    own = [
        change("B", "接管", "2014-02-01", 新管理模式="自助"),
        {"变更类型": "更正", "原数据版次": 7, "发生日期": "2015-01-01"},
    ]
    assert places(city.change_refused(*own)["errors"]) == [(3, "原数据版次")]


# --- order, late rows, again ---------------------------------------------------------------------------
def test_rows_are_posted_by_date_and_then_by_row(city: Files):
    city.change(
        change("A", "撤管", "2015-03-01"),
        change("A", "接管", "2015-02", 新管理模式="自助"),  # a month is its last day
        change("B", "接管", "2015-02-28", 新管理模式="自助", 面积=1),
        change("B", "接管", "2015-02-28", 新管理模式="经理人", 面积=2),
        change("C", "接管", "2014-01-05", 新管理模式="自助"),
    )
    ordered = Entry.objects.filter(height__gt=3).order_by("height").values_list("compound__code", "area_dm2")
    assert list(ordered) == [("C", 100_000), ("A", 100_000), ("B", 100), ("B", 200), ("A", 100_000)]
    assert Entry.objects.get(height=5).precision == "month"


def test_late_rows_and_overdrafts_at_any_date(city: Files):
    city.change(change("A", "接管", "2015-06-01", 新管理模式="自助", 面积=700))
    late = change("A", "接管", "2015-02-01", 新管理模式="自助", 面积=300, 补报原因="漏报")
    assert city.change(late)["posted"] == 1
    assert Entry.objects.get(height=5).late_reason == "漏报"
    result = city.change_refused(change("A", "接管", "2015-03-01", 新管理模式="自助", 面积=1))
    assert places(result["errors"]) == [(2, "面积")]


def test_a_row_refused_only_because_of_another_row(city: Files):
    rows = [
        change("A", "接管", "2015-01-01", 新管理模式="代管", 面积=100),
        change("A", "撤管", "2015-02-01"),
        change("B", "接管", "2015-01-01", 新管理模式="自助", 面积=600),
        change("B", "接管", "2015-02-01", 新管理模式="自助", 面积=600),
    ]
    answer, result = ran("import_entries", city.file(rows), "--skip-bad-rows")
    assert (answer.code, result["posted"]) == (0, 1)
    assert [row for row, _column in places(result["errors"])] == [2, 3, 5]
    rows[0]["新管理模式"], rows[3]["面积"] = "社区代管", 400
    assert counts(city.change(*rows)) == (0, 0, 1, 3, 0)


def test_identical_rows_both_post_and_the_same_file_again_posts_nothing(city: Files):
    twice = change("A", "接管", 新管理模式="自助", 面积=100)
    assert counts(city.change(twice, twice)) == (0, 0, 0, 2, 0)
    assert counts(city.change(twice, twice, suffix=".csv", encoding="gb18030")) == (0, 0, 2, 0, 0)
    assert counts(city.change(twice, twice, twice)) == (0, 0, 2, 1, 0)
    ask_json("ledger", "reverse", "5", "--reason", "重复")
    assert counts(city.change(twice, twice, twice)) == (0, 0, 2, 1, 0)


def test_a_bad_row_does_not_change_the_count_of_the_rows_like_it(city: Files):
    good = change("A", "接管", 新管理模式="自助", 面积=100)
    _answer, result = ran(
        "import_entries", city.file([good | {"户数": "几户"}, good | {"户数": None}]), "--skip-bad-rows"
    )
    assert result["posted"] == 1
    assert counts(city.change(good | {"户数": 3}, good | {"户数": None})) == (0, 0, 1, 1, 0)


def test_register_of_further_area_by_a_change(city: Files):
    city.change(change("A", "归属调整", "2015-01-01", 新社区=QIANJIN))
    city.change(
        change("A", "新增登记", "2015-02-01", 小区类别="原已管", 新管理模式="专业物业", 面积=50, 户数=5),
        change("A", "新增登记", "2014-06-01", 小区类别="弃管", 面积=7),
    )
    places_of = dict(Entry.objects.filter(kind="register", height__gt=4).values_list("height", "community_id"))
    assert places_of == {5: JINYUAN, 6: QIANJIN}
    result = city.change_refused(
        change("A", "新增登记", "2015-02-01", 小区类别="原已管", 新管理模式="未管", 面积=50),
        change("A", "新增登记", "2015-02-01", 小区类别="弃管"),
    )
    assert places(result["errors"]) == [(2, "新管理模式"), (3, "面积")]


def test_a_dry_run_and_the_business_date(city: Files, settings):
    settings.BUSINESS_DATE = day("2015-01-15")
    path = city.file([change("A", "接管", "2015-01-15", 新管理模式="自助")])
    answer, result = ran("import_entries", path, "--dry-run")
    assert (answer.code, counts(result), result["height"]) == (0, (0, 0, 0, 1, 0), 3)
    assert Entry.objects.count() == 3
    assert places(city.change_refused(change("A", "接管", "2015.1", 新管理模式="自助"))["errors"]) == [(2, "发生日期")]
