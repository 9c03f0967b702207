"""Parts of targets by the formulas of the whole, held against it; versions side by side; 文件底数 · 台账底数 · 差额."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from communities.divisions.models import Division
from compounds.ledger.choices import Mode
from compounds.pilots.services import choose
from compounds.register.models import Compound
from compounds.successions import services as successions
from compounds.successions.planning import Change
from oversight.coverage import progress, target_presenters
from oversight.coverage.parts import breakdown
from oversight.coverage.question import resolve
from oversight.coverage.targets import TargetBoard
from oversight.programme import selectors as programme
from oversight.programme.breakdown import Asked, Paper, PartGiven, add_version, divide
from oversight.programme.models import Programme, TargetVersion
from oversight.programme.services import lock_baseline
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, ask_json, day, dm2, record, register

START, DEADLINE = day("2014-01-01"), day("2014-12-31")


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2016-12-31")


def board(as_of: str = "2014-12-31", versions_on: str = "", rule: str = "") -> TargetBoard:
    question = resolve(as_of=as_of, rule=rule)
    return TargetBoard(question, Programme.objects.get(), day(versions_on) if versions_on else None)


def found(code: str = "T1", **how):
    the_board = board(**how)
    target = next(each for each in the_board.targets if each.code == code)
    return breakdown(the_board, target)


def by_code(code: str = "T1", **how) -> dict:
    return {part.given.code: part for part in found(code, **how).parts}


def target(code: str = "T1"):
    return programme.targets(Programme.objects.get()).get(pk=code)


def give(code: str = "T1", on: str = "2014-03-20", **required: int | tuple):
    """Parts in ㎡, by division: ``_211302=200`` or ``(200, deadline, [(day, ㎡), …])``."""
    parts = []
    for name, amount in required.items():
        m2, deadline, milestones = amount if isinstance(amount, tuple) else (amount, "2014-12-31", [])
        asked = Asked(dm2(m2), day(deadline), dm2(m2), tuple((day(due), dm2(area)) for due, area in milestones))
        parts.append(PartGiven(Division.objects.get(pk=name[1:]), asked))
    return divide(target=target(code), parts=parts, paper=Paper("分解通知", day(on)), by=None)


@pytest.fixture
def city(reference):
    """2,000 ㎡ of T1 in 金元 and 1,000 in 前进 (双塔区), 500 in 海河 (龙城区); 300 of 朝阳县 do not count."""
    TargetVersion.objects.filter(target="T1").update(required_dm2=dm2(3500), base_dm2=dm2(3000))
    for code, community, m2 in (("甲", JINYUAN, 2000), ("乙", QIANJIN, 1000), ("丙", HAIHE, 500), ("丁", XINLIU, 300)):
        register(code, community=community, m2=m2)
    register("他", community=JINYUAN, category="unserved", m2=70)
    record("takeover", "2014-05-10", "甲", mode_to="owners", m2=600)
    record("takeover", "2014-06-10", "丙", mode_to="professional")


# --- 序时进度 ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("on", "due"),
    [
        ("2013-06-01", 0), ("2014-01-01", 0), ("2014-04-01", 500), ("2014-06-30", 1000), ("2014-09-30", 1000),
        ("2014-11-15", 2000), ("2014-12-31", 3000), ("2015-06-01", 3000),
    ],
)  # fmt: skip
def test_scheduled_runs_straight_from_milestone_to_milestone(on, due):
    """180 days to the first (1,000), level to the second, 92 days from there to the deadline (3,000)."""
    milestones = [(day("2014-06-30"), 1000), (day("2014-09-30"), 1000)]
    assert progress.scheduled(3000, start=START, deadline=DEADLINE, on=day(on), milestones=milestones) == due


def test_without_milestones_the_deadline_is_the_only_one():
    for on in ("2014-01-02", "2014-07-02", "2014-12-30"):
        plain = progress.scheduled(1000_00, start=START, deadline=DEADLINE, on=day(on))
        there = [(day("2014-07-02"), 500_00)]  # half of the 364 days
        assert progress.scheduled(1000_00, start=START, deadline=DEADLINE, on=day(on), milestones=there) == plain


def test_a_milestone_above_what_is_required_asks_for_no_more(city):
    assert progress.scheduled(10, start=START, deadline=DEADLINE, on=day("2014-08-01"), milestones=[
        (day("2014-07-01"), 99)]) == 10  # fmt: skip


def test_milestones_of_a_target_change_its_schedule_and_status(city):
    assert board("2014-06-30").of(target()).status == "behind"
    asked = Asked(dm2(3500), day("2014-12-31"), milestones=((day("2014-06-30"), dm2(1000)),))
    add_version(target=target(), asked=asked, paper=Paper("通知", day("2014-02-01"), "按节点"), by=None)
    figures = board("2014-06-30").of(target())
    assert (figures.scheduled, figures.completed, figures.status) == (dm2(1000), dm2(1100), "on_track")


# --- versions --------------------------------------------------------------------------------------------
@pytest.fixture
def adjusted(city):
    asked = Asked(dm2(2000), day("2015-12-31"))
    return add_version(target=target(), asked=asked, paper=Paper("调整通知", day("2015-03-01"), "延期"), by=None)


def test_progress_by_the_original_and_by_the_adjusted_target(adjusted):
    the_board = board("2015-06-30")
    original, newest = [the_board.of(target(), version) for version in programme.standing(target())]
    assert (original.required, original.status, original.ratio) == (dm2(3500), "overdue", 1100 / 3500)
    assert (newest.required, newest.status, newest.ratio) == (dm2(2000), "behind", 0.55)
    assert (original.completed, newest.completed) == (dm2(1100), dm2(1100))
    assert (original.at_deadline, newest.at_deadline) == (dm2(1100), None)
    assert the_board.of(target()).version == adjusted


def test_another_day_asks_by_the_versions_of_then(adjusted):
    assert board("2015-06-30", versions_on="2014-06-30").figures()[0].required == dm2(3500)
    assert board("2014-06-30", versions_on="2016-01-01").figures()[0].required == dm2(2000)
    rows = {row["code"]: row for row in ask_json("targets", "--as-of", "2015-06-30")}
    assert (rows["T1"]["required_m2"], rows["T1"]["deadline"]) == (2000, "2015-12-31"), "the one valid on the date"
    assert ask_json("targets", "--as-of", "2015-02-28")[0]["required_m2"] == 3500


# --- parts -----------------------------------------------------------------------------------------------
def test_a_part_is_measured_like_the_whole(city):
    give(_211302=(3000, "2014-12-31", [("2014-06-30", 500)]), _211303=400)
    parts = by_code(as_of="2014-07-31")
    east, west = parts["211302"], parts["211303"]
    assert (east.completed, east.remaining, east.ratio, east.status) == (dm2(600), dm2(2400), 0.2, "behind")
    assert east.scheduled == dm2("921.20"), "500 + 2,500 × 31/184"
    assert east.run_rate == dm2(480), "2,400 in five months"
    assert (west.completed, west.remaining, west.status, west.run_rate) == (dm2(500), 0, "done", 0)
    assert by_code(as_of="2015-01-31")["211302"].status == "overdue"
    assert by_code(as_of="2014-07-31", rule="professional")["211302"].completed == 0


def test_parts_are_held_against_the_whole_and_against_theirs(city):
    give(_211302=3000, _211303=400)
    give(on="2014-03-27", _211302001=1800, _211302003=1300, _211302001003=1500)
    whole = found()
    parts = {part.given.code: part for part in whole.parts}
    assert list(parts) == ["211302", "211302001", "211302001003", "211302003", "211303"]
    assert (whole.broken_down, whole.difference) == (dm2(3400), dm2(100))
    assert (parts["211302"].broken_down, parts["211302"].difference) == (dm2(3100), dm2(-100))
    assert (parts["211302001"].broken_down, parts["211302001"].difference) == (dm2(1500), dm2(300))
    assert (parts["211303"].broken_down, parts["211303"].difference) == (None, None)
    assert [part.depth for part in whole.parts] == [0, 1, 2, 1, 0]
    assert sum(part.completed for part in whole.tops) == whole.whole.completed


def test_a_community_below_a_county_hangs_on_the_county(city):
    give(_211302=3000)
    give(on="2014-03-27", **{f"_{JINYUAN}": 10})
    assert by_code()[JINYUAN].parent.given.code == "211302"


def test_document_ledger_and_difference(city):
    give(_211302=2900, _211303=400)
    whole = found()
    assert (whole.base.document, whole.base.ledger, whole.base.difference) == (dm2(3000), dm2(3500), dm2(500))
    parts = {part.given.code: part.base for part in whole.parts}
    assert (parts["211302"].ledger, parts["211302"].difference) == (dm2(3000), dm2(100))
    lock_baseline(programme=Programme.objects.get(), by=None)
    height = Programme.objects.get().baseline.height
    register("新", community=QIANJIN, m2=40)
    later = found()
    assert (later.base.ledger, later.base.height, later.base.as_of) == (dm2(3500), height, START)
    assert {part.given.code: part.base.ledger for part in later.parts} == {"211302": dm2(3000), "211303": dm2(500)}


def test_a_target_of_communities_is_broken_down_in_communities(city, cast):
    divide(
        target=target("T4"),
        parts=[PartGiven(Division.objects.get(pk="211302"), Asked(2, day("2014-12-31"), 3))],
        paper=Paper("试点通知", day("2014-03-20")), by=None,
    )  # fmt: skip
    compound = Compound.objects.filter(community=JINYUAN).order_by("code")[0]
    choose(compound=compound, mode=Mode.OWNERS, on=day("2014-02-01"), by=cast["bureau"])
    part = by_code("T4", as_of="2014-06-30")["211302"]
    assert (part.required, part.completed, part.base.ledger, part.base.difference) == (2, 1, 2, -1)
    data = target_presenters.parts(board("2014-06-30"), found("T4", as_of="2014-06-30"))
    assert (data["parts"][0]["required"], data["parts"][0]["required_m2"]) == (2, None)


# --- changes of divisions --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "divisions", "fields"),
    [
        ("reparent", ["211302001"], {"parent": "211321"}), ("reparent", [JINYUAN], {"parent": "211303004"}),
        ("zone", ["211302001", HAIHE], {"name": "开发区"}), ("merge", ["211303"], {"into": "211302"}),
        ("merge", [JINYUAN, HAIHE], {"name": "新社区", "parent": "211302001"}),
    ],
)  # fmt: skip
def test_parts_follow_their_divisions(city, kind, divisions, fields):
    give(_211302=3000, _211303=400)
    give(on="2014-03-27", _211302001=1800, **{f"_{JINYUAN}": 10})
    before = {code: part.completed for code, part in by_code(as_of="2015-05-31").items()}
    change = Change(kind=kind, effective_on=day("2015-06-01"), divisions=tuple(divisions), document="批复", **fields)
    successions.carry_out(change=change, by=None)
    if JINYUAN in divisions and HAIHE in divisions:  # mixed: by its own code
        before |= {"211302": dm2(1100), "211303": 0, "211302001": dm2(1100), JINYUAN: 0}
    assert {code: part.completed for code, part in by_code(as_of="2015-06-01").items()} == before


# --- presentation, queries -------------------------------------------------------------------------------
def test_plain_data_of_a_target_and_of_its_parts(adjusted):
    give(_211302=(3000, "2014-12-31", [("2014-06-30", 500)]), _211303=400)
    the_board = board("2015-06-30")
    data = target_presenters.target(the_board, the_board.of(target()))
    assert [(v["valid_from"], v["required_m2"], v["in_force"]) for v in data["versions"]] == [
        ("2014-01-01", 3500, False), ("2015-03-01", 2000, True),
    ]  # fmt: skip
    assert data["base"]["document_m2"] is None, "the adjusted document does not say"
    parts = target_presenters.parts(the_board, found(as_of="2015-06-30"))
    assert (parts["required_m2"], parts["broken_down_m2"], parts["difference_m2"]) == (2000, 3400, -1400)
    first = parts["parts"][0]
    assert first["division"] == {"code": "211302", "name": "双塔区"}
    assert (first["required_m2"], first["completed_m2"], first["status"]) == (3000, 600, "overdue")
    assert first["milestones"] == [{"date": "2014-06-30", "required_m2": 500}]
    assert first["base"]["difference_m2"] == 0


def test_queries_do_not_grow_with_parts(city):
    give(_211302=3000)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            found()
        return len(seen)

    few = queries()
    codes = Division.objects.filter(code__startswith="211302", level="community").values_list("code", flat=True)
    give(on="2014-03-27", _211303=1, **{f"_{code}": (3, "2014-12-31", [("2014-06-30", 1)]) for code in codes})
    assert len(found().parts) > 50
    assert queries() == few
