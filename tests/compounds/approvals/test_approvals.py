"""A second person before a county's entry posts, and the city before counted area is relabelled."""

import pytest
from django.urls import reverse

from chaoyang_pm.kit.jobs.models import Job
from communities.divisions.models import Division
from compounds.approvals import selectors, services
from compounds.approvals.choices import ProposalState, Verb
from compounds.approvals.models import Proposal, SecondPerson
from compounds.approvals.plain import as_plain, from_plain
from compounds.imports.models import ImportRun
from compounds.ledger.events import Event, Part, Pocket
from compounds.ledger.models import Entry
from compounds.ledger.recording import Draft
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.structure.parts import NewCompound
from tests.support import day, draft, event, person, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(cast):
    """A compound of the county 双塔区 with counted area (abandoned) and some whose category is open."""
    register("A", m2=1000)
    register("A", on="2014-01-02", category="undetermined", m2=500)
    return Compound.objects.get(code="A")


@pytest.fixture
def colleague(cast):
    return person("colleague", "county", "211302")


@pytest.fixture
def asked(cast):
    services.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])


def takeover(key="k1", m2=400) -> Draft:
    return draft(
        event("takeover", "2014-05-01", "A", category="abandoned", mode_to="professional", m2=m2), source_key=key
    )


def relabel(kind, **fields) -> Draft:
    return draft(event(kind, "2014-06-01", "A", mode_from="none", **fields), source_key=kind)


def submit(by, home, a_draft) -> services.Submitted:
    return services.submit(verb=Verb.RECORD, by=by, about=home, draft=a_draft)


def test_without_a_request_a_county_records_alone(cast, home):
    submitted = submit(cast["county"], home, takeover())
    assert [entry.height for entry in submitted.entries] == [3]
    assert submitted.proposal is None


def test_a_second_person_posts_it_in_the_name_of_the_first(cast, home, asked, colleague):
    proposal = submit(cast["county"], home, takeover()).proposal
    assert Entry.objects.count() == 2
    assert proposal.waits_for_second
    assert [(e.mode, e.area_dm2) for e in selectors.effects(proposal)] == [("none", -40000), ("professional", 40000)]
    assert list(selectors.waiting_for(colleague)) == [proposal]
    assert not selectors.waiting_for(cast["county"])
    decided = services.review(proposal=proposal, by=colleague)
    (entry,) = decided.entries
    assert (entry.recorded_by, entry.handler, entry.reviewer) == (cast["county"], "county", "colleague")
    assert decided.proposal.state == ProposalState.POSTED
    assert decided.proposal.last_height == entry.height == 3
    with pytest.raises(services.Settled):
        services.review(proposal=proposal, by=colleague)
    assert Entry.objects.count() == 3


def test_nobody_reviews_what_he_entered(cast, home, asked, client):
    proposal = submit(cast["county"], home, takeover()).proposal
    client.force_login(cast["county"])
    address = reverse("approvals:decide", args=[proposal.pk, "review"])
    answer = client.post(address)
    assert answer.status_code == 403
    assert "本人录入" in answer.content.decode()
    client.force_login(cast["neighbour_county"])
    assert client.post(address).status_code == 404
    client.force_login(cast["subdistrict"])
    assert client.post(address).status_code in (403, 404)
    assert Entry.objects.count() == 2


def test_where_the_county_has_one_person_only_the_city_is_the_second(cast, home, asked):
    proposal = submit(cast["county"], home, takeover()).proposal
    assert services.review(proposal=proposal, by=cast["bureau"]).entries


def test_the_city_does_not_review_for_a_county_with_colleagues(cast, home, asked, colleague):
    proposal = submit(cast["county"], home, takeover()).proposal
    assert not cast["bureau"].may("approvals.review", proposal)


def test_what_a_form_sends_twice_waits_once(cast, home, asked):
    first, second = (submit(cast["county"], home, takeover()).proposal for _time in range(2))
    assert first == second


def test_what_cannot_be_posted_now_does_not_wait(cast, home, asked):
    with pytest.raises(Refused):
        submit(cast["county"], home, takeover(m2=4000))
    assert not Proposal.objects.exists()


@pytest.mark.parametrize(
    ("kind", "fields", "waits"),
    [
        ("reclassify", {"category": "abandoned", "new_category": "renovated", "m2": 100}, True),
        ("reclassify", {"category": "undetermined", "new_category": "abandoned", "m2": 100}, True),
        ("resurvey", {"category": "abandoned", "m2": 100}, True),
        ("resurvey", {"category": "undetermined", "m2": 100}, False),
    ],
)
def test_relabelling_counted_area_waits_for_the_city(cast, home, kind, fields, waits):
    submitted = submit(cast["county"], home, relabel(kind, **fields))
    assert bool(submitted.proposal) == waits
    if waits:
        assert submitted.proposal.waits_for_city
        assert list(selectors.waiting_for(cast["bureau"])) == [submitted.proposal]
        assert services.approve(proposal=submitted.proposal, by=cast["bureau"]).entries
    assert Entry.objects.count() == 3


def test_the_city_relabels_by_itself(cast, home):
    assert submit(cast["bureau"], home, relabel("resurvey", category="abandoned", m2=100)).entries


