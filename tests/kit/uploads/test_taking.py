"""What is taken, what is refused and how it is named, and what is left of it on the disk."""

import datetime
import errno
import hashlib
import io
import os
import shutil
import stat

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from chaoyang_pm.kit.uploads import PHOTO, SCAN, Format, StorageFull, Store, UploadRefused, images, limits, take
from chaoyang_pm.kit.uploads.names import cleaned, download_name
from tests.kit.uploads import files


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "files")


@pytest.fixture
def taken(store):
    def upload(content: bytes, name="x", accepts=SCAN):
        return take(SimpleUploadedFile(name, content), accepts=accepts, store=store)

    return upload


def opened(store, name) -> Image.Image:
    return Image.open(store.path(name))


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (files.picture(), Format.JPEG, "a.jpg"), (files.picture(), Format.JPEG, "a.exe"),
        (files.picture("PNG", "RGBA"), Format.PNG, "a.pdf"), (files.picture("PNG", "P"), Format.PNG, "a"),
        (files.picture("PNG", "LA"), Format.PNG, "a"), (files.picture("WEBP"), Format.WEBP, "a.jpg"),
        (files.picture("TIFF", "1", compression="group4"), Format.TIFF, "a.tif"),
        (files.picture("TIFF", "I;16"), Format.TIFF, "a.tif"), (files.picture("JPEG", "CMYK"), Format.JPEG, "a.jpg"),
    ],
)  # fmt: skip
def test_content_decides_and_the_original_stays_byte_for_byte(taken, store, content, kind, name):
    upload = taken(content, name)
    assert (upload.format, upload.size, upload.sha256) == (kind, len(content), hashlib.sha256(content).hexdigest())
    assert store.path(upload.original).read_bytes() == content
    assert opened(store, upload.shown).format == opened(store, upload.preview).format == "JPEG"
    assert (upload.shown_format, upload.pages) == (Format.JPEG, 1)


def test_what_is_shown_is_upright_and_says_nothing_of_place_or_device(taken, store):
    original = files.photo(orientation=6, size=(600, 400))
    assert files.SECRET in original
    upload = taken(original)
    for name in (upload.shown, upload.preview):
        shown, content = opened(store, name), store.path(name).read_bytes()
        assert shown.height > shown.width
        assert dict(shown.getexif()) == {}
        assert files.SECRET not in content
        assert files.COMMENT.encode() not in content
    assert Image.open(io.BytesIO(store.path(upload.original).read_bytes())).getexif().get_ifd(0x8825)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_way_a_camera_is_held_comes_out_upright(taken, store, orientation):
    """As Pillow's own reading of the note turns it."""
    stored = Image.new("RGB", (160, 80), "white")
    stored.paste("red", (0, 0, 40, 40))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    stored.save(out, "JPEG", exif=exif.tobytes(), quality=95)
    upright, shown = ImageOps.exif_transpose(Image.open(out)), opened(store, taken(out.getvalue()).shown)
    assert shown.size == upright.size
    corners = [(10, 10), (shown.width - 10, 10), (10, shown.height - 10), (shown.width - 10, shown.height - 10)]
    red = [picture.getpixel(corner)[2] < 60 for picture in (upright, shown) for corner in corners]
    assert red[:4] == red[4:]
    assert sum(red) == 2


