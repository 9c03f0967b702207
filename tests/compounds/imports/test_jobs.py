"""Imports in the background: followed on a page, cancelled between rows, ended together with their entries."""

import errno
import json
import uuid

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from chaoyang_pm.kit.jobs import services as jobs
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.running import Progress
from compounds.imports import runs
from compounds.imports.models import ImportRun
from compounds.imports.reading import Import
from compounds.ledger.models import Entry
from compounds.register.models import Compound
from tests.support import JINYUAN, ask, day, run_sql, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
HEADER = "小区名称,社区,建筑面积(㎡),户数,小区类别\n"
GOOD = HEADER + "".join(f"第{number}小区,{JINYUAN},2000,20,弃管\n" for number in range(1, 11))
BAD = GOOD + f"翠湖花园,{JINYUAN},-5,20,弃管\n"


FULL_SQLITE = (
    "CREATE TRIGGER f BEFORE INSERT ON compounds_posting BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
)


@pytest.fixture
def upload(client, bureau):
    """Uploads a workbook through the page and returns its import; nobody has looked at it yet."""
    client.force_login(bureau)

    def send(text: str = GOOD):
        form = {"workbook": "register", "default_date": "2014-01-01"}
        response = client.post("/imports/", form | {"file": SimpleUploadedFile("台账.csv", text.encode())})
        assert response.status_code == 302, response.context["form"].errors
        return ImportRun.objects.get(pk=response.url.split("/")[-2])

    return send


@pytest.fixture
def checked(upload):
    run = upload()
    work()
    run.refresh_from_db()
    return run


def job_of(run: ImportRun) -> Job:
    return Job.objects.filter(key=runs.key_of(run)).latest("created_at")


def open_job(run: ImportRun, *, skip_bad_rows: bool = False) -> Job:
    return runs.post(run=run, skip_bad_rows=skip_bad_rows, by=run.created_by)


def test_a_check_is_followed_and_left_and_its_end_is_in_the_bell(client, upload):
    run = upload()
    job, address = job_of(run), f"/imports/{run.pk}/"
    assert run.state == "waiting"
    body = client.get(address).content.decode()
    assert f'hx-get="/jobs/{job.pk}/progress/"' in body
    assert "<progress" in client.get(f"/jobs/{job.pk}/progress/").content.decode()
    assert "bell-number" not in body
    work()
    assert client.get(f"/jobs/{job.pk}/progress/").headers["HX-Refresh"] == "true"
    bell = client.get("/imports/").content.decode()
    assert '<span class="bell-number">1</span>' in bell
    assert f'href="{address}"' in bell
    assert "检查完毕" in bell
    assert client.get(address).status_code == 200
    assert "bell-number" not in client.get("/imports/").content.decode()
    job.refresh_from_db()
    assert (job.done, job.total, job.result["rows"]) == (10, 10, 10)


def test_posting_is_a_job_that_ends_with_the_import(client, checked):
    client.post(f"/imports/{checked.pk}/post/")
    checked.refresh_from_db()
    assert (checked.state, Entry.objects.count()) == ("checked", 0)
    body = client.get(f"/imports/{checked.pk}/").content.decode()
    assert "<progress" in body
    assert f'action="/imports/{checked.pk}/post/"' not in body
    (job,) = work()
    checked.refresh_from_db()
    assert (job.state, job.result["posted"], job.created_by) == ("done", 10, checked.created_by)
    assert (checked.state, Entry.objects.count()) == ("posted", 10)
    assert set(Entry.objects.values_list("recorded_by", flat=True)) == {"wangfang"}


def test_two_clicks_are_one_job(client, checked):
    for _click in range(2):
        response = client.post(f"/imports/{checked.pk}/post/", follow=True)
    assert "正在进行" in response.content.decode()
    assert len(work()) == 1


@pytest.mark.parametrize("rows_seen", [7, 17])
def test_cancelling_between_rows_leaves_nothing(client, checked, monkeypatch, rows_seen):
    """While the rows are checked, and while they are posted."""
    job, seen, advance = open_job(checked), [], Progress.advance

    def watched(progress: Progress, *args, **kwargs) -> None:
        seen.append(args)
        if len(seen) == rows_seen:
            client.post(f"/jobs/{job.pk}/cancel/")
            progress.cancelled = Job.objects.get(pk=job.pk).cancel_requested
        advance(progress, *args, **kwargs)

    monkeypatch.setattr(Progress, "advance", watched)
    work()
    monkeypatch.undo()
    job.refresh_from_db()
    checked.refresh_from_db()
    assert len(seen) == rows_seen
    assert (job.state, checked.state) == ("cancelled", "checked")
    assert (Entry.objects.count(), Compound.objects.count()) == (0, 0)
    client.post(f"/jobs/{job.pk}/again/")
    work()
    assert Entry.objects.count() == 10


def test_a_post_whose_lease_is_gone_leaves_nothing(checked, monkeypatch):
    job, finishing = open_job(checked), Progress.finishing

    def too_late(progress: Progress, *args) -> None:
        progress.job.lease = uuid.uuid4()  # as if the row had another one by now
        finishing(progress, *args)

    monkeypatch.setattr(Progress, "finishing", too_late)
    work()
    job.refresh_from_db()
    checked.refresh_from_db()
    assert (job.state, checked.state, Entry.objects.count()) == ("running", "checked", 0)


