"""A plan from a workbook as offices write it: tolerant, with every error at its cell, and lines by their row number."""

import datetime
import io

import openpyxl
import pytest

from chaoyang_pm.kit.sheets.errors import CellError, SheetError
from communities.divisions.models import Division
from compounds.register.models import Compound
from oversight.plans import checks, workbook
from oversight.plans.columns import parse_when, parse_yes
from oversight.plans.handing_in import hand_in, with_remarks
from oversight.plans.models import PlanLine
from tests.oversight.plans.conftest import COUNTY
from tests.support import day, dm2, record

pytestmark = pytest.mark.django_db
HEAD = [
    "小区编号", "小区名称", "社区", "小区类别", "拟采用管理模式", "计划完成时间", "面积(㎡)", "户数", "责任领导",
    "责任人", "电话", "责任单位", "试点", "备注",
]  # fmt: skip


def row(code="", name="", community="", when="2015年1季度", **more) -> list:
    values = dict.fromkeys(HEAD, None) | {
        "小区编号": code, "小区名称": name, "社区": community, "拟采用管理模式": "委托社区管理", "计划完成时间": when,
        "责任人": "张某", "试点": "是",
    }  # fmt: skip
    return list((values | more).values())


def book(*rows, head=HEAD, above=()) -> bytes:
    made = openpyxl.Workbook()
    for one in (*above, head, *rows):
        made.active.append(list(one))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(*rows, **more) -> workbook.Read:
    return workbook.read(source=book(*rows, **more), filename="方案.xlsx", county=Division.objects.get(pk=COUNTY))


def rows_of(homes):
    return [row(one.code, one.name, one.community.name) for code, one in homes.items() if code in "甲乙丙"]


def test_rows_become_lines_by_their_number(draft, homes, cast):
    found = read(*rows_of(homes), above=[["双塔区物业管理推进方案"], ["单位:㎡"]])
    said = workbook.take(version=draft, found=found, by=cast["county"])
    assert (said.errors, said.warnings) == ([], [])
    lines = list(PlanLine.objects.order_by("number"))
    assert [one.number for one in lines] == [4, 5, 6]
    assert {one.compound.code for one in lines} == set("甲乙丙")
    assert {(one.planned_for, one.is_pilot, one.person) for one in lines} == {("2015Q1", True, "张某")}


def test_what_is_wrong_stands_at_its_cell_which_the_line_lacks(draft, homes, cast):
    rows = (
        row("甲", homes["甲"].name, "前进社区"), row("没有", "无此小区", "前进社区"),
        row("乙", homes["乙"].name, "前进社区", when="明年"), row("丙", homes["丙"].name, "金元社区", 责任人=None),
    )  # fmt: skip
    content = book(*rows)
    found = workbook.read(source=content, filename="方案.xlsx", county=draft.county)
    assert [(one.line, one.column) for one in found.checks.errors] == [(3, "code"), (4, "planned_for"), (5, "person")]
    said = workbook.take(version=draft, found=found, by=cast["county"])
    lines = {one.number: one for one in draft.lines.all()}
    assert (lines[3].compound, lines[3].name, lines[3].community.name) == (None, "无此小区", "前进社区")
    assert (lines[4].compound, lines[4].due_on, lines[5].person) == (homes["乙"], None, "")
    assert [(one.line, one.column) for one in said.errors][3:] == [(3, "area_m2")]
    assert {(one.line, one.column) for one in checks.check(draft).errors} == {
        (3, "area_m2"), (4, "planned_for"), (5, "person"),
    }  # fmt: skip
    done = hand_in(
        programme=draft.programme, county=draft.county, content=content, filename="方案.xlsx", by=cast["county"]
    )  # fmt: skip
    remarked = openpyxl.load_workbook(io.BytesIO(with_remarks(done.kept))).worksheets[0]
    assert [remarked[place].comment is not None for place in ("A3", "F4", "J5", "G3", "B2")] == [True] * 4 + [False]
    again = hand_in(
        programme=draft.programme, county=draft.county, content=content, filename="方案.xlsx", by=cast["county"]
    )  # fmt: skip
    assert (again.version, draft.workbooks.count()) == (draft, 1)


