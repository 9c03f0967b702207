"""What a form's preview says of coverage and targets: worked out by hand, in one's scope, of today only."""

import pytest

from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from compounds.ledger import effects, entering
from compounds.register.models import Compound
from oversight.coverage import selectors
from oversight.coverage.question import resolve
from oversight.programme.models import TargetVersion
from tests.support import HAIHE, day, dm2, draft, event, make_compound, record, register

COUNTY = Scope(("211302",))


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2014-06-30")


@pytest.fixture
def two(reference):
    """双塔区 holds 1,000 ㎡ of 弃管, 200 of them managed; 龙城区 3,000 ㎡ and nothing managed. T1 asks for 1,000 ㎡."""
    TargetVersion.objects.filter(target="T1").update(required_dm2=dm2(1000))
    register("甲", m2=1000, households=10)
    record("takeover", "2014-02-01", "甲", mode_to="owners", m2=200)
    register("乙", community=HAIHE, m2=3000, households=30)


def of(an_event=None, *, compound: str = "甲", undo: int | None = None, scope: Scope = EVERYWHERE) -> dict:
    asked = {"compound": Compound.objects.get(code=compound), "on": day("2014-05-01"), "undo": undo}
    preview = entering.preview(**asked, draft=draft(an_event) if an_event else None)
    return {(effect.what, effect.measure): effect[2:] for effect in effects.of(preview.postings, scope)}


def test_a_takeover_moves_the_county_the_city_and_its_targets(two):
    found = of(event("takeover", "2014-05-01", "甲", mode_to="owners", m2=300))
    assert found["双塔区:已实施物业管理面积", "area"] == (dm2(200), dm2(500), dm2(300))
    assert found["双塔区:覆盖率(按面积)", "rate"] == (0.2, 0.5, pytest.approx(0.3))
    assert found["朝阳市:覆盖率(按面积)", "rate"] == (0.05, 0.125, pytest.approx(0.075))
    completed = {what: values for (what, _measure), values in found.items() if what.endswith("完成面积")}
    assert set(completed.values()) == {(dm2(200), dm2(500), dm2(300))}
    assert len(completed) == 2  # T1, and T2 that builds on it
    assert len(found) == 6


def test_what_is_said_before_is_what_is_true_after(two):
    what = ("双塔区:覆盖率(按面积)", "rate")
    said = of(event("takeover", "2014-05-01", "甲", mode_to="professional", m2=450))[what][1]
    record("takeover", "2014-05-01", "甲", mode_to="professional", m2=450)
    assert selectors.coverage(resolve(division="211302")).rate == said


def test_a_registration_lowers_the_rate_and_completes_nothing(two):
    make_compound("丙", HAIHE)
    found = of(
        event("register", "2014-05-01", "丙", community=HAIHE, category="renovated", mode_to="none", m2=1000),
        compound="丙",
    )
    assert found["朝阳市:覆盖率(按面积)", "rate"] == (0.05, 0.04, pytest.approx(-0.01))
    assert not any(what.endswith("完成面积") for what, _measure in found)


def test_a_withdrawal_takes_back_what_the_entry_gave(two):
    found = of(undo=2)
    assert found["双塔区:已实施物业管理面积", "area"] == (dm2(200), 0, dm2(-200))


def test_a_county_is_told_its_own_figures_and_its_share_in_a_target(two):
    found = of(event("takeover", "2014-05-01", "甲", mode_to="owners", m2=300), scope=COUNTY)
    assert not any(what.startswith("朝阳市") for what, _measure in found)
    shares = {values for (what, _measure), values in found.items() if what.endswith("完成面积")}
    assert shares == {(None, None, dm2(300))}


def test_what_moves_no_area_between_ways_of_counting_changes_nothing(two):
    assert of(event("mode_change", "2014-05-01", "甲", mode_from="owners", mode_to="manager")) == {}
    assert of(event("provider_change", "2014-05-01", "甲")) == {}


def test_the_preview_of_a_form_shows_them(two, page, client):
    asked = {
        "key": "6f8df4c4-6b0c-4a4e-9b76-6ee7be7ea001", "effective_on": "2014-05-01", "precision": "day",
        "pocket": "abandoned:none", "mode_to": "owners", "area_dm2": "300", "households": "", "step": "preview",
    }  # fmt: skip
    shown = client.post("/compounds/甲/record/takeover/", asked)
    assert [effect.what for effect in shown.context["effects"]][:2] == [
        "双塔区:已实施物业管理面积", "双塔区:覆盖率(按面积)",
    ]  # fmt: skip
    assert "+30.000 个百分点" in shown.content.decode()
