"""Targets follow changes of divisions: each area goes on counting where it counted."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compounds.successions import services
from compounds.successions.planning import Change, Part
from oversight.coverage.cards import target_cards
from oversight.coverage.flows import moved
from oversight.coverage.question import resolve
from oversight.coverage.targets import board
from oversight.coverage.territory import Territory, territories
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, day, dm2, record, register, reverse

STREET = "211302003"
BEFORE, AFTER = "2015-05-31", "2015-06-01"


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2016-12-31")


@pytest.fixture
def city(reference):
    """Managed area in 前进 (100), 金元 (20) of 双塔区, 海河 (3) of 龙城区 and 新柳城 (4,000) of 朝阳县."""
    for code, community, m2 in (("甲", QIANJIN, 100), ("戊", JINYUAN, 20), ("丙", HAIHE, 3), ("丁", XINLIU, 4000)):
        register(code, community=community, m2=m2)
        record("takeover", "2014-06-01", code, mode_to="owners")


def succeed(kind: str, *divisions: str, on: str = AFTER, **fields):
    change = Change(kind=kind, effective_on=day(on), divisions=divisions, document="批复", **fields)
    return services.carry_out(change=change, by=None)


def completed(on: str = AFTER, height: int | str = "") -> dict[str, int]:
    found = {figures.target.code: figures.completed // 100 for figures in board(resolve(as_of=on, height=height))}
    return {code: found[code] for code in ("T1", "T2", "T3-211321")}


COUNTED = {"T1": 123, "T2": 123, "T3-211321": 4000}


@pytest.mark.parametrize(
    ("kind", "divisions", "fields"),
    [
        ("reparent", [STREET], {"parent": "211321"}), ("reparent", [QIANJIN], {"parent": "211321001"}),
        ("reparent", ["211321001"], {"parent": "211302"}), ("zone", [STREET, HAIHE], {"name": "开发区"}),
        ("zone", [QIANJIN, XINLIU], {"name": "开发区"}), ("merge", [QIANJIN, JINYUAN], {"name": "新社区"}),
        ("merge", ["211303"], {"into": "211302"}), ("merge", ["211302", "211303"], {"name": "新区"}),
        ("split", [QIANJIN], {"parts": (Part("东", members=("甲",)), Part("西"))}),
        ("rename", ["211302"], {"name": "新塔区"}),
    ],
)  # fmt: skip
def test_every_area_counts_where_it_counted(city, kind, divisions, fields):
    required = {figures.target.code: figures.required for figures in board(resolve(as_of=BEFORE))}
    succeed(kind, *divisions, **fields)
    assert completed(BEFORE) == completed(AFTER) == COUNTED
    assert {figures.target.code: figures.required for figures in board(resolve(as_of=AFTER))} == required


def test_what_comes_to_be_there_later_counts_with_it(city):
    succeed("reparent", STREET, parent="211321")
    new = "211321003001"
    register("新", "2015-07-01", community=new, m2=50)
    record("takeover", "2015-08-01", "新", mode_to="owners")
    assert completed("2015-08-01") == {**COUNTED, "T1": 173, "T2": 173}
    figures = {each.target.code: each for each in board(resolve(as_of="2015-08-01"))}
    question = resolve(as_of="2015-08-01")
    assert moved([figures["T1"]], question)[0].flows["takeover"] == dm2(173)
    assert moved([figures["T3-211321"]], question)[0].flows["takeover"] == dm2(4000)


def test_lapses_and_corrections_follow_as_well(city):
    register("旧", community=QIANJIN, category="established", mode="owners", m2=7)
    succeed("reparent", STREET, parent="211321")
    record("lapse", "2015-09-01", "旧")
    figures = {each.target.code: each for each in board(resolve(as_of="2015-12-31"))}
    assert (figures["T1"].newly_lapsed, figures["T3-211321"].newly_lapsed) == (dm2(7), 0)
    register("误", "2015-07-01", community="211321003001", m2=9)
    wrong = record("takeover", "2015-07-02", "误", mode_to="owners")
    reverse(wrong.height)
    question = resolve(as_of="2015-12-31")
    figures = {each.target.code: each for each in board(question)}
    whole, of_county = moved([figures["T1"], figures["T3-211321"]], question)
    assert (whole.corrections, of_county.corrections) == (dm2(-9), 0)


def test_a_mixed_community_counts_by_its_own_code(city):
    succeed("merge", QIANJIN, XINLIU, name="混合社区", parent="211321001")
    assert completed(BEFORE) == COUNTED
    assert completed(AFTER) == {"T1": 23, "T2": 23, "T3-211321": 4100}


def test_a_community_that_goes_on_stays_what_it_was(city):
    succeed("merge", XINLIU, into=QIANJIN)
    assert completed(AFTER) == {"T1": 4123, "T2": 4123, "T3-211321": 0}


def test_two_changes_in_a_row(city):
    succeed("reparent", STREET, parent="211321")
    succeed("zone", "211321003", name="开发区", on="2016-01-01")
    for on in (BEFORE, AFTER, "2016-01-01"):
        assert completed(on) == COUNTED


def test_an_undone_change_leaves_older_versions_as_they_were_shown(city):
    succession = succeed("zone", STREET, HAIHE, name="开发区")
    height = succession.last_height
    services.undo(succession=succession, reason="有误", by=None)
    assert completed(AFTER) == COUNTED
    assert completed(AFTER, height) == COUNTED
    succeed("zone", "211321001", name="县开发区")
    assert completed(AFTER) == COUNTED


def test_whole_subtrees_stand_for_their_communities(city):
    succeed("zone", STREET, HAIHE, name="开发区")
    assert territories({"T": ["211302", "211303"]}) == {"T": Territory(("211302", "211303"), plus=("211371",))}
    succeed("reparent", "211321001", parent="211302", on="2015-07-01")
    found = territories({"T": ["211302", "211303"]})["T"]
    assert (found.plus, len(found.minus), found.minus[0][:6]) == (("211371",), 1, "211302")
    assert found.covers("211371003001")
    assert not found.covers(found.minus[0].ljust(12, "0"))


def test_a_page_shows_the_targets_whose_area_lies_there_now(city):
    succeed("reparent", STREET, parent="211321")
    codes = {card.figures.target.code for card in target_cards(resolve(division="211321"))}
    assert {"T1", "T2", "T3-211321"} <= codes
    assert "T1" not in {card.figures.target.code for card in target_cards(resolve(division="211322"))}


def test_nothing_changed_costs_one_query(city):
    with CaptureQueriesContext(connection) as queries:
        territories({"T": ["211302"]})
    assert len(queries) == 1
