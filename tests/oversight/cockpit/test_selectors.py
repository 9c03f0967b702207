"""The cockpit's own figures, worked out by hand on a small ledger; the shared ones equal those of the other rooms."""

import datetime
from dataclasses import replace

import pytest

from communities.divisions.selectors import around
from compounds.ledger.choices import Mode
from compounds.modes.models import ProcedureKind
from compounds.modes.services import start
from compounds.register.models import Compound
from oversight.cockpit.choices import Worry
from oversight.cockpit.selectors import Cockpit, cockpit
from oversight.cockpit.tiles import step
from oversight.cockpit.timeline import first_month, timeline
from oversight.cockpit.worries import months_behind
from oversight.coverage import reading, selectors, services
from oversight.coverage.movements import movements
from oversight.coverage.question import Question, resolve
from oversight.coverage.targets import board
from oversight.programme import selectors as programme
from oversight.programme.models import PartVersion, TargetPart, TargetVersion
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, day, dm2, make_compound, post_example, record, register

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2014-06-30")


@pytest.fixture
def ledger(reference):
    """T2 asks 1,200 ㎡ of two districts by the end of 2014, 800 of them of 双塔区; 朝阳县 asks for all its 500 ㎡.

    | | by the end of May | in June |
    |---|---|---|
    | 双塔区 | 甲 200 of 1,000 | 甲 150 more; 乙 (200, managed before the programme) lapses with 50 |
    | 龙城区 | 丙 100 of 600 | nothing |
    | 朝阳县 | nothing of 500 | nothing |
    """
    TargetVersion.objects.filter(target="T2").update(required_dm2=dm2(1200), deadline=day("2014-12-31"))
    TargetVersion.objects.filter(target="T3-211321").update(deadline=day("2014-12-31"))
    part = TargetPart.objects.create(target_id="T2", division_id="211302")
    paper = {"deadline": day("2014-12-31"), "valid_from": day("2014-01-01"), "recorded_at": "2014-01-02T00:00Z"}
    paper |= {"document": "朝房发〔2014〕1号"}
    PartVersion.objects.create(part=part, required=dm2(800), **paper)
    register("甲", m2=1000, households=100)
    register("乙", community=QIANJIN, category="established", mode="professional", m2=200, households=20)
    register("丙", community=HAIHE, category="unserved", m2=600, households=60)
    register("丁", community=XINLIU, m2=500, households=50)
    record("takeover", "2014-03-10", "甲", mode_to="owners", m2=200)
    record("takeover", "2014-01-20", "丙", mode_to="manager", m2=100)
    record("takeover", "2014-06-05", "甲", mode_to="professional", m2=150)
    record("lapse", "2014-06-20", "乙", mode_from="professional", m2=50)
    make_compound("戊", XINLIU)


def seen(code: str = "2113", by: str = "", **asked) -> Cockpit:
    question = resolve(division=code, **asked)
    return cockpit(question, programme.current(), around(code, by)[1], by)


def rows(of: Cockpit) -> dict:
    return {row.name: row for row in of.ranking.rows}


# --- stat cards ----------------------------------------------------------------------------------------
def test_the_month_stands_against_the_end_of_the_one_before(ledger):
    month = seen().month
    assert month.since == day("2014-05-31")
    assert (month.taken_over, month.lapsed, month.managed_change) == (dm2(150), dm2(50), dm2(100))
    assert month.rate_change == pytest.approx((600 - 500) / 2300 * 100)
    assert month.households_rate_change == pytest.approx((60 - 50) / 230 * 100)


@pytest.mark.parametrize("code", ["2113", "211302", "211302001", JINYUAN, "211324"])
@pytest.mark.parametrize("as_of", ["2014-06-30", "2014-06-10", "2014-03-31"])
@pytest.mark.parametrize("rolled_up", [False, True])
def test_shared_figures_equal_those_of_the_other_rooms(ledger, monkeypatch, code, as_of, rolled_up):
    monkeypatch.setattr(reading, "NEAR", 0)
    if rolled_up:
        services.refresh()
    question = resolve(division=code, as_of=as_of)
    found = seen(code, as_of=as_of)
    assert found.figures == selectors.coverage(question)
    if found.below:
        assert found.groups == selectors.groups(question, found.below)
    moved = movements(question, found.month.since).by_kind
    assert (found.month.taken_over, -found.month.lapsed) == (moved["takeover"].managed, moved["lapse"].managed)
    there = {each.target.code: (each.required, each.completed, each.forecast, each.status) for each in board(question)}
    for each in found.targets:
        assert (each.required, each.completed, each.forecast, each.status) == there[each.target.code]


