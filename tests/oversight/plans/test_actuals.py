"""Plan against actual: curves that begin together and end at their sums, what is late, next quarter, forecasts."""

import datetime
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communities.divisions.models import Division
from communities.divisions.selectors import around
from compounds.ledger import selectors as ledger
from compounds.ledger.refusals import Refused
from oversight.cockpit.selectors import cockpit
from oversight.coverage import selectors as coverage
from oversight.coverage.question import resolve
from oversight.plans import services
from oversight.plans.actuals import Actuals, actuals
from oversight.plans.foreseen import in_force, outlook, planned_now
from oversight.plans.models import PlanVersion
from oversight.programme.breakdown import Asked, Paper, PartGiven, divide
from oversight.programme.models import Programme, Target
from tests.oversight.plans.conftest import COUNTY, line, submitted
from tests.support import QIANJIN, day, dm2, record, register, undone

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def given_task(cast, homes):
    """双塔区 and 前进街道 have parts of T2, which the plan is held against."""
    target = Target.objects.get(pk="T2")
    asked = Asked(dm2(55_000), day("2016-12-31"), None, ((day("2014-12-31"), dm2(30_000)),))
    county = Division.objects.get(pk=COUNTY)
    divide(target=target, parts=[PartGiven(county, asked)], paper=Paper("分解通知", day("2014-03-20")), by=None)


@pytest.fixture
def approved(draft, homes, cast, today, given_task) -> PlanVersion:
    """Submitted on 10 July 2014: 乙 in the third quarter, 甲 in the fourth, 丙 in the next year."""
    today("2014-07-10")
    lines = [line(homes["乙"], "2014-09-30"), line(homes["甲"], "2014-12-31"), line(homes["丙"], "2015-06-30")]
    services.write_lines(version=draft, lines=lines, by=cast["county"])
    return services.approve(version=submitted(draft, cast["county"]), by=cast["bureau"])


def found(on: str, code: str = COUNTY, height: str | int = "") -> Actuals:
    question, programme = resolve(division=code, as_of=on, height=height), Programme.objects.get()
    return actuals(question, programme, around(code)[1], in_force(programme, code, question.as_of))


def points(seen: Actuals) -> dict[str, tuple]:
    [curve] = seen.curves
    return {f"{point.day:%Y-%m}": (point.planned, point.completed) for point in curve.points}


def test_the_planned_line_leaves_the_actual_one_and_rises_by_what_is_due(approved, homes, today):
    today("2014-11-15")
    register("己", community=QIANJIN, m2=2000)
    record("takeover", "2014-06-15", "己", mode_to="owners", m2=500, details={"late_reason": "补"})
    record("takeover", "2014-07-05", "己", mode_to="owners", m2=700)
    record("takeover", "2014-08-01", "乙", mode_to="community", m2=4000)
    seen = points(found("2014-11-15"))
    assert seen["2014-05"] == (None, 0)
    assert seen["2014-06"] == (dm2(500), dm2(500)), "here it leaves the actual line"
    assert seen["2014-07"] == (dm2(1200), dm2(1200)), "with what came up to the day of the submission"
    assert seen["2014-08"] == (dm2(1200), dm2(5200))
    assert seen["2014-09"] == (dm2(11_200), dm2(5200))
    assert seen["2014-11"] == (dm2(11_200), dm2(5200))
    assert seen["2014-12"] == (dm2(51_200), None)
    assert seen["2016-12"] == (dm2(56_200), None)


def test_a_county_without_a_plan_stands_with_what_it_has_completed(approved, today):
    today("2014-11-15")
    record("takeover", "2014-10-10", "外", mode_to="owners", m2=300)
    [joint, *_others] = found("2014-11-15", "2113").curves
    seen = {f"{point.day:%Y-%m}": (point.planned, point.completed) for point in joint.points}
    assert seen["2014-09"] == (dm2(10_000), 0)
    assert seen["2014-10"] == (dm2(10_300), dm2(300))
    assert seen["2014-12"] == (dm2(50_300), None)


def test_the_cockpit_and_the_curves_here_are_the_same(approved, today):
    today("2014-11-15")
    for code in ("2113", COUNTY, "211302003"):
        question, programme = resolve(division=code), Programme.objects.get()
        whole = cockpit(question, programme, around(code)[1])
        assert whole.curves == found("2014-11-15", code).curves


def test_the_planned_figure_is_what_was_managed_and_what_is_due(approved, today):
    today("2014-11-15")
    programme = Programme.objects.get()
    record("takeover", "2014-07-12", "丙", mode_to="owners")
    record("takeover", "2014-07-12", "外", mode_to="owners", m2=300)
    for code, planned in (("2113", 10_300), (COUNTY, 10_000), (QIANJIN, 10_000), ("211303", None)):
        found_now = planned_now(programme, resolve(division=code))
        assert (found_now and found_now.area_dm2) == dm2(planned), code
    assert planned_now(programme, resolve(division=COUNTY)).households == 100


