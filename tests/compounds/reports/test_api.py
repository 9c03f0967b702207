"""``/api/v1/status-reports/``: from a draft to the ledger by programs, with the rules of the pages."""

import csv
import io
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chaoyang_pm.kit.once.models import KeptAnswer
from communities.divisions.models import Division
from compounds.approvals import services as approvals
from compounds.approvals.models import Proposal
from compounds.files.models import Attachment
from compounds.ledger.models import Entry
from compounds.ledger.verify import verify
from compounds.register.models import Compound
from compounds.reports import evidence
from compounds.reports.models import Report, ReportStep
from tests.compounds.reports.programs import TAKEOVER, URL, program, refused
from tests.kit.uploads.files import photo, picture
from tests.support import HAIHE, QIANJIN, person, register

pytestmark = pytest.mark.django_db
WHO = ("committee", "subdistrict", "county", "bureau", "neighbour_committee", "neighbour_county", "auditor")


@pytest.fixture
def programs(cast):
    """A program of each office; A lies in the committee's community, N in the neighbour's."""
    register("A", community=QIANJIN, m2=8000, households=300)
    register("N", community=HAIHE, m2=500)
    return {name: program(cast[name]) for name in WHO}


def drafted(programs, who="committee", **fields) -> str:
    answer = programs[who].post(body=TAKEOVER | fields)
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()["id"]


def stepped(programs, pk: str, *steps: tuple[str, str]) -> dict:
    for who, step in steps:
        answer = programs[who].post(f"{pk}/{step}/")
        assert answer.status_code == 200, answer.content.decode()
    return answer.json()


TO_VERIFIED = (("committee", "submit"), ("subdistrict", "verify"))


# --- the way ---------------------------------------------------------------------------------------------
def test_a_report_goes_from_a_program_to_the_ledger(programs):
    answer = programs["committee"].post(body=TAKEOVER)
    body = answer.json()
    assert (answer.status_code, body["state"]) == (201, "draft")
    assert answer["Location"] == body["url"] == f"{URL}{body['id']}/"
    assert (body["document_no"], body["area_m2"], body["whole"], body["revision"]) == ("2014-017", 8000, True, 1)
    stepped(programs, body["id"], *TO_VERIFIED)
    approved = programs["county"].post(f"{body['id']}/approve/", {"reason": "属实", "revision": 3}).json()
    entry = Entry.objects.get(report=body["id"])
    assert (approved["state"], approved["entry_height"]) == ("approved", entry.height)
    assert (entry.kind, entry.area_dm2, entry.source, entry.recorded_by.username) == (
        "takeover", 800000, "report", "county",
    )  # fmt: skip
    read = programs["auditor"].get(f"{body['id']}/").json()
    assert read == approved
    assert [(step["step"], step["from"], step["to"], step["by"], step["reason"]) for step in read["history"]] == [
        ("draft", None, "draft", "committee", ""), ("submit", "draft", "submitted", "committee", ""),
        ("verify", "submitted", "verified", "subdistrict", ""),
        ("approve", "verified", "approved", "county", "属实"),
    ]  # fmt: skip
    assert verify().ok


def test_what_is_returned_names_the_field_is_corrected_and_goes_on(programs):
    pk = drafted(programs)
    stepped(programs, pk, ("committee", "submit"))
    comments = [{"field": "document_no", "text": "请补文号"}, {"field": "area_m2", "text": "请核对面积"}, {"text": "?"}]
    body = programs["subdistrict"].post(f"{pk}/return/", {"comments": comments}).json()
    assert body["state"] == "returned"
    assert body["history"][-1]["comments"] == [*comments[:2], {"field": "", "text": "?"}]
    assert sorted(Report.objects.get().steps.last().comments.values_list("field", flat=True)) == [
        "", "area_dm2", "basis_no",
    ]  # fmt: skip
    corrected = {name: value for name, value in TAKEOVER.items() if name != "compound"} | {"document_no": "2014-018"}
    body = programs["committee"].post(f"{pk}/edit/", corrected | {"revision": body["revision"]}).json()
    assert (body["state"], body["document_no"]) == ("returned", "2014-018")
    body = stepped(programs, pk, ("committee", "submit"), ("subdistrict", "verify"), ("county", "approve"))
    assert [step["to"] for step in body["history"]] == [
        "draft", "submitted", "returned", "returned", "submitted", "verified", "approved",
    ]  # fmt: skip


