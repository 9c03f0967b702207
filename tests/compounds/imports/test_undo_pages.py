"""撤销本次导入 on the pages: what it would do, the reason, and what the import's page says afterwards."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compounds.imports.models import ImportRun
from compounds.ledger.models import Entry
from compounds.register.models import Compound
from compounds.register.services import update_facts
from tests.support import JINYUAN, record, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
HEADER = "小区编号,小区名称,社区,建筑面积(㎡),户数,小区类别,联系人,联系电话,建成年份\n"


@pytest.fixture
def imported(client, page):
    """Uploads and posts rows on the pages and returns the import."""
    page("/")

    def send(*rows: str) -> ImportRun:
        file = SimpleUploadedFile("台账.csv", (HEADER + "".join(f"{row}\n" for row in rows)).encode())
        response = client.post("/imports/", {"workbook": "register", "file": file, "default_date": "2014-01-01"})
        work()
        run = ImportRun.objects.get(pk=response.url.split("/")[-2])
        client.post(f"/imports/{run.pk}/post/", {"confirmed": "1"})
        work()
        run.refresh_from_db()
        assert run.state == "posted", run.result
        return run

    return send


@pytest.fixture
def undone(client):
    """Asks for the undo on the pages, lets a worker do it, and returns the import's page."""

    def send(run: ImportRun, reason: str = "传错了文件") -> str:
        client.post(f"/imports/{run.pk}/undo/", {"reason": reason})
        work()
        run.refresh_from_db()
        return client.get(f"/imports/{run.pk}/").content.decode()

    return send


def row(code: str, area: str = "20000", contact: str = "", phone: str = "") -> str:
    return f"{code},小区{code},{JINYUAN},{area},200,弃管,{contact},{phone}"


def test_an_import_is_undone_after_a_look_at_what_that_does(client, imported, undone, bureau):
    run = imported(row("A1"), row("A2", ""))
    assert f"/imports/{run.pk}/undo/" in client.get(f"/imports/{run.pk}/").content.decode()
    body = client.get(f"/imports/{run.pk}/undo/").content.decode()
    for shown in ("小区A1", "小区A2", "−2.00", 'name="reason"'):
        assert shown in body, shown
    assert Entry.objects.count() == 1
    body = undone(run)
    for shown in ("传错了文件", "王芳", "本次导入已撤销", "?workbook=register"):
        assert shown in body, shown
    assert f"/imports/{run.pk}/undo/" not in body
    assert (run.state, run.undone_by, Entry.objects.latest("height").recorded_by) == ("undone", bureau, bureau)
    assert not Compound.objects.exclude(status="retired").exists()


def test_without_a_reason_nothing_is_undone(client, imported):
    run = imported(row("A1"))
    response = client.post(f"/imports/{run.pk}/undo/", {"reason": " "})
    assert response.context["form"].errors["reason"]
    assert Entry.objects.count() == 1


def test_twice_undoes_once_and_says_so(client, imported, undone):
    run = imported(row("A1"))
    for _time in range(2):  # one after the other before a worker comes, and once more when it is done
        response = client.post(f"/imports/{run.pk}/undo/", {"reason": "传错了文件"}, follow=True)
    assert "撤销导入" in response.content.decode()
    assert f"/imports/{run.pk}/undo/" not in response.content.decode()
    work()
    assert "已撤销" in undone(run)
    assert Entry.objects.count() == 2


def test_what_is_in_the_way_is_named_and_nothing_is_offered(client, imported, undone):
    run = imported(row("A1"))
    for number in range(7):
        record("takeover", "2014-05-01", "A1", mode_to="owners", m2=1000 + number)
    body = client.get(f"/imports/{run.pk}/undo/").content.decode()
    assert body.count("2014-05-01") == 7
    assert 'name="reason"' not in body
    body = undone(run)
    assert body.count("2014-05-01") == 5
    assert "另有 2 笔" in body
    assert (run.state, Entry.objects.count()) == ("posted", 8)


def test_facts_that_go_back_and_those_that_stay_are_shown_with_masked_telephones(client, imported, undone, bureau):
    imported(row("A1", contact="张三", phone="13904210001"))
    run = imported(row("A1", contact="李四", phone="13904219999") + ",1998")
    update_facts(compound=Compound.objects.get(), changes={"contact": "王五"}, by=bureau)
    body = client.get(f"/imports/{run.pk}/undo/").content.decode()
    assert "联系人" in body
    assert "139****" in body
    assert "1998" in body
    assert "None" not in body
    assert "13904210001" not in body
    assert "导入后已另行修改" in undone(run)


def test_a_checked_file_cannot_be_undone(client, page):
    page("/")
    file = SimpleUploadedFile("台账.csv", (HEADER + row("A1")).encode())
    client.post("/imports/", {"workbook": "register", "file": file, "default_date": "2014-01-01"})
    work()
    run = ImportRun.objects.get()
    assert 'name="reason"' not in client.get(f"/imports/{run.pk}/undo/").content.decode()
    client.post(f"/imports/{run.pk}/undo/", {"reason": "传错了文件"})
    assert not work()
    run.refresh_from_db()
    assert run.state == "checked"


def test_queries_do_not_grow_with_rows(client, imported, undone):
    few = imported(row("A1", contact="张"), row("A2", ""))
    many = imported(*(row(f"B{number}", "" if number % 3 else "500", contact="张") for number in range(60)))

    def queries(do) -> int:
        with CaptureQueriesContext(connection) as captured:
            do()
        return len(captured)

    look, act = (lambda run: lambda: client.get(f"/imports/{run.pk}/undo/")), (lambda run: lambda: undone(run))
    assert queries(look(many)) <= queries(look(few))
    assert queries(act(many)) <= queries(act(few))


def test_who_may_not_undo_sees_no_way_to_it(client, cast, imported):
    run = imported(row("A1"))
    for name, status in (("auditor", 403), ("neighbour_county", 404), ("county", 404), ("bureau", 200)):
        client.force_login(cast[name])
        assert client.get(f"/imports/{run.pk}/undo/").status_code == status, name
    client.force_login(cast["auditor"])
    assert f"/imports/{run.pk}/undo/" not in client.get(f"/imports/{run.pk}/").content.decode()


def test_a_county_undoes_its_own_import(client, cast, undone):
    client.force_login(cast["county"])
    file = SimpleUploadedFile("台账.csv", (HEADER + row("A1")).encode())
    client.post("/imports/", {"workbook": "register", "file": file, "default_date": "2014-01-01"})
    work()
    run = ImportRun.objects.get()
    client.post(f"/imports/{run.pk}/post/")
    work()
    client.force_login(cast["neighbour_county"])
    assert client.post(f"/imports/{run.pk}/undo/", {"reason": "传错了文件"}).status_code == 404
    client.force_login(cast["county"])
    undone(run)
    assert (run.state, run.undone_by) == ("undone", cast["county"])
