"""Pages and addresses of scans and photos: who gets what, with which headers, and what a form says."""

import hashlib
import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from compounds.files import services
from compounds.files.models import Attachment, OriginalAccess
from tests.kit.uploads import files

pytestmark = pytest.mark.django_db
NASTY = """<img src=x onerror='alert("1")'>"""
INSIDE = ("bureau", "leader", "department", "county", "subdistrict", "committee", "auditor", "admin")
FILE = ("bureau", "county", "subdistrict", "committee")
OUTSIDE = ("neighbour_county", "neighbour_subdistrict", "neighbour_committee")


@pytest.fixture
def photo(file):
    return file(files.photo(), "现场.jpg", title="南门").attachment


def body(response) -> bytes:
    return b"".join(response.streaming_content)


PAGES = ("/files/{}/", "/files/{}/shown/", "/files/{}/preview/")


def test_whoever_sees_the_compound_sees_its_photos(as_, photo):
    paths = [*(path.format(photo.pk) for path in PAGES), "/compounds/Q/files/"]
    seen = {name: [as_(name).get(path).status_code for path in paths] for name in INSIDE}
    assert {name for name, answers in seen.items() if answers == [200, 200, 200, 200]} == set(INSIDE)


def test_elsewhere_it_does_not_exist(as_, photo):
    paths = [*PAGES, "/files/{}/original/", "/files/{}/withdraw/", "/compounds/Q/files/"]
    for name in OUTSIDE:
        client = as_(name)
        assert {client.get(path.format(photo.pk)).status_code for path in paths} == {404}, name
        assert client.post(f"/files/{photo.pk}/withdraw/", {"reason": "x"}).status_code == 404
        assert client.post("/compounds/Q/files/", {}).status_code == 404
    assert OriginalAccess.objects.count() == 0


def test_originals_are_for_the_bureau_and_the_auditor_and_every_download_is_noted(as_, cast, photo):
    path = f"/files/{photo.pk}/original/"
    answers = {name: as_(name).get(path) for name in INSIDE}
    given = [name for name, response in answers.items() if response.status_code == 200]
    assert given == ["bureau", "auditor"]
    assert {response.status_code for name, response in answers.items() if name not in given} == {403}
    for name in given:
        response, content = answers[name], body(answers[name])
        assert hashlib.sha256(content).hexdigest() == photo.sha256
        assert files.SECRET in content
        assert response["Cache-Control"] == "private, no-store"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["Content-Disposition"].startswith("attachment")
        assert "ETag" not in response
    assert [access.user for access in OriginalAccess.objects.order_by("pk")] == [cast[name] for name in given]
    assert str(cast["bureau"]) in as_("auditor").get(f"/files/{photo.pk}/").content.decode()


def test_who_may_file(as_):
    answers = {}
    for number, name in enumerate(INSIDE):
        content = SimpleUploadedFile("a.png", files.picture("PNG", colour=(30 * number, 0, 0)))
        answers[name] = as_(name).post("/compounds/Q/files/", {"files": content, "kind": "photo"}).status_code
    assert [name for name, status in answers.items() if status == 302] == list(FILE)
    assert {status for name, status in answers.items() if name not in FILE} == {403}
    assert Attachment.objects.count() == len(FILE)


def test_who_may_withdraw(as_, file):
    answers = {}
    for number, name in enumerate(INSIDE):
        row = file(files.picture(colour=(30 * number, 0, 0))).attachment
        answers[name] = as_(name).post(f"/files/{row.pk}/withdraw/", {"reason": "错"}).status_code
    assert [name for name, status in answers.items() if status == 302] == ["bureau", "county"]
    assert Attachment.objects.standing().count() == len(INSIDE) - 2


def test_nobody_gets_anything_without_log_in(client, photo):
    for path in [*PAGES, "/files/{}/original/", "/compounds/Q/files/"]:
        assert client.get(path.format(photo.pk)).status_code == 302


def test_what_is_shown_is_a_picture_and_nothing_else(as_, photo):
    response = as_("committee").get(f"/files/{photo.pk}/shown/")
    content = body(response)
    assert Image.open(io.BytesIO(content)).format == "JPEG"
    assert files.SECRET not in content
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response["Cache-Control"] == "private, no-cache"
    assert response["Content-Disposition"].startswith("inline")


