"""增减变动表: it opens with what was known, 更正 is its restatement, and opening + Σ = closing, always."""

import datetime
import random
from types import SimpleNamespace

import pytest
from django.utils import timezone

from compounds.ledger import services
from compounds.ledger.choices import Source
from compounds.ledger.refusals import Refused
from oversight.coverage import selectors
from oversight.coverage.movements import Amount
from oversight.coverage.question import resolve
from oversight.coverage.targets import board
from oversight.tables.choices import Item
from oversight.tables.movements import levels, movements
from tests.model.histories import KINDS, Step, proposal, stage
from tests.model.replay_model import Model
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, day, dm2, draft, from_model, make_compound, record

OPENING, CLOSING = Item.OPENING, Item.CLOSING
MOVING = [item for item in Item if item not in (OPENING, CLOSING)]


def made(division="2113", since="2014-12-31", until="2015-12-31", by="", target="", **question):
    question = resolve(division=division, as_of=until, **question)
    figures = {each.target.code: each for each in board(question)}.get(target)
    return movements(question, day(since), by or levels(question.division)[0], figures)


def managed(amounts) -> dict[str, int]:
    return {item.value: amount.managed for item, amount in amounts.items() if amount.managed}


def test_it_opens_with_what_was_known_when_the_month_had_closed(told):
    found = made()
    assert found.known == 5
    assert managed(found.total) == {
        "opening": dm2(110_000), "register": dm2(25_000), "lapse": dm2(-10_000), "resurvey": dm2(1_000),
        "correction": dm2(-30_000), "closing": dm2(96_000),
    }  # fmt: skip
    rows = {row.key: managed(row.amounts) for row in found.rows}
    assert rows["211302"] == {
        "opening": dm2(110_000), "register": dm2(25_000), "lapse": dm2(-10_000), "resurvey": dm2(1_000),
        "relocate": dm2(20_000), "correction": dm2(-50_000), "closing": dm2(96_000),
    }  # fmt: skip
    assert rows["211303"] == {"correction": dm2(20_000), "relocate": dm2(-20_000)}
    assert rows["211321"] == {}, "every county of the city has its row"


def test_a_month_is_closed_by_what_was_recorded_up_to_its_end(told):
    assert made(since="2014-12-01").known == 5
    assert made(since="2015-01-15").known == 6
    assert made(since="2014-12-31", height=4).known == 4
    assert made(since="2014-12-31", height=4).total[Item.CORRECTION] == Amount()


def test_totals_and_households_have_their_own_amounts(told):
    total = made().total
    assert (total[OPENING].total, total[Item.REGISTER].total) == (dm2(230_000), dm2(25_000))
    assert (total[OPENING].households, total[CLOSING].households) == (2300, 2550)


def test_of_a_target_only_what_counts_towards_it(told):
    found = made(target="T1")
    assert found.total[OPENING].managed == dm2(110_000)
    t1 = next(figures for figures in board(resolve(as_of="2015-12-31")) if figures.target.code == "T1")
    assert found.total[CLOSING].managed == t1.completed
    assert Item.REGISTER not in managed(found.total), "new compounds do not count"
    assert made(target="T3-211321").total[CLOSING] == Amount()


def test_rows_of_every_level(told):
    assert [row.key for row in made("211302", by="subdistrict").rows] == ["211302001", "211302003"]
    assert [row.key for row in made("2113", by="community").rows] == [JINYUAN, QIANJIN, HAIHE]
    assert [row.name for row in made(JINYUAN).rows] == ["小区甲", "小区丁"]
    assert levels(resolve(division="211302001").division) == ["community"]


def test_a_narrower_rule_shows_changes_of_mode_as_takeover_and_lapse(told):
    record("mode_change", "2015-07-01", "甲", mode_from="professional", mode_to="owners", m2=30_000)
    record("mode_change", "2015-08-01", "甲", mode_from="owners", mode_to="professional", m2=4_000)
    found = made(rule="professional")
    assert (found.total[Item.TAKEOVER].managed, found.total[Item.LAPSE].managed) == (dm2(4_000), dm2(-40_000))
    assert found.changed_mode.managed == dm2(-26_000)
    assert found.total[CLOSING].managed == selectors.coverage(resolve(as_of="2015-12-31", rule="professional")).managed
    standard = made()
    assert (standard.changed_mode, standard.total[Item.TAKEOVER]) == (Amount(), Amount())


def test_what_is_deregistered_stands_with_the_registrations(told):
    record("deregister", "2015-09-01", "乙")
    found = made()
    assert found.deregistered.total == dm2(-50_000)
    assert found.total[Item.REGISTER].total == dm2(-25_000)


# --- the property ----------------------------------------------------------------------------------------
COMMUNITIES = [JINYUAN, QIANJIN, HAIHE, XINLIU]
PLACE = stage(COMMUNITIES, compounds=12, spare=8, dates=24, apart=29)


def tell(seed: int, events: int, monkeypatch) -> None:
    """A random history, recorded bit by bit over two years."""
    source, model = random.Random(seed), Model()
    for code in PLACE.codes:
        make_compound(code, PLACE.homes.get(code, COMMUNITIES[0]))
    moment = datetime.datetime(2014, 1, 5, 10, tzinfo=timezone.get_default_timezone())
    for number in range(events):
        moment += datetime.timedelta(days=source.randint(0, 6))
        monkeypatch.setattr(services, "timezone", SimpleNamespace(now=lambda now=moment: now))
        kind = "register" if number < 14 else source.choice(KINDS)
        event = proposal(model, PLACE, Step.drawn(source, (kind,)))
        try:
            if event.kind == "reversal":
                services.reverse(height=event.reverses, reason="误", by=None, source=Source.COMMAND)
            else:
                services.record(draft=draft(from_model(event)), by=None, source=Source.COMMAND)
        except Refused:
            continue
        model.record(event)


def known(division: str, on: str, height: int, rule: str) -> Amount:
    figures = selectors.coverage(resolve(division=division, as_of=on, height=height, rule=rule))
    return Amount(figures.managed, figures.total, figures.households_total)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_opening_and_what_moved_make_the_closing_in_random_histories(reference, settings, monkeypatch, seed):
    settings.BUSINESS_DATE = day("2016-12-31")
    tell(seed, 110, monkeypatch)
    source = random.Random(seed)
    height = resolve().height
    for _ in range(12):
        since, until = sorted(source.choice(PLACE.dates).isoformat() for _ in range(2))
        at, rule = source.randint(1, height), source.choice(["standard", "professional"])
        for division, by in (("2113", "county"), ("2113", "community"), ("211302", "subdistrict"), (JINYUAN, "")):
            found = made(division, since, until, by, height=at, rule=rule)
            for amounts in [*(row.amounts for row in found.rows), found.total]:
                moved = sum((amounts[item] for item in MOVING), Amount())
                assert amounts[OPENING] + moved == amounts[CLOSING]
            assert found.total[OPENING] == known(division, since, found.known, rule)
            assert found.total[OPENING] + found.total[Item.CORRECTION] == known(division, since, at, rule)
            assert found.total[CLOSING] == known(division, until, at, rule)
            for row in found.rows if by else []:
                assert row.amounts[CLOSING] == known(row.key, until, at, rule)