def test_the_county_asks_the_street_once_more(programs):
    pk = drafted(programs)
    stepped(programs, pk, *TO_VERIFIED)
    refused(programs["county"].post(f"{pk}/recheck/"), 400, "reason")
    body = programs["county"].post(f"{pk}/recheck/", {"reason": "面积请复核"}).json()
    assert (body["state"], body["history"][-1]["reason"]) == ("submitted", "面积请复核")


def test_what_is_withdrawn_stays_with_its_history(programs):
    pk = drafted(programs)
    body = programs["committee"].post(f"{pk}/withdraw/", {"reason": "误报"}).json()
    assert (body["state"], body["history"][-1]["step"]) == ("withdrawn", "withdraw")


def test_where_somebody_must_agree_the_approval_waits(programs, cast):
    approvals.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])
    pk = drafted(programs)
    stepped(programs, pk, *TO_VERIFIED)
    answer = programs["county"].post(f"{pk}/approve/", key="once")
    proposal = Proposal.objects.get()
    assert (answer.status_code, answer.json()["proposal"]) == (202, str(proposal.pk))
    assert answer.json()["report"] == f"{URL}{pk}/"
    assert programs["county"].post(f"{pk}/approve/", key="once").json() == answer.json()
    refused(programs["county"].post(f"{pk}/approve/"), 409, said="waits")
    assert programs["county"].get(f"{pk}/").json()["proposal"] == answer["Location"]
    assert programs["county"].get(answer["Location"]).json()["state"] == "waiting"
    approvals.review(proposal=proposal, by=person("colleague", "county", "211302"))
    body = programs["county"].get(f"{pk}/").json()
    assert (body["state"], body["proposal"]) == ("approved", None)
    assert Entry.objects.get(report=pk).height == body["entry_height"]


def test_a_token_for_reviews_waits_for_the_second_person_all_the_same(programs, cast):
    """What a token opens is narrowed; who must agree besides is not."""
    approvals.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])
    pk = drafted(programs)
    stepped(programs, pk, *TO_VERIFIED)
    assert program(cast["county"], "reports:review").post(f"{pk}/approve/").status_code == 202


def test_what_is_missing_names_its_community(programs):
    body = {"kind": "missing", "community": QIANJIN, "name": "北塔小区", "address": "北塔路1号"}
    pk = programs["committee"].post(body=body).json()["id"]
    done = stepped(programs, pk, *TO_VERIFIED, ("county", "approve"))
    compound = Compound.objects.get(name="北塔小区")
    assert (done["compound"]["code"], done["entry_height"]) == (compound.code, None)


def test_the_street_reports_in_place_of_what_nobody_understands(programs):
    body = {"kind": "unclear", "compound": "A", "note": "门口换了保安"}
    pk = programs["committee"].post(body=body).json()["id"]
    stepped(programs, pk, ("committee", "submit"))
    newer = drafted(programs, "subdistrict", instead_of=pk)
    assert stepped(programs, newer, ("subdistrict", "submit"))["instead_of"] == pk
    assert programs["committee"].get(f"{pk}/").json()["state"] == "superseded"


def test_a_month_means_its_last_day(programs):
    body = programs["committee"].post(body=TAKEOVER | {"precision": "month"}).json()
    assert body["effective_on"] == "2014-05-31"


def test_blank_areas_mean_all_of_it(programs):
    body = {name: value for name, value in TAKEOVER.items() if name not in ("area_m2", "households", "category")}
    answer = programs["committee"].post(body=body | {"mode_from": None}).json()
    assert (answer["area_m2"], answer["households"], answer["category"], answer["whole"]) == (8000, 300, "abandoned", 1)


# --- once ------------------------------------------------------------------------------------------------
def test_every_post_counts_once(programs):
    first = programs["committee"].post(body=TAKEOVER, key="d")
    assert programs["committee"].post(body=TAKEOVER, key="d").json() == first.json()
    pk = first.json()["id"]
    for who, step in (*TO_VERIFIED, ("county", "approve")):
        once = programs[who].post(f"{pk}/{step}/", key=step)
        again = programs[who].post(f"{pk}/{step}/", key=step)
        assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (200, once.json(), "true")
    assert (Report.objects.count(), Entry.objects.count(), ReportStep.objects.count()) == (1, 3, 4)


