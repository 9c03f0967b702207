"""Targets: every formula of the definition, by itself and by command line."""

import pytest

from compounds.ledger.choices import Kind, Mode
from compounds.pilots.services import choose, withdraw
from compounds.register.models import Compound
from oversight.coverage.flows import moved
from oversight.coverage.question import resolve
from oversight.coverage.targets import board
from oversight.programme.models import Programme, Target, TargetVersion
from oversight.programme.services import lock_baseline
from tests.support import (
    HAIHE,
    JINYUAN,
    QIANJIN,
    XINLIU,
    ask,
    ask_json,
    day,
    dm2,
    post_example,
    record,
    register,
    reverse,
)  # fmt: skip

FIELDS = [
    "code", "name", "clause", "unit", "deadline", "required_m2", "completed_m2", "remaining_m2", "ratio",
    "scheduled_m2", "status", "run_rate_m2_per_month", "forecast", "at_deadline_m2", "newly_lapsed_m2",
]  # fmt: skip


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2016-12-31")


def target(code: str, as_of: str, height: int | str = "", rule: str = ""):
    return {figures.target.code: figures for figures in board(resolve(as_of=as_of, height=height, rule=rule))}[code]


def required(code: str, m2: int | None) -> None:
    TargetVersion.objects.filter(target=code).update(required_dm2=None if m2 is None else m2 * 100)


@pytest.fixture
def thousand(reference):
    """T1 asks for 1,000 ㎡ by 2014-12-31; 2,000 ㎡ are there, nothing is done yet."""
    required("T1", 1000)
    register("甲", m2=2000, households=20)


def done(m2: int, on: str) -> None:
    record("takeover", on, "甲", mode_to="owners", m2=m2)


# --- completed, remaining, ratio -----------------------------------------------------------------------
def test_completed_counts_managed_area_of_the_targets_divisions_and_categories_only(thousand):
    done(300, "2014-02-01")
    for code, place, category in (
        ("在", HAIHE, "renovated"), ("县", XINLIU, "abandoned"),
        ("未", JINYUAN, "unserved"), ("待", JINYUAN, "undetermined"),
    ):  # fmt: skip
        register(code, community=place, category=category, m2=50)
        record("takeover", "2014-03-01", code, mode_to="community")
    register("新", category="new_build", mode="professional", m2=50)
    assert target("T1", "2014-12-31").completed == dm2(350)
    assert target("T2", "2014-12-31").completed == dm2(400)
    assert target("T3-211321", "2014-12-31").completed == dm2(50)
    assert target("T1", "2014-02-28").completed == dm2(300)
    assert target("T1", "2014-12-31", rule="professional").completed == 0
    figures = target("T1", "2014-12-31")
    assert (figures.remaining, figures.ratio) == (dm2(650), 0.35)


def test_more_than_required_leaves_nothing_remaining(thousand):
    done(1500, "2014-02-01")
    figures = target("T1", "2014-03-01")
    assert (figures.remaining, figures.ratio, figures.status, figures.run_rate) == (0, 1.5, "done", 0)


def test_a_target_of_nothing_is_done_and_has_no_ratio(reference):
    figures = target("T3-211322", "2014-06-30")
    assert (figures.required, figures.completed, figures.ratio, figures.status) == (0, 0, None, "done")


# --- scheduled, status ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("as_of", "scheduled"),
    [
        ("2013-12-31", "0"), ("2014-01-01", "0"), ("2014-01-02", "2.75"), ("2014-07-02", "500"),
        ("2014-12-30", "997.25"), ("2014-12-31", "1000"), ("2015-06-01", "1000"),
    ],
)  # fmt: skip
def test_scheduled_runs_straight_from_the_start_to_the_deadline(thousand, as_of, scheduled):
    """364 days from 2014-01-01 to 2014-12-31: 1,000 / 364 = 2.747… a day."""
    assert target("T1", as_of).scheduled == dm2(scheduled)