# --- months --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("height", [0, 5, 10, 14, 20])
@pytest.mark.parametrize("rolled_up", [0, 9, 20])
def test_each_month_holds_what_coverage_says_for_its_last_day(reference, settings, monkeypatch, height, rolled_up):
    settings.BUSINESS_DATE = day("2015-10-20")
    monkeypatch.setattr(reading, "NEAR", 0)
    post_example(upto=max(rolled_up, 1))
    if rolled_up:
        services.refresh()
    post_example(after=max(rolled_up, 1))
    for code, length in (("2113", 6), ("211302", 9)):
        question = resolve(division=code, height=height)
        state, first = reading.how_far(), first_month(question, day("2014-01-01"))
        now = reading.balances(code, question.as_of, question.height, length)
        line = timeline(question, code, length, first, state=state, now=now)
        assert (line.days[0], line.days[-2], line.days[-1]) == (day("2014-01-31"), day("2015-09-30"), day("2015-10-20"))
        for on in line.days:
            there = selectors.coverage(resolve(division=code, height=height, as_of=on.isoformat()))
            assert {cell: held for cell, held in line.sum(on).items() if held != (0, 0)} == there.cells, on


def test_a_chart_begins_with_the_programme_but_not_for_ever(ledger):
    assert first_month(resolve(), day("2014-01-01")) == day("2014-01-01")
    assert first_month(resolve(), day("2000-01-01")) == day("2009-07-01")  # sixty months
    assert first_month(resolve(), day("2020-01-01")) == day("2014-05-01")  # the month before is always there


def test_a_month_ago_is_the_figure_asked_for_then(ledger):
    register("己", "2014-05-10", community=HAIHE, m2=7, households=3)
    record("takeover", "2014-06-10", "己", mode_to="owners")
    for code in ("2113", "211303", "211302001"):
        month = seen(code).month
        then = selectors.coverage(resolve(division=code, as_of=str(month.since)))
        assert (month.before.cells, month.before.modes) == (then.cells, then.modes)
        assert replace(month.before.counts, area_pending=0) == replace(then.counts, area_pending=0)
    month = seen("211303").month
    assert (month.managed_change, month.households_managed_change, month.unmanaged_change) == (dm2(7), 3, dm2(-7))
    assert month.households_unmanaged_change == -3
    assert (month.counts_change.managed, month.counts_change.partial, month.counts_change.unmanaged) == (1, 0, -1)
    assert month.compounds_rate_change == pytest.approx(50)


@pytest.mark.parametrize("by", ["county", "subdistrict", "community", "category", "mode"])
@pytest.mark.parametrize("code", ["2113", "211302"])
def test_groups_are_those_of_coverage(ledger, code, by):
    if len(code) < selectors.BY_LEVEL.get(by, 99):
        expected = selectors.groups(resolve(division=code), by)
        assert [(g.key, g.name, g.figures) for g in seen(code, by).groups] == [
            (g.key, g.name, g.figures) for g in expected
        ]


# --- ranking -------------------------------------------------------------------------------------------
def test_counties_stand_by_completion_rate_with_their_tasks(ledger):
    found = rows(seen())
    city = found["双塔区"]
    assert (city.completed, city.required, city.ratio) == (dm2(350), dm2(800), 350 / 800)
    assert city.scheduled == pytest.approx(dm2(800) * 180 / 364, abs=1)
    assert (city.taken_over, city.newly_lapsed, city.status) == (dm2(150), dm2(50), "behind")
    assert city.ahead == city.completed - city.scheduled
    assert (found["龙城区"].completed, found["龙城区"].required, found["龙城区"].status) == (dm2(100), None, None)
    assert (found["朝阳县"].completed, found["朝阳县"].required, found["朝阳县"].status) == (0, dm2(500), "behind")
    ranking = seen().ranking
    assert (ranking.completed, ranking.required, ranking.newly_lapsed) == (dm2(350), dm2(1300), dm2(50))


def test_places_change_against_the_month_before(ledger):
    record("takeover", "2014-06-08", "丁", mode_to="owners", m2=300)  # 0 % → 60 %: before 双塔区, 25 % → 43.75 %
    found = rows(seen())
    assert (found["朝阳县"].rank, found["朝阳县"].rank_change) == (1, 1)
    assert (found["双塔区"].rank, found["双塔区"].rank_change) == (2, -1)
    assert (found["龙城区"].rank, found["龙城区"].rank_change) == (None, None)
    assert [row.name for row in seen().ranking.rows[:2]] == ["朝阳县", "双塔区"]