def test_a_key_belongs_to_one_address_and_body(programs):
    pk = drafted(programs)
    stepped(programs, pk, ("committee", "submit"))
    programs["subdistrict"].post(f"{pk}/verify/", key="k")
    for body in ({"reason": "另有说明"}, {"revision": 2}):
        refused(programs["subdistrict"].post(f"{pk}/verify/", body, key="k"), 422, "Idempotency-Key")
    refused(programs["subdistrict"].post(f"{pk}/return/", {"reason": "?"}, key="k"), 422, "Idempotency-Key")
    refused(programs["subdistrict"].post(f"{pk}/verify/", key=None), 400, "Idempotency-Key")


def test_when_the_kept_answer_is_gone_the_report_still_stands_once(programs):
    pk = programs["committee"].post(body=TAKEOVER, key="d").json()["id"]
    KeptAnswer.objects.all().delete()
    assert programs["committee"].post(body=TAKEOVER, key="d").json()["id"] == pk
    assert programs["committee"].post(body=TAKEOVER | {"note": "另一件"}, key="e").json()["id"] != pk


# --- who may ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "step", "body"),
    [
        ("subdistrict", "approve", {}), ("committee", "verify", {}), ("county", "verify", {}),
        ("bureau", "approve", {}),
        ("committee", "return", {"reason": "?"}), ("county", "return", {"reason": "?"}),
        ("auditor", "withdraw", {}), ("auditor", "return", {"reason": "?"}), ("bureau", "withdraw", {}),
    ],
)  # fmt: skip
def test_a_step_that_is_somebody_elses_is_403_with_the_reason(programs, who, step, body):
    pk = drafted(programs)
    stepped(programs, pk, ("committee", "submit"))
    refused(programs[who].post(f"{pk}/{step}/", body), 403)
    assert Report.objects.get().state == "submitted"


@pytest.mark.parametrize(("who", "step"), [
    ("committee", "submit"), ("subdistrict", "recheck"), ("county", "recheck"), ("county", "approve"),
])  # fmt: skip
def test_a_step_that_the_state_does_not_allow_is_409(programs, who, step):
    pk = drafted(programs)
    stepped(programs, pk, ("committee", "submit"))
    status = 403 if who == "subdistrict" else 409
    refused(programs[who].post(f"{pk}/{step}/", {"reason": "?"} if step == "recheck" else {}), status)
    assert ReportStep.objects.count() == 2


def test_a_stale_revision_is_409_at_its_field(programs):
    pk = drafted(programs)
    stepped(programs, pk, ("committee", "submit"))
    refused(programs["subdistrict"].post(f"{pk}/verify/", {"revision": 1}), 409, "revision", said="look at it")
    assert Report.objects.get().state == "submitted"


@pytest.mark.parametrize("who", ["neighbour_committee", "neighbour_county"])
def test_what_lies_outside_is_as_unknown_as_what_there_is_not(programs, who):
    pk = drafted(programs)
    stepped(programs, pk, ("committee", "submit"))
    for address in (pk, str(uuid.uuid4())):
        for path in (f"{address}/", f"{address}/attachments/", f"{address}/attachments/1/"):
            refused(programs[who].get(path), 404)
        for step in ("submit", "withdraw") if who == "neighbour_committee" else ("approve", "return"):
            refused(programs[who].post(f"{address}/{step}/"), 404)
    assert programs[who].get().json()["results"] == []
    assert programs["bureau"].get("x/").status_code == 404


@pytest.mark.parametrize(("change", "field"), [
    ({"compound": "N"}, "compound"), ({"compound": "no such"}, "compound"),
    ({"kind": "missing", "compound": None, "name": "x", "community": HAIHE}, "community"),
    ({"instead_of": str(uuid.uuid4())}, "instead_of"), ({"instead_of": "x"}, "instead_of"),
])  # fmt: skip
def test_what_a_body_names_outside_of_the_scope_is_unknown(programs, change, field):
    refused(programs["committee"].post(body=TAKEOVER | change), 404, field)
    assert not Report.objects.exists()


@pytest.mark.parametrize(("scopes", "reads", "drafts", "verifies"), [
    (["reports:read"], 200, 403, 403), (["reports:write"], 200, 201, 403), (["reports:review"], 200, 403, 200),
    (["ledger:write"], 403, 403, 403),
])  # fmt: skip
def test_a_token_opens_what_it_is_for(programs, cast, scopes, reads, drafts, verifies):
    """Of a street, which may do all three."""
    pk = drafted(programs)
    stepped(programs, pk, ("committee", "submit"))
    street = program(cast["subdistrict"], *scopes)
    answers = [street.get(), street.post(body=TAKEOVER), street.post(f"{pk}/verify/")]
    assert [answer.status_code for answer in answers] == [reads, drafts, verifies]
    for answer in answers:
        assert answer.status_code != 403 or "lacks the scope" in answer.json()["detail"]


