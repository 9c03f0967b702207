"""What was returned is entered again: the form as it was, its scans with it, and the next one names it."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from communities.divisions.models import Division
from compounds.approvals import again, services
from compounds.approvals.choices import ProposalState, Verb
from compounds.approvals.models import Proposal
from compounds.approvals.selectors import scans as scans_of
from compounds.files import basis, selectors
from compounds.files.models import Attachment, BasisScan
from compounds.files.services import store
from compounds.ledger.models import Entry
from compounds.register.models import Compound
from tests.kit.uploads import files
from tests.support import QIANJIN, draft, event, make_compound, person, register

pytestmark = pytest.mark.django_db
DETAILS = {
    "precision": "day", "basis_type": "交接书", "basis_name": "移交书", "basis_no": "7号", "reason": "补录",
    "note": "乙", "provider_to": "凌河物业",
}  # fmt: skip
TAKEOVER = "/compounds/A/record/takeover/"


@pytest.fixture
def colleague(cast):
    return person("colleague", "county", "211302")


@pytest.fixture(autouse=True)
def home(cast, colleague):
    """A compound with area and a neighbour to merge, in a county that is asked for a second person."""
    make_compound("A", QIANJIN)
    make_compound("B", QIANJIN)
    register("A", community=QIANJIN, m2=1000)
    register("B", community=QIANJIN, m2=300)
    services.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])
    return Compound.objects.get(code="A")


def sent(client, address: str, form: dict, **more) -> Proposal:
    """A form filled in, looked at and sent, as far as the proposal that waits."""
    client.post(address, form | {"step": "preview"} | more)
    answer = client.post(address, form | {"step": "confirm"})
    assert answer.status_code == 302, answer.context["form"].errors
    return Proposal.objects.get(pk=answer.url.split("/")[-2])


def values(answer, name="form") -> dict:
    """What a browser would send of a form as it was opened."""
    return {bound.html_name: value for bound in answer.context[name] if (value := bound.value()) not in (None, "")}


def taken_over(client, **more) -> Proposal:
    opened = client.get(TAKEOVER)
    form = DETAILS | {
        "key": str(opened.context["form"]["key"].value()), "effective_on": "2014-05-01", "pocket": "abandoned:none",
        "mode_to": "professional", "area_dm2": "400", "households": "4",
    }  # fmt: skip
    return sent(client, TAKEOVER, form, **more)


def returned(proposal: Proposal, by) -> Proposal:
    services.send_back(proposal=proposal, comment="面积写错", by=by)
    proposal.refresh_from_db()
    return proposal


def scan(name="交接书.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, files.pdf())


def names_on_the_disk() -> set[str]:
    return set(store().names())


def test_the_form_opens_as_it_was_and_the_next_one_names_the_returned(as_, colleague):
    client = as_("county")
    old = returned(taken_over(client, scans=[scan()]), colleague)
    page = client.get(f"/approvals/{old.pk}/")
    address = f"{TAKEOVER}?again={old.pk}"
    assert f'href="{address}"' in page.content.decode()
    assert "交接书" in page.content.decode()
    opened = client.get(address)
    body, form = opened.content.decode(), values(opened)
    assert "面积写错" in body
    assert "交接书.pdf" in body
    assert {name: str(form[name]) for name in DETAILS} == DETAILS
    assert (str(form["effective_on"]), form["pocket"], form["mode_to"]) == (
        "2014-05-01",
        "abandoned:none",
        "professional",
    )
    assert (form["area_dm2"], form["households"]) == (400, 4)
    looked_at = client.post(address, form | {"area_dm2": "350", "step": "preview"})
    assert "面积写错" in looked_at.content.decode()
    assert "交接书.pdf" in looked_at.content.decode()
    answer = client.post(address, form | {"area_dm2": "350", "step": "confirm"})
    new = Proposal.objects.get(state=ProposalState.WAITING)
    assert (answer.url, new.follows, new.effects[0]["area_dm2"]) == (f"/approvals/{new.pk}/", old, -35_000)
    assert [one.original_name for one in scans_of(new)] == ["交接书.pdf"]
    assert f'href="/approvals/{old.pk}/"' in client.get(answer.url).content.decode()
    left = client.get(f"/approvals/{old.pk}/").content.decode()
    assert f'href="/approvals/{new.pk}/"' in left
    assert "?again=" not in left
    (entry,) = services.review(proposal=new, by=colleague).entries
    assert [one.original_name for one in Attachment.objects.filter(entry=entry)] == ["交接书.pdf"]
    assert names_on_the_disk() == selectors.known_files()


def test_twice_and_from_two_tabs_it_is_entered_again_once(as_, colleague):
    client = as_("county")
    old = returned(taken_over(client), colleague)
    address = f"{TAKEOVER}?again={old.pk}"
    form = values(client.get(address)) | {"step": "confirm"}
    first, second = client.post(address, form), client.post(address, form)
    new = Proposal.objects.get(follows=old)
    assert first.url == second.url == client.get(address).url == f"/approvals/{new.pk}/"
    assert services.submit(
        verb=Verb.RECORD, by=old.proposed_by, about=old.compound, follows=old,
        draft=draft(event("takeover", "2014-05-01", "A", category="abandoned", mode_to="professional", m2=400),
                    source_key=again.key(old)),
    ).proposal == new  # fmt: skip
    services.review(proposal=new, by=colleague)
    assert client.post(address, form).url == f"/approvals/{new.pk}/"
    assert Entry.objects.filter(kind="takeover").count() == 1


def test_returned_once_more_it_goes_on_from_the_newer_and_withdrawn_from_the_older(
    as_, cast, colleague, django_capture_on_commit_callbacks
):
    client = as_("county")
    first = returned(taken_over(client, scans=[scan()]), colleague)
    address = f"{TAKEOVER}?again={first.pk}"
    second = returned(sent(client, address, values(client.get(address))), colleague)
    assert client.get(address).url == f"/approvals/{second.pk}/"
    address = f"{TAKEOVER}?again={second.pk}"
    assert "交接书.pdf" in client.get(address).content.decode()
    third = sent(client, address, values(client.get(address)))
    with django_capture_on_commit_callbacks(execute=True):
        services.withdraw(proposal=third, by=cast["county"])
    assert client.get(address).status_code == 200
    assert not BasisScan.objects.exists()
    assert names_on_the_disk() == set()


def test_a_scan_may_be_left_out_and_another_chosen(as_, colleague):
    client = as_("county")
    old = returned(taken_over(client, scans=[scan()]), colleague)
    address, (kept,) = f"{TAKEOVER}?again={old.pk}", BasisScan.objects.all()
    form = values(client.get(address))
    other = SimpleUploadedFile("附图.png", files.picture("PNG"))
    new = sent(client, address, form, leave_out=kept.pk, scans=[other])
    assert [one.original_name for one in scans_of(new)] == ["附图.png"]


def test_scans_of_what_nobody_enters_again_are_swept_in_time(as_, colleague, django_capture_on_commit_callbacks):
    returned(taken_over(as_("county"), scans=[scan()]), colleague)
    BasisScan.objects.update(uploaded_at=timezone.now() - datetime.timedelta(days=80))
    assert basis.sweep() == 0
    BasisScan.objects.update(kept_until=timezone.now() - datetime.timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert basis.sweep() == 1
    assert names_on_the_disk() == set()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("colleague", 403), ("bureau", 403), ("auditor", 403), ("leader", 403), ("subdistrict", 404),
        ("committee", 404), ("neighbour_county", 404), ("nobody", 404),
    ],
)  # fmt: skip
def test_only_whoever_entered_it_enters_it_again(as_, cast, client, colleague, who, status):
    old = returned(taken_over(as_("county"), scans=[scan()]), colleague)
    client.force_login(colleague if who == "colleague" else cast[who])
    address = f"{TAKEOVER}?again={old.pk}"
    assert client.get(address).status_code == status
    assert client.post(address, {"step": "confirm", "key": str(again.form_key(old))}).status_code == status
    assert "?again=" not in client.get(f"/approvals/{old.pk}/").content.decode()


def test_another_form_than_its_own_and_what_is_not_returned_are_refused(as_, cast, colleague):
    client = as_("county")
    proposal = taken_over(client)
    assert client.get(f"{TAKEOVER}?again={proposal.pk}").status_code == 403
    old = returned(proposal, colleague)
    for address in ("/compounds/B/record/takeover/", "/compounds/A/record/resurvey/", "/compounds/A/record/merge/"):
        assert client.get(f"{address}?again={old.pk}").status_code == 404
    assert client.get(f"{TAKEOVER}?again=nothing").status_code == 404
    with pytest.raises(PermissionDenied, match="退回"):
        services.submit(
            verb=Verb.RECORD, by=colleague, about=old.compound, follows=old,
            draft=draft(event("takeover", "2014-05-01", "A", category="abandoned", mode_to="professional", m2=4)),
        )  # fmt: skip


def correction(client, height: int, **more) -> tuple[str, dict]:
    address = f"/entries/{height}/correct/"
    opened = client.get(address, follow=True)
    address = opened.redirect_chain[-1][0] if opened.redirect_chain else address
    return address, values(opened) | {"why": "误录", "action": "replace"} | more


def recorded(client, colleague) -> int:
    """An entry of the county's own."""
    (entry,) = services.review(proposal=taken_over(client), by=colleague).entries
    return entry.height


