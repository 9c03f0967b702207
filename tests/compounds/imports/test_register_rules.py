"""``import_compounds``, rule by rule of its contract."""

import pytest
from auditlog.models import LogEntry

from compounds.ledger.models import Entry
from compounds.register.models import Compound
from tests.compounds.imports.workbooks import Files, accepted, counts, grid, places, ran, stored, write
from tests.support import HAIHE, JINYUAN, QIANJIN, ask, ask_json, day


def row(name="甲", community=JINYUAN, **cells) -> dict:
    return {"小区名称": name, "社区": community, **cells}


def entries() -> list[tuple]:
    fields = ("kind", "effective_on", "category", "mode_to", "area_dm2", "households", "phase")
    return [(kind, on.isoformat(), *rest) for kind, on, *rest in Entry.objects.order_by("height").values_list(*fields)]


# --- new compounds -------------------------------------------------------------------------------------
def test_without_area_a_compound_is_pending_and_registers_later(files: Files):
    assert counts(files.register(row(地址="一号"))) == (1, 0, 0, 0, 1)
    assert counts(files.register(row(地址="一号"))) == (0, 0, 1, 0, 0)
    assert ask_json("coverage", "--division", JINYUAN)["compounds"]["area_pending"] == 1
    assert counts(files.register(row(面积=100, 户数=7))) == (0, 0, 0, 1, 0)
    assert entries() == [("register", "2014-01-01", "undetermined", "none", 10_000, 7, "")]
    assert ask_json("coverage", "--division", JINYUAN)["compounds"]["area_pending"] == 0


def test_a_pending_compound_may_move_in_the_register_but_category_without_area_waits(files: Files):
    files.register(row(小区编号="P1"))
    result = files.register(row(小区编号="P1", community=QIANJIN, 类别="弃管"))
    assert counts(result) == (0, 1, 0, 0, 0)
    assert Compound.objects.get().community_id == QIANJIN
    assert places(result["warnings"]) == [(2, "建筑面积")]  # the column that the sheet does not have


def test_unmanaged_category_with_mode_and_date_gives_two_entries(files: Files):
    cells = {
        "面积": 100,
        "户数": 9,
        "类别": "弃管",
        "管理模式": "经理人",
        "接管日期": "2014-06-01",
        "物业公司": "华园物业",
    }
    assert counts(files.register(row(**cells, 日期依据="交接记录", 登记日期="2014-02-01"))) == (1, 0, 0, 2, 0)
    assert entries() == [
        ("register", "2014-02-01", "abandoned", "none", 10_000, 9, ""),
        ("takeover", "2014-06-01", "abandoned", "manager", 10_000, 9, ""),
    ]
    takeover = Entry.objects.get(kind="takeover")
    assert (takeover.provider_to, takeover.date_basis) == ("华园物业", "交接记录")


def test_takeover_without_date_and_date_without_mode_and_before_the_registration(files: Files):
    result = files.register_refused(
        row("甲", 面积=1, 类别="弃管", 管理模式="经理人"),
        row("乙", 面积=1, 类别="弃管", 接管日期="2014-06-01"),
        row("丙", 面积=1, 类别="弃管", 管理模式="经理人", 接管日期="2013-06-01"),
        row("丁", 面积=1, 类别="原已管"),
        row("戊", 面积=1, 类别="原已管", 管理模式="未管"),
    )
    assert places(result["errors"]) == [
        (2, "接管日期"), (3, "管理模式"), (4, "接管日期"), (5, "管理模式"), (6, "管理模式")
    ]  # fmt: skip


def test_categories_and_the_modes_they_enter_under(files: Files):
    files.register(
        row("甲", 面积=1),
        row("乙", 面积=1, 类别="原已管", 管理模式="专业物业"),
        row("丙", 面积=1, 类别="新建"),
        row("丁", 面积=1, 类别="新建", 管理模式="专业物业"),
    )
    assert [(category, mode) for _k, _on, category, mode, *_ in entries()] == [
        ("undetermined", "none"), ("established", "professional"), ("new_build", "none"), ("new_build", "professional"),
    ]  # fmt: skip


def test_registration_date_is_the_cell_else_the_option_else_the_baseline(files: Files):
    files.register(
        row("甲", 面积=1, 登记日期="2014-03-01"), row("乙", 面积=1), options=["--effective-on", "2014-05-01"]
    )
    files.register(row("丙", 面积=1))
    assert [on for _kind, on, *_ in entries()] == ["2014-03-01", "2014-05-01", "2014-01-01"]


