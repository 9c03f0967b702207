"""``POST /api/v1/ledger/entries/``: what programs may hand in, that it counts once, what is refused where and why."""

import json
import uuid

import pytest
from django.test import Client

from chaoyang_pm.kit.once.models import KeptAnswer
from communities.divisions.models import Division
from communities.tokens import services as tokens
from compounds.approvals import services as approvals
from compounds.approvals.models import Proposal
from compounds.ledger.choices import Kind
from compounds.ledger.handing_in import FIELDS, OWN
from compounds.ledger.models import Entry, Posting
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from tests.compounds.ledger.programs import TAKEOVER, URL, post, refused
from tests.support import HAIHE, JINYUAN, QIANJIN, make_compound, person, register

pytestmark = pytest.mark.django_db


# --- what is recorded --------------------------------------------------------------------------------------
def test_an_entry_is_recorded_and_says_where_it_stands(world):
    answer = post(world["county"], TAKEOVER)
    assert answer.status_code == 201, answer.content.decode()
    entry = Entry.objects.get(height=4)
    body = answer.json()
    assert (body["height"], body["hash"]) == (4, entry.hash)
    assert (body["area_m2"], body["households"], body["category"]) == (400.5, 4, "abandoned")
    assert body["compound"] == {"code": "A", "name": Compound.objects.get(code="A").name}
    assert answer["Location"] == body["url"] == "/api/v1/ledger/entries/4/"
    assert (entry.area_dm2, entry.recorded_by.username, entry.provider_to) == (40_050, "county", "乙物业公司")
    assert entry.source == body["source"] == "api"
    assert (entry.basis_name, entry.date_basis, entry.note) == ("物业服务合同", "接管协议", "第一批")
    assert sorted(Posting.objects.filter(entry=4).values_list("mode", "area_dm2")) == [
        ("none", -40_050), ("professional", 40_050),
    ]  # fmt: skip
    read = Client().get(answer["Location"], headers={"Authorization": f"Bearer {world['county']}"})
    assert read.json() == {name: value for name, value in body.items() if name != "url"}


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "register", "category": "unserved", "mode_to": "none", "area_m2": 300, "phase": "二期"},
        {"kind": "takeover", "mode_to": "owners"},
        {"kind": "reclassify", "new_category": "renovated", "area_m2": 100, "basis_name": "认定单"},
        {"kind": "resurvey", "category": "abandoned", "mode_from": "none", "area_m2": -0.01, "basis_no": "1"},
        {"kind": "relocate", "new_community": QIANJIN},
        {"kind": "merge", "target": "C"},
        {"kind": "deregister", "basis_type": "文件"},
    ],
    ids=lambda body: body["kind"],
)  # fmt: skip
def test_every_kind_from_unmanaged_area(world, body):
    register("C", m2=100)
    answer = post(world["bureau"], {"compound": "A", "effective_on": "2014-06-01"} | body)
    assert answer.status_code == 201, answer.content.decode()
    assert answer.json()["kind"] == body["kind"]
    assert verify().ok


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "mode_change", "mode_to": "community", "area_m2": 10.1}, {"kind": "lapse"},
        {"kind": "provider_change", "provider_from": "甲", "provider_to": "乙"},
        {"kind": "reversal", "reverses": 4, "reason": "误录", "effective_on": None},
    ],
    ids=lambda body: body["kind"],
)  # fmt: skip
def test_every_kind_from_managed_area(world, body):
    post(world["county"], TAKEOVER)
    answer = post(world["county"], {"compound": "A", "effective_on": "2014-06-01"} | body, "k2")
    assert answer.status_code == 201, answer.content.decode()
    assert answer.json()["kind"] == body["kind"]
    assert verify().ok


def test_the_tests_above_are_all_kinds():
    assert set(OWN) | {"reversal"} == set(Kind), "a split has tests of its own"
    assert len(FIELDS) == len({field.name for field in FIELDS})


def test_a_month_means_its_last_day(world):
    body = TAKEOVER | {"effective_on": "2014-02-10", "precision": "month"}
    assert post(world["county"], body).json()["effective_on"] == "2014-02-28"


