"""What people get wrong, sent by a program: the status, the field and the reason, and the draft that is kept."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from compounds.files.services import store
from compounds.ledger.models import Entry
from compounds.reports.models import Report
from tests.compounds.reports.programs import TAKEOVER, program, refused
from tests.kit.uploads.files import picture
from tests.support import HAIHE, QIANJIN, record, register

pytestmark = pytest.mark.django_db
MIB = 1024 * 1024


@pytest.fixture
def committee(cast):
    """A's committee; half of A is managed by its owners, N is the neighbours'."""
    register("A", community=QIANJIN, m2=8000, households=300)
    record("takeover", "2014-03-01", "A", mode_to="owners", m2=4000, households=100)
    register("N", community=HAIHE, m2=500)
    return program(cast["committee"])


@pytest.mark.parametrize(
    ("change", "status", "field", "said"),
    [
        pytest.param({"area_m2": 4000.01}, 422, "area_m2", "0.01 ㎡ too little", id="more than is unmanaged"),
        pytest.param({"households": 201, "area_m2": 10}, 422, "households", "201", id="more households than there are"),
        pytest.param(
            {"effective_on": "2013-12-31"}, 422, "effective_on", "check the date", id="before it was registered"
        ),
        pytest.param({"effective_on": "2999-01-01"}, 422, "effective_on", "2999-01-01", id="not yet"),
        pytest.param({"effective_on": None}, 422, "effective_on", "on which day", id="no date"),
        pytest.param(
            {"kind": "mode_change", "mode_from": "owners", "mode_to": "owners"}, 422, "mode_to", "owners",
            id="a mode that it has",
        ),
        pytest.param({"mode_to": "none"}, 422, "mode_to", "", id="taken over by nobody"),
        pytest.param(
            {"effective_on": "2014-02-01", "area_m2": 4001}, 409, "area_m2", "Correct that one", id="in the way"
        ),
        pytest.param({"kind": "unclear", "note": ""}, 422, "note", "few words", id="unclear without a word"),
    ],
)  # fmt: skip
def test_what_the_ledger_could_not_take(committee, change, status, field, said):
    body = {"kind": "takeover", "compound": "A", "effective_on": "2014-05-10", "mode_to": "community"}
    report = committee.post(body=body | change).json()
    problem = refused(committee.post(f"{report['id']}/submit/", {"revision": 1}), status, field, said=said)
    assert bool(problem.get("in_the_way")) == (status == 409)
    assert committee.get(f"{report['id']}/").json() == report
    assert Entry.objects.count() == 3


def test_a_compound_of_the_neighbours(committee):
    refused(committee.post(body=TAKEOVER | {"compound": "N"}), 404, "compound", said="outside of what you may see")
    assert not Report.objects.exists()


def test_a_form_that_is_too_old(committee):
    report = committee.post(body=TAKEOVER).json()
    claim = {"kind": "takeover", "effective_on": "2014-05-11", "mode_to": "community", "revision": 1}
    newer = committee.post(f"{report['id']}/edit/", claim).json()
    for step, body in (("edit", claim), ("submit", {"revision": 1}), ("withdraw", {"revision": 1})):
        refused(committee.post(f"{report['id']}/{step}/", body), 409, "revision", said="look at it as it stands now")
    assert committee.get(f"{report['id']}/").json() == newer


@pytest.mark.parametrize(
    ("name", "content", "status", "said"),
    [
        ("a.jpg", b"MZ\x90 not a photo", 415, "a.jpg"), ("照片.jpg", b"<html>", 415, "Accepted are"),
        ("a.jpg", b"", 415, "empty"), ("a.jpg", picture()[:300], 400, "a.jpg"),
        ("a.jpg", picture() + b"\0" * 40 * MIB, 413, "at most 20 MB"),
    ],
    ids=["a program", "a page", "nothing", "half a photo", "40 MB"],
)  # fmt: skip
def test_a_photo_that_is_none(committee, data_folder, name, content, status, said):
    report = committee.post(body=TAKEOVER).json()
    answer = committee.send(f"{report['id']}/attachments/", {"file": SimpleUploadedFile(name, content)})
    refused(answer, status, "file", said=said)
    assert committee.get(f"{report['id']}/").json() == report
    assert list(store().names()) == []


def test_forty_megabytes_of_photos_one_by_one(committee, data_folder):
    """The third is refused, the two before it stay, and the report is handed in with them."""
    report = committee.post(body=TAKEOVER | {"area_m2": 10, "households": 1}).json()
    for number in range(3):
        large = picture(size=(60, 60 + number)) + b"\0" * 13 * MIB
        answer = committee.send(f"{report['id']}/attachments/", {"file": SimpleUploadedFile(f"{number}.jpg", large)})
        if number < 2:
            assert answer.status_code == 201, answer.content.decode()
    refused(answer, 413, "file", said="at most 30 MB together")
    assert committee.post(f"{report['id']}/submit/").json()["state"] == "submitted"
    assert len(committee.get(f"{report['id']}/").json()["files"]) == 2
