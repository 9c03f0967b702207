"""增减变动 and 数据差异说明: opening + what each kind moved = closing, and two heights explained."""

import pytest

from compounds.ledger.choices import EVENT_KINDS
from compounds.ledger.events import Part
from oversight.coverage import selectors
from oversight.coverage.movements import Amount, movements, restatement
from oversight.coverage.question import resolve
from tests.support import (
    HAIHE,
    JINYUAN,
    QIANJIN,
    ask,
    ask_json,
    day,
    dm2,
    make_compound,
    post_example,
    record,
    register,
    reverse,
)  # fmt: skip


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2015-12-31")


@pytest.fixture
def example(reference):
    post_example()


def moved(division: str, since: str, until: str, **question):
    return movements(resolve(division=division, as_of=until, **question), day(since))


def amount(division: str, on: str, **question) -> Amount:
    figures = selectors.coverage(resolve(division=division, as_of=on, **question))
    return Amount(figures.managed, figures.total, figures.households_total)


@pytest.mark.parametrize("division", ["2113", "211302", "211303", "211302001", QIANJIN])
@pytest.mark.parametrize("height", [10, 16, 17, 20])
@pytest.mark.parametrize(("since", "until"), [("2013-12-31", "2014-12-31"), ("2014-12-31", "2015-12-31")])
def test_opening_and_what_each_kind_moved_make_the_closing(example, division, height, since, until):
    found = moved(division, since, until, height=height)
    assert found.opening == amount(division, since, height=height)
    assert found.closing == amount(division, until, height=height)
    assert sum(found.by_kind.values(), found.opening) == found.closing
    assert set(found.by_kind) == set(EVENT_KINDS)


def test_each_kind_shows_what_its_events_move_in_the_replay(example):
    found = moved("2113", "2013-12-31", "2015-12-31", height=16).by_kind
    shown = {kind.value: (row.managed, row.total, row.households) for kind, row in found.items() if row != Amount()}
    assert shown == {
        "register": (dm2("55,000"), dm2("325,000.50"), 3250),
        "takeover": (dm2("120,000"), 0, 0),
        "lapse": (dm2("-30,000"), 0, 0),
        "resurvey": (dm2("1,000"), dm2("1,000"), 0),
    }


def test_a_late_entry_moves_what_a_relocation_takes_along_and_not_the_day_it_was_recorded(example):
    """Height 17: a takeover of 10,000 before C went from 211303 to 211302."""
    for division, sign in (("211303", -1), ("211302", 1)):
        before = moved(division, "2015-05-31", "2015-06-30", height=16).by_kind["relocate"]
        after = moved(division, "2015-05-31", "2015-06-30", height=17).by_kind["relocate"]
        assert (after.managed - before.managed, after.total - before.total) == (sign * dm2("10,000"), 0)
    assert moved("211303", "2015-05-01", "2015-05-31", height=17).by_kind["takeover"].managed == dm2("10,000")
    assert moved("211302", "2015-05-01", "2015-12-31", height=17).by_kind["takeover"].managed == 0


def test_moves_within_a_division_do_not_show_in_its_totals(example):
    found = moved("2113", "2015-08-31", "2015-09-30").by_kind
    assert found["merge"] == Amount()
    assert moved("2113", "2015-05-31", "2015-06-30").by_kind["relocate"] == Amount()


def test_the_rule_decides_what_counts_as_managed(example):
    standard = moved("2113", "2014-02-28", "2014-12-31", height=10).by_kind["takeover"]
    professional = moved("2113", "2014-02-28", "2014-12-31", height=10, rule="professional").by_kind["takeover"]
    assert (standard.managed, professional.managed) == (dm2("150,000.50"), dm2("60,000"))


def test_nothing_moves_between_a_date_and_itself(example):
    found = moved("2113", "2015-06-01", "2015-06-01")
    assert found.opening == found.closing
    assert set(found.by_kind.values()) == {Amount()}