@pytest.mark.parametrize("date", ["2031-01-01", "gestern", "2014-02-30", ""])
def test_an_impossible_effective_on_is_refused_before_reading(files: Files, date):
    before = stored()
    answer, result = ran("import_compounds", files.file([row(面积=1)]), f"--effective-on={date}")
    if date:
        assert (answer.code, stored(), len(result["errors"])) == (1, before, 1)


# --- existing compounds --------------------------------------------------------------------------------
def test_existing_by_code_and_by_community_and_name(files: Files):
    files.register(row("金元小区", 小区编号="A1", 面积=100))
    assert counts(files.register(row("金元小区", 地址="一号"))) == (0, 1, 0, 0, 0)
    assert counts(files.register(row("金元 小区", 电话="110"))) == (0, 1, 0, 0, 0)
    assert counts(files.register(row("金元小区", 小区编号="A1", 备注="好"))) == (0, 1, 0, 0, 0)
    compound = Compound.objects.get()
    assert (compound.address, compound.phone, compound.note) == ("一号", "110", "好")


def test_descriptive_updates_leave_a_history(files: Files):
    files.register(row(小区编号="A1", 地址="一号", 电话="1"))
    stamp = Compound.objects.get().updated_at
    files.register(row(小区编号="A1", 地址="二号", 电话="1", 楼栋数="3栋"))
    assert Compound.objects.get().updated_at > stamp
    log = LogEntry.objects.get_for_object(Compound.objects.get()).filter(action=LogEntry.Action.UPDATE).get()
    assert log.changes_dict == {"address": ["一号", "二号"], "buildings": ["None", "3"]}


def test_a_created_compound_has_its_creation_in_the_history(files: Files):
    files.register({"小区名称": "甲小区", "社区": "211302001003", "建筑面积": 1000})
    created = LogEntry.objects.get_for_object(Compound.objects.get()).get()
    assert (created.action, created.changes["name"]) == (LogEntry.Action.CREATE, ["None", "甲小区"])


def test_a_new_name_under_a_known_code_renames_with_a_warning(files: Files):
    files.register(row("旧名", 小区编号="A1"))
    result = files.register(row("新名", 小区编号="A1"))
    assert counts(result) == (0, 1, 0, 0, 0)
    assert places(result["warnings"]) == [(2, "小区名称")]
    compound = Compound.objects.get()
    assert (compound.name, compound.former_names, compound.normalised_name) == ("新名", "旧名", "新名")


def test_only_filled_cells_are_compared_and_blanks_take_nothing_away(files: Files):
    files.register(row(面积=100, 户数=10, 类别="弃管", 地址="一号", 电话="110"))
    result = files.register(row(电话="-", 备注="x"))
    assert counts(result) == (0, 1, 0, 0, 0)
    compound = Compound.objects.get()
    assert (compound.address, compound.phone) == ("一号", "110")


def test_differences_of_area_category_and_mode_point_to_changes(files: Files):
    files.register(row(面积=100, 类别="弃管"))
    result = files.register_refused(row(面积=101, 类别="已改造", 管理模式="专业物业"))
    assert places(result["errors"]) == [(2, "管理模式"), (2, "类别"), (2, "面积")]
    assert all("变更" in error["message"] or "change" in error["message"] for error in result["errors"])


def test_another_community_points_to_changes(files: Files):
    files.register(row(小区编号="A1", 面积=100))
    assert places(files.register_refused(row(小区编号="A1", community=QIANJIN, 面积=100))["errors"]) == [(2, "社区")]


def test_the_community_at_registration_still_finds_a_compound_that_moved(files: Files):
    files.register(row(面积=100))
    files.change(
        {"社区": JINYUAN, "小区名称": "甲", "变更类型": "归属调整", "发生日期": "2015-01-01", "新社区": QIANJIN}
    )
    assert counts(files.register(row(备注="x"))) == (0, 1, 0, 0, 0)
    assert counts(files.register(row(community=QIANJIN, 备注="y"))) == (0, 1, 0, 0, 0)


def test_unknown_code_with_a_known_name_offers_the_existing_one(files: Files):
    files.register(row("金元小区", 小区编号="A1", 面积=100))
    result = files.register_refused(row("金元小区", 小区编号="A2", 面积=100))
    assert places(result["errors"]) == [(2, "小区编号")]
    assert "A1" in result["errors"][0]["message"]
    assert counts(files.register(row("金元小区", 小区编号="A2", community=QIANJIN, 面积=100))) == (1, 0, 0, 1, 0)


def test_merged_compounds_take_no_rows_and_name_the_one_that_stays(files: Files):
    files.register(row(小区编号="A1", 面积=100), row("乙", 小区编号="A2", 面积=100))
    files.change({"小区编号": "A1", "变更类型": "合并", "发生日期": "2015-01-01", "目标小区": "A2"})
    result = files.register_refused(row(小区编号="A1", 备注="x"))
    assert "A2" in result["errors"][0]["message"]


