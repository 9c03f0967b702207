"""The sheet: what is typed is read as the workbook reads it, and two people do not overwrite each other."""

import pytest

from oversight.plans import sheet
from oversight.plans.models import PlanLine
from oversight.plans.sheet import Cells
from tests.support import dm2

pytestmark = pytest.mark.django_db


def write(version, cast, *cells, who="county"):
    return sheet.write(version=version, cells=cells, by=cast[who])


def test_what_is_shown_can_be_typed(written, homes, cast):
    line = written.lines.first()
    line.category, line.area_dm2, line.households, line.note = "unserved", dm2("120.5"), 3, "x"
    line.due_on, line.by_quarter = line.due_on.replace(month=2, day=28), False
    before = sheet.shown(line)
    assert (before["area"], before["planned_for"]) == ("120.50", "2015-02")
    saved = write(written, cast, Cells(line.number, before))
    assert (saved.refused, saved.overtaken) == ([], [])
    assert sheet.shown(PlanLine.objects.get(pk=line.pk)) == before


@pytest.mark.parametrize(("key", "text", "said"), [
    ("planned_for", "明年", "明年"), ("area", "很大", "很大"), ("area", "-5", "-"), ("mode", "未实施物业管理", "方案"),
    ("households", "x", "x"), ("is_pilot", "或许", "或许"), ("category", "别墅区域", "别墅"), ("code", "9", "9"),
    ("person", "张" * 61, "60"), ("community", "海河社区", "海河社区"),
])  # fmt: skip
def test_what_cannot_be_read_is_left_and_named(written, cast, key, text, said):
    before = sheet.shown(written.lines.get(number=2))
    identity = {"code": "", "name": "", "community": ""} if key in sheet.IDENTITY else {}
    saved = write(written, cast, Cells(2, identity | {key: text, "note": "改"}))
    assert [(index, column) for index, column, _message in saved.refused] == [(0, key)]
    assert said in saved.refused[0][2]
    assert sheet.shown(written.lines.get(number=2)) == before | {"note": "改"}


def test_a_compound_is_named_by_code_or_by_name(draft, homes, cast):
    saved = write(
        draft, cast, Cells(None, {"code": "甲"}), Cells(None, {"name": homes["乙"].name}),
        Cells(None, {"name": "待摸底", "community": "金元社区", "area": "500"}), Cells(None, {"note": "空"}),
        Cells(None, {"name": "", "community": ""}),
    )  # fmt: skip
    assert saved.numbers[:3] == [1, 2, 3]
    assert [(one.compound and one.compound.code, one.name) for one in saved.lines][:3] == [
        ("甲", ""), ("乙", ""), (None, "待摸底"),
    ]  # fmt: skip
    assert {(one.line, one.column) for one in saved.checks.errors if one.line == 3} == {
        (3, "mode"), (3, "planned_for"), (3, "person"),
    }  # fmt: skip
    assert {(index, column) for index, column, _message in saved.refused} == {(3, "name"), (4, "name")}


def test_a_cell_that_somebody_else_has_changed_is_told_and_left(written, cast):
    first = write(written, cast, Cells(1, {"person": "李某"}, {"person": "张某"}))
    second = write(
        written, cast, Cells(1, {"person": "赵某"}, {"person": "张某"}), Cells(1, {"note": "另一格"}, {"note": ""}),
    )  # fmt: skip
    assert [one.person for one in second.overtaken] == ["李某"]
    assert second.version.revision > first.version.revision
    one = written.lines.get(number=1)
    assert (one.person, one.note) == ("李某", "另一格")


def test_the_same_compound_twice_is_named_at_the_line_that_was_written(written, homes, cast):
    saved = write(written, cast, Cells(3, {"code": "甲"}))
    assert [(one.line, one.column) for one in saved.checks.errors] == [(3, "compound")]
    assert sheet.findings(saved.checks)["errors"][0].column == "name"


@pytest.mark.parametrize("many", [1, 40])
@pytest.mark.parametrize(
    ("cell", "queries"), [({"person": "李某"}, 6), ({"planned_for": "2015-12"}, 7), ({"area": "9"}, 8)]
)
def test_a_cell_asks_the_same_however_long_the_plan_is(
    written, homes, cast, django_assert_num_queries, many, cell, queries
):  # fmt: skip
    """Only what the cell has a say in is judged again."""
    PlanLine.objects.bulk_create([
        PlanLine(version=written, number=10 + number, name=str(number), community=homes["甲"].community)
        for number in range(many)
    ])  # fmt: skip
    write(written, cast, Cells(1, {"note": "先"}))
    with django_assert_num_queries(queries):
        saved = write(written, cast, Cells(1, cell))
    assert set(cell) <= set(saved.judged)