def test_every_kind_of_event_closes_the_books(reference):
    register("甲", m2=100, households=10)
    register("乙", community=QIANJIN, m2=80, households=8)
    make_compound("丙")
    record("takeover", "2014-02-01", "甲", mode_to="owners", m2=60)
    record("mode_change", "2014-03-01", "甲", mode_to="manager")
    record("provider_change", "2014-03-02", "甲")
    record("lapse", "2014-04-01", "甲", m2=10)
    record("reclassify", "2014-05-01", "甲", mode_from="none", new_category="renovated", m2=20)
    record("resurvey", "2014-06-01", "甲", category="renovated", mode_from="none", m2=5, households=-1)
    record("split", "2014-07-01", "甲", parts=(Part("丙", "renovated", "none", 1000, 1),))
    record("relocate", "2014-08-01", "乙", community=JINYUAN)
    record("merge", "2014-09-01", "乙", target="甲")
    record("deregister", "2014-10-01", "丙")
    found = {kind.value: row for kind, row in moved(JINYUAN, "2013-12-31", "2014-12-31").by_kind.items()}
    assert {kind: (row.managed, row.total, row.households) for kind, row in found.items()} == {
        "register": (0, 10_000, 10), "takeover": (6_000, 0, 0), "mode_change": (0, 0, 0), "provider_change": (0, 0, 0),
        "lapse": (-1_000, 0, 0), "reclassify": (0, 0, 0), "resurvey": (0, 500, -1), "relocate": (0, 8_000, 8),
        "merge": (0, 0, 0), "split": (0, 0, 0), "deregister": (0, -1_000, -1),
    }  # fmt: skip
    assert amount(JINYUAN, "2014-12-31") == Amount(5_000, 17_500, 16)


def test_the_command_lists_all_kinds_between_opening_and_closing(example):
    data = ask_json("movements", "--division", "2113", "--from", "2013-12-31", "--to", "2015-12-31", "--height", "20")
    assert data["opening"] == {"managed_m2": 0, "total_m2": 0, "households": 0}
    assert data["closing"] == {"managed_m2": 176000, "total_m2": 326000.5, "households": 3250}
    assert [row["kind"] for row in data["by_kind"]] == [kind.value for kind in EVENT_KINDS]
    assert all(set(row) == {"kind", "managed_m2", "total_m2", "households"} for row in data["by_kind"])
    assert (data["from"], data["to"], data["ledger"]["height"]) == ("2013-12-31", "2015-12-31", 20)
    lines = ask("movements", "--division", "2113", "--from", "2013-12-31", "--to", "2015-12-31").out.splitlines()
    assert [lines[1].split("\t")[0], lines[-1].split("\t")[0]] == ["opening", "closing"]


# --- restatement ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("earlier", "later"), [(0, 20), (10, 16), (16, 17), (17, 18), (18, 20), (20, 20)])
@pytest.mark.parametrize("division", ["2113", "211302", "211303"])
@pytest.mark.parametrize("on", ["2014-12-31", "2015-12-31"])
def test_a_restatement_sums_to_the_difference_of_two_heights(example, division, on, earlier, later):
    lines = restatement(resolve(division=division, as_of=on, height=later), earlier)
    before, after = amount(division, on, height=earlier), amount(division, on, height=later)
    assert sum((line.change for line in lines), before) == after
    assert all(line.change != Amount() and line.entries for line in lines)
    assert all(earlier < entry.height <= later for line in lines for entry in line.entries)
    assert [line.compound.code for line in lines] == sorted(line.compound.code for line in lines)


def test_a_restatement_names_before_after_and_the_entries_that_caused_it(example):
    (line,) = restatement(resolve(division="211302", as_of="2015-12-31", height=17), 16)
    assert (line.compound.code, [entry.height for entry in line.entries]) == ("C", [17])
    assert (line.before.managed, line.after.managed) == (dm2("20,000"), dm2("30,000"))
    assert restatement(resolve(division="211302", as_of="2015-12-31", height=18), 16) == [], "withdrawn again"


def test_a_compound_carried_along_by_another_shows_as_well(reference):
    register("甲", community=HAIHE, m2=100)
    register("乙", community=HAIHE, m2=70)
    record("merge", "2014-06-01", "乙", target="甲")
    record("takeover", "2014-05-01", "乙", mode_to="owners")
    lines = restatement(resolve(division=HAIHE, as_of="2014-12-31"), 3)
    assert {line.compound.code: line.change.managed for line in lines} == {"甲": dm2(70)}
    reverse(4)
    assert restatement(resolve(division=HAIHE, as_of="2014-12-31"), 3) == []
