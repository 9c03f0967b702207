"""Whose turn it is is told to those who decide; what became of it, to whoever entered it."""

import pytest

from communities.divisions.models import Division
from communities.notices.models import Notice
from compounds.approvals import services
from compounds.approvals.choices import Verb
from compounds.register.models import Compound
from tests.support import draft, event, person, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def colleague(cast):
    services.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])
    return person("colleague", "county", "211302")


@pytest.fixture
def home(cast):
    register("A", m2=1000)
    return Compound.objects.get(code="A")


def propose(cast, home, kind="takeover", **fields):
    fields = fields or {"category": "abandoned", "mode_to": "professional", "m2": 400}
    a_draft = draft(event(kind, "2014-05-01", "A", **fields), source_key=kind)
    return services.submit(verb=Verb.RECORD, by=cast["county"], about=home, draft=a_draft).proposal


def unread(user) -> list[str]:
    return [one.title for one in Notice.objects.of(user).unread()]


def test_a_colleague_is_told_and_then_whoever_entered_it(cast, home, colleague, client):
    proposal = propose(cast, home)
    propose(cast, home)  # sent twice
    assert unread(colleague) == ["待您处理:接管 · 小区A"]
    assert [unread(cast[name]) for name in ("county", "bureau", "neighbour_county", "subdistrict")] == [[]] * 4
    assert Notice.objects.get().link == f"/approvals/{proposal.pk}/"
    services.review(proposal=proposal, by=colleague)
    assert unread(colleague) == []
    assert unread(cast["county"]) == ["已同意并入账:接管 · 小区A"]


def test_the_city_is_the_second_person_where_there_is_nobody_else(cast, home):
    services.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])
    propose(cast, home)
    assert unread(cast["bureau"]) == ["待您处理:接管 · 小区A"]


def test_the_city_is_told_once_it_is_its_turn(cast, home, colleague):
    proposal = propose(cast, home, "resurvey", category="abandoned", mode_from="none", m2=10)
    assert (len(unread(colleague)), unread(cast["bureau"])) == (1, [])
    services.review(proposal=proposal, by=colleague)
    assert (unread(colleague), len(unread(cast["bureau"])), unread(cast["county"])) == ([], 1, [])
    services.approve(proposal=proposal, by=cast["bureau"])
    assert (unread(cast["bureau"]), len(unread(cast["county"]))) == ([], 1)


def test_what_is_returned_says_by_whom_and_not_what_was_written(cast, home, colleague):
    proposal = propose(cast, home)
    services.send_back(proposal=proposal, comment="请核对电话 13912345678", by=colleague)
    notice = Notice.objects.of(cast["county"]).get()
    assert notice.title == "已退回:接管 · 小区A"
    assert "colleague" in notice.body
    assert "13912345678" not in str(notice.parameters)
    assert unread(colleague) == []


def test_what_is_withdrawn_is_no_matter_of_anybody(cast, home, colleague):
    services.withdraw(proposal=propose(cast, home), by=cast["county"])
    assert not Notice.objects.unread().exists()
