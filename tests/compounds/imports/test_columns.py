"""Columns on the page: guessed, corrected, remembered for the office, forgotten; never one thing twice."""

import io

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import override

from compounds.imports.mappings import remembered
from compounds.imports.models import ColumnMapping, ImportRun, MappedColumn
from compounds.ledger.models import Entry
from compounds.register.models import Compound
from tests.compounds.imports.workbooks import accepted, refused, stored, write
from tests.support import HAIHE, JINYUAN, QIANJIN, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
ODD = ["楼盘全称", "归谁管", "建面", "户数", "小区类别"]
ROW = ["华园城市", JINYUAN, 20000, 200, "弃管"]
NEXT = ["翠湖花园", QIANJIN, 30000, 300, "弃管"]
RIGHT = {0: "name", 1: "community", 2: "area", 3: "households", 4: "category"}


def workbook(**sheets) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        page = made.create_sheet(title)
        for row in rows:
            page.append(row)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture
def log_in(client, cast):
    client.force_login(cast["bureau"])
    client.cookies["django_language"] = "en"

    def log_in(who):
        client.force_login(cast[who])

    return log_in


@pytest.fixture
def upload(client, log_in):
    def upload(content: bytes, *, kind: str = "register", name: str = "台账.xlsx") -> ImportRun:
        form = {"workbook": kind, "file": SimpleUploadedFile(name, content), "default_date": "2014-01-01"}
        response = client.post("/imports/", form)
        assert response.status_code == 302, response.context["form"].errors
        work()
        return ImportRun.objects.get(pk=response.url.split("/")[-2])

    return upload


@pytest.fixture
def assign(client):
    def assign(run: ImportRun, keys: dict[int, str], shape: int = 0):
        response = client.post(f"/imports/{run.pk}/columns/", {f"shape{shape}_{i}": key for i, key in keys.items()})
        work()
        run.refresh_from_db()
        return response

    return assign


def test_what_nobody_knows_is_assigned_on_the_page_and_known_next_month(client, upload, assign):
    run = upload(workbook(双塔区=[["说明"], ODD, ROW]))
    assert not run.result["readable"]
    assert b"See and change the columns" in client.get(f"/imports/{run.pk}/").content
    page = client.get(f"/imports/{run.pk}/columns/")
    assert [field.name for field in page.context["form"]] == [f"shape0_{index}" for index in range(5)]
    assert assign(run, RIGHT).status_code == 302
    assert (run.result["errors"], run.result["created"]) == ([], 1)
    client.post(f"/imports/{run.pk}/post/")
    work()
    assert Compound.objects.get().name == "华园城市"
    later = upload(workbook(龙城区=[ODD, NEXT]))
    assert (later.result["errors"], later.result["created"]) == ([], 1)
    body = client.get(f"/imports/{later.pk}/").content.decode()
    assert "Columns as remembered since 2" in body
    turned = upload(workbook(甲=[list(reversed(ODD)), list(reversed(NEXT))]))
    assert turned.result["created"] == 1


def test_a_column_that_is_meant_otherwise_is_corrected(upload, assign):
    """The name 小区 says one thing, the office means another."""
    run = upload(workbook(甲=[["小区", "名称", "社区", "面积", "备注"], ["一期", "华园城市", JINYUAN, 100, "x"]]))
    assert run.result["sheets"][0]["columns"][0]["key"] == "name"
    assign(run, {0: "phase", 1: "name", 2: "community", 3: "area", 4: ""})
    assert (run.result["errors"], run.result["warnings"]) == ([], [])
    keys = [column["key"] for column in run.result["sheets"][0]["columns"]]
    assert keys == ["phase", "name", "community", "area", None]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (RIGHT | {3: "area"}, ["建筑面积", "C “建面”", "D “户数”"]),
        ({0: "name"}, ["社区"]),
        (RIGHT | {2: "no such field"}, ["no such field"]),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_kept(client, upload, assign, keys, said):
    run = upload(workbook(甲=[ODD, ROW]))
    before, result = stored(), run.result
    response = assign(run, keys)
    body = response.content.decode()
    assert response.status_code == 400
    for words in said:
        assert words in body or words in str(response.context["form"].errors)
    assert (stored(), run.result, ColumnMapping.objects.count()) == (before, result, 0)


