"""A summary by place in place of lines: kept as totals, added up at its cells, held against the lines."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.template.loader import render_to_string

from chaoyang_pm.kit.sheets.errors import SheetError
from communities.divisions.models import Division
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from oversight.plans import checks, services, totals, workbook
from oversight.plans.models import PlanTotal, PlanVersion
from tests.oversight.plans.conftest import COUNTY, line, submitted
from tests.oversight.plans.test_api import call  # noqa: F401 — a fixture
from tests.oversight.plans.test_workbook import book, rows_of
from tests.support import dm2

pytestmark = pytest.mark.django_db
HEAD = ["序号", "县区", "街道", "小区数(个)", "楼栋数", "户数", "建筑面积(万㎡)"]
TITLE = [["双塔区2014—2016年未实施物业管理住宅小区汇总表"], ["填报单位:双塔区房产局"]]
STREETS = ("前进街道", "站南街道")


def read(*rows, head=HEAD, above=TITLE) -> workbook.Read:
    return workbook.read(
        source=book(*rows, head=head, above=above), filename="汇总.xlsx", county=Division.objects.get(pk=COUNTY)
    )


def wrong(found: workbook.Read) -> list[tuple]:
    return [(one.line, one.column) for one in found.checks.errors]


@pytest.fixture
def streets(homes) -> tuple[str, str]:
    """The names of the subdistricts in which 甲 and 乙, and 丙, lie."""
    return tuple(Division.objects.get(pk=homes[code].community_id[:9]).name for code in "甲丙")


def usual(streets, **changes) -> list[list]:
    first, second = streets
    rows = {
        "first": [1, "双塔区", first, 2, 9, 200, 5], "part": [None, None, "其中:弃管小区", 1, 4, 100, 4],
        "second": [2, "双塔区", second, 1, 3, 100, 0.5], "sum": ["小计", None, None, 3, 12, 300, 5.5],
        "total": ["合计", None, None, 3, 12, 300, 5.5],
    }  # fmt: skip
    return list((rows | changes).values())


def test_a_summary_becomes_totals_and_the_lines_stay(written, cast, streets):
    found = read(*usual(streets), ["填表人:张某", None, None, None, None, "审核人:王某"])
    assert wrong(found) == []
    assert [one.column for one in found.checks.warnings] == ["totals"]
    said = workbook.take(version=written, found=found, by=cast["county"])
    assert said.errors == []
    assert written.lines.count() == 3
    kept = [(one.row, one.place.name, one.label, one.compounds, one.area_dm2) for one in written.totals.all()]
    assert kept == [
        (4, streets[0], "", 2, dm2(50000)), (5, streets[0], "弃管小区", 1, dm2(40000)),
        (6, streets[1], "", 1, dm2(5000)),
    ]  # fmt: skip


@pytest.mark.parametrize(("changes", "cell"), [
    ({"sum": ["小计", None, None, 4, 12, 300, 5.5]}, (7, "compounds")),
    ({"total": ["合计", None, None, 3, 12, 310, 5.5]}, (8, "households")),
    ({"total": [None, "合计", None, 3, 12, 300, 6.5]}, (8, "area")),
    ({"part": [None, None, "其中:弃管小区", 1, 4, 100, 5.01]}, (5, "area")),
    ({"part": [None, "其中", "弃管小区", 3, 4, 100, 4]}, (5, "compounds")),
    ({"second": [2, "双塔区", "没有的街道", 1, 3, 100, 0.5]}, (6, "subdistrict")),
    ({"second": [2, "双塔区", "", 1, 3, 100, 0.5]}, (6, "compounds")),  # the county's own row
    ({"second": [2, "双塔区", None, 1, "三", 100, 0.5], "sum": [None] * 7, "total": [None] * 7}, (6, "buildings")),
    ({"first": [None, None, "其中:x", 1, 1, 1, 1], "sum": [None] * 7, "total": [None] * 7}, (4, "subdistrict")),
])  # fmt: skip
def test_what_does_not_add_up_stands_at_its_cell(streets, changes, cell):
    found = read(*usual(streets, **changes))
    assert cell in wrong(found)
    assert cell[0] in [one.row for one in found.cells]


def test_a_wider_place_is_the_sum_of_those_within(streets):
    first, second = streets
    rows = [
        [1, "双塔区", None, 3, 12, 300, 5.5], [2, None, first, 2, 9, 200, 5], [3, None, second, 1, 3, 100, 0.5],
    ]  # fmt: skip
    assert wrong(read(*rows)) == []
    rows[2][3] = 2
    assert wrong(read(*rows)) == [(4, "compounds")]


def test_a_sum_on_top_of_its_rows_is_theirs(streets):
    first, second = streets
    rows = [["双塔区", "小计", 3, 12, 300, 5.5], [None, first, 2, 9, 200, 5], [None, second, 1, 3, 100, 0.5]]
    head = HEAD[1:]
    assert wrong(read(*rows, head=head)) == []
    rows[0][5] = 6
    assert wrong(read(*rows, head=head)) == [(4, "area")]


def test_what_rounding_makes_is_asked_about(streets):
    found = read(*usual(streets, sum=["小计", None, None, 3, 12, 300, 5.51]))
    assert wrong(found) == []
    assert (7, "area") in [(one.line, one.column) for one in found.checks.warnings]


def test_parts_below_each_other_are_parts_of_the_same_row(streets):
    rows = usual(streets)
    rows.insert(2, [None, None, "已改造小区", 1, 5, 100, 1])
    assert wrong(read(*rows)) == []
    rows[2][6] = 1.5
    assert wrong(read(*rows)) == [(6, "area")]


def test_a_place_stands_once_and_only_this_countys(streets):
    first, _second = streets
    assert (5, "subdistrict") in wrong(read([1, None, first, 1, 1, 1, 1], [2, None, first, 1, 1, 1, 1]))
    assert wrong(read([1, "龙城区", None, 1, 1, 1, 1], [2, None, first, 1, 1, 1, 1])) == [(4, "county")]
    with pytest.raises(SheetError, match="龙城区"):
        read([1, "龙城区", None, 1, 1, 1, 1])


def test_a_summary_without_rows_is_none(homes):
    with pytest.raises(SheetError):
        read(["填表人:张某"])


def test_a_list_of_compounds_is_read_as_lines(homes, draft):
    head = ["小区编号", "小区名称", "社区", "小区数", "建筑面积", "拟采用管理模式", "计划完成时间", "责任人"]
    found = read(["甲", homes["甲"].name, "前进社区", 1, 40000, "委托社区管理", "2015年1季度", "张某"], head=head)
    assert (len(found.lines), found.totals) == (1, [])


# --- against the lines -----------------------------------------------------------------------------------
def test_lines_are_held_against_the_totals_of_their_place(written, cast, homes, streets):
    Compound.objects.filter(code="甲").update(buildings=9)
    rows = usual(streets, second=[2, None, streets[1], 1, 3, 90, 0.4], sum=[None] * 7, total=[None] * 7)
    said = workbook.take(version=written, found=read(*rows), by=cast["county"])
    assert [(one.column, one.value) for one in said.warnings if one.column in ("households", "area_m2")] == [
        ("households", "90"), ("area_m2", "4,000.00"),
    ]  # fmt: skip
    first, part, second = totals.against_lines(written)
    assert first.difference == totals.Amounts(0, 0, 0, 0)
    assert (part.lines, part.difference) == (None, None)
    assert second.difference == totals.Amounts(0, -3, 10, dm2(1000))
    page = render_to_string("oversight/plans/_totals.html", {"totals": totals.against_lines(written)})
    assert page.count("differs") == 3
    assert render_to_string("oversight/plans/_totals.html", {"totals": []}).strip() == ""


def test_totals_alone_are_no_plan(draft, cast, streets):
    said = workbook.take(version=draft, found=read(*usual(streets)), by=cast["county"])
    assert {one.column for one in said.errors} >= {"compound"}
    assert [one.column for one in said.warnings if one.column == "totals"] == ["totals", "totals"]
    with pytest.raises(Refused):
        submitted(draft, cast["county"])


def test_totals_stay_when_lines_are_written_and_go_on_in_the_next_version(draft, homes, cast, streets):
    workbook.take(version=draft, found=read(*usual(streets)), by=cast["county"])
    lines = [line(homes[code]) for code in "甲乙丙"]
    draft = services.write_lines(version=PlanVersion.objects.get(), lines=lines, by=cast["county"])
    assert draft.totals.count() == 3
    version = submitted(draft, cast["county"])
    services.send_back(version=version, by=cast["bureau"], opinion="重报")
    after = services.begin(programme=version.programme, county=version.county, by=cast["county"])
    assert [one.row for one in after.totals.all()] == [4, 5, 6]
    assert version.totals.count() == 3
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanTotal.objects.filter(version=version).update(compounds=1)


def test_over_the_api(call, homes, streets):  # noqa: F811
    def sent(content: bytes) -> dict:
        return {"county": COUNTY, "file": SimpleUploadedFile("汇总.xlsx", content)}

    made = call("county", form=sent(book(*usual(streets), head=HEAD, above=TITLE))).json()
    assert [one["row"] for one in made["totals"]] == [4, 5, 6]
    assert "totals" in [one["column"] for one in made["checks"]["warnings"]]
    call("county", form=sent(book(*rows_of(homes))))
    told = call("county", f"{made['id']}/").json()
    assert told["totals"][0]["lines"] == {"compounds": 2, "buildings": 0, "households": 200, "area_m2": 50000}
    assert told["totals"][1]["lines"] is None


def test_whoever_has_no_right_writes_none(draft, cast):
    with pytest.raises(PermissionDenied):
        services.write_totals(version=draft, totals=[], by=cast["committee"])


def test_checks_read_totals_of_all_plans_at_once(draft, cast, streets, django_assert_max_num_queries):
    workbook.take(version=draft, found=read(*usual(streets)), by=cast["county"])
    with django_assert_max_num_queries(25):
        checks.check(draft)


def test_the_page_of_the_plan_shows_them_and_its_copy_has_the_remarks(as_, homes, streets):
    client = as_("county")
    rows = usual(streets, sum=["小计", None, None, 4, 12, 300, 5.5])
    sent = {"file": SimpleUploadedFile("汇总.xlsx", book(*rows, head=HEAD, above=TITLE))}
    client.post(f"/plans/counties/{COUNTY}/workbook/", sent)
    version = PlanVersion.objects.get()
    assert [one.total.row for one in client.get(f"/plans/{version.pk}/").context["totals"]] == [4, 5, 6]
    kept = version.workbooks.get()
    assert client.get(f"/plans/{version.pk}/workbooks/{kept.pk}/remarks/").status_code == 200