def test_without_tasks_the_coverage_rate_decides(ledger):
    found = seen("211302")
    assert not found.ranking.by_tasks
    assert [(row.code, row.rank) for row in found.ranking.rows] == [("211302003", 1), ("211302001", 2)]
    assert found.ranking.ratio is None


# --- tiles ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rate", "expected"), [(None, 0), (0.0, 1), (0.4999, 1), (0.5, 2), (0.65, 3), (0.79, 4), (0.8, 5)]
)
def test_a_rate_has_its_step(rate, expected):
    assert step(rate) == expected


def test_every_county_has_its_place_and_other_divisions_fall_into_rows(ledger):
    assert len({tile.place for tile in seen().tiles}) == len(seen().tiles) == 7
    assert {tile.place for tile in seen("211302").tiles} == {""}


# --- charts --------------------------------------------------------------------------------------------
def test_a_curve_for_all_targets_of_a_deadline_with_what_is_due_until_then(ledger):
    curve = next(curve for curve in seen().curves if "龙城区" in curve.divisions)
    assert (curve.divisions, curve.required) == (["双塔区", "龙城区"], dm2(1200))
    by_month = {f"{point.day:%Y-%m}": point for point in curve.points}
    assert next(iter(by_month)) == "2014-01"
    assert list(by_month)[-1] == "2014-12"
    assert [by_month[month].completed for month in ("2014-01", "2014-03", "2014-06", "2014-07")] == [
        dm2(100), dm2(300), dm2(450), None
    ]  # fmt: skip
    assert by_month["2014-12"].required == curve.required


def test_a_division_below_the_city_has_the_curve_of_its_own_task(ledger):
    [curve] = seen("211302").curves
    assert (curve.required, curve.points[5].completed, curve.points[-1].required) == (dm2(800), dm2(350), dm2(800))
    [ungiven] = seen("211303").curves
    assert (ungiven.required, ungiven.points[-1].required, ungiven.points[-1].completed) == (None, None, dm2(100))


def test_modes_over_time(ledger):
    mix = seen().mix
    assert [mode.value for mode in mix.modes] == ["professional", "manager", "owners", "self_help", "community"]
    assert mix.points[0].areas == [dm2(200), dm2(100), 0, 0, 0]
    assert mix.points[-1].areas == [dm2(300), dm2(100), dm2(200), 0, 0]


# --- things to ask about -------------------------------------------------------------------------------
def test_the_worst_of_every_kind_comes_first(ledger):
    register("己", community=HAIHE, category="undetermined", m2=7)
    found = [(matter.worry, matter.row.name, matter.number, matter.months) for matter in seen().matters]
    behind = rows(seen())["朝阳县"]
    assert found == [
        (Worry.BEHIND, "朝阳县", -behind.ahead, 6),
        (Worry.LAPSED, "双塔区", dm2(50), 0),
        (Worry.STANDSTILL, "龙城区", dm2(507), 5),
        (Worry.PENDING, "朝阳县", 1, 0),
        (Worry.UNDETERMINED, "龙城区", dm2(7), 0),
    ]


def test_what_is_stuck_longest_beyond_its_limit_is_asked_about_today(ledger, cast, settings):
    kind = ProcedureKind.objects.get(pk="P4.2d")
    for code, days in (("丙", 90), ("甲", 91), ("乙", 100)):
        start(
            compound=Compound.objects.get(code=code), kind=kind, mode=Mode.COMMUNITY, by=cast["bureau"],
            on=settings.BUSINESS_DATE - datetime.timedelta(days=days),
        )  # fmt: skip
    stuck = [matter for matter in seen().matters if matter.worry == Worry.STUCK]
    assert [(one.row.name, one.number, one.standing.days) for one in stuck] == [("双塔区", 10, 100)]
    settings.BUSINESS_DATE += datetime.timedelta(days=1)
    then = seen(as_of="2014-06-30").matters
    assert not any(matter.worry == Worry.STUCK for matter in then), "of an earlier date it is not known"


def test_months_behind_are_counted_back_to_the_last_good_one():
    assert months_behind([1, 2, 3, 4], [1, 1, 2, 3]) == 3
    assert months_behind([1, 2, 3], [0, 1, 3]) == 0
    assert months_behind([None, 2], [None, 1]) == 1


def test_nothing_asks_for_attention_in_an_empty_ledger(reference):
    found = seen()
    assert found.matters == []
    assert [row.rank for row in found.ranking.rows] == [None] * 7


def test_an_earlier_version_is_not_touched_by_what_came_after(ledger):
    before = seen(height=7, as_of="2014-06-30")
    assert isinstance(resolve(height=7), Question)
    assert rows(before)["双塔区"].newly_lapsed == 0
    assert before.month.lapsed == 0
