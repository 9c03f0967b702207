"""The workbook of buildings: checked, posted, posted again, undone; read from exports and written into templates."""

import io

import openpyxl
import pytest
from auditlog.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile

from compounds.imports.models import ImportRun
from compounds.ledger.models import Entry
from compounds.register import buildings
from compounds.register.models import Building, Compound
from tests.support import HAIHE, JINYUAN, QIANJIN, make_compound, record, register, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
HEADER = ["小区编号", "小区名称", "社区", "楼号", "层数", "单元数", "户数", "建筑面积(㎡)", "建成年份"]


@pytest.fixture(autouse=True)
def compounds():
    register("A", community=JINYUAN)
    register("N", community=HAIHE)
    make_compound("B", QIANJIN, "华园小区")


def csv(*rows: str, header=HEADER) -> bytes:
    return ("\n".join([",".join(header), *rows]) + "\n").encode()


@pytest.fixture
def upload(client, cast):
    """Uploads rows as one of the cast and returns the import, checked."""

    def send(*rows: str, name: str = "bureau", content: bytes | None = None, workbook="buildings") -> ImportRun:
        client.force_login(cast[name])
        file = SimpleUploadedFile("楼栋.csv", csv(*rows) if content is None else content)
        answer = client.post("/imports/", {"workbook": workbook, "file": file, "default_date": "2014-01-01"})
        work()
        return ImportRun.objects.get(pk=answer.url.split("/")[-2])

    return send


@pytest.fixture
def posted(client, upload):
    def send(*rows: str, **how) -> ImportRun:
        run = upload(*rows, **how)
        client.post(f"/imports/{run.pk}/post/", {"confirmed": "1"})
        work()
        run.refresh_from_db()
        assert run.state == "posted", run.result
        return run

    return send


def undo(client, run: ImportRun) -> str:
    client.post(f"/imports/{run.pk}/undo/", {"reason": "传错了"})
    work()
    return client.get(f"/imports/{run.pk}/").content.decode()


def standing() -> list[tuple]:
    rows = Building.objects.filter(is_removed=False).order_by("compound__code", "name")
    return list(rows.values_list("compound__code", *buildings.FIELDS))


def problems(run: ImportRun) -> set[tuple[int, str]]:
    return {(finding["row"], finding["column"]) for finding in run.result["errors"]}


ROWS = ("A,,,1号楼,6,4,48,4360.5,1998", f",华园小区,{QIANJIN},2号楼,,,,,")
FIRST = ("A", "1号楼", 6, 4, 48, 436050, 1998)


def test_buildings_are_posted_and_no_figure_moves(client, posted, cast):
    heights = Entry.objects.count()
    run = posted(*ROWS)
    assert standing() == [FIRST, ("B", "2号楼", None, None, None, None, None)]
    assert (run.result["created"], run.result["posted"], run.first_height) == (2, 0, None)
    assert Entry.objects.count() == heights
    page = client.get(f"/imports/{run.pk}/").content.decode()
    assert "新增楼栋" in page
    told = LogEntry.objects.get_for_model(Building).filter(cid=f"import:{run.pk}")
    assert {(one.actor, one.action) for one in told} == {(cast["bureau"], LogEntry.Action.CREATE)}
    assert "1号楼" in client.get("/compounds/A/").content.decode()


def test_the_same_file_again_changes_nothing_and_filled_cells_change_what_they_say(posted, upload):
    posted(*ROWS)
    assert (upload(*ROWS).result["unchanged"], upload(*ROWS).result["created"]) == (2, 0)
    run = posted("A,,,1号楼,7,,,,")
    assert (run.result["updated"], standing()[0]) == (1, ("A", "1号楼", 7, 4, 48, 436050, 1998))


def test_every_mistake_stands_at_its_cell(upload):
    run = upload(
        "A,,,1号楼,六,4,-1,x,1998", "A,,,,6,,,,", "Z,,,1号楼,,,,,", ",没有的,211302003001,1号楼,,,,,",
        ",华园小区,,1号楼,,,,,", "A,,,3号楼,201,,,,", "A,,,4号楼,,,,,", "A,,,4号楼,5,,,,", f"A,,,{'长' * 61},,,,,",
    )  # fmt: skip
    assert problems(run) == {
        (2, "层数"), (2, "户数"), (2, "建筑面积(㎡)"), (3, "楼号"), (4, "小区编号"), (5, "小区名称"), (6, "社区"),
        (7, "层数"), (9, "楼号"), (10, "楼号"),
    }  # fmt: skip
    assert run.result["accepted"] == 1
    assert standing() == []