@pytest.mark.parametrize(
    ("as_of", "m2", "status"),
    [
        ("2014-07-02", 500, "on_track"), ("2014-07-02", 499, "behind"), ("2014-07-02", 1000, "done"),
        ("2014-12-31", 999, "behind"), ("2014-12-31", 1000, "done"), ("2015-01-01", 999, "overdue"),
        ("2015-01-01", 1000, "done"), ("2013-06-01", 1, "behind"),
    ],
)  # fmt: skip
def test_status(thousand, as_of, m2, status):
    if as_of > "2014":
        done(m2, "2014-01-05")
        assert target("T1", as_of).status == status
    else:
        assert target("T1", as_of).status == "on_track", "nothing is due before the start"


# --- run rate, forecast --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("as_of", "rate"),
    [
        ("2014-06-01", "133.33"), ("2014-06-30", "133.33"), ("2014-11-30", "800"), ("2014-12-01", "800"),
        ("2014-12-31", "800"), ("2015-01-01", None),
    ],
)  # fmt: skip
def test_run_rate_is_what_remains_by_calendar_months_left(thousand, as_of, rate):
    done(200, "2014-01-05")
    assert target("T1", as_of).run_rate == dm2(rate)


def test_forecast_goes_on_with_the_mean_gain_of_the_last_six_full_months(thousand):
    for month in range(1, 7):
        done(100, f"2014-{month:02}-10")
    assert target("T1", "2014-06-30").forecast == "2014-10"
    # Without June's last day June is not full: December to May, 500 in six months, 400 remain: 4.8 months.
    assert target("T1", "2014-06-29").forecast == "2014-11"


def test_no_forecast_without_gain_or_when_done_or_beyond_the_calendar(thousand):
    assert target("T1", "2014-06-30").forecast is None
    done(900, "2014-01-10")
    assert target("T1", "2014-06-30").forecast == "2014-07"
    assert target("T1", "2014-07-31").forecast is None, "the gain of January is more than six months ago"
    record("lapse", "2014-08-10", "甲", m2=100)
    assert target("T1", "2014-08-31").forecast is None, "a loss reaches nothing"
    done(200, "2014-09-10")
    assert target("T1", "2014-09-30").forecast is None, "reached already"
    required("T1", 10**11)
    assert target("T1", "2014-09-30").forecast is None


# --- at deadline, increment ----------------------------------------------------------------------------
def test_at_deadline_is_null_before_it_and_does_not_move_after_it_but_by_later_knowledge(thousand):
    done(400, "2014-05-01")
    done(300, "2015-02-01")
    assert target("T1", "2014-12-30").at_deadline is None
    assert target("T1", "2014-12-31").at_deadline == dm2(400)
    assert (target("T1", "2015-06-30").at_deadline, target("T1", "2015-06-30").completed) == (dm2(400), dm2(700))
    done(50, "2014-12-01")
    assert target("T1", "2015-06-30").at_deadline == dm2(450)
    assert target("T1", "2015-06-30", height=3).at_deadline == dm2(400)


@pytest.mark.parametrize(("m2", "increment"), [(0, 0), (999, 0), (1000, 0), (1001, 1), (1798, 798), (1900, 798)])
def test_increment_of_t2_is_what_goes_beyond_t1_up_to_its_own_part(thousand, m2, increment):
    required("T2", 1798)
    if m2:
        done(m2, "2014-02-01")
    assert target("T2", "2014-12-31").increment == dm2(increment)
    assert target("T1", "2014-12-31").increment is None


