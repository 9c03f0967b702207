"""Scans of a basis that come with the form: kept until the entry posts, filed with it, and never left behind."""

import datetime
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from chaoyang_pm.kit.uploads import UploadRefused
from communities.divisions.models import Division
from compounds.approvals import services as approvals
from compounds.approvals.models import Proposal
from compounds.files import basis, selectors, services
from compounds.files.models import Attachment, BasisScan
from compounds.ledger.models import Entry
from tests.kit.uploads import files
from tests.support import QIANJIN, person, register

pytestmark = pytest.mark.django_db
RESURVEY, NEW = "/compounds/Q/record/resurvey/", 4


@pytest.fixture(autouse=True)
def a_compound(compound):
    return compound


def upload(name="认定单.pdf", content=None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, files.pdf() if content is None else content)


def resurvey(**fields) -> dict:
    return {
        "key": str(uuid.uuid4()), "effective_on": "2014-07-01", "precision": "day", "pocket": "abandoned:none",
        "area_dm2": "5", "households": "0", "basis_type": "测绘报告", "basis_no": "7号", "step": "preview", **fields,
    }  # fmt: skip


def steps(client, address, form, *, scans, **more):
    """Preview with the scans, then confirm without choosing them again."""
    client.post(address, form | {"scans": scans})
    return client.post(address, form | {"step": "confirm", **more}, follow=True)


def names_on_the_disk() -> set[str]:
    return set(services.store().names())


def test_a_scan_is_sent_with_the_form_and_filed_with_its_entry(as_):
    client, form = as_("bureau"), resurvey()
    page = client.post(RESURVEY, form | {"scans": [upload(), upload("附图.png", files.picture("PNG"))]})
    assert {"认定单.pdf", "附图.png"} <= {scan.original_name for scan in page.context["scans"].held}
    assert "认定单.pdf" in page.content.decode()
    assert (Attachment.objects.count(), Entry.objects.count()) == (0, 3)
    page = client.post(RESURVEY, form | {"step": "confirm"}, follow=True).content.decode()
    filed = Attachment.objects.filter(entry=NEW)
    assert [(one.title, one.kind, one.compound.code) for one in filed] == [
        ("认定单", "scan", "Q"), ("附图", "scan", "Q")
    ]  # fmt: skip
    assert "上传依据扫描件" not in page
    assert not BasisScan.objects.exists()
    assert names_on_the_disk() == selectors.known_files()
    assert "未附扫描件" not in client.get(f"/entries/{NEW}/").content.decode()


def test_what_the_kind_needs_and_lacks_is_said_before_it_is_recorded(as_):
    client, form = as_("bureau"), resurvey()
    assert "未附扫描件" in client.post(RESURVEY, form).content.decode()
    assert "未附扫描件" not in client.post(RESURVEY, form | {"scans": [upload()]}).content.decode()


def test_a_form_that_is_refused_keeps_its_scan_and_one_that_goes_back_too(as_):
    client, form = as_("bureau"), resurvey(area_dm2="-9999")
    page = client.post(RESURVEY, form | {"scans": [upload()]})
    assert "area_dm2" in page.context["form"].errors
    assert "认定单.pdf" in page.content.decode()
    page = client.post(RESURVEY, form | {"step": "edit"})
    assert "认定单.pdf" in page.content.decode()
    client.post(RESURVEY, form | {"area_dm2": "5", "step": "confirm"})
    assert Attachment.objects.get().entry_id == NEW


def test_what_it_does_not_say_it_is_stands_at_the_field_and_the_others_are_kept(as_):
    client, form = as_("bureau"), resurvey()
    page = client.post(RESURVEY, form | {"scans": [upload("坏.pdf", b"<html>"), upload()]})
    assert page.context["preview"] is None
    assert "坏.pdf" in str(page.context["scans"].errors["scans"])
    assert [scan.original_name for scan in BasisScan.objects.all()] == ["认定单.pdf"]
    assert names_on_the_disk() == selectors.known_files()
    assert Entry.objects.count() == 3