@pytest.mark.parametrize(
    ("area", "dm2"),
    [("400.5", 40_050), ("0.01", 1), ("999.99", 99_999), ("4e2", 40_000), ("400.50000", 40_050), ("7", 700)],
)
def test_areas_are_exact(world, area, dm2):
    body = json.dumps(TAKEOVER).replace("400.5", area)
    assert post(world["county"], body).status_code == 201
    assert Entry.objects.get(height=4).area_dm2 == dm2


def test_a_whole_number_may_have_a_point(world):
    body = json.dumps(TAKEOVER | {"households": 3}).replace('"households": 3', '"households": 3.0')
    assert post(world["county"], body).json()["households"] == 3


# --- once --------------------------------------------------------------------------------------------------
def test_the_same_request_again_gets_the_same_answer(world):
    first = post(world["county"], TAKEOVER)
    shuffled = dict(reversed(TAKEOVER.items())) | {"area_m2": 400.50, "phase": None}
    for body in (TAKEOVER, shuffled):
        again = post(world["county"], body)
        assert (again.status_code, again.json(), again["Location"]) == (201, first.json(), first["Location"])
        assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert Entry.objects.count() == 4


def test_the_same_key_for_something_else_is_refused(world):
    post(world["county"], TAKEOVER)
    answer = post(world["county"], TAKEOVER | {"area_m2": 400.49})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["Idempotency-Key"]
    assert Entry.objects.count() == 4


def test_a_key_is_its_owners(world):
    assert post(world["county"], TAKEOVER).status_code == 201
    assert post(world["bureau"], TAKEOVER | {"area_m2": 1}).status_code == 201
    assert Entry.objects.count() == 5


def test_what_was_refused_may_be_sent_again_with_its_key(world):
    assert post(world["county"], TAKEOVER | {"area_m2": 2000}).status_code == 422
    assert post(world["county"], TAKEOVER).status_code == 201


def test_when_the_kept_answer_is_gone_the_entry_still_stands_once(world):
    first = post(world["county"], TAKEOVER).json()
    KeptAnswer.objects.all().delete()
    again = post(world["county"], TAKEOVER)
    assert (again.status_code, again.json()) == (201, first)
    assert Entry.objects.count() == 4


# --- who must agree ----------------------------------------------------------------------------------------
def test_where_somebody_must_agree_first_it_waits(world, cast):
    approvals.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])
    answer = post(world["county"], TAKEOVER)
    proposal = Proposal.objects.get()
    address = f"/api/v1/ledger/proposals/{proposal.pk}/"
    assert (answer.status_code, answer["Location"], answer.json()) == (202, address, {
        "proposal": str(proposal.pk), "state": "waiting", "needs": ["second_person"], "comment": "", "heights": [],
        "page": f"/approvals/{proposal.pk}/", "url": address,
    })  # fmt: skip
    assert post(world["county"], TAKEOVER).json() == answer.json()
    assert (Entry.objects.count(), Proposal.objects.count()) == (3, 1)
    assert post(world["bureau"], TAKEOVER).status_code == 201


def test_what_became_of_it_is_asked_for(world, cast):
    approvals.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])
    address = post(world["county"], TAKEOVER)["Location"]

    def ask(secret: str):
        return Client().get(address, headers={"Authorization": f"Bearer {secret}"})

    assert ask(world["county"]).json()["state"] == "waiting"
    approvals.review(proposal=Proposal.objects.get(), by=person("colleague", "county", "211302"))
    assert (ask(world["county"]).json()["state"], ask(world["county"]).json()["heights"]) == ("posted", [4])
    assert Entry.objects.get(height=4).source == "api"
    _token, elsewhere = tokens.make(user=cast["neighbour_county"], name="x", scopes=["ledger:write"], by=None)
    assert ask(elsewhere).status_code == 404
    assert ask(world["reads"]).status_code == 403
    for wrong in ("-" * 36, str(uuid.uuid4()), "x"):
        address = f"/api/v1/ledger/proposals/{wrong}/"
        assert ask(world["county"]).status_code == 404