# --- phases and categories -----------------------------------------------------------------------------
def test_a_new_phase_is_a_further_registration_and_compared_by_itself_later(files: Files):
    files.register(row(面积=100, 类别="新建", 管理模式="专业物业", 户数=3, **{"分片(期)": "一期"}))
    second = row(面积=60, 类别="新建", 管理模式="专业物业", 登记日期="2015-06-01", **{"分片(期)": "二期"})
    assert counts(files.register(second)) == (0, 0, 0, 1, 0)
    assert [(area, phase) for *_, area, _homes, phase in entries()] == [(10_000, "一期"), (6_000, "二期")]
    assert counts(files.register(second | {"备注": "x"})) == (0, 1, 0, 0, 0)
    assert counts(files.register(row(面积=160))) == (0, 0, 1, 0, 0)
    assert places(files.register_refused(second | {"面积": 61})["errors"]) == [(2, "面积")]


def test_several_categories_in_one_file_are_further_registrations(files: Files):
    parts = [row(面积=100, 类别="弃管"), row(面积=40, 类别="已改造"), row(面积=5, 类别="新建", 管理模式="专业物业")]
    result = files.register(*parts)
    assert counts(result) == (1, 0, 0, 3, 0)
    assert [(category, area) for _k, _on, category, _m, area, *_ in entries()] == [
        ("abandoned", 10_000), ("renovated", 4_000), ("new_build", 500)
    ]  # fmt: skip
    assert counts(files.register(*[part | {"备注": "x"} for part in parts])) == (0, 1, 2, 0, 0)
    assert places(files.register_refused(row(面积=41, 类别="已改造"))["errors"]) == [(2, "面积")]
    single = files.register_refused(row(面积=7, 类别="未实施物业管理"))  # alone in its file: a difference
    assert {column for _row, column in places(single["errors"])} == {"面积", "类别"}


def test_the_same_compound_twice_in_one_file_is_named_with_the_other_row(files: Files):
    result = files.register_refused(row(面积=100, 类别="弃管"), row("乙", 面积=1), row(面积=120, 类别="弃管"))
    assert places(result["errors"]) == [(4, "面积")]
    assert "2" in result["errors"][0]["message"]
    same = files.register(row(面积=100, 类别="弃管"), row(面积=100, 类别="弃管"))
    assert counts(same) == (1, 0, 1, 1, 0)
    assert [warning["row"] for warning in same["warnings"]] == [3]


def test_possible_duplicates_are_warned_about_and_never_merged(files: Files):
    files.register(row("金元", 面积=100))
    result = files.register(row("金元小区", 面积=100), row("金元", QIANJIN, 面积=100))
    assert counts(result) == (2, 0, 0, 2, 0)
    assert places(result["warnings"]) == [(2, "小区名称")]


# --- the same file again -------------------------------------------------------------------------------
FILE = [
    row(
        "甲", 面积=100.5, 户数=10, 类别="弃管", 管理模式="经理人", 接管日期="2014-06-01", 收缴率=0.62, 电话=13904210001
    ),
    row("乙", 面积="2.5万㎡", 类别="已改造", 地址="二号"),
    row("丙"),
]


def test_the_same_file_again_is_unchanged_also_as_csv_and_under_another_name(files: Files):
    assert counts(files.register(*FILE)) == (3, 0, 0, 3, 1)
    height = ask_json("ledger", "verify")["height"]
    for suffix, encoding in ((".xlsx", ""), (".csv", "utf-8"), (".csv", "gb18030")):
        assert counts(files.register(*FILE, suffix=suffix, encoding=encoding)) == (0, 0, 3, 0, 0)
    words = [dict(FILE[0], 社区="金元社区", 管理模式="manager", 收缴率="62%", 面积="１００．５"), *FILE[1:]]
    assert counts(files.register(*words)) == (0, 0, 3, 0, 0)
    assert ask_json("ledger", "verify")["height"] == height


def test_the_same_file_is_unchanged_after_the_compounds_have_changed(files: Files):
    files.register(*FILE)
    files.change(
        {
            "社区": JINYUAN,
            "小区名称": "甲",
            "变更类型": "面积核定",
            "发生日期": "2015-01-01",
            "面积": 10,
            "依据名称": "x",
        },
        {"社区": JINYUAN, "小区名称": "乙", "变更类型": "归属调整", "发生日期": "2015-01-01", "新社区": HAIHE},
    )
    assert counts(files.register(*FILE)) == (0, 0, 3, 0, 0)
    edited = [FILE[0] | {"电话": "110"}, *FILE[1:]]  # a row of its own now: it is compared
    assert [column for _row, column in places(files.register_refused(*edited)["errors"])] == ["面积"]