def test_a_token_that_is_limited_reaches_its_part_only(programs, cast):
    pk = drafted(programs)
    stepped(programs, pk, *TO_VERIFIED)
    street = Division.objects.get(code="211302001")
    elsewhere = program(cast["county"], "reports:review", division=street)
    refused(elsewhere.post(f"{pk}/approve/"), 404)
    assert program(cast["county"], "reports:review", division=Division.objects.get(code="211302003")).post(
        f"{pk}/approve/"
    ).json()["state"] == "approved"  # fmt: skip


def test_drafts_are_listed_for_the_office_that_writes_them(programs):
    pk = drafted(programs)
    assert [row["id"] for row in programs["committee"].get().json()["results"]] == [pk]
    for who in ("subdistrict", "county", "bureau", "auditor"):
        assert programs[who].get().json()["results"] == []
        refused(programs[who].get(f"{pk}/"), 404)


# --- lists -----------------------------------------------------------------------------------------------
def test_lists_are_filtered_and_come_page_by_page(programs):
    drafts = [drafted(programs, note=str(number)) for number in range(5)]
    lapse = programs["committee"].post(body={"kind": "unclear", "compound": "A", "note": "?"}).json()["id"]
    stepped(programs, drafts[0], ("committee", "submit"))
    committee = programs["committee"]

    def ids(query: str) -> list[str]:
        path, found = f"?{query}", []
        while path:
            body = committee.get(path).json()
            found += [row["id"] for row in body["results"]]
            path = body["next"]
        return found

    assert ids("page_size=2") == [lapse, *reversed(drafts)]
    assert ids("state=submitted") == drafts[:1]
    assert ids("kind=unclear&compound=A") == [lapse]
    assert ids(f"division={QIANJIN}") == ids("")
    assert ids("since=2000-01-01") == ids("")
    for query, status, field in (
        ("state=vanished", 400, "state"), ("kind=x", 400, "kind"), ("compound=N", 404, "compound"),
        ("division=211303", 404, "division"), ("since=2999-01-01", 400, "since"), ("colour=red", 400, "colour"),
    ):  # fmt: skip
        refused(committee.get(f"?{query}"), status, field)


def test_a_list_is_a_table_too(programs):
    pk = drafted(programs)
    answer = programs["committee"].get("?format=csv")
    (row,) = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    assert (row["id"], row["compound.code"], row["area_m2"], row["document_no"]) == (pk, "A", "8000", "2014-017")
    for path in ("?format=xlsx", f"{pk}/?format=xlsx", f"{pk}/attachments/?format=csv", f"{pk}/?format=csv"):
        assert programs["committee"].get(path).status_code == 200


# --- attachments -----------------------------------------------------------------------------------------
def jpeg(name="交接记录.jpg", content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo() if content is None else content, content_type="image/jpeg")