def test_both_agree_the_county_first(cast, home, asked, colleague):
    proposal = submit(cast["county"], home, relabel("resurvey", category="abandoned", m2=100)).proposal
    with pytest.raises(services.Settled):
        services.approve(proposal=proposal, by=cast["bureau"])
    assert services.review(proposal=proposal, by=colleague).entries == []
    assert Entry.objects.count() == 2
    assert services.approve(proposal=Proposal.objects.get(), by=cast["bureau"]).entries


def test_taking_a_relabelling_back_waits_for_the_city_too(cast, home):
    (entry,) = submit(cast["bureau"], home, relabel("resurvey", category="abandoned", m2=100)).entries
    asked = {"verb": Verb.REVERSE, "about": home, "height": entry.height, "reason": "录入有误"}
    assert services.submit(by=cast["county"], **asked).proposal.waits_for_city


def test_returned_with_a_comment_and_withdrawn(cast, home, asked, colleague, client):
    proposal = submit(cast["county"], home, takeover()).proposal
    client.force_login(colleague)
    address = reverse("approvals:decide", args=[proposal.pk, "return"])
    client.post(address, {"comment": ""})
    assert Proposal.objects.get().is_waiting
    client.post(address, {"comment": "面积与合同不符"})
    assert Proposal.objects.get().state == ProposalState.RETURNED
    assert "面积与合同不符" in client.get(reverse("approvals:detail", args=[proposal.pk])).content.decode()
    again = submit(cast["county"], home, takeover()).proposal
    assert again != proposal
    client.force_login(cast["county"])
    client.post(reverse("approvals:decide", args=[again.pk, "withdraw"]))
    assert Proposal.objects.get(pk=again.pk).state == ProposalState.WITHDRAWN
    assert Entry.objects.count() == 2


def test_what_the_ledger_no_longer_takes_stays_waiting_and_says_why(cast, home, asked, colleague, client):
    proposal = submit(cast["county"], home, takeover(m2=800)).proposal
    submit(cast["bureau"], home, takeover(key="other", m2=500))
    client.force_login(colleague)
    page = client.get(reverse("approvals:detail", args=[proposal.pk])).content.decode()
    assert "1条变动记录" in page
    answer = client.post(reverse("approvals:decide", args=[proposal.pk, "review"]), follow=True)
    assert "300.00" in answer.content.decode()
    proposal.refresh_from_db()
    assert proposal.is_waiting
    assert proposal.reviewed_by is None


def test_a_page_leads_to_what_waits(cast, home, asked, client):
    client.force_login(cast["county"])
    form = {
        "step": "confirm", "key": "0b5a3c1e-0000-4000-8000-000000000001", "effective_on": "2014-05-01",
        "precision": "day", "pocket": "abandoned:none", "mode_to": "professional", "recorded_for": "211302001003",
    }  # fmt: skip
    answer = client.post(reverse("ledger:record", args=["A", "takeover"]), form)
    proposal = Proposal.objects.get()
    assert answer.url == reverse("approvals:detail", args=[proposal.pk])
    assert from_plain(proposal.arguments)["draft"].recorded_for == "211302001003"


def test_a_workbook_waits_and_its_posting_starts_once_agreed(cast, home, asked, colleague):
    run = ImportRun.objects.create(
        workbook="entries", filename="变更.xlsx", division_id="211302", created_by=cast["county"],
        result={"asks_city": False}, default_date=day("2014-01-01"),
    )  # fmt: skip
    started = []
    proposal = services.submit_run(
        verb=Verb.IMPORT, by=cast["county"], run=run, skip_bad_rows=True, start=lambda: started.append(1)
    )
    assert not started
    assert services.review(proposal=proposal, by=colleague).started
    job = Job.objects.get(kind="imports.post")
    assert (job.created_by, job.parameters["skip_bad_rows"], job.parameters["approved"]) == (cast["county"], True, True)


def test_the_city_asks_and_no_longer_asks_for_a_second_person(cast, client):
    address = reverse("approvals:second_persons")
    client.force_login(cast["county"])
    assert client.get(address).status_code == 403
    client.force_login(cast["bureau"])
    client.post(address, {"division": "211303", "required": "1"})
    assert SecondPerson.objects.get().division_id == "211303"
    client.post(address, {"division": "211303"})
    assert not SecondPerson.objects.exists()


def test_arguments_come_back_as_they_were():
    an_event = Event("split", day("2014-01-01"), "A", parts=(Part("B", "abandoned", "none", 5, None),))
    arguments = {
        "draft": Draft(an_event, {"reason": "x"}, "211302"), "height": 7, "on": day("2015-02-03"), "retire": True,
        "parts": (NewCompound("乙", {Pocket("abandoned", "none"): (5, None)}),),
    }  # fmt: skip
    assert from_plain(as_plain(arguments)) == arguments
    with pytest.raises(TypeError):
        as_plain(object())


def test_a_waiting_split_posts_as_it_was_entered(cast, home, asked, colleague):
    parts = (NewCompound("金元二区", {Pocket("abandoned", "none"): (30000, 3)}),)
    proposal = services.submit(
        verb=Verb.SPLIT, by=cast["county"], about=home, compound="A", parts=parts, on=day("2014-07-01"),
        details={"basis_name": "批复"}, key="split-1",
    ).proposal  # fmt: skip
    assert not Compound.objects.filter(name="金元二区").exists()
    assert services.review(proposal=proposal, by=colleague).entries
    assert Compound.objects.get(name="金元二区").has_area