def test_errors_refuse_the_posting_and_the_page_shows_them_as_they_are_now(client, upload):
    run = upload(BAD)
    work()
    job = open_job(run)
    work()
    job.refresh_from_db()
    run.refresh_from_db()
    assert (job.state, job.result["posted"], [error["row"] for error in job.result["errors"]]) == ("failed", 0, [12])
    assert (run.state, run.result["accepted"], Entry.objects.count()) == ("checked", 10, 0)
    assert job.message in client.get(f"/imports/{run.pk}/").content.decode()


def test_what_was_posted_meanwhile_is_not_posted_again(checked):
    job = open_job(checked)
    ImportRun.objects.update(state="posted")
    work()
    job.refresh_from_db()
    assert (job.state, Entry.objects.count()) == ("failed", 0)


# --- a full disk -------------------------------------------------------------------------------------------
def no_space(*args, **kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_at_the_upload_is_named_and_leaves_nothing(client, bureau, monkeypatch, data_folder):
    client.force_login(bureau)
    save = FileSystemStorage._save

    def half(storage, name, content):
        save(storage, name, SimpleUploadedFile("half", b"h"))
        no_space()

    monkeypatch.setattr(FileSystemStorage, "_save", half)
    form = {"workbook": "register", "default_date": "2014-01-01", "file": SimpleUploadedFile("台账.csv", GOOD.encode())}
    response = client.post("/imports/", form)
    assert "磁盘已满" in response.content.decode()
    assert not ImportRun.objects.exists()
    assert not Job.objects.exists()
    assert [path for path in data_folder.rglob("imports/*") if path.is_file()] == []


def test_a_full_disk_at_the_copy_with_remarks_is_named(client, checked, monkeypatch):
    monkeypatch.setattr(Import, "annotate", no_space)
    response = client.get(f"/imports/{checked.pk}/annotated.xlsx", follow=True)
    assert "磁盘已满" in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_full_database_fails_the_job_which_is_started_again(client, checked, caplog):
    job = open_job(checked)
    if connection.vendor == "sqlite":
        full = [FULL_SQLITE]
        freed = ["DROP TRIGGER f"]
    else:
        full = [
            "CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'disk_full'; END $$ "
            "LANGUAGE plpgsql",
            "CREATE TRIGGER f BEFORE INSERT ON compounds_posting FOR EACH ROW EXECUTE FUNCTION f()",
        ]
        freed = ["DROP TRIGGER f ON compounds_posting", "DROP FUNCTION f()"]
    for statement in full:
        run_sql(statement)
    try:
        work()
    finally:
        for statement in freed:
            run_sql(statement)
    job.refresh_from_db()
    checked.refresh_from_db()
    assert job.state == "failed"
    assert "磁盘已满" in job.message
    assert (checked.state, Entry.objects.count(), Compound.objects.count()) == ("checked", 0, 0)
    jobs.start_again(job=job, by=None)
    work()
    assert Entry.objects.count() == 10


# --- commands ----------------------------------------------------------------------------------------------
@pytest.fixture
def file(tmp_path):
    def write(text: str = GOOD) -> str:
        path = tmp_path / "台账.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def listed() -> list[dict]:
    return json.loads(ask("jobs", "--format", "json").out)


def test_a_command_leaves_an_import_to_a_worker(file):
    path = file()
    answer = ask("import_compounds", path, "--background", "--format", "json")
    assert answer.code == 0, answer
    assert answer.json == listed()[0]
    assert answer.json | {"id": "", "result": None} == {
        "id": "", "kind": "imports.post", "state": "queued", "done": 0, "total": None, "result": None,
    }  # fmt: skip
    assert Entry.objects.count() == 0
    work()
    (job,) = listed()
    assert (job["state"], job["done"], job["total"]) == ("done", 10, 10)
    assert set(job["result"]) >= {
        "rows", "created", "updated", "unchanged", "posted", "area_pending", "errors", "warnings", "height",
    }  # fmt: skip
    assert (job["result"]["posted"], job["result"]["height"], Entry.objects.count()) == (10, 10, 10)
    assert ask("import_compounds", path, "--format", "json").json["unchanged"] == 10


def test_a_command_in_the_background_checks_only_or_skips_bad_rows(file, tmp_path):
    path, copy = file(BAD), tmp_path / "检查结果.xlsx"
    for options in (["--dry-run"], [], ["--skip-bad-rows", "--annotated", str(copy)]):
        ask("import_compounds", path, "--background", "--effective-on", "2014-02-01", *options)
        work()
    skipped, refused, rehearsed = listed()
    assert [job["state"] for job in (skipped, refused, rehearsed)] == ["done", "failed", "done"]
    assert [job["result"]["posted"] for job in (skipped, refused)] == [10, 0]
    assert [len(job["result"]["errors"]) for job in (skipped, refused, rehearsed)] == [1, 1, 1]
    assert set(Entry.objects.values_list("effective_on", flat=True)) == {day("2014-02-01")}
    assert copy.read_bytes().startswith(b"PK")


def test_a_command_in_the_background_without_a_file_is_refused(tmp_path):
    answer = ask("import_compounds", str(tmp_path / "none.csv"), "--background", "--format", "json")
    assert answer.code == 1
    assert "none.csv" in answer.err
    assert answer.json["errors"]
    assert listed() == []


def test_jobs_are_listed_as_a_table_too(file):
    assert ask("jobs").out.split() == ["id", "kind", "state", "done", "total", "result"]
    ask("import_compounds", file(), "--background")
    assert "imports.post\tqueued\t0\t—\t—" in ask("jobs").out