def test_photos_go_with_the_report_are_read_back_and_filed_with_the_entry(programs, data_folder):
    pk = drafted(programs)
    answer = programs["committee"].send(f"{pk}/attachments/", {"file": jpeg()}, key="p")
    again = programs["committee"].send(f"{pk}/attachments/", {"file": jpeg()}, key="p")
    assert (answer.status_code, again.json()) == (201, answer.json())
    assert programs["committee"].send(f"{pk}/attachments/", {"file": jpeg()}).json() == answer.json()
    scan = SimpleUploadedFile("协议.pdf", picture("TIFF"))
    assert programs["committee"].send(f"{pk}/attachments/", {"file": scan, "kind": "scan"}).status_code == 201
    stepped(programs, pk, ("committee", "submit"))
    body = programs["subdistrict"].get(f"{pk}/").json()
    assert [(file["kind"], file["name"]) for file in body["files"]] == [("photo", "交接记录.jpg"), ("scan", "协议.pdf")]
    assert programs["subdistrict"].get(f"{pk}/attachments/").json()["results"] == body["files"]
    content = programs["subdistrict"].get(answer["Location"])
    assert (content.status_code, content["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(content.streaming_content).startswith(b"\xff\xd8\xff")
    assert programs["subdistrict"].get(answer["Location"], **{"If-None-Match": content["ETag"]}).status_code == 304
    refused(programs["subdistrict"].get(f"{pk}/attachments/{2**64}/"), 404)
    refused(programs["committee"].send(f"{pk}/attachments/", {"file": jpeg("b.jpg", photo(size=(9, 9)))}), 409)
    stepped(programs, pk, ("subdistrict", "verify"), ("county", "approve"))
    assert Attachment.objects.filter(entry__report=pk).count() == 2


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"file": ("a.jpg", b"not a photo")}, 415, "a.jpg"), ({"file": ("a.gif", b"GIF89a......")}, 415, "a.gif"),
        ({"file": ("a.jpg", b"\xff\xd8\xff\xe0 broken")}, 400, "a.jpg"), ({}, 400, "needed"), ({"file": "x"}, 400, ""),
        ({"kind": "video", "file": ("a.jpg", b"x")}, 400, "video"),
        ({"colour": "red", "file": ("a.jpg", b"x")}, 400, "colour"),
        ({"file": [("a.jpg", b"a"), ("b.jpg", b"b")]}, 400, "a request"),
    ],
)  # fmt: skip
def test_what_is_no_photo_is_refused_with_the_reason(programs, data_folder, form, status, said):
    pk = drafted(programs)

    def made(value):
        if isinstance(value, list):
            return [made(one) for one in value]
        return SimpleUploadedFile(*value) if isinstance(value, tuple) else value

    answer = programs["committee"].send(f"{pk}/attachments/", {name: made(value) for name, value in form.items()})
    assert answer.status_code == status, answer.content.decode()
    assert answer.json()["errors"]
    assert said in answer.content.decode()
    assert not Report.objects.get().files.exists()


def test_another_content_type_is_415_and_says_which(programs):
    pk = drafted(programs)
    refused(programs["committee"].post(f"{pk}/attachments/", {}), 415, said="multipart/form-data")
    refused(programs["committee"].send(f"{pk}/submit/", {"file": jpeg()}), 415, said="application/json")


def test_a_full_disk_is_503(programs, monkeypatch):
    def full(*args, **kwargs):
        raise evidence.uploads.StorageFull("no room")

    pk = drafted(programs)
    monkeypatch.setattr("chaoyang_pm.kit.uploads.taking.take", full)
    refused(programs["committee"].send(f"{pk}/attachments/", {"file": jpeg()}), 503, "file", said="no room")


# --- what cannot be meant --------------------------------------------------------------------------------
@pytest.mark.parametrize(("change", "fields"), [
    ({"kind": None}, ["kind"]), ({"kind": "vanish"}, ["kind"]), ({"compound": None}, ["compound"]),
    ({"area_m2": -1}, ["area_m2"]), ({"area_m2": "8000"}, ["area_m2"]), ({"area_m2": 0.001}, ["area_m2"]),
    ({"households": -1}, ["households"]), ({"households": 10**10}, ["households"]),
    ({"effective_on": "2014-13-01"}, ["effective_on"]), ({"colour": "red"}, ["colour"]),
    ({"name": "北塔小区"}, ["name"]), ({"kind": "missing"}, ["compound", "community", "name"]),
    ({"note": "x" * 501, "mode_to": "best"}, ["note", "mode_to"]),
])  # fmt: skip
def test_fields_that_cannot_be_meant_are_named(programs, change, fields):
    problem = programs["committee"].post(body=TAKEOVER | change)
    assert problem.status_code == 400, problem.content.decode()
    assert {error["field"] for error in problem.json()["errors"]} == set(fields)
    assert not Report.objects.exists()


def test_a_return_says_something_at_fields_that_there_are(programs):
    pk = drafted(programs)
    stepped(programs, pk, ("committee", "submit"))
    street = programs["subdistrict"]
    refused(street.post(f"{pk}/return/"), 422, "comments")
    refused(street.post(f"{pk}/return/", {"comments": []}), 400, "comments")
    refused(street.post(f"{pk}/return/", {"comments": [{"field": "colour", "text": "x"}]}), 400, "comments[0].field")
    refused(street.post(f"{pk}/return/", {"comments": [{"field": "note"}]}), 400, "comments[0].text")


def test_a_session_writes_with_its_csrf_token_only(programs, cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast["committee"])
    send = {"content_type": "application/json", "headers": {"Idempotency-Key": "k"}}
    assert client.post(URL, json.dumps(TAKEOVER), **send).status_code == 403
    client.get("/accounts/tokens/new/")
    send["headers"]["X-CSRFToken"] = client.cookies["csrftoken"].value
    assert client.post(URL, json.dumps(TAKEOVER), **send).status_code == 201