def test_large_pictures_become_as_large_as_a_screen(taken, store):
    upload = taken(files.picture(size=(6000, 3000)))
    assert opened(store, upload.shown).size == (limits.SHOWN_SIDE, limits.SHOWN_SIDE // 2)
    assert max(opened(store, upload.preview).size) == limits.PREVIEW_SIDE


def test_what_is_transparent_becomes_paper(taken, store):
    upload = taken(files.picture("PNG", "RGBA", (50, 50), (0, 0, 0, 0)))
    assert opened(store, upload.shown).getpixel((25, 25)) == (255, 255, 255)


def test_a_scan_of_several_pages_is_shown_as_a_pdf_of_all(taken, store):
    upload = taken(files.scan(pages=3))
    assert (upload.format, upload.shown_format, upload.pages) == (Format.TIFF, Format.PDF, 3)
    shown = store.path(upload.shown).read_bytes()
    assert shown.startswith(b"%PDF-")
    assert b"/Count 3" in shown
    assert shown.count(b"/DCTDecode") == 3


def test_too_many_pages_are_refused(taken, monkeypatch):
    monkeypatch.setattr(limits, "MAX_PAGES", 2)
    with pytest.raises(UploadRefused, match="more than 2 pages"):
        taken(files.scan(pages=3))


def test_a_pdf_is_kept_as_it_is(taken, store):
    content = files.pdf(objects=b"1 0 << /Type /Page >>")
    upload = taken(content)
    assert (upload.original, upload.preview, upload.pages) == (upload.shown, "", None)
    assert store.path(upload.shown).read_bytes() == content


JAVASCRIPT = b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"
JPEG = files.picture(size=(600, 400), colour=(200, 30, 30))


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.jpg", "an empty file"), (b"<!doctype html><script>x</script>", "a.jpg", "an HTML or XML page"),
        (b"\xef\xbb\xbf  <HTML>", "a.png", "an HTML or XML page"),
        (b"<?xml version='1.0'?><svg onload='x'/>", "a.png", "an SVG drawing"), (files.archive(), "a.pdf", "Office"),
        (files.archive("OFD.xml"), "a.pdf", "an OFD document"), (b"GIF89a;/*" + b"\0" * 50, "a.jpg", "a GIF"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 50, "a.heic", "HEIC"), (b"\0\0\0\x18ftypisom" + b"\0" * 50, "a", "a video"),
        (b"MZ" + b"\0" * 50, "a.jpg", "a program"), (b"hello", "a.pdf", "a text file"),
        (b"<html>%PDF-1.4", "a.pdf", "something else before it"), (b"\0\1\2\3", "a.jpg", "of an unknown kind"),
        (files.bomb(), "a.png", "60 million pixels"), (JPEG[: len(JPEG) // 2], "a.jpg", "damaged or was cut off"),
        (files.picture("PNG", size=(600, 400))[:-200], "a.png", "damaged or was cut off"),
        (JPEG[:30], "a.jpg", "damaged or was cut off"), (files.scan()[:500], "a.tif", "damaged or was cut off"),
        (files.pdf()[:-8], "a.pdf", "cut off"), (files.pdf(JAVASCRIPT), "a.pdf", "holds a script"),
        (files.pdf(JAVASCRIPT.replace(b"/JavaScript", b"/J#61vaScript")), "a.pdf", "holds a script"),
        (files.pdf(objects=JAVASCRIPT), "a.pdf", "holds a script"),
        (files.pdf(objects=JAVASCRIPT, filters=b"/Filter [/ASCII85Decode /FlateDecode]"), "a.pdf", "cannot be checked"),
        (files.pdf(b"/OpenAction << /S /Launch /F (cmd.exe) >>"), "a.pdf", "starts programs"),
        (files.pdf(b"/Names << /EmbeddedFiles 3 0 R >>"), "a.pdf", "holds other files"),
        (files.pdf(b"/Encrypt 4 0 R"), "a.pdf", "protected"),
    ],
)  # fmt: skip
def test_anything_else_is_named_and_leaves_nothing(taken, store, content, name, said):
    with pytest.raises(UploadRefused) as refused:
        taken(content, name)
    assert said in str(refused.value)
    assert name in str(refused.value)
    assert list(store.names()) == []


@pytest.mark.parametrize("pixels", [(8000, 8000), (60_000, 1_001)])
def test_pixels_are_counted_before_they_are_decoded(taken, pixels, monkeypatch):
    def never(*_arguments):
        raise AssertionError("decoded")

    monkeypatch.setattr(images, "_clean", never)
    content = files.picture("PNG", "1", pixels)
    with pytest.raises(UploadRefused, match="million pixels"):
        taken(content)


def test_a_refusal_says_what_is_accepted(taken):
    with pytest.raises(UploadRefused, match="Accepted are JPEG, PNG, WebP\\."):
        taken(files.pdf(), accepts=PHOTO)


def test_a_file_beyond_its_limit_is_named_with_both_sizes(taken, store):
    with pytest.raises(UploadRefused, match="has 15.0 MB; at most 15 MB"):
        taken(JPEG + b"\0" * PHOTO.max_bytes, "大.jpg", PHOTO)
    assert list(store.names()) == []


@pytest.mark.parametrize("tail", [files.archive(), b"<script>alert(1)</script>", b"%PDF-1.4"])
def test_a_second_file_behind_a_picture_is_not_in_what_is_shown(taken, store, tail):
    """GIFAR and its kin: the original is kept as evidence, only the picture is ever shown."""
    upload = taken(JPEG + tail)
    assert tail in store.path(upload.original).read_bytes()
    assert tail not in store.path(upload.shown).read_bytes()
    assert b"<script" not in store.path(upload.shown).read_bytes()


def test_markup_within_a_picture_is_not_in_what_is_shown(taken, store):
    info = PngInfo()
    info.add_text("Comment", "<script>alert(1)</script>")
    upload = taken(files.picture("PNG", pnginfo=info))
    assert b"<script" in store.path(upload.original).read_bytes()
    assert b"<script" not in store.path(upload.shown).read_bytes()


def test_kept_files_are_the_portals_own_and_never_run(taken, store):
    upload = taken(JPEG, "../../etc/cron.d/x.sh")
    for name in (upload.original, upload.shown, upload.preview):
        assert "x.sh" not in name
        assert store.path(name).resolve().is_relative_to(store.root.resolve())
        assert stat.S_IMODE(store.path(name).stat().st_mode) == 0o600
        assert stat.S_IMODE(store.path(name).parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("step", ["copy", "picture", "settle"])
def test_a_full_disk_is_said_and_leaves_what_was_there(taken, store, monkeypatch, step):
    before = taken(JPEG)
    kept = {name: store.path(name).read_bytes() for name in store.names()}

    def full(*_arguments, **_options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    place = {"copy": (shutil, "copyfileobj"), "picture": (images, "_jpeg"), "settle": (os, "fsync")}[step]
    monkeypatch.setattr(*place, full)
    with pytest.raises(StorageFull, match="disk is full"):
        taken(files.picture(colour=(1, 2, 3)))
    assert {name: store.path(name).read_bytes() for name in store.names()} == kept
    assert before.original in kept


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a/b\\c/认定单.pdf", "认定单.pdf"), ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"), ("", "-"), (None, "-"), ("x" * 300 + ".jpg", "x" * 196 + ".jpg"),
    ],
)  # fmt: skip
def test_names_are_text(name, kept):
    assert cleaned(name) == kept


@pytest.mark.parametrize(
    ("name", "kind", "sent"),
    [
        ("evil.html", Format.JPEG, "evil.html.jpg"), ("a.JPEG", Format.JPEG, "a.JPEG"), ("a", Format.TIFF, "a.tif"),
        ("a.svg", Format.PNG, "a.svg.png"), ("a.pdf", Format.PDF, "a.pdf"),
    ],
)  # fmt: skip
def test_a_download_ends_as_what_it_is(name, kind, sent):
    assert download_name(name, kind) == sent


def test_the_sweep_takes_old_files_that_nobody_knows(taken, store):
    known, orphan = taken(JPEG), taken(JPEG)
    now = datetime.datetime.now(datetime.UTC)
    os.utime(store.path(orphan.original), (now.timestamp() - 90_000,) * 2)
    os.utime(store.path(known.original), (now.timestamp() - 90_000,) * 2)
    removed = store.sweep({known.original, known.shown, known.preview}, before=now - datetime.timedelta(days=1))
    assert removed == [orphan.original]
    assert store.path(orphan.shown).exists()