# --- newly lapsed, flows -------------------------------------------------------------------------------
def test_newly_lapsed_is_area_of_other_categories_lapsed_since_the_start(reference):
    register("旧", category="established", mode="professional", m2=100, on="2013-01-01")
    register("弃", m2=100, on="2013-01-01")
    register("外", community=XINLIU, category="established", mode="professional", m2=100, on="2013-01-01")
    record("takeover", "2013-02-01", "弃", mode_to="owners")
    record("lapse", "2013-12-31", "旧", m2=7)
    record("lapse", "2014-01-01", "旧", m2=11)
    record("lapse", "2014-06-01", "弃", m2=13)
    record("lapse", "2014-06-01", "外", m2=17)
    assert target("T1", "2014-12-31").newly_lapsed == dm2(11)
    assert target("T3-211321", "2014-12-31").newly_lapsed == dm2(17)
    record("takeover", "2014-07-01", "旧", mode_to="manager")
    assert target("T1", "2014-12-31").newly_lapsed == dm2(11), "what was taken over again lapsed all the same"
    assert target("T1", "2013-12-31").newly_lapsed == 0
    reverse(9)
    reverse(6)
    assert target("T1", "2014-12-31").newly_lapsed == 0
    assert target("T1", "2014-12-31", height=8).newly_lapsed == dm2(11)


def test_flows_tell_management_from_relabelling_and_corrections_apart(reference):
    post_example()
    question = resolve(as_of="2015-12-31", height=16)
    t2 = {figures.target.code: figures for figures in board(question)}["T2"]
    [what] = moved([t2], question)
    assert what.flows == {
        Kind.TAKEOVER: dm2("120,000"), Kind.LAPSE: 0, Kind.RECLASSIFY: 0, Kind.RESURVEY: dm2("1,000"),
    }  # fmt: skip
    assert sum(what.flows.values()) == t2.completed
    assert what.corrections == dm2("-50,000.50")


# --- T3: the baseline, T4: communities -----------------------------------------------------------------
def test_t3_asks_for_what_is_there_at_the_same_date_until_a_baseline_is_locked(reference):
    register("县", community=XINLIU, m2=400)
    register("县", on="2014-06-01", community=XINLIU, category="unserved", m2=50)
    register("县", community=XINLIU, category="established", mode="owners", m2=70)
    record("takeover", "2014-03-01", "县", category="abandoned", mode_to="owners", m2=100)
    assert target("T3-211321", "2014-05-31").required == dm2(400)
    assert target("T3-211321", "2014-06-30").required == dm2(450)
    assert target("T3-211321", "2014-06-30", height=1).required == dm2(400)
    lock_baseline(programme=Programme.objects.get(), by=None)
    assert target("T3-211321", "2014-06-30").required == dm2(400), "2014-01-01"
    register("县", community=XINLIU, category="renovated", m2=33)
    assert target("T3-211321", "2014-06-30").required == dm2(400), "known only after the lock"
    figures = target("T3-211321", "2014-06-30")
    assert (figures.completed, figures.ratio) == (dm2(100), 0.25)


def test_t4_counts_urban_communities_with_unmanaged_area(reference):
    village = "211302004200"
    register("城", community=JINYUAN)
    register("城2", community=JINYUAN)
    register("村", community=village)
    register("管", community=QIANJIN, category="established", mode="owners")
    register("海", community=HAIHE)
    record("takeover", "2014-03-01", "海", mode_to="owners")
    row = {row["code"]: row for row in ask_json("targets", "--as-of", "2014-02-01")}["T4"]
    assert (row["unit"], row["required"], row["completed"], row["ratio"]) == ("communities", 2, 0, 0)
    assert {name: value for name, value in row.items() if "_m2" in name and value is not None} == {}
    assert target("T4", "2014-03-01").required == 1
    lock_baseline(programme=Programme.objects.get(), by=None)
    assert target("T4", "2014-03-01").required == 2
    assert target("T4", "2014-06-01").status == "behind"
    assert target("T4", "2015-01-01").status == "overdue"


