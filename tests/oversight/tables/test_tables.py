"""汇总表, 未管小区清单 and 数据差异说明表: their columns, their sums, and that queries do not grow."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from communities.divisions.models import Division
from compounds.ledger.choices import Mode
from compounds.modes.models import ProcedureKind
from compounds.modes.services import abandon, start
from compounds.register.models import Compound
from compounds.returns import services as returns
from oversight.cockpit.selectors import cockpit
from oversight.coverage import selectors
from oversight.coverage.question import resolve
from oversight.programme import selectors as programme
from oversight.tables import layouts, presenters
from oversight.tables.choices import Measure, Table
from oversight.tables.making import make
from oversight.tables.monthly import Flow, monthly
from oversight.tables.printed import EVERY_LINE, Role
from oversight.tables.summary import summary
from oversight.tables.unmanaged import unmanaged
from tests.oversight.tables.conftest import plan
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, day, dm2, record, register

COLUMNS = {
    Table.MONTHLY: "序号 考核单位 年度任务 个 万㎡ 户 本月撤管 累计完成 完成率 序时进度 超(欠)序时 "
    "专业化 经理人 业主自行 自助 社区 排名 备注",
    Table.RETURNS: "单位 应报 已报 逾期 代报 退回 未报名单",
    Table.MOVEMENTS: "单位 期初 新增登记 接管 撤管 类别调整 面积核定 归属调整 更正 期末",
    Table.SUMMARY: "街道 社区 小区数 面积 户数 已管 部分 未管 面积 个数 户数 面积待核 待认定",
    Table.ASSIGNMENTS: "序号 责任单位 街道 社区 小区 类别 面积 户数 拟用模式 完成时限 责任领导 责任人 电话 完成情况",
    Table.UNMANAGED: "小区 面积 户数 未管原因 拟用模式 时限 责任人 卡在哪步",
    Table.RESTATEMENT: "小区 原报数 现数 差额 原因 依据 审核人",
}


def asked(division="2113", as_of="2015-12-31", **more):
    return resolve(division=division, as_of=as_of, **more)


@pytest.mark.parametrize("table", Table)
def test_columns_are_those_that_bureaus_know(told, plans, table):
    printed = make(table, asked(), {}, told["bureau"]).printed(EVERY_LINE)
    assert " ".join(column.label for column in printed.columns) == COLUMNS[table]
    if table == Table.SUMMARY:
        assert [column.group for column in printed.columns][8:11] == ["覆盖率"] * 3
    if table == Table.MONTHLY:
        assert [column.group for column in printed.columns][3:6] == ["本月接管"] * 3
    assert [label for label, _value in printed.facts] == ["填报单位(章)", "数据截止日", "口径", "单位"]
    assert printed.signatures == ["负责人", "审核人", "填表人", "电话", "日期"]
    assert printed.title.startswith(f"朝阳市{table.label}")


# --- 汇总表 -----------------------------------------------------------------------------------------------
def test_communities_subtotals_and_total_add_up(told):
    register("己", community=JINYUAN, category="undetermined", m2=700)
    found = summary(asked(), "community")
    shown = [(row.code, row.is_subtotal, row.figures.total // 100) for row in found.rows]
    assert shown == [
        (JINYUAN, False, 126_700), ("211302001", True, 126_700), (QIANJIN, False, 130_000),
        ("211302003", True, 130_000),
        ("211302", True, 256_700), (HAIHE, False, 0), ("211303004", True, 0), ("211303", True, 0),
    ]  # fmt: skip
    whole = selectors.coverage(asked())
    assert (found.total.cells, found.total.counts) == (whole.cells, whole.counts)
    assert found.total.rate == whole.rate
    assert found.undetermined == dm2(700)
    first = found.rows[0].figures.counts
    assert (first.with_area, first.area_pending) == (3, 1)


def test_a_street_has_no_subtotals_and_a_community_one_row(told):
    assert [row.code for row in summary(asked("211302001"), "community").rows] == [JINYUAN]
    assert [row.code for row in summary(asked(JINYUAN), "community").rows] == [JINYUAN]
    by_street = summary(asked("2113"), "subdistrict").rows
    assert [row.code for row in by_street] == ["211302001", "211302003", "211302", "211303004", "211303"]
    assert [row.is_subtotal for row in by_street] == [False, False, True, False, True]


def test_nothing_to_divide_by_is_a_dash(told):
    printed = layouts.summary(asked(), summary(asked(), "community"))
    row = next(line for line in printed.lines if line.values[1] == "海河社区")
    assert [printed.columns[n].sort.shown(row.values[n]) for n in (3, 8, 9, 10)] == ["0.00", "—", "—", "—"]


def test_an_empty_division_has_no_rows_and_no_total(told):
    printed = layouts.summary(asked("211322"), summary(asked("211322"), "community"))
    assert (printed.lines, printed.total) == ([], None)


# --- 未管小区清单 ------------------------------------------------------------------------------------------
def test_unmanaged_compounds_with_what_is_known_of_them(told):
    Compound.objects.filter(code="乙").update(unmanaged_reason="业主交费意愿低", duty_person="王主任")
    found = unmanaged(asked())
    shown = [(row.code, row.area // 100, row.managed // 100, row.households, row.community) for row in found.rows]
    assert shown == [
        ("甲", 50_000, 51_000, 500, JINYUAN), ("丙", 60_000, 20_000, 600, QIANJIN), ("乙", 50_000, 0, 500, QIANJIN),
    ]  # fmt: skip
    assert (found.area, found.households, found.pending) == (dm2(160_000), 1600, 1)
    assert found.places == {JINYUAN: "双塔区 双塔街道 金元社区", QIANJIN: "双塔区 前进街道 前进社区"}
    printed = layouts.unmanaged(asked(), found)
    values = next(line.values for line in printed.lines if line.values[0] == "小区乙")
    assert values[3:] == ("业主交费意愿低", "—", "—", "王主任", "—")
    assert [line.role for line in printed.lines] == [Role.HEADING, Role.ROW, Role.HEADING, Role.ROW, Role.ROW]
    assert printed.total.values[1:3] == (dm2(160_000), 1600)
    assert "1" in printed.notes[1], "the compound whose area is pending is named in a note"


def test_unmanaged_compounds_say_where_their_procedures_stand(told, cast):
    kind = ProcedureKind.objects.get(pk="P4.2a")
    procedure = start(
        compound=Compound.objects.get(code="乙"), kind=kind, mode=Mode.PROFESSIONAL, on=day("2015-11-14"),
        by=cast["county"],
    )  # fmt: skip
    values = next(
        line.values for line in layouts.unmanaged(asked(), unmanaged(asked())).lines if "小区乙" in line.values
    )
    assert values[4:] == ("专业化物业管理", "—", "—", "成立筹备组 47 天")
    row = next(row for row in presenters.unmanaged(asked(), unmanaged(asked()))["rows"] if row["code"] == "乙")
    assert (row["mode"], row["step"], row["step_days"]) == ("professional", "成立筹备组", 47)
    abandon(procedure=procedure, on=day("2015-12-31"), reason="终止", by=cast["county"])
    assert {row.step for row in unmanaged(asked()).rows} == {""}


def test_unmanaged_is_what_the_rule_and_the_date_say(told):
    assert unmanaged(asked(as_of="2014-04-30")).area == selectors.coverage(asked(as_of="2014-04-30")).unmanaged
    record("mode_change", "2015-07-01", "甲", mode_from="professional", mode_to="owners")
    strict = asked(rule="professional")
    assert unmanaged(strict).area == selectors.coverage(strict).unmanaged != selectors.coverage(asked()).unmanaged
    assert [row.code for row in unmanaged(asked(HAIHE)).rows] == []
    assert [row.code for row in unmanaged(asked(HAIHE, as_of="2015-04-30")).rows] == ["丙"]


# --- 数据差异说明表 ----------------------------------------------------------------------------------------
def test_differences_compound_by_compound_with_their_grounds(told):
    printed = make(Table.RESTATEMENT, asked(as_of="2014-12-31"), {}, told["bureau"]).printed(EVERY_LINE)
    assert [line.values for line in printed.lines] == [
        (
            "小区丙", 0, dm2(20_000), dm2(20_000), "2014-12-15 接管(社区未及时上报)", "文件 认定单 双房物〔2014〕9号",
            "王审核",
        ),
        ("小区乙", dm2(50_000), 0, dm2(-50_000), "2014-08-01 更正(撤销原记录):接管(经核查未进驻)", "—", "—"),
    ]  # fmt: skip
    assert printed.total.values[1:4] == (dm2(110_000) - dm2(60_000), dm2(20_000), dm2(-30_000))


def test_differences_by_another_measure(told):
    total = make(Table.RESTATEMENT, asked(as_of="2014-12-31"), {"measure": "total"}, told["bureau"]).printed(EVERY_LINE)
    assert total.lines == []
    data = make(Table.RESTATEMENT, asked(as_of="2014-12-31"), {}, told["bureau"]).data()
    assert (data["from_height"], data["total"]["difference"]["managed_m2"]) == (5, -30_000)
    assert [row["entries"][0]["height"] for row in data["rows"]] == [7, 6]
    assert {Measure.MANAGED, Measure.TOTAL, Measure.HOUSEHOLDS} == set(Measure)


# --- plain data ------------------------------------------------------------------------------------------
def test_plain_data_agree_with_the_paper(told):
    data = make(Table.MOVEMENTS, asked(), {"from": "2014-12-31"}, told["bureau"]).data()
    assert (data["opening_height"], data["from"], data["to"], data["by"]) == (5, "2014-12-31", "2015-12-31", "county")
    assert data["total"]["correction"] == {"managed_m2": -30_000, "total_m2": 0, "households": 0}
    assert [row["key"] for row in data["rows"]][:2] == ["211302", "211303"]
    found = summary(asked(), "community")
    rows = presenters.summary(asked(), found)
    assert (rows["total"]["area_m2"], rows["rows"][1]["subtotal"], rows["rows"][0]["community"]) == (
        256_000, True, "金元社区",
    )  # fmt: skip
    listed = presenters.unmanaged(asked(), unmanaged(asked()))
    assert (listed["total"]["unmanaged_m2"], listed["rows"][0]["mode"], listed["area_pending"]) == (160_000, None, 1)


@pytest.mark.parametrize("table", Table)
def test_queries_do_not_grow_with_what_is_listed(told, plans, table):
    question = asked(as_of="2014-12-31")
    assert told["bureau"].current_appointments

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            made = make(table, question, {}, told["bureau"])
            made.printed(EVERY_LINE), made.data()
        return len(seen)

    few = queries()
    for number in range(8):
        code, community = f"多{number}", (JINYUAN, QIANJIN, HAIHE, XINLIU)[number % 4]
        register(code, community=community, m2=500)
        record("takeover", "2014-06-01", code, mode_to="owners", m2=100, details={"late_reason": "补"})
    returns.open_month(month=day("2014-12-01"), today=day("2014-12-01"))
    plan("211321", [f"多{number}" for number in range(8)], by=told["bureau"])
    question = asked(as_of="2014-12-31")
    assert make(table, question, {}, told["bureau"]).printed(EVERY_LINE).rows > 2
    assert queries() == few


# --- 月报表 -----------------------------------------------------------------------------------------------
def test_the_monthly_table_is_made_of_the_ledger(told):
    found = monthly(asked(as_of="2014-12-31"))
    rows = {row.key: row for row in found.rows}
    assert (rows["211303"].taken_over.compounds, rows["211303"].taken_over.area) == (1, dm2(20_000))
    assert rows["211302"].taken_over == Flow()
    assert rows["211302"].modes[Mode.PROFESSIONAL] == dm2(60_000)
    assert found.total.modes[Mode.PROFESSIONAL] == dm2(80_000)
    lapsed = monthly(asked(as_of="2015-03-31"))
    assert {row.key: row.lapsed for row in lapsed.rows if row.lapsed.area} == {
        "211302": Flow(1, dm2(10_000), lapsed.total.lapsed.households)
    }


def test_what_was_taken_back_again_was_not_taken_over(told):
    assert monthly(asked(as_of="2014-08-31")).total.taken_over == Flow()


def test_the_monthly_table_equals_what_the_cockpit_ranks(told):
    question = asked("211302", as_of="2015-05-31")
    ranked = {row.code: row for row in cockpit(question, programme.current(), below(question)).ranking.rows}
    for row in monthly(question).rows:
        other = ranked[row.key]
        assert (row.completed, row.scheduled, row.taken_over.area) == (
            other.completed, other.scheduled, other.taken_over
        )  # fmt: skip


def below(question):
    return list(Division.objects.filter(parent=question.division))