def test_a_place_stands_for_compounds_that_are_not_listed(draft, homes, cast):
    found = read(row("", "待摸底小区", "前进社区", **{"面积(㎡)": 12000, "户数": 150}))
    assert [(one.line, one.column) for one in found.checks.warnings] == [(2, "name")]
    [line] = found.lines
    assert (line["compound"], line["community"].name, line["area_dm2"]) == (None, "前进社区", dm2(12000))


def test_area_in_wan_below_a_header_in_square_metres_is_asked_about(homes):
    found = read(row("甲", homes["甲"].name, "前进社区", **{"面积(㎡)": 4}))
    assert [(one.line, one.column) for one in found.checks.errors] == [(2, "area")]
    head = ["面积(万㎡)" if text == "面积(㎡)" else text for text in HEAD]
    [line] = read(row("甲", homes["甲"].name, "前进社区", **{"面积(㎡)": 4}), head=head).lines
    assert line["area_dm2"] == dm2(40000)


def test_the_wrong_countys_workbook_is_named(homes):
    found = read(row("外", homes["外"].name, "海河社区"))
    assert [one.column for one in found.checks.errors] == ["community"]
    assert [(one["name"], one["community"]) for one in found.lines] == [(homes["外"].name, None)]
    with pytest.raises(SheetError) as refused:
        read(row("外", homes["外"].name, "海河社区"), row("", "新区", "海河社区"))
    assert "海河社区" in str(refused.value)


def test_last_years_template_is_named_line_by_line(draft, homes, cast, today):
    """What has been taken over or merged since, times that have passed: nothing of it is lost."""
    record("takeover", "2014-05-01", "甲", mode_to="owners")
    Compound.objects.filter(code="丙").update(status="merged", merged_into=homes["乙"])
    today("2014-12-31")
    rows = [
        row(one.code, one.name, one.community.name, when="2014年2季度") for one in homes.values() if one.code != "外"
    ]
    said = hand_in(
        programme=draft.programme, county=draft.county, content=book(*rows), filename="方案.xlsx", by=cast["county"]
    ).checks  # fmt: skip
    by_code = {line.compound.code: line.number for line in draft.lines.all()}
    assert sorted((one.line, one.column) for one in said.errors if one.line) == sorted([
        (by_code["甲"], "compound"), (by_code["丙"], "compound"),
    ])  # fmt: skip
    assert {one.line for one in said.warnings if one.column == "planned_for" and one.line} == set(by_code.values())


def test_what_is_no_plan_is_refused_as_a_whole(homes):
    with pytest.raises(SheetError):
        read(["甲", 1], head=["名称", "数量"])
    with pytest.raises(SheetError):
        workbook.read(source=b"no workbook", filename="a.xlsx", county=Division.objects.get(pk=COUNTY))


@pytest.mark.parametrize(("text", "day_", "by_quarter"), [
    ("2014年3季度", "2014-09-30", True), ("2014年第四季度", "2014-12-31", True), ("2014Q2", "2014-06-30", True),
    ("2014-09", "2014-09-30", False), ("2014.9", "2014-09-30", False), ("2015年2月", "2015-02-28", False),
    (datetime.datetime(2016, 2, 3), "2016-02-29", False),
])  # fmt: skip
def test_times_of_a_plan(text, day_, by_quarter):
    assert parse_when(text) == (day(day_), by_quarter)


@pytest.mark.parametrize("text", ["明年", "2014年5季度", "三季度"])
def test_what_is_no_time(text):
    with pytest.raises(CellError):
        parse_when(text)


@pytest.mark.parametrize(("text", "meant"), [("是", True), ("否", False), ("√", True), (None, None), ("", None)])
def test_yes_and_no(text, meant):
    assert parse_yes(text) is meant


def test_neither_yes_nor_no():
    with pytest.raises(CellError):
        parse_yes("也许")
