"""``POST /api/v1/ledger/entries/``: splits with their new compounds, and 代报, as on their pages."""

import pytest
from django.test import Client

from communities.divisions.models import Division
from communities.people import services as people
from communities.tokens import services as tokens
from compounds.approvals import services as approvals
from compounds.approvals.models import Proposal
from compounds.ledger.models import Entry
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from tests.compounds.ledger.programs import TAKEOVER, post, refused
from tests.support import HAIHE, JINYUAN, QIANJIN, make_compound, person, record

pytestmark = pytest.mark.django_db
EAST = {"name": "东区", "address": "文化路12号", "kind": "gated", "takes": [{"area_m2": 300, "households": 2}]}
SPLIT = {
    "kind": "split", "compound": "A", "effective_on": "2014-06-01", "basis_name": "分设批复", "basis_no": "9",
    "precision": "month", "parts": [EAST],
}  # fmt: skip


def splitting(**of_part) -> dict:
    return SPLIT | {"parts": [EAST | of_part]}


def refused_whole(answer, status: int, *fields: str, said: str = "") -> dict:
    problem = refused(answer, status, *fields, said=said)
    assert Compound.objects.count() == 3
    return problem


# --- splits --------------------------------------------------------------------------------------------------
def test_a_split_makes_its_compounds(world):
    answer = post(world["county"], SPLIT)
    assert answer.status_code == 201, answer.content.decode()
    body, made = answer.json(), Compound.objects.get(name="东区")
    assert (made.address, made.kind, made.community_id, made.has_area) == ("文化路12号", "gated", JINYUAN, True)
    assert (body["kind"], body["effective_on"], body["basis_no"], body["source"]) == ("split", "2014-06-30", "9", "api")
    assert [(part["compound"], part["area_m2"], part["households"]) for part in body["parts"]] == [
        (made.code, 300, 2), ("A", 700, 8),
    ]  # fmt: skip
    assert sorted((row["compound"], row["area_m2"]) for row in body["postings"]) == sorted(
        [(made.code, 300), ("A", -300)]
    )
    assert Entry.objects.get(height=4).recorded_by.username == "county"
    assert verify().ok


def test_several_parts_of_several_pockets_and_what_may_be_left_out(world):
    record("takeover", "2014-05-01", "A", m2=400, mode_to="owners")
    parts = [
        {"name": "东区", "takes": [{"mode": "none", "area_m2": 150.25}, {"mode": "owners", "area_m2": 100}]},
        {"name": "西区", "takes": [{"category": "abandoned", "mode": "owners"}]},
    ]
    answer = post(world["bureau"], SPLIT | {"parts": parts})
    assert answer.status_code == 201, answer.content.decode()
    east, west = (Compound.objects.get(name=name).code for name in ("东区", "西区"))
    assert {(part["compound"], part["mode"], part["area_m2"]) for part in answer.json()["parts"]} == {
        (east, "none", 150.25), (east, "owners", 100), (west, "owners", 300), ("A", "none", 449.75),
    }  # fmt: skip
    assert verify().ok


def test_a_split_counts_once(world):
    first = post(world["county"], SPLIT)
    shuffled = SPLIT | {"parts": [dict(reversed(EAST.items())) | {"takes": [{"households": 2, "area_m2": 300.0}]}]}
    again = post(world["county"], shuffled)
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, first.json(), "true")
    assert post(world["county"], splitting(name="西区")).status_code == 422
    assert (Entry.objects.count(), Compound.objects.count()) == (4, 4)


def test_a_compound_that_waits_for_its_area_gets_it(world):
    make_compound("W", JINYUAN, "东区")
    body = post(world["county"], SPLIT).json()
    assert body["parts"][0]["compound"] == "W"


def test_a_split_waits_where_somebody_must_agree(world, cast):
    approvals.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])
    answer = post(world["county"], SPLIT)
    assert (answer.status_code, answer.json()["needs"]) == (202, ["second_person"])
    assert (Entry.objects.count(), Compound.objects.count()) == (3, 3)
    approvals.review(proposal=Proposal.objects.get(), by=person("colleague", "county", "211302"))
    asked = Client().get(answer["Location"], headers={"Authorization": f"Bearer {world['county']}"})
    assert (asked.json()["state"], asked.json()["heights"]) == ("posted", [4])
    entry = Entry.objects.get(height=4)
    assert (entry.source, entry.basis_no, entry.parts.count()) == ("api", "9", 2)
    assert Compound.objects.get(name="东区").address == "文化路12号"


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"parts": None}, "parts", "needed"), ({"parts": []}, "parts", "1 to 30"), ({"parts": EAST}, "parts", "list"),
        ({"parts": [EAST] * 31}, "parts", "31"), ({"parts": ["东区"]}, "parts[0]", "object"),
        ({"parts": [EAST, {"name": "西区"}]}, "parts[1].takes", "needed"),
        ({"parts": [EAST | {"name": " "}]}, "parts[0].name", "needed"),
        ({"parts": [EAST | {"name": "x" * 101}]}, "parts[0].name", "101"),
        ({"parts": [EAST | {"kind": "castle"}]}, "parts[0].kind", "gated"),
        ({"parts": [EAST | {"code": "A1"}]}, "parts[0].code", "accepted: name"),
        ({"parts": [EAST | {"takes": []}]}, "parts[0].takes", "1 to"),
        ({"parts": [EAST | {"takes": [{"area_m2": "300"}]}]}, "parts[0].takes[0].area_m2", "without quotes"),
        ({"parts": [EAST | {"takes": [{"mode": "best"}]}]}, "parts[0].takes[0].mode", "professional"),
        ({"parts": [EAST | {"takes": [{"area_m2": 1}, {"area_m2": 2}]}]}, "parts[0].takes[1]", "twice"),
        ({"area_m2": 300}, "area_m2", "does not belong"), ({"target": "B"}, "target", "does not belong"),
        ({"recorded_for": JINYUAN}, "recorded_for", "does not belong"),
    ],
)  # fmt: skip
def test_parts_that_cannot_be_meant_are_named_by_their_place(world, change, field, said):
    refused_whole(post(world["county"], SPLIT | change), 400, field, said=said)