def test_a_duplicate_row_stays_unchanged_after_the_compound_has_changed(files: Files):
    files.register(FILE[1], FILE[1])
    files.change(
        {
            "社区": JINYUAN,
            "小区名称": "乙",
            "变更类型": "面积核定",
            "发生日期": "2015-01-01",
            "面积": 10,
            "依据名称": "x",
        }
    )
    assert counts(files.register(FILE[1], FILE[1])) == (0, 0, 2, 0, 0)


def test_a_key_is_free_again_when_its_entry_is_reversed(files: Files):
    files.register(*FILE)
    for height in (3, 2, 1):  # 乙's registration, 甲's takeover and registration
        ask_json("ledger", "reverse", str(height), "--reason", "录入有误")
    assert ask_json("coverage", "--division", "2113")["compounds"]["area_pending"] == 3
    assert counts(files.register(*FILE)) == (0, 0, 1, 3, 0)
    assert ask_json("coverage", "--division", "2113")["area_m2"]["total"] == 25100.5


# --- the command ---------------------------------------------------------------------------------------
def test_a_dry_run_says_what_would_happen_and_writes_nothing(files: Files):
    files.register(row("甲", 面积=100))
    before = stored()
    path = files.file([row("甲", 面积=100, 备注="x"), row("乙", 面积=1), row("丙")])
    result = accepted("import_compounds", path, "--dry-run")
    assert counts(result) == (2, 1, 0, 1, 1)
    assert (stored(), result["height"]) == (before, 1)
    answer, result = ran("import_compounds", files.file([row("丁", 面积="x")]), "--dry-run")
    assert (answer.code, stored()) == (1, before)


def test_skipping_bad_rows(files: Files):
    good, bad = row("甲", 面积=100), row("乙", 面积="x")
    answer, result = ran("import_compounds", files.file([good, bad]), "--skip-bad-rows")
    assert (answer.code, counts(result), result["height"]) == (0, (1, 0, 0, 1, 0), 1)
    assert places(result["errors"]) == [(3, "面积")]
    answer, result = ran("import_compounds", files.file([good, bad]), "--skip-bad-rows")
    assert (answer.code, counts(result)) == (0, (0, 0, 1, 0, 0))  # unchanged is accepted
    files.register_refused(bad, options=["--skip-bad-rows"])


def test_a_refused_file_writes_nothing_of_its_good_rows(files: Files):
    files.register(row("甲", 地址="一号", 面积=100))
    files.register_refused(row("甲", 地址="二号"), row("乙", 面积=1), row("丙"), row("丁", 面积="x"))


def test_implausible_values_are_warnings(files: Files):
    result = files.register(
        row("甲", 面积=2.5, 户数=300),
        row("乙", 面积="30000万㎡", 户数=300),
        row("丙", 面积=100, 户数=1, 住宅面积=200),
        row("丁", 建成年份=2050, 楼栋数=5000),
        row("戊", 面积=12.5),
    )
    assert result["posted"] == 4
    assert {(2, "面积"), (3, "面积"), (4, "住宅面积"), (5, "建成年份"), (5, "楼栋数"), (6, "面积")} <= set(
        places(result["warnings"])
    )


def test_a_table_for_people_names_the_counts(files: Files):
    answer = ask("import_compounds", str(files.file([row(面积=100)])))
    assert answer.code == 0
    assert "posted: 1" in answer.out


def test_a_missing_column_is_one_error_for_the_file(files: Files):
    path = write(files.folder / "缺列.xlsx", grid([{"小区名称": "甲", "面积": 1}, {"小区名称": "乙", "面积": 1}]))
    answer, result = ran("import_compounds", path)
    assert (answer.code, len(result["errors"])) == (1, 1)
    assert "社区" in result["errors"][0]["message"]


def test_a_formula_without_a_result_is_an_error_of_its_cell(files: Files):
    result = files.register_refused(row(面积="=50*2"))
    assert places(result["errors"]) == [(2, "面积")]


def test_dates_after_the_business_date(files: Files, settings):
    settings.BUSINESS_DATE = day("2014-06-15")
    result = files.register_refused(
        row("甲", 面积=1, 登记日期="2014-06-16"), row("乙", 面积=1, 类别="弃管", 管理模式="自助", 接管日期="2014.6")
    )
    assert places(result["errors"]) == [(2, "登记日期"), (3, "接管日期")]
    files.register(row("甲", 面积=1, 登记日期="2014-06-15"))
