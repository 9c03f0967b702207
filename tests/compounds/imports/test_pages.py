"""The import pages: upload, check, words, the copy with remarks, posting."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from compounds.imports.models import ImportRun, Synonym
from compounds.ledger.models import Entry
from compounds.register.models import Compound
from tests.support import JINYUAN, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
HEADER = "小区名称,社区,建筑面积(㎡),户数,小区类别\n"
GOOD = f"华园城市,{JINYUAN},20000,200,弃管\n"
BAD = f"翠湖花园,{JINYUAN},-5,20,弃管\n"
NASTY = """<script>alert('x')</script>"""


@pytest.fixture
def upload(client, page):
    """Uploads a CSV and returns its run."""
    page("/")

    def send(text: str | bytes, name: str = "台账.csv", workbook: str = "register") -> ImportRun:
        content = text if isinstance(text, bytes) else text.encode()
        form = {"workbook": workbook, "file": SimpleUploadedFile(name, content), "default_date": "2014-01-01"}
        response = client.post("/imports/", form)
        assert response.status_code == 302, response.context["form"].errors
        work()
        return ImportRun.objects.get(pk=response.url.split("/")[-2])

    return send


def test_a_check_posts_nothing_and_a_post_posts_all(client, upload):
    run = upload(HEADER + GOOD)
    assert (run.result["rows"], run.result["created"], Entry.objects.count()) == (1, 1, 0)
    client.post(f"/imports/{run.pk}/post/")
    work()
    run.refresh_from_db()
    assert (run.state, Entry.objects.count(), Compound.objects.count()) == ("posted", 1, 1)
    assert Entry.objects.get().recorded_by.username == "wangfang"


def test_posting_twice_posts_once(client, upload):
    run = upload(HEADER + GOOD)
    for _attempt in range(2):
        client.post(f"/imports/{run.pk}/post/")
        work()
    assert Entry.objects.count() == 1
    run.refresh_from_db()
    assert run.result["posted"] == 1


def test_errors_keep_the_file_out_until_only_good_rows_are_asked_for(client, upload):
    run = upload(HEADER + GOOD + BAD)
    body = client.get(f"/imports/{run.pk}/").content.decode()
    assert [error["row"] for error in run.result["errors"]] == [3]
    client.post(f"/imports/{run.pk}/post/")
    work()
    assert Entry.objects.count() == 0
    client.post(f"/imports/{run.pk}/post/", {"rows": "good"})
    work()
    assert Entry.objects.count() == 1
    assert "-5" in body


def test_what_was_recorded_since_the_check_is_shown_and_the_good_rows_can_still_be_posted(client, upload):
    run = upload(HEADER + GOOD + f"翠湖花园,{JINYUAN},5000,50,弃管\n")
    other = upload(HEADER + f"翠湖花园,{JINYUAN},6000,50,弃管\n")
    client.post(f"/imports/{other.pk}/post/")
    work()
    client.post(f"/imports/{run.pk}/post/")
    work()
    run.refresh_from_db()
    assert (run.state, [error["row"] for error in run.result["errors"]], run.result["accepted"]) == ("checked", [3], 1)
    client.post(f"/imports/{run.pk}/post/", {"rows": "good"})
    work()
    assert Entry.objects.count() == 2


def test_questions_are_looked_at_before_posting(client, upload):
    run = upload(HEADER + f"华园城市,{JINYUAN},20,200,弃管\n")
    assert run.result["warnings"]
    client.post(f"/imports/{run.pk}/post/")
    work()
    assert Entry.objects.count() == 0
    client.post(f"/imports/{run.pk}/post/", {"confirmed": "1"})
    work()
    assert Entry.objects.count() == 1


def test_an_unknown_word_is_explained_once_and_remembered(client, upload):
    run = upload(HEADER + f"华园城市,{JINYUAN},20000,200,弃管楼\n")
    assert run.result["unknown_words"] == [{"field": "category", "word": "弃管楼"}]
    client.post(f"/imports/{run.pk}/words/", {"word_0": "abandoned"})
    work()
    run.refresh_from_db()
    assert (run.result["errors"], Synonym.objects.get(word="弃管楼").meaning) == ([], "abandoned")
    assert upload(HEADER + f"翠湖,{JINYUAN},20000,200,弃管楼\n").result["errors"] == []


def test_the_copy_with_remarks_names_every_error(client, upload):
    run = upload(HEADER + GOOD + BAD)
    response = client.get(f"/imports/{run.pk}/annotated.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment] == ["C3"]


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", b'a,"x'), ("a.xlsx", b"a" * 2000 + b"\0\1\2"), ("a.csv", b"1,2,3")]
)
def test_a_file_that_is_no_workbook_is_named_as_such(client, upload, name, content):
    run = upload(content, name)
    assert not run.result["readable"]
    assert client.get(f"/imports/{run.pk}/").status_code == 200
    assert client.get(f"/imports/{run.pk}/annotated.xlsx").status_code == 404
    client.post(f"/imports/{run.pk}/post/")
    work()
    assert Entry.objects.count() == 0


def test_what_a_workbook_says_is_never_markup(client, upload):
    run = upload(HEADER + f"{NASTY},{NASTY},1,1,{NASTY}\n", name=f"{NASTY}.csv")
    for path in ("/imports/", f"/imports/{run.pk}/"):
        body = client.get(path).content.decode()
        assert "<script>alert" not in body


def test_a_date_after_today_and_a_missing_file_are_named(client, page):
    page("/")
    errors = client.post("/imports/", {"workbook": "register", "default_date": "2999-01-01"}).context["form"].errors
    assert {"file", "default_date"} <= set(errors)


def test_pages_ask_for_a_log_in(client, upload):
    run = upload(HEADER + GOOD)
    client.logout()
    for path in ("/imports/", f"/imports/{run.pk}/", f"/imports/{run.pk}/annotated.xlsx"):
        assert client.get(path).status_code == 302
    assert client.post(f"/imports/{run.pk}/post/").status_code == 302
    assert Entry.objects.count() == 0
