"""缺口构成 by hand: reasons add up to what is unmanaged, and the register shows the compounds behind each."""

import pytest

from communities.divisions.selectors import around
from compounds.approvals.models import Proposal
from compounds.register import gaps as reasons
from compounds.register.choices import Gap
from compounds.register.gaps import Amount
from compounds.register.models import Compound
from oversight.cockpit import gaps
from oversight.coverage.question import resolve
from tests.support import HAIHE, JINYUAN, QIANJIN, day, dm2, make_compound, person, record, register, reverse

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2014-12-31")


@pytest.fixture
def ledger(reference):
    """Of 双塔区: 甲 lapsed in part, 乙 taken over in part, 丙 never; 丁 wholly managed. Of 龙城区: 戊, undetermined."""
    register("甲", m2=1000, households=100)
    record("takeover", "2014-02-01", "甲", mode_to="owners", m2=600)
    record("lapse", "2014-03-01", "甲", mode_from="owners", m2=200)
    register("乙", community=QIANJIN, m2=500, households=50)
    record("takeover", "2014-02-01", "乙", mode_to="professional", m2=300)
    register("丙", community=QIANJIN, m2=70, households=7)
    register("丁", community=QIANJIN, m2=80, households=8)
    record("takeover", "2014-02-01", "丁", mode_to="professional")
    register("戊", community=HAIHE, category="undetermined", m2=9, households=1)
    make_compound("己", HAIHE)


def seen(code: str = "2113", **asked) -> gaps.Gaps:
    return gaps.of(resolve(division=code, **asked), around(code)[1])


def amounts(row: gaps.GapRow) -> list[tuple[int, int]]:
    return [(amount.compounds, amount.area_dm2) for amount in row.reasons]


def compounds(gap: Gap, **where) -> set[str]:
    moment = {"as_of": day("2014-12-31"), "height": resolve().height}
    return set(Compound.objects.filter(pk__in=reasons.compounds(gap, **moment, **where)).values_list("code", flat=True))


def test_reasons_add_up(ledger):
    found = seen()
    assert [row.name for row in found.rows] == ["双塔区", "龙城区"]
    city, other = found.rows
    assert amounts(city) == [(1, dm2(600)), (1, dm2(200)), (1, dm2(70))]
    assert amounts(other) == [(0, 0), (0, 0), (1, dm2(9))]
    assert (other.undetermined, other.pending, city.undetermined) == (dm2(9), 1, 0)
    assert found.total.figures.unmanaged == sum(area for _number, area in amounts(found.total)) == dm2(879)
    assert found.total.reasons[0] == Amount(1, dm2(600), city.reasons[0].households)
    assert found.total.uncounted == 0


@pytest.mark.parametrize("code", ["2113", "211302", QIANJIN])
def test_each_number_is_its_compounds_in_the_register(ledger, code):
    total = seen(code).total
    for gap, amount in total.by_reason:
        assert len(compounds(gap, code=code)) == amount.compounds
    assert compounds(Gap.LAPSED, code="2113") == {"甲"}
    assert compounds(Gap.PARTLY, code=QIANJIN) == {"乙"}
    assert compounds(Gap.NEVER) == {"丙", "戊"}


def test_a_lapse_that_was_reversed_is_none(ledger):
    reverse(3)
    assert amounts(seen("211302").total) == [(0, 0), (2, dm2(600)), (1, dm2(70))]


def test_a_lapse_goes_along_when_the_compound_moves(ledger):
    record("relocate", "2014-06-01", "甲", community=HAIHE)
    other = next(row for row in seen().rows if row.name == "龙城区")
    assert amounts(other)[0] == (1, dm2(600))
    assert amounts(seen("211303").total)[0] == (1, dm2(600))
    assert compounds(Gap.LAPSED, code="211303") == {"甲"}
    assert amounts(seen("211302").total)[0] == (0, 0)


def test_before_it_lapsed_it_was_taken_over_in_part(ledger):
    assert amounts(seen(as_of="2014-02-15").total)[:2] == [(0, 0), (2, dm2(600))]
    assert amounts(seen(height=2).total)[:2] == [(0, 0), (1, dm2(400))]


def test_a_takeover_that_waits_is_counted_besides(ledger):
    waiting = Compound.objects.get(code="丙")
    for compound, kind, key in ((waiting, "takeover", "a"), (Compound.objects.get(code="乙"), "resurvey", "b")):
        Proposal.objects.create(
            verb="record", arguments={"draft": {"event": {"kind": kind}}}, height=1, key=key, compound=compound,
            division_id="211302", needs_city=True, proposed_by=person(f"w{key}", "county", "211302"),
        )  # fmt: skip
    found = seen()
    assert found.total.waiting == Amount(1, dm2(70), 7)
    assert [row.waiting.compounds for row in found.rows] == [1, 0]
    Proposal.objects.update(state="withdrawn")
    assert seen().total.waiting == Amount()


def test_by_a_rule_that_counts_less_there_is_more_besides(ledger):
    total = seen(rule="professional").total
    assert total.uncounted == dm2(400)
    assert total.figures.unmanaged == total.uncounted + sum(area for _number, area in amounts(total))


def test_a_community_has_no_parts(ledger):
    found = seen(JINYUAN)
    assert (found.below, found.rows) == (None, [])
    assert amounts(found.total) == [(1, dm2(600)), (0, 0), (0, 0)]
