"""What is no workbook to open: refused on the page at once, by the command and in the job, and nothing is written."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from chaoyang_pm.kit.jobs.models import Job
from compounds.imports.models import ImportRun
from tests.compounds.imports.workbooks import refused, stored
from tests.kit.sheets.oldbooks import Page, book, container, record, stream
from tests.kit.sheets.workbooks import workbook
from tests.support import JINYUAN, ask, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
ROWS = [["小区名称", "社区"], ["华园城市", JINYUAN]]
XLSX = workbook(*ROWS)


def zipped(content: bytes = b"", **parts: bytes) -> bytes:
    """A package with further parts, or with other content types."""
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/").replace("_DOT_", "."), part)
    return file.getvalue()


def with_types(word: bytes) -> bytes:
    """The workbook with something more in its content types."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(XLSX)) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            extra = b'<Default Extension="x" ContentType="application/' + word + b'"/></Types>'
            new.writestr(
                entry, content.replace(b"</Types>", extra) if entry.filename.startswith("[Content") else content
            )
    return file.getvalue()


BAD = {
    "xls with macros": (container({"Workbook": stream([Page("甲", ROWS)])}, ["_VBA_PROJECT_CUR", "VBA"]), "macros"),
    "xls with Excel 4 macros": (book(Page("甲", ROWS), Page("宏", kind=1, state=1)), "macros"),
    "xlsm": (zipped(XLSX, xl__vbaProject_DOT_bin=b"x"), "macros"),
    "xlsx with macros elsewhere": (with_types(b"vnd.ms-office.vbaProject"), "macros"),
    "xlsx with Excel 4 macros": (with_types(b"vnd.ms-excel.macrosheet+xml"), "macros"),
    "xls with a password": (book(Page("甲", ROWS), first=record(0x002F, b"\1\0" + b"x" * 52)), "password"),
    "xlsx with a password": (container({"EncryptedPackage": b"x" * 9000, "EncryptionInfo": b"x" * 300}), "password"),
    "xlsb": (zipped(xl__workbook_DOT_bin=b"x"), "binary workbook"),
    "ods": (zipped(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "OpenDocument"),
    "docx": (zipped(word__document_DOT_xml=b"<w/>"), "Word"),
    "doc": (container({"WordDocument": b"x" * 5000}), "Word"),
    "Excel 95": (container({"Book": stream([Page("甲", ROWS)], version=0x0500)}), "Excel 95"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "neither a workbook"),
    "a web page": (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
    "half an archive": (XLSX[: len(XLSX) // 2], "damaged"),
    "half an xls": (book(Page("甲", ROWS))[:1200], "damaged"),
}
pytestmark.append(pytest.mark.parametrize(("content", "said"), BAD.values(), ids=BAD))


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def test_the_page_says_so_at_once_and_keeps_nothing(client, cast, content, said):
    client.force_login(cast["bureau"])
    client.cookies["django_language"] = "en"
    form = {"workbook": "register", "file": SimpleUploadedFile("台账.xlsx", content), "default_date": "2014-01-01"}
    response = client.post("/imports/", form)
    assert response.status_code == 415
    assert said in str(response.context["form"].errors["file"])
    assert not ImportRun.objects.exists()
    assert not Job.objects.exists()


def test_the_command_says_so(tmp_path, content, said):
    path = tmp_path / "台账.xls"
    path.write_bytes(content)
    (error,) = refused("import_compounds", path)["errors"]
    assert said in error["message"]


def test_the_job_says_so(tmp_path, content, said):
    path = tmp_path / "变更.xls"
    path.write_bytes(content)
    before = stored()
    assert ask("import_entries", str(path), "--background", "--format", "json").code == 0
    (job,) = work()
    job.refresh_from_db()
    assert (job.state, stored()) == ("failed", before)
    run = ImportRun.objects.get()
    assert (run.state, run.result["readable"], said in run.result["errors"][0]["message"]) == ("checked", False, True)
