"""任务分解表: whose lines it lists, in the printed shape, with sums against targets; 未管小区清单 with plans."""

import io

import openpyxl
import pytest

from oversight.coverage.question import resolve
from oversight.tables import layouts, presenters
from oversight.tables.assignments import assignments
from oversight.tables.choices import Table
from oversight.tables.making import make
from oversight.tables.printed import EVERY_LINE, Role
from oversight.tables.unmanaged import unmanaged
from tests.oversight.tables.conftest import plan
from tests.support import dm2, record

pytestmark = pytest.mark.django_db


def asked(division="2113", as_of="2015-12-31"):
    return resolve(division=division, as_of=as_of)


def test_of_a_county_without_an_approved_plan_that_with_the_bureau(told, plans):
    found = assignments(asked(), told["bureau"])
    assert [(one.line.compound.code, found.is_approved(one.line.version)) for one in found.lines] == [
        ("乙", True), ("甲", True), ("丙", False)
    ]  # fmt: skip
    assert {county.code for county in found.missing} == {"211321", "211322", "211324", "211381", "211382"}
    plan("211302", ["甲"], by=told["bureau"], state="submitted", number=2)
    assert len(assignments(asked(), told["bureau"]).lines) == 3, "an amendment that is not approved changes nothing"


def test_what_is_not_approved_is_for_those_who_read_plans(told, plans):
    assert assignments(asked("211303"), told["neighbour_subdistrict"]).lines == []
    assert len(assignments(asked("211303"), told["neighbour_county"]).lines) == 1
    assert len(assignments(asked("211302"), told["subdistrict"]).lines) == 2


def test_the_printed_lines_and_their_total(told, plans):
    printed = make(Table.ASSIGNMENTS, asked("211302"), {}, told["county"]).printed(EVERY_LINE)
    heading, *rows = printed.lines
    assert heading.role == Role.HEADING
    assert heading.values[0].startswith("双塔区:已批准方案,第1版,12号;共2项,")
    assert [row.values for row in rows] == [
        (1, "街道办事处", "前进街道", "前进社区", "小区乙", "已改造老旧小区", dm2(50_000), 500, "委托社区管理",
         "2014年4季度", "李某", "张某", "13900001111", "逾期(未启动)(365天)"),
        (2, "街道办事处", "双塔街道", "金元社区", "小区甲", "弃管小区", dm2(40_000), 400, "委托社区管理",
         "2015年2季度", "李某", "张某", "13900001111", "逾期(未启动)(184天)"),
    ]  # fmt: skip
    assert printed.total.values[6:8] == (dm2(90_000), 900)
    assert printed.total.values[-1] == "已完成0项,共2项"


def test_the_sums_stand_against_the_targets(told, plans):
    record("takeover", "2015-06-30", "乙", category="renovated", mode_to="community", m2=20_000)
    found = assignments(asked(), told["bureau"])
    sums = {one.target.code: (one.completed, one.planned, one.difference) for one in found.sums}
    # Until the deadline of T1 no open line comes: 乙 is overdue and counts, 甲 and 丙 are due later or not of T1.
    assert sums["T1"][1] == dm2(30_000)
    assert sums["T2"][1] == dm2(30_000 + 40_000 + 60_000)
    for one in found.sums:
        assert one.difference == one.completed + one.planned - one.required
    notes = " ".join(make(Table.ASSIGNMENTS, asked(), {}, told["bureau"]).printed(EVERY_LINE).notes)
    assert "缺口" in notes
    assert "无方案:" in notes


def test_the_workbook_is_in_the_printed_shape_with_telephones_for_those_who_may_have_them(told, plans, as_):
    def sheet(role: str, code: str):
        answer = as_(role).get(f"/divisions/{code}/tables/assignments.xlsx")
        return openpyxl.load_workbook(io.BytesIO(answer.getvalue())).active

    own = sheet("county", "211302")
    assert (own.page_setup.orientation, own.page_setup.paperSize) == ("landscape", 9)
    assert "任务分解表" in own["A1"].value
    assert own.print_area
    texts = {str(cell.value) for row in own.iter_rows() for cell in row}
    assert "13900001111" in texts
    texts = {str(cell.value) for row in sheet("subdistrict", "211302003").iter_rows() for cell in row}
    assert "139****1111" in texts
    assert "13900001111" not in texts


def test_programs_get_the_same_without_telephones(told, plans, api):
    answer = api("tables/assignments/?division=211302&as_of=2015-12-31").json()
    assert [(one["compound"]["code"], one["state"], one["area_m2"]) for one in answer["results"]] == [
        ("乙", "not_begun", 50_000), ("甲", "not_begun", 40_000)
    ]  # fmt: skip
    assert answer["total"] == {"lines": 2, "done": 0, "area_m2": 90_000, "households": 900}
    assert answer["plans"] == [
        {"id": plans["211302"].pk, "county": {"code": "211302", "name": "双塔区"}, "version": 1, "approved": True}
    ]
    assert "13900001111" not in str(answer)


def test_the_list_of_unmanaged_compounds_says_what_the_plans_intend(told, plans):
    rows = {row.code: row for row in unmanaged(asked()).rows}
    assert (rows["乙"].mode, rows["乙"].person, rows["丙"].plan) == ("community", "张某", None)
    printed = {line.values[0]: line.values for line in layouts.unmanaged(asked(), unmanaged(asked())).lines}
    assert printed["小区乙"][4:7] == ("委托社区管理", "2014年4季度", "张某")
    told_of = {row["code"]: row for row in presenters.unmanaged(asked(), unmanaged(asked()))["rows"]}
    assert (told_of["乙"]["deadline"], told_of["丙"]["deadline"]) == ("2014-12-31", None)