def test_rows_without_errors_can_be_posted_alone(client, upload):
    run = upload("A,,,1号楼,6,,,,", "Z,,,1号楼,,,,,")
    client.post(f"/imports/{run.pk}/post/", {"rows": "good", "confirmed": "1"})
    work()
    assert [row[:2] for row in standing()] == [("A", "1号楼")]


def test_a_county_posts_its_own_only(client, upload, posted):
    assert problems(upload("N,,,1号楼,,,,,", name="county")) == {(2, "小区编号")}
    posted("A,,,1号楼,,,,,", name="county")
    assert [row[:2] for row in standing()] == [("A", "1号楼")]


def test_the_annotated_copy_has_the_remarks(client, upload):
    run = upload("Z,,,1号楼,,,,,")
    copy = openpyxl.load_workbook(io.BytesIO(client.get(f"/imports/{run.pk}/annotated.xlsx").content))
    assert any(cell.comment for row in copy.worksheets[0] for cell in row)


def test_undone_what_was_added_goes_and_what_was_changed_goes_back(client, posted):
    posted(*ROWS)
    run = posted("A,,,1号楼,9,,,,", "A,,,3号楼,9,,,,")
    shown = client.get(f"/imports/{run.pk}/undo/").content.decode()
    assert "楼栋" in shown
    page = undo(client, run)
    assert "本次导入已撤销" in page
    assert standing() == [FIRST, ("B", "2号楼", None, None, None, None, None)]
    posted("A,,,3号楼,9,,,,")
    assert ("A", "3号楼", 9, None, None, None, None) in standing()


def test_what_somebody_changed_since_stays_and_is_named(client, posted, cast):
    run = posted(*ROWS)
    one = Building.objects.get(name="1号楼")
    values = {name: getattr(one, name) for name in buildings.FIELDS} | {"floors": 30}
    buildings.save(compound=one.compound, values=values, by=cast["county"], building=one)
    assert "1号楼" in undo(client, run)
    assert [row[:3] for row in standing()] == [("A", "1号楼", 30)]


def test_a_register_and_buildings_are_told_apart(client, upload):
    register_rows = csv(f"新小区,{JINYUAN},20000,200,弃管", header=["小区名称", "社区", "建筑面积", "户数", "小区类别"])
    run = upload(content=register_rows)
    assert not run.result["readable"]
    client.post(f"/imports/{run.pk}/switch/")
    work()
    run.refresh_from_db()
    assert (run.workbook, run.result["rows"]) == ("register", 1)
    run = upload(*ROWS, workbook="register")
    assert not run.result["readable"]
    client.post(f"/imports/{run.pk}/switch/")
    work()
    run.refresh_from_db()
    assert (run.workbook, run.result["created"]) == ("buildings", 2)


def test_the_template_offers_lists_and_is_read_as_it_is(client, cast, upload):
    client.force_login(cast["county"])
    content = b"".join(client.get("/exports/templates/buildings.xlsx?division=211302").streaming_content)
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["楼栋"]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:2] == ["小区编号*", "小区名称"]
    assert sheet.data_validations.dataValidation
    row = [cell.value for cell in sheet["A"]].index("A") + 1
    sheet.cell(row, heads.index("楼号*") + 1).value = "8号楼"
    file = io.BytesIO()
    book.save(file)
    run = upload(content=file.getvalue(), name="county")
    assert (run.result["errors"], run.result["rows"], run.result["created"]) == ([], 1, 1)


def test_what_is_exported_is_imported_again(client, cast, posted, upload):
    record("takeover", "2014-05-01", "A", m2=1, mode_to="owners")
    posted(*ROWS)
    before = standing()
    client.force_login(cast["bureau"])
    answer = client.post("/exports/", {"division": "2113"})
    content = b"".join(answer.streaming_content)
    assert upload(content=content).result["unchanged"] == 2
    Building.objects.all().delete()
    posted(content=content)
    assert standing() == before
    for workbook in ("register", "entries"):
        assert upload(content=content, workbook=workbook).result["errors"] == []


def test_the_command_line_imports_them(tmp_path):
    from tests.support import ask_json

    path = tmp_path / "楼栋.csv"
    path.write_bytes(csv(*ROWS))
    assert ask_json("import_buildings", str(path))["created"] == 2
    assert Compound.objects.get(code="A").building_rows.count() == 1