def test_parts_add_up_to_the_whole(approved, today):
    today("2014-11-15")
    record("takeover", "2014-08-01", "乙", mode_to="community", m2=4000)
    seen = found("2014-11-15")
    assert {part.code: (len(part.lines), part.overdue, part.overdue_area) for part in seen.parts} == {
        "211302001": (1, 0, 0), "211302003": (2, 1, dm2(6000)),
    }  # fmt: skip
    [city] = [part for part in found("2014-11-15", "2113").parts if part.code == COUNTY]
    assert (city.planned, city.completed, city.ahead) == (dm2(10_000), dm2(4000), -dm2(6000))
    assert sum(one.lines for one in seen.states) == 3
    assert sum(one.area for one in seen.states) == dm2(55_000)


def test_what_is_late_is_in_the_order_of_days_times_area(approved, homes, today):
    today("2015-01-10")
    late = found("2015-01-10").late
    assert [(one.line.compound.code, one.days) for one in late] == [("乙", 102), ("甲", 10)]
    assert late[0].weight > late[1].weight
    record("takeover", "2015-01-05", "乙", mode_to="community", m2=9500)
    assert [one.line.compound.code for one in found("2015-01-10").late] == ["甲", "乙"]


def test_next_quarter_against_what_is_required_by_its_end(approved, today):
    today("2014-09-10")
    quarter = found("2014-09-10").quarter
    assert (quarter.first, quarter.last) == (day("2014-10-01"), day("2014-12-31"))
    assert [one.line.compound.code for one in quarter.lines] == ["甲"]
    assert (quarter.area, quarter.coming) == (dm2(40_000), dm2(50_000))
    assert (quarter.required, quarter.ahead) == (dm2(30_000), dm2(20_000))
    today("2014-12-31")
    assert found("2014-12-31").quarter.first == day("2015-01-01")


def test_forecasts_by_plan_and_by_pace(approved, today):
    today("2014-11-15")
    [one] = found("2014-11-15").forecasts
    assert (one.target.code, one.completed, one.required) == ("T2", 0, dm2(55_000))
    # 乙 is 46 days late: the mean of the lines due so far, by which the others are late, too.
    assert (one.by_plan, one.short, one.by_pace) == (day("2015-06-30") + datetime.timedelta(days=46), 0, None)
    record("takeover", "2014-08-01", "甲", mode_to="community", m2=12_000)
    [one] = found("2014-11-15").forecasts
    assert one.by_pace == "2016-09", "43,000 ㎡ at 2,000 a month"
    record("deregister", "2014-08-01", "丙")
    [one] = found("2014-11-15").forecasts
    assert (one.by_plan, one.short) == (None, dm2(5000))


def test_the_figures_of_a_height_stay(approved, today):
    today("2014-11-15")
    height, before = ledger.newest().height, found("2014-11-15")
    record("takeover", "2014-08-01", "甲", mode_to="community", m2=12_000)
    after = found("2014-11-15", height=height)
    assert (after.curves, after.states, after.quarter) == (before.curves, before.states, before.quarter)


AREAS = st.one_of(st.none(), st.integers(1, 5000))
WHEN = st.sampled_from(["2014-08-31", "2014-12-31", "2015-03-31", "2016-12-31"])
TAKEN = st.lists(st.tuples(st.sampled_from("甲乙丙"), st.integers(1, 4000), st.integers(0, 120)), max_size=5)


@given(areas=st.tuples(AREAS, AREAS, AREAS), due=st.tuples(WHEN, WHEN, WHEN), taken=TAKEN)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_curves_end_at_their_sums(draft, homes, cast, today, areas, due, taken):
    today("2014-07-10")
    with undone():
        lines = [
            line(homes[code], when, area_dm2=area and dm2(area))
            for code, when, area in zip("甲乙丙", due, areas, strict=True)
        ]
        services.write_lines(version=PlanVersion.objects.get(), lines=lines, by=cast["county"])
        services.approve(version=submitted(draft, cast["county"]), by=cast["bureau"])
        today("2014-12-31")
        for code, m2, days in taken:
            with suppress(Refused):
                record("takeover", day("2014-07-02") + datetime.timedelta(days=days), code, mode_to="owners", m2=m2)
        seen = found("2014-12-31")
        planned = outlook(Programme.objects.get(), resolve(division=COUNTY))
        [curve] = seen.curves
        base = coverage.coverage(resolve(division=COUNTY, as_of="2014-07-10")).managed
        last = curve.points[-1]
        assert last.planned == base + sum(one.area() for one in planned.lines if one.due_on <= last.day)
        assert [one.completed for one in curve.points if one.day == day("2014-12-31")] == [
            coverage.coverage(resolve(division=COUNTY)).managed
        ]
        assert sum(one.lines for one in seen.states) == len(seen.lines) == 3
        assert sum(one.taken for one in seen.lines) <= sum(one.planned for one in seen.lines)
        assert [plan.pk for plan in planned.plans] == [one.pk for one in seen.versions]