def test_a_token_limited_to_a_part_of_the_county_waits_for_the_county_all_the_same(world, cast):
    """What a token sees is narrowed; whose entry it is and who must agree is not."""
    approvals.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])
    street = Division.objects.get(code=JINYUAN[:9])
    _token, secret = tokens.make(user=cast["county"], name="y", scopes=["ledger:write"], division=street, by=None)
    assert post(secret, TAKEOVER).status_code == 202
    assert Proposal.objects.get().division_id == "211302"
    assert post(secret, TAKEOVER | {"compound": "B"}, "k2").status_code == 404


def test_relabelling_counted_area_waits_for_the_city(world):
    body = {"kind": "reclassify", "compound": "A", "effective_on": "2014-06-01", "new_category": "renovated",
            "basis_name": "认定单"}  # fmt: skip
    answer = post(world["county"], body)
    assert (answer.status_code, answer.json()["needs"]) == (202, ["city"])


# --- who may -----------------------------------------------------------------------------------------------
def test_a_token_without_the_scope_is_told_which(world):
    refused(post(world["reads"], TAKEOVER), 403, said="ledger:write")


@pytest.mark.parametrize("who", ["committee", "auditor"])
def test_the_scope_gives_no_right_that_the_owner_has_not(world, who):
    refused(post(world[who], TAKEOVER), 403, said="Record a change")


def test_without_a_token_401(world):
    assert Client().post(URL, json.dumps(TAKEOVER), content_type="application/json").status_code == 401
    refused(post("cpm_x", TAKEOVER), 401)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"compound": "N"}, "compound"), ({"compound": "no such"}, "compound"),
        ({"kind": "merge", "target": "N"}, "target"), ({"kind": "relocate", "new_community": HAIHE}, "new_community"),
        ({"kind": "relocate", "new_community": "211302"}, "new_community"),
        ({"kind": "reversal", "reverses": 3, "reason": "误"}, "reverses"),
        ({"kind": "reversal", "reverses": 99, "reason": "误"}, "reverses"),
        ({"kind": "reversal", "reverses": 1, "reason": "误", "compound": "B"}, "compound"),
    ],
)  # fmt: skip
def test_what_lies_outside_the_scope_is_as_unknown_as_what_there_is_not(world, change, field):
    body = {"compound": "A", "effective_on": "2014-05-10"} | change
    body |= {"mode_to": "professional"} if "kind" not in change else {}
    if change.get("kind") == "reversal":
        body = {
            name: value
            for name, value in body.items()
            if name != "effective_on" and (name != "compound" or "compound" in change)
        }
    problem = refused(post(world["county"], {"kind": "takeover"} | body), 404, field)
    assert problem["errors"][0]["value"] == str(change[field])


def test_a_session_writes_with_its_csrf_token_only(world, cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["county"])
    send = {"content_type": "application/json", "headers": {"Idempotency-Key": "k"}}
    refused(client.post(URL, json.dumps(TAKEOVER), **send), 403, said="CSRF")
    client.get("/accounts/tokens/new/")
    send["headers"]["X-CSRFToken"] = client.cookies["csrftoken"].value
    assert client.post(URL, json.dumps(TAKEOVER), **send).status_code == 201


# --- what is refused ---------------------------------------------------------------------------------------
def test_what_the_ledger_can_never_take_is_422(world):
    problem = refused(
        post(world["county"], TAKEOVER | {"area_m2": 2000}), 422, "area_m2", said="1,000.00 ㎡ too little"
    )
    assert problem["shortfall_m2"] == 1000
    assert problem["errors"][0]["value"] == "2000"
    refused(post(world["county"], TAKEOVER | {"effective_on": "2999-01-01"}), 422, "effective_on")
    refused(post(world["county"], TAKEOVER | {"area_m2": 0}), 422, "area_m2")