def test_the_database_keeps_one_column_for_one_thing(cast):
    mapping = ColumnMapping.objects.create(workbook="register", signature="s", updated_by=cast["bureau"])
    mapping.columns.create(heading="面积", text="面积", key="area")
    for facts in ({"heading": "建面", "key": "area"}, {"heading": "面积", "key": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            mapping.columns.create(text="x", **facts)
    ColumnMapping.objects.create(workbook="register", signature="s", division_id="211302")
    for division in (None, "211302"):
        with pytest.raises(IntegrityError), transaction.atomic():
            ColumnMapping.objects.create(workbook="register", signature="s", division_id=division)


def test_sheets_of_one_shape_are_asked_about_once_and_all_are_read(client, upload, assign):
    other = ["栋", "谁", *ODD]
    run = upload(workbook(甲=[ODD, ROW], 乙=[list(reversed(ODD)), list(reversed(NEXT))], 丙=[other, [1, "x", *ROW]]))
    groups = client.get(f"/imports/{run.pk}/columns/").context["groups"]
    assert [[sheet["name"] for sheet in group["sheets"]] for group in groups] == [["甲", "乙"], ["丙"]]
    nothing = {f"shape1_{index}": "" for index in range(7)}
    client.post(f"/imports/{run.pk}/columns/", {f"shape0_{i}": key for i, key in RIGHT.items()} | nothing)
    work()
    run.refresh_from_db()
    assert (run.result["created"], run.result["errors"]) == (2, [])
    assert [sheet["reason"] for sheet in run.result["sheets"]][2] == "Its columns are marked as not to be read."


def test_a_county_remembers_for_itself_and_the_city_for_all(upload, assign, log_in):
    city = upload(workbook(甲=[ODD, ROW]))
    assign(city, RIGHT)
    log_in("county")
    run = upload(workbook(甲=[ODD, NEXT]))
    assert run.result["sheets"][0]["memory"]["of_city"]
    assign(run, RIGHT | {3: ""})
    assert "households" not in {column["key"] for column in run.result["sheets"][0]["columns"]}
    assert not run.result["sheets"][0]["memory"]["of_city"]
    signature = run.result["sheets"][0]["signature"]
    keys = {office: remembered("register", office)[signature].meanings["户数"] for office in (None, "211302", "211303")}
    assert keys == {None: ["households"], "211302": [None], "211303": ["households"]}
    log_in("neighbour_county")
    other = upload(workbook(甲=[ODD, ["海河花园", HAIHE, 1000, 20, "弃管"]]))
    assert other.result["sheets"][0]["memory"]["of_city"]


def test_the_command_line_goes_by_what_the_city_remembers(upload, assign, log_in, tmp_path):
    path = write(tmp_path / "台账.xlsx", [ODD, ["甲园", "211303004001", 500, 5, "弃管"]])
    log_in("county")
    assign(upload(workbook(甲=[ODD, NEXT])), RIGHT)
    refused("import_compounds", path)
    log_in("bureau")
    assign(upload(workbook(甲=[ODD, NEXT])), RIGHT)
    assert accepted("import_compounds", path)["created"] == 1


def test_what_was_shown_is_posted_whatever_was_remembered_since(client, upload, assign):
    run = upload(workbook(甲=[ODD, ROW]))
    assign(run, RIGHT)
    other = upload(workbook(甲=[ODD, NEXT]))
    assign(other, RIGHT | {2: "", 3: "area"})
    client.post(f"/imports/{run.pk}/post/")
    work()
    assert Entry.objects.get().area_dm2 == 2_000_000


def test_what_is_remembered_can_be_forgotten_and_leaves_a_trail(client, upload, assign, cast):
    run = upload(workbook(甲=[ODD, ROW]))
    assign(run, RIGHT)
    mapping = ColumnMapping.objects.get()
    assert "楼盘全称" in client.get("/imports/mappings/").content.decode()
    response = client.post(f"/imports/mappings/{mapping.pk}/forget/", {"run": str(run.pk)})
    assert response.url == f"/imports/{run.pk}/"
    work()
    run.refresh_from_db()
    assert (run.result["readable"], MappedColumn.objects.count()) == (False, 0)
    trail = LogEntry.objects.filter(content_type__model="columnmapping").order_by("pk")
    assert [(entry.action, entry.actor) for entry in trail] == [(0, cast["bureau"]), (2, cast["bureau"])]
    assert LogEntry.objects.filter(content_type__model="mappedcolumn").count() == 10


def test_a_posted_import_keeps_its_columns(client, upload, assign):
    run = upload(workbook(甲=[["小区名称", "社区", "面积"], ROW[:3]]))
    client.post(f"/imports/{run.pk}/post/")
    work()
    assert assign(run, {0: "name", 1: "community", 2: ""}).status_code == 302
    client.post(f"/imports/{run.pk}/switch/")
    run.refresh_from_db()
    assert (run.state, run.workbook, ColumnMapping.objects.count()) == ("posted", "register", 0)


def test_the_other_workbook_is_offered_to_be_checked_as_such(client, upload):
    changes = [["小区编号", "变更类型", "发生日期"], ["X", "接管", "2014-05-01"]]
    run = upload(workbook(变更=changes))
    assert not run.result["readable"]
    assert "holds changes" in client.get(f"/imports/{run.pk}/").content.decode()
    client.post(f"/imports/{run.pk}/switch/")
    work()
    run.refresh_from_db()
    assert (run.workbook, run.result["rows"]) == ("entries", 1)


def test_a_header_cannot_bring_markup_into_the_page(client, upload):
    nasty = "<script>alert('x')</script>"
    run = upload(workbook(甲=[[nasty, "b", "c"], [nasty, nasty, 3]]))
    for path in (f"/imports/{run.pk}/", f"/imports/{run.pk}/columns/"):
        assert "<script>alert" not in client.get(path).content.decode()