def test_t4_is_completed_by_the_communities_that_have_a_pilot(cast):
    register("城", community=JINYUAN)
    register("海", community=HAIHE)
    register("管", community=QIANJIN, category="established", mode="owners")
    lock_baseline(programme=Programme.objects.get(), by=None)
    compounds = {compound.code: compound for compound in Compound.objects.all()}
    pilot = choose(compound=compounds["城"], mode=Mode.OWNERS, on=day("2014-06-01"), by=cast["bureau"])
    assert [target("T4", on).completed for on in ("2014-05-31", "2014-06-01")] == [0, 1]
    record("takeover", "2014-07-01", "城", mode_to="owners")
    figures = target("T4", "2015-02-01")
    assert (figures.required, figures.completed, figures.at_deadline, figures.status) == (2, 1, 1, "overdue")
    choose(compound=compounds["海"], mode=Mode.COMMUNITY, on=day("2015-01-15"), by=cast["bureau"])
    figures = target("T4", "2015-02-01")
    assert (figures.completed, figures.at_deadline, figures.status) == (2, 1, "done")
    withdraw(pilot=pilot, reason="误", by=cast["bureau"])
    assert target("T4", "2015-02-01").completed == 1


def test_t4_counts_the_community_that_a_pilots_compound_lay_in_at_the_baseline(cast):
    register("城", community=JINYUAN)
    lock_baseline(programme=Programme.objects.get(), by=None)
    record("relocate", "2014-03-01", "城", community=QIANJIN)
    choose(
        compound=Compound.objects.get(code="城"), mode=Mode.OWNERS, on=day("2014-06-01"), by=cast["bureau"]
    )  # fmt: skip
    assert target("T4", "2014-06-30").completed == 1


# --- versions, presentation ----------------------------------------------------------------------------
def test_an_extended_deadline_counts_from_its_date_on(thousand):
    TargetVersion.objects.create(
        target_id="T1", valid_from="2015-03-01", required_dm2=dm2(2000), deadline="2015-12-31", document="调整通知"
    )
    before, after = target("T1", "2015-02-28"), target("T1", "2015-03-01")
    assert (before.required, before.status) == (dm2(1000), "overdue")
    assert (after.required, after.status, after.at_deadline) == (dm2(2000), "behind", None)


def test_the_list_carries_the_fields_of_the_contract(reference):
    post_example()
    rows = {row["code"]: row for row in ask_json("targets", "--as-of", "2015-12-31", "--height", "20")}
    assert list(rows) == [
        "T1", "T2", "T3-211321", "T3-211322", "T3-211324", "T3-211381", "T3-211382", "T4",
    ]  # fmt: skip
    for code, row in rows.items():
        extra = {"T2": {"increment_m2"}, "T4": {"required", "completed"}}.get(code, set())
        assert set(row) == {*FIELDS, *extra}
    assert rows["T1"] == {
        "code": "T1", "name": "弃管和已改造老旧小区 302 万㎡", "clause": "P3.3", "unit": "area",
        "deadline": "2014-12-31",
        "required_m2": 3020000, "completed_m2": 101000, "remaining_m2": 2919000, "ratio": 101000 / 3020000,
        "scheduled_m2": 3020000,
        "status": "overdue", "run_rate_m2_per_month": None, "forecast": None,
        "at_deadline_m2": 100000, "newly_lapsed_m2": 30000,
    }  # fmt: skip
    assert (rows["T2"]["required_m2"], rows["T2"]["increment_m2"]) == (11_000_000, 0)
    assert rows["T2"]["run_rate_m2_per_month"] == round((11_000_000 - 121_000) / 12, 2)
    # E was 40,000.00 ㎡; locked or not, all of it is asked for.
    assert rows["T3-211321"]["required_m2"] == 40_000


def test_the_table_has_a_row_for_every_target(reference):
    lines = ask("targets", "--as-of", "2014-12-31").out.splitlines()
    assert [line.split("\t")[0] for line in lines][:3] == ["code", "T1", "T2"]
    assert len(lines) == 1 + Target.objects.count()