def test_all_that_is_wrong_with_the_parts_is_said_at_once(world):
    parts = [{"name": 5, "takes": [{"area_m2": True, "mode": "x"}]}, {"takes": [{"colour": "red"}]}]
    wrong = ["parts[0].name", "parts[0].takes[0].area_m2", "parts[0].takes[0].mode", "parts[1].takes[0].colour"]
    refused_whole(post(world["county"], SPLIT | {"parts": parts}), 400, *wrong, "parts[1].name")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([EAST | {"takes": [{"area_m2": 1000.01}]}], "1,000.00 ㎡"), ([EAST | {"takes": [{"area_m2": 0}]}], "greater"),
        ([EAST | {"takes": [{"area_m2": 1, "households": -1}]}], "0 or more"),
        ([EAST | {"takes": [{"area_m2": 1, "mode": "owners"}]}], "abandoned"), ([EAST, EAST], "twice"),
        ([EAST, EAST | {"name": "西区", "takes": [{"area_m2": 800}]}], "700.00 ㎡"),
    ],
)  # fmt: skip
def test_parts_that_the_ledger_never_takes_are_422(world, parts, said):
    said = {"abandoned": "has no area"}.get(said, said)
    refused_whole(post(world["county"], SPLIT | {"parts": parts}), 422, "parts", said=said)


def test_a_split_before_what_needs_the_area_is_409(world):
    record("takeover", "2014-07-01", "A", m2=900, mode_to="owners")
    answer = post(world["county"], splitting(takes=[{"area_m2": 300}]))
    assert answer.status_code == 409
    assert answer.json()["in_the_way"]["height"] == 4
    assert (Entry.objects.count(), Compound.objects.count()) == (4, 3)


def test_who_may_not_split(world):
    refused_whole(post(world["committee"], SPLIT), 403)
    refused_whole(post(world["reads"], SPLIT), 403, said="ledger:write")
    refused_whole(post(world["county"], SPLIT | {"compound": "N"}), 404, "compound")


# --- 代报 ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("office", [JINYUAN, JINYUAN[:9]])
def test_a_county_records_for_the_offices_below_it(world, office):
    answer = post(world["county"], TAKEOVER | {"recorded_for": office})
    assert (answer.status_code, answer.json()["recorded_for"]) == (201, office)
    entry = Entry.objects.get(height=4)
    assert (entry.recorded_for_id, entry.recorded_by.username) == (office, "county")
    assert verify().ok


def test_the_city_records_for_a_county_without_staff(world, cast):
    body = TAKEOVER | {"recorded_for": "211302"}
    refused(post(world["bureau"], body), 403, "recorded_for", said="staff of its own")
    people.set_active(user=cast["county"], active=False, by=None)
    assert post(world["bureau"], body).json()["recorded_for"] == "211302"


@pytest.mark.parametrize(
    ("office", "status", "said"),
    [
        ("211302", 403, "below"), (QIANJIN, 400, "does not lie"), (HAIHE, 404, "no “"), ("2113", 404, "no “"),
        ("211302001099", 404, "no “"), ("双塔区", 400, "no division code"), (211302, 400, "quotes"),
    ],
)  # fmt: skip
def test_for_whom_one_does_not_record(world, office, status, said):
    problem = refused(post(world["county"], TAKEOVER | {"recorded_for": office}), status, "recorded_for", said=said)
    assert problem["errors"][0]["value"] == str(office)


def test_a_token_limited_to_a_street_records_for_its_communities_only(world, cast):
    street = Division.objects.get(code=JINYUAN[:9])
    _token, secret = tokens.make(user=cast["county"], name="y", scopes=["ledger:write"], division=street, by=None)
    refused(post(secret, TAKEOVER | {"recorded_for": street.code}), 403, "recorded_for")
    assert post(secret, TAKEOVER | {"recorded_for": JINYUAN}).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "relocate", "new_community": QIANJIN}, {"kind": "merge", "target": "C"},
        {"kind": "reversal", "reverses": 1, "reason": "误录", "effective_on": None},
    ],
    ids=lambda body: body["kind"],
)  # fmt: skip
def test_what_no_page_records_on_behalf_of_others(world, body):
    body = {"compound": "A", "effective_on": "2014-06-01", "recorded_for": JINYUAN} | body
    refused(post(world["county"], body), 400, "recorded_for", said="does not belong")


def test_whoever_waits_is_recorded_for_the_office_all_the_same(world, cast):
    approvals.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])
    assert post(world["county"], TAKEOVER | {"recorded_for": JINYUAN}).status_code == 202
    approvals.review(proposal=Proposal.objects.get(), by=person("colleague", "county", "211302"))
    assert Entry.objects.get(height=4).recorded_for_id == JINYUAN
