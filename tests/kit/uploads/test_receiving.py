"""How uploads reach the portal: too much at once, a line that breaks, a disk without room."""

import errno
import os
import tempfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import translation

from chaoyang_pm.kit.uploads import limits
from chaoyang_pm.kit.uploads.forms import UploadField
from chaoyang_pm.kit.uploads.handlers import FailedUpload, TooLarge


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def spool(tmp_path, settings) -> str:
    """The folder that uploads are spooled to."""
    folder = tmp_path / "spool"
    folder.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = str(folder)
    return str(folder)


def upload(content=b"x" * 100_000, cut=0):
    body = encode_multipart(BOUNDARY, {"title": "a", "file": SimpleUploadedFile("a.jpg", content)})
    return RequestFactory().generic("POST", "/", body[: len(body) - cut], MULTIPART_CONTENT)


def test_a_whole_upload_arrives(spool):
    request = upload()
    assert (request.POST["title"], request.FILES["file"].size) == ("a", 100_000)
    request.close()
    assert os.listdir(spool) == []


@pytest.mark.parametrize("cut", [60, 50_000, 100_100])
def test_a_broken_line_leaves_no_file_and_nothing_on_the_disk(spool, cut):
    request = upload(cut=cut)
    assert dict(request.FILES) == {}
    request.close()
    assert os.listdir(spool) == []


def test_more_than_all_that_is_accepted_is_never_stored(spool, monkeypatch):
    monkeypatch.setattr("chaoyang_pm.kit.uploads.handlers.MAX_REQUEST", 2 * limits.MIB)
    reached = []
    portal = TooLarge(lambda request: reached.append(request) or HttpResponse())
    answer = portal(upload(b"x" * 3 * limits.MIB))
    assert (answer.status_code, reached) == (413, [])
    assert "at most 2 MB are accepted at once" in answer.content.decode()
    assert portal(upload(b"x" * limits.MIB)).status_code == 200


@pytest.mark.parametrize("length", ["", "many", "-1"])
def test_a_length_that_is_none_stops_nothing(length):
    request = RequestFactory().get("/", CONTENT_LENGTH=length)
    assert TooLarge(lambda request: HttpResponse())(request).status_code == 200


@pytest.mark.parametrize("step", ["write", "seek"])
def test_a_full_disk_while_receiving_is_said_at_the_field(spool, monkeypatch, step):
    def full(*_arguments):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    spooled = tempfile.NamedTemporaryFile

    def spooling(*arguments, **options):
        file = spooled(*arguments, **options)
        setattr(file, step, full)
        return file

    monkeypatch.setattr("django.core.files.temp.NamedTemporaryFile", spooling)
    request = upload()
    (file,) = request.FILES.getlist("file")
    assert isinstance(file, FailedUpload)
    assert request.POST["title"] == "a"
    with pytest.raises(Exception, match="disk is full"):
        UploadField().clean(file)
    request.close()
    assert os.listdir(spool) == []


def test_another_failure_of_the_disk_is_not_called_full(spool, monkeypatch):
    def broken(*_arguments, **_options):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr("django.core.files.temp.NamedTemporaryFile", broken)
    with pytest.raises(OSError, match="error"):
        _ = upload().FILES