def test_one_that_was_sent_is_left_out_again(as_, django_capture_on_commit_callbacks):
    client, form = as_("bureau"), resurvey()
    client.post(RESURVEY, form | {"scans": [upload()]})
    (scan,) = BasisScan.objects.all()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(RESURVEY, form | {"leave_out": [str(scan.pk), "x", "9" * 30]})
    assert not BasisScan.objects.exists()
    assert names_on_the_disk() == set()


def test_the_same_scan_is_kept_once_and_no_more_than_a_form_takes(as_, cast, compound):
    client, form = as_("bureau"), resurvey()
    for _time in range(2):
        client.post(RESURVEY, form | {"scans": [upload()]})
    assert BasisScan.objects.count() == 1
    about = {"compound": compound, "key": f"page:{form['key']}", "by": cast["bureau"]}
    for number in range(19):
        basis.hold(**about, file=upload(content=files.pdf(b"%d" % number)))
    with pytest.raises(UploadRefused, match="20"):
        basis.hold(**about, file=upload(content=files.pdf(b"more")))


def test_a_form_whose_key_nobody_can_read_keeps_nothing(as_):
    for key in ("", "x", "\0", "9" * 200):
        assert as_("bureau").post(RESURVEY, resurvey(key=key) | {"scans": [upload()]}).status_code == 200
    assert not BasisScan.objects.exists()
    assert names_on_the_disk() == set()


def test_nobody_posts_with_the_scan_of_somebody_else(as_, cast):
    form = resurvey()
    as_("bureau").post(RESURVEY, form | {"scans": [upload()]})
    as_("county").post("/compounds/Q/record/takeover/", form | {"mode_to": "owners", "step": "confirm"})
    assert Entry.objects.count() == NEW
    assert not Attachment.objects.exists()
    assert BasisScan.objects.count() == 1


def test_a_form_that_was_left_is_swept_away_and_what_waits_is_not(
    as_, bureau, compound, django_capture_on_commit_callbacks
):
    for key in ("left", "waits", "new"):
        basis.hold(compound=compound, key=key, by=bureau, file=upload())
    basis.wait(key="waits", by=bureau)
    old = timezone.now() - datetime.timedelta(days=2)
    BasisScan.objects.exclude(key="new").update(uploaded_at=old)
    with django_capture_on_commit_callbacks(execute=True):
        assert basis.sweep() == 1
    assert [scan.key for scan in BasisScan.objects.all()] == ["waits", "new"]
    assert names_on_the_disk() == selectors.known_files()


def test_who_may_not_file_is_not_offered_the_field(as_, monkeypatch):
    from communities.people import permissions

    page = as_("county").get(RESURVEY).content.decode()
    assert 'name="scans"' in page
    monkeypatch.setitem(permissions.MATRIX, "files.add", permissions.Action("x", {}))
    page = as_("county").get(RESURVEY).content.decode()
    assert 'name="scans"' not in page
    as_("county").post(RESURVEY, resurvey() | {"scans": [upload()]})
    assert not BasisScan.objects.exists()


# --- 更正, 合并 ------------------------------------------------------------------------------------------
def test_the_scans_of_the_wrong_record_go_with_the_right_one(as_, basis, file):
    file(files.pdf(), "认定单.pdf", "scan", entry=basis)
    client = as_("bureau")
    form = resurvey(
        effective_on="2014-06-01", new_category="renovated", area_dm2="50", why="面积有误", action="replace"
    ) | {"step": "confirm"}  # fmt: skip
    address = f"/entries/{basis.height}/correct/"
    assert "认定单" in client.get(address).content.decode()
    shown = client.post(address, form | {"step": "preview"}).content.decode()
    assert "认定单" in shown
    assert "未附扫描件" not in shown
    client.post(address, form)
    assert [one.title for one in Attachment.objects.filter(entry=5)] == ["认定单"]
    assert Attachment.objects.filter(entry=basis).count() == 1
    assert len(names_on_the_disk()) == 1


