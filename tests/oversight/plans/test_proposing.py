"""A proposal for a draft: from ledger, register and the lines that there are, and on its page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compounds.ledger.choices import Mode
from compounds.pilots.services import choose
from compounds.register.models import Compound
from oversight.plans import checks, proposing, services
from oversight.plans.acts import Stale
from oversight.plans.models import PlanVersion
from oversight.programme.models import PartVersion, Programme, TargetPart
from tests.oversight.plans.conftest import line, submitted
from tests.support import day, dm2, record, register

pytestmark = pytest.mark.django_db


def asked_for(m2: int) -> None:
    part = TargetPart.objects.create(target_id="T1", division_id="211302")
    PartVersion.objects.create(
        part=part, required=dm2(m2), deadline=day("2014-12-31"), valid_from=day("2014-03-01"), document="分解表"
    )


def adopted(draft: PlanVersion, by, **how) -> dict[str, tuple]:
    draft.refresh_from_db()
    proposing.adopt(version=draft, seen=proposing.propose(draft, **how).digest, by=by, **how)
    lines = draft.lines.select_related("compound")
    return {one.compound.code: (one.mode, one.quarter, one.is_pilot) for one in lines}


def test_every_unmanaged_compound_gets_one_line_and_the_checks_are_content(draft, cast):
    Compound.objects.update(duty_person="张某")
    lines = adopted(draft, cast["county"])
    assert lines.keys() == {"甲", "乙", "丙"}
    assert {code: mode for code, (mode, _quarter, _pilot) in lines.items()} == {
        "甲": "professional", "乙": "community", "丙": "community",
    }  # fmt: skip
    # The usual size of 前进 is the smaller of its two.
    assert {code for code, (_mode, _quarter, is_pilot) in lines.items() if is_pilot} == {"乙", "丙"}
    assert checks.check(draft).errors == []


def test_what_a_person_has_filled_stays_and_gaps_are_filled(draft, homes, cast):
    filled = line(homes["乙"], "2016-12-31", mode="manager", is_pilot=False, note="已商定")
    hole = line(homes["丙"], mode="", due_on=None, is_pilot=False, person="李某")
    services.write_lines(version=draft, lines=[filled, hole], by=cast["county"])
    adopted(draft, cast["county"])
    first, second, third = draft.lines.select_related("compound").order_by("number")
    assert (first.compound.code, first.mode, first.quarter, first.note) == ("乙", "manager", "2016Q4", "已商定")
    assert (second.compound.code, second.mode, second.person) == ("丙", "community", "李某")
    assert second.due_on
    assert (third.compound.code, third.mode) == ("甲", "professional")


def test_all_anew_keeps_persons_and_notes_only(draft, homes, cast):
    filled = line(homes["乙"], "2016-12-31", mode="manager", is_pilot=False, note="已商定")
    services.write_lines(version=draft, lines=[filled], by=cast["county"])
    lines = adopted(draft, cast["county"], anew=True)
    assert lines["乙"][0] == "community"
    assert lines["乙"][2]
    assert draft.lines.get(number=1).note == "已商定"
    assert draft.lines.get(number=1).person == "张某"


def test_a_time_that_a_line_has_gets_a_mode_that_can_be_kept(draft, homes, cast):
    hurried = line(homes["甲"], "2014-07-31", mode="", by_quarter=False)
    services.write_lines(version=draft, lines=[hurried], by=cast["county"])
    assert adopted(draft, cast["county"])["甲"][:2] == ("community", "2014Q3")


def test_a_target_comes_before_the_rest(draft, homes, cast):
    asked_for(50000)
    lines = adopted(draft, cast["county"])
    in_time = [code for code, (_mode, quarter, _pilot) in lines.items() if quarter <= "2014Q4"]
    assert sum(register_area(code) for code in in_time) >= 50000
    (outcome,) = [one for one in proposing.propose(draft).proposal.outcomes if one.task.code == "T1"]
    assert outcome.short == 0


def register_area(code: str) -> int:
    return {"甲": 40000, "乙": 10000, "丙": 5000}[code]


def test_what_makes_a_target_impossible_is_told_to_the_square_metre(draft, homes, today):
    asked_for(60000)
    (outcome,) = proposing.propose(draft).proposal.outcomes
    assert (outcome.planned, outcome.short, outcome.beyond) == (dm2(55000), dm2(5000), dm2(5000))
    assert outcome.by_category == {"abandoned": dm2(55000), "renovated": 0}
    today("2014-12-20")
    (outcome,) = proposing.propose(draft).proposal.outcomes
    assert (outcome.planned, outcome.tender) == (dm2(15000), dm2(40000))
    today("2015-01-05")
    (outcome,) = proposing.propose(draft).proposal.outcomes
    assert (outcome.planned, outcome.too_late) == (0, dm2(55000))


def test_a_county_alone_is_asked_for_all_it_had(cast, homes, client):
    """P3.2: a target about one county needs no part."""
    register("朝", community="211321001001", m2=3000, households=30)
    version = PlanVersion.objects.create(
        programme=Programme.objects.get(), county_id="211321", number=1, created_by=cast["bureau"]
    )  # fmt: skip
    (outcome,) = proposing.propose(version).proposal.outcomes
    assert (outcome.task.code, outcome.task.missing, outcome.planned) == ("T3-211321", dm2(3000), dm2(3000))


def test_communities_with_a_pilot_get_none(draft, homes, cast):
    choose(compound=homes["甲"], mode=Mode.OWNERS, on=day("2014-06-01"), by=cast["county"])
    assert {code for code, (*_rest, is_pilot) in adopted(draft, cast["county"]).items() if is_pilot} == {"丙"}


def test_what_the_county_does_is_done_again(draft, homes, cast):
    for number in range(3):
        register(f"惯{number}", community=homes["乙"].community_id, m2=9000, households=90)
        record("takeover", "2014-06-01", f"惯{number}", mode_to="manager")
    assert adopted(draft, cast["county"])["乙"][0] == "manager"
    assert ("manager", "custom") in proposing.propose(draft, anew=True).ways


# --- on its page -----------------------------------------------------------------------------------------
@pytest.fixture
def page(client, cast, draft):
    client.force_login(cast["county"])
    return f"/plans/{draft.pk}/propose/"


def test_the_page_shows_it_and_writes_what_was_seen(client, page, draft):
    asked_for(60000)
    answer = client.get(page)
    assert answer.context["found"].added == 3
    said = {name: str(value) for name, value in answer.context["agreed"].initial.items()}
    assert not draft.lines.exists()
    answer = client.post(page, said)
    assert (answer.status_code, answer.url) == (302, f"/plans/{draft.pk}/")
    assert draft.lines.count() == 3
    again = client.post(page, said)
    assert again.url == f"{page}?how=gaps"
    assert client.get(page).context["found"].changes == 0


def test_what_has_changed_since_is_looked_at_first(client, page, draft, homes, cast):
    seen = proposing.propose(draft).digest
    record("takeover", "2014-06-30", "丙", mode_to="owners")
    with pytest.raises(Stale):
        proposing.adopt(version=draft, seen=seen, by=cast["county"])
    assert client.post(page, {"how": "gaps", "seen": seen}).url == f"{page}?how=gaps"
    assert not draft.lines.exists()


def test_nothing_is_proposed_for_what_is_handed_in(client, page, written, cast):
    version = submitted(written, cast["county"])
    assert client.get(page).status_code == 200
    answer = client.post(page, {"how": "anew", "seen": proposing.propose(version, anew=True).digest})
    assert answer.url == page
    assert PlanVersion.objects.get(pk=version.pk).revision == version.revision


@pytest.mark.parametrize("sent", [{"how": "x", "seen": "1"}, {"how": "gaps"}])
def test_what_is_no_question_is_refused(client, page, sent):
    assert client.post(page, sent).status_code == 400
    assert client.get(f"{page}?how=x").status_code == 400


def test_the_queries_do_not_grow_with_the_compounds(client, page, homes):
    asked_for(60000)
    client.get(page)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        return len(queries)

    before = count()
    for number in range(20):
        register(f"多{number}", community=homes["丙"].community_id, m2=100 + number, households=1)
    assert count() <= before <= 25