def test_a_browser_that_has_it_is_asked_again_each_time(as_, cast, photo, bureau):
    client, path = as_("committee"), f"/files/{photo.pk}/shown/"
    etag = client.get(path)["ETag"]
    again = client.get(path, headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    services.withdraw(attachment=photo, reason="错", by=bureau)
    assert client.get(path, headers={"if-none-match": etag}).status_code == 404


@pytest.mark.parametrize(("content", "name"), [(files.pdf(), "a.pdf"), (files.scan(2), "a.tif")])
def test_a_pdf_is_a_download(as_, file, content, name):
    row = file(content, name, "scan").attachment
    response = as_("committee").get(f"/files/{row.pk}/shown/")
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert body(response).startswith(b"%PDF-")
    assert as_("committee").get(f"/files/{row.pk}/preview/").status_code == (404 if name == "a.pdf" else 200)
    assert as_("committee").get(f"/files/{row.pk}/").status_code == 200


def test_an_original_named_as_a_page_comes_back_as_a_picture(as_, file):
    row = file(files.picture() + b"<script>alert(1)</script>", "evil.html").attachment
    response = as_("auditor").get(f"/files/{row.pk}/original/")
    assert response["Content-Type"] == "image/jpeg"
    assert 'filename="evil.html.jpg"' in response["Content-Disposition"]


def test_withdrawn_photos_are_the_auditors(as_, photo, bureau):
    services.withdraw(attachment=photo, reason=NASTY, by=bureau)
    for name in ("county", "committee", "leader"):
        assert as_(name).get(f"/files/{photo.pk}/shown/").status_code == 404
        assert f"/files/{photo.pk}/" not in as_(name).get("/compounds/Q/").content.decode()
    auditor = as_("auditor")
    assert body(auditor.get(f"/files/{photo.pk}/original/"))
    page = auditor.get(f"/files/{photo.pk}/").content.decode()
    assert NASTY not in page
    assert "&lt;img" in page


def test_a_missing_file_is_not_found_and_logged(as_, photo, caplog):
    services.store().path(photo.shown).unlink()
    assert as_("bureau").get(f"/files/{photo.pk}/shown/").status_code == 404
    assert photo.shown.split("/")[1] in caplog.text


# --- forms -----------------------------------------------------------------------------------------------
def send(client, *contents, **fields):
    chosen = [SimpleUploadedFile(name, content) for name, content in contents]
    return client.post("/compounds/Q/files/", {"files": chosen, "kind": "photo", **fields}, follow=True)


def test_several_files_at_once(as_):
    client = as_("committee")
    response = send(client, ("a.jpg", files.photo()), ("b.png", files.picture("PNG")))
    assert response.redirect_chain == [("/compounds/Q/", 302)]
    assert "已存入 2 个文件" in response.content.decode()
    assert {row.title for row in Attachment.objects.all()} == {"a", "b"}
    again = send(client, ("a.jpg", files.photo())).content.decode()
    assert "此前已上传过" in again
    assert Attachment.objects.count() == 2


@pytest.fixture(autouse=True)
def a_compound(compound):
    return compound


def test_one_bad_file_is_named_and_the_good_ones_stay(as_):
    response = send(as_("county"), ("good.jpg", files.photo()), (f"{NASTY}.jpg", b"<html>"), ("bomb.png", files.bomb()))
    page = response.content.decode()
    assert [row.original_name for row in Attachment.objects.all()] == ["good.jpg"]
    assert "HTML 或 XML 网页" in page
    assert "“bomb.png”像素过多" in page
    assert "已存入 1 个文件" in page
    assert NASTY not in page


def test_the_phones_camera_has_a_button_of_its_own(as_):
    client = as_("committee")
    page = client.get("/compounds/Q/files/").content.decode()
    assert 'capture="environment"' in page
    assert 'accept="image/jpeg,image/png,image/webp,image/tiff,application/pdf"' in page
    taken = SimpleUploadedFile("image.jpg", files.photo())
    client.post("/compounds/Q/files/", {"camera": taken, "kind": "photo", "title": "楼道"})
    assert Attachment.objects.get().title == "楼道"


def test_a_form_says_what_is_missing(as_):
    client = as_("county")
    wrong = [
        ("files", {}), ("kind", {"kind": "film"}), ("entry", {"entry": "99"}), ("entry", {"entry": "9" * 30}),
        ("title", {"title": "x" * 201}),
    ]  # fmt: skip
    for field, fields in wrong:
        chosen = {} if field == "files" else {"files": SimpleUploadedFile("a.jpg", files.photo())}
        response = client.post("/compounds/Q/files/", {"kind": "photo", **chosen, **fields})
        assert list(response.context["form"].errors) == [field]
    assert Attachment.objects.count() == 0


def test_more_files_than_a_form_takes(as_):
    response = send(as_("county"), *[(f"{n}.jpg", b"x") for n in range(21)])
    assert "最多 20 个" in str(response.context["form"].errors)


def test_an_entry_without_its_scan_is_marked_until_one_is_filed(as_, basis):
    client = as_("county")
    page = client.get("/compounds/Q/").content.decode()
    assert page.count("未附扫描件") == 1
    assert f'/compounds/Q/files/?entry={basis.height}"' in page
    assert "未附扫描件" in client.get(f"/entries/{basis.height}/").content.decode()
    form = client.get(f"/compounds/Q/files/?entry={basis.height}").context["form"]
    assert (str(form["entry"].value()), form["kind"].value()) == (str(basis.height), "scan")
    response = send(client, ("认定单.pdf", files.pdf()), kind="scan", entry=basis.height)
    assert response.redirect_chain == [(f"/entries/{basis.height}/", 302)]
    assert "认定单" in response.content.decode()
    for path in ("/compounds/Q/", f"/entries/{basis.height}/"):
        assert "未附扫描件" not in client.get(path).content.decode()


def test_an_address_with_an_unknown_entry_offers_the_form_all_the_same(as_):
    client = as_("county")
    for entry in ("x", "99", "²", "9" * 30):
        assert client.get(f"/compounds/Q/files/?entry={entry}").status_code == 200, entry


def test_recording_offers_to_attach_the_scan(as_, compound):
    form = {
        "key": str(uuid.uuid4()), "effective_on": "2014-07-01", "precision": "day", "pocket": "abandoned:none",
        "mode_to": "owners", "area_dm2": "1", "households": "0", "step": "confirm",
    }  # fmt: skip
    page = as_("county").post("/compounds/Q/record/takeover/", form, follow=True).content.decode()
    assert '<a href="/compounds/Q/files/?entry=4">上传依据扫描件</a>' in page


def test_those_who_may_not_add_see_no_form(as_, photo):
    page = as_("leader").get("/compounds/Q/").content.decode()
    assert "multipart/form-data" not in page
    assert f"/files/{photo.pk}/preview/" in page
    assert "multipart/form-data" not in as_("leader").get("/compounds/Q/files/").content.decode()


def test_names_are_text_on_every_page(as_, file):
    row = file(name=f"{NASTY}.jpg", title=NASTY).attachment
    for path in ("/compounds/Q/", "/compounds/Q/files/", f"/files/{row.pk}/", f"/files/{row.pk}/withdraw/"):
        assert NASTY not in as_("bureau").get(path).content.decode()


def test_a_compounds_page_asks_no_more_questions_for_more_files(as_, file, django_assert_max_num_queries):
    client = as_("committee")
    file(files.picture(colour=(1, 1, 1)))
    client.get("/compounds/Q/")
    with django_assert_max_num_queries(25) as few:
        client.get("/compounds/Q/")
    for number in range(5):
        file(files.picture(colour=(40 * number, 0, 0)))
    with django_assert_max_num_queries(len(few)):
        assert client.get("/compounds/Q/").content.decode().count("/preview/") == 6


def test_the_admin_shows_and_changes_nothing(as_, photo):
    client = as_("auditor")
    assert client.get("/admin/compounds/attachment/").status_code == 200
    assert client.get(f"/admin/compounds/attachment/{photo.pk}/change/").status_code == 200
    assert client.get("/admin/compounds/originalaccess/").status_code == 200
    for path in ("attachment/add/", "originalaccess/add/", f"attachment/{photo.pk}/delete/"):
        assert client.get(f"/admin/compounds/{path}").status_code == 403