def test_what_an_entry_stands_in_the_way_of_is_409_and_names_it(world):
    assert post(world["county"], TAKEOVER | {"area_m2": 800}).status_code == 201
    answer = post(world["county"], TAKEOVER | {"effective_on": "2014-02-01", "area_m2": 300}, "k2")
    assert answer.status_code == 409
    assert answer.json()["in_the_way"] == {"height": 4, "kind": "takeover", "effective_on": "2014-05-10"}
    assert answer.json()["shortfall_m2"] == 100
    assert Entry.objects.count() == 4


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"kind": "vanish"}, "kind", "vanish"), ({"kind": None}, "kind", "needed"),
        ({"compound": None}, "compound", "needed"),
        ({"effective_on": None}, "effective_on", "needed"),
        ({"effective_on": "2014-13-40"}, "effective_on", "2014-12-31"),
        ({"effective_on": 20140510}, "effective_on", "20140510"), ({"area_m2": "400.5"}, "area_m2", "without quotes"),
        ({"area_m2": 1.005}, "area_m2", "two decimals"), ({"area_m2": True}, "area_m2", "number"),
        ({"area_m2": [1]}, "area_m2", "number"), ({"area_m2": 1e13}, "area_m2", "number"),
        ({"households": 1.5}, "households", "whole"), ({"households": "3"}, "households", "whole"),
        ({"note": 5}, "note", "quotes"), ({"note": "x" * 501}, "note", "501"), ({"note": "a\0b"}, "note", "stored"),
        ({"note": "\ud800"}, "note", "stored"), ({"mode_to": "best"}, "mode_to", "professional"),
        ({"colour": "red"}, "colour", "accepted: kind"), ({"\udfff": 1}, "?", "no field"),
        ({"target": "B"}, "target", "does not belong"), ({"compound": {"code": "A"}}, "compound", "quotes"),
        ({"kind": "merge", "mode_to": None, "area_m2": None, "provider_to": None}, "target", "into which"),
    ],
)  # fmt: skip
def test_fields_that_cannot_be_meant_are_named(world, change, field, said):
    refused(post(world["county"], TAKEOVER | change), 400, field, said=said)


def test_all_that_is_wrong_is_said_at_once(world):
    body = TAKEOVER | {"area_m2": "x", "effective_on": "soon", "colour": "red"}
    refused(post(world["county"], body), 400, "effective_on", "area_m2", "colour")


@pytest.mark.parametrize(
    ("key", "said"), [(None, "Idempotency-Key"), ("", "Idempotency-Key"), ("x" * 201, "200"), ("k\xe9y", "ASCII")]
)
def test_a_key_is_needed(world, key, said):
    refused(post(world["county"], TAKEOVER, key), 400, "Idempotency-Key", said=said)


@pytest.mark.parametrize(
    "body",
    [
        "{", "", "[", '{"kind": NaN}', '{"area_m2": Infinity}', '{"kind": "takeover", "kind": "lapse"}', b"\xff\xfe",
        "[" * 100_000,
        '{"area_m2": 1e99999999999999999999}', '{"households": ' + "9" * 5000 + "}",
    ],
    ids=["cut", "empty", "list", "nan", "infinity", "twice", "bytes", "deep", "exponent", "long"],
)  # fmt: skip
def test_a_body_that_is_no_json(world, body):
    answer = post(world["county"], body)
    refused(answer, 400, *(["kind"] if body == "" else []))


@pytest.mark.parametrize("body", ["[]", "5", "null", '"takeover"', "true"])
def test_a_body_that_is_no_object(world, body):
    refused(post(world["county"], body), 400, "", said="object")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/csv"]
)
def test_another_content_type_is_415(world, content_type):
    refused(post(world["county"], json.dumps(TAKEOVER), content_type=content_type), 415, said="application/json")


def test_ten_megabytes_are_413(world):
    refused(post(world["county"], json.dumps(TAKEOVER | {"note": "x" * 10_000_000})), 413)


def test_another_method_is_405(world):
    answer = Client().put(
        URL, "{}", content_type="application/json", headers={"Authorization": f"Bearer {world['county']}"}
    )
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]


@pytest.mark.parametrize("height", ["0", "99", "9999999999999999999", "3"])
def test_an_entry_that_there_is_not_for_the_reader(world, height):
    answer = Client().get(f"{URL}{height}/", headers={"Authorization": f"Bearer {world['county']}"})
    assert answer.status_code == 404


def test_a_compound_without_area_takes_its_registration(world):
    make_compound("NEW", JINYUAN)
    body = {"kind": "register", "compound": "NEW", "effective_on": "2014-01-01", "category": "abandoned"}
    answer = post(world["county"], body | {"mode_to": "none", "area_m2": 123.45})
    assert answer.status_code == 201
    assert (answer.json()["community"]["code"], answer.json()["area_m2"]) == (JINYUAN, 123.45)