@pytest.mark.parametrize("action", ["replace", "withdraw"])
def test_a_correction_that_was_returned(as_, colleague, action):
    client = as_("county")
    address, form = correction(client, recorded(client, colleague), action=action, area_dm2="300")
    old = returned(sent(client, address, form), colleague)
    address = f"{address}?again={old.pk}"
    opened = client.get(address)
    assert (opened.context["reversal"]["why"].value(), opened.context["reversal"]["action"].value()) == ("误录", action)
    assert f'action="{address}"' in opened.content.decode()
    if action == "replace":
        assert opened.context["form"]["area_dm2"].value() == 300
    new = sent(client, address, values(opened) | values(opened, "reversal"))
    assert (new.follows, new.verb, new.arguments["reason"]) == (old, old.verb, "误录")


STRUCTURAL = {
    "relocate": {"community": "211302003003"},
    "merge": {"stays": "A", "others": ["B"], "keep_names": "on"},
    "split": {
        "parts": "2", "name-0": "东区", "address-0": "东街1号", "area-0-abandoned-none": "200",
        "homes-0-abandoned-none": "2", "name-1": "西区", "area-1-abandoned-none": "100",
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", STRUCTURAL)
def test_a_change_of_structure_that_was_returned(as_, colleague, kind):
    client, address = as_("county"), f"/compounds/A/record/{kind}/"
    blank = values(client.get(address))
    form = blank | {"effective_on": "2014-05-01", "basis_no": "9号", "reason": "调整"} | STRUCTURAL[kind]
    old = returned(sent(client, address, form), colleague)
    address = f"{address}?again={old.pk}"
    assert f'href="{address}"' in client.get(f"/approvals/{old.pk}/").content.decode()
    opened = values(client.get(address))
    new = sent(client, address, opened)
    assert new.follows == old
    same = ("compound", "community", "others", "into", "keep_names", "parts", "on", "details", "recorded_for")
    assert {name: new.arguments.get(name) for name in same} == {name: old.arguments.get(name) for name in same}


@pytest.mark.parametrize("kind", ["relocate", "merge"])
def test_what_a_program_handed_in_opens_in_the_form_of_its_kind(as_, cast, colleague, kind):
    named = {"relocate": {"community": "211302003003"}, "merge": {"target": "B"}}[kind]
    proposal = services.submit(
        verb=Verb.RECORD, by=cast["county"], about=Compound.objects.get(code="A"), source="api",
        draft=draft(event(kind, "2014-05-01", "A", **named), source_key="api:k"),
    ).proposal  # fmt: skip
    form = values(as_("county").get(f"/compounds/A/record/{kind}/?again={returned(proposal, colleague).pk}"))
    expected = {"relocate": {"community": "211302003003"}, "merge": {"stays": "B", "others": ["A"]}}[kind]
    assert {name: form[name] for name in expected} == expected


def test_a_split_that_was_to_be_withdrawn_only(as_, colleague):
    client, split = as_("county"), "/compounds/A/record/split/"
    form = values(client.get(split)) | {"effective_on": "2014-05-01"} | STRUCTURAL["split"]
    (entry,) = services.review(proposal=sent(client, split, form), by=colleague).entries
    address = f"/entries/{entry.height}/correct/structure/"
    old = returned(sent(client, address, {"why": "误拆", "action": "withdraw"}), colleague)
    reversal = client.get(f"{address}?again={old.pk}").context["reversal"]
    assert [reversal[name].value() for name in ("why", "action", "retire")] == ["误拆", "withdraw", False]


def test_workbooks_have_no_form_to_be_entered_again(cast):
    for verb in (Verb.IMPORT, Verb.UNDO_IMPORT, Verb.REPORT):
        assert again.page(Proposal(verb=verb, arguments={})) == ""