def test_a_new_scan_takes_the_place_of_the_old_one(as_, basis, file):
    file(files.pdf(), "认定单.pdf", "scan", entry=basis)
    form = resurvey(effective_on="2014-06-01", new_category="renovated", area_dm2="50", why="误", action="replace")
    steps(as_("bureau"), f"/entries/{basis.height}/correct/", form, scans=[upload("新.pdf", files.pdf(b"new"))])
    assert [one.title for one in Attachment.objects.filter(entry=5)] == ["新"]


def test_only_withdrawn_nothing_is_filed_anew(as_, basis, file):
    file(files.pdf(), "认定单.pdf", "scan", entry=basis)
    as_("bureau").post(f"/entries/{basis.height}/correct/", {"action": "withdraw", "why": "误", "step": "confirm"})
    assert Entry.objects.count() == NEW
    assert Attachment.objects.count() == 1


def test_the_scan_of_a_merge_goes_with_each_entry_under_the_compound_that_stays(as_):
    for code in ("R", "S"):
        register(code, community=QIANJIN)
    form = resurvey(stays="Q", others=["R", "S"], effective_on="2015-01-01")
    steps(as_("bureau"), "/compounds/Q/record/merge/", form, scans=[upload("批复.pdf")])
    merges = Entry.objects.filter(kind="merge")
    assert merges.count() == 2
    assert {(one.entry_id, one.compound.code, one.title) for one in Attachment.objects.all()} == {
        (merge.height, "Q", "批复") for merge in merges
    }
    assert len(names_on_the_disk()) == 1


# --- what waits for approval ------------------------------------------------------------------------------
@pytest.fixture
def colleague(cast):
    approvals.require_second_person(division=Division.objects.get(code="211302"), required=True, by=cast["bureau"])
    return person("colleague", "county", "211302")


@pytest.fixture
def proposal(as_, colleague) -> Proposal:
    """A takeover with its scan, which waits for a second person."""
    form = resurvey(mode_to="owners")
    steps(as_("county"), "/compounds/Q/record/takeover/", form, scans=[upload("交接书.pdf")])
    return Proposal.objects.get()


def test_a_proposal_carries_its_scan_to_those_who_decide(as_, client, proposal, colleague):
    assert (Attachment.objects.count(), Entry.objects.count()) == (0, 3)
    scan = BasisScan.objects.get()
    assert scan.waits
    client.force_login(colleague)
    address = f"/approvals/{proposal.pk}/scans/{scan.pk}/"
    assert address in client.get(f"/approvals/{proposal.pk}/").content.decode()
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == files.pdf()
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert as_("neighbour_county").get(address).status_code == 404
    assert as_("committee").get(address).status_code == 404
    assert as_("leader").get(address).status_code == 403


def test_agreed_the_entry_has_its_scan_in_the_name_of_whoever_entered_it(as_, proposal, colleague, cast):
    (entry,) = approvals.review(proposal=proposal, by=colleague).entries
    filed = Attachment.objects.get()
    assert (filed.entry, filed.title, filed.uploaded_by) == (entry, "交接书", cast["county"])
    assert not BasisScan.objects.exists()
    assert names_on_the_disk() == selectors.known_files()
    assert as_("bureau").get(f"/approvals/{proposal.pk}/").status_code == 200


def test_withdrawn_nothing_is_left(proposal, cast, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        approvals.withdraw(proposal=proposal, by=cast["county"])
    assert not BasisScan.objects.exists()
    assert names_on_the_disk() == set()


def test_posting_that_fails_files_nothing(proposal, colleague):
    from compounds.ledger.refusals import Refused
    from tests.support import record

    record("takeover", "2014-06-20", "Q", m2=299, category="abandoned", mode_from="none", mode_to="owners")
    with pytest.raises(Refused):
        approvals.review(proposal=proposal, by=colleague)
    assert not Attachment.objects.exists()
    assert BasisScan.objects.get().waits
