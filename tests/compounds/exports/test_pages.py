"""Exports and templates on pages: who gets what, from where, and what a spreadsheet program makes of it."""

import io

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chaoyang_pm.kit.jobs.models import Job
from compounds.exports import services
from compounds.register.models import Compound
from tests.compounds.exports.worlds import empty, movements
from tests.compounds.imports.workbooks import accepted, counts, refused
from tests.support import HAIHE, JINYUAN, QIANJIN, day, make_compound, post_example, record, register, work

PHONE = "13904210000"


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2016-12-31")


def body(response) -> bytes:
    assert response.status_code == 200, response
    return b"".join(response.streaming_content)


def book_of(response) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(body(response)))


def grid(page) -> list[tuple]:
    return list(page.iter_rows(values_only=True))


def codes(page) -> list[str]:
    return [row[0] for row in grid(page)[1:]]


# --- 台账 and 变更 ---------------------------------------------------------------------------------------
def test_a_county_exports_itself_and_nothing_of_its_neighbours(client, cast):
    post_example()
    client.force_login(cast["county"])
    book = book_of(client.post("/exports/", {"division": "211302"}))
    assert book.sheetnames == ["台账", "变更"]
    assert codes(book["台账"]) == ["A", "B", "C", "D", "F"]
    assert {row[0] for row in grid(book["变更"])[1:]} == {"A", "C", "D"}
    refused_ = client.post("/exports/", {"division": "211303"})
    assert (refused_.status_code, refused_.context["form"].errors.keys()) == (200, {"division"})


@pytest.mark.parametrize(("role", "shown"), [("bureau", PHONE), ("county", PHONE), ("auditor", "139****0000")])
def test_telephones_are_masked_for_whoever_may_not_export_them(client, cast, role, shown):
    make_compound("A", phone=PHONE)
    register("A")
    record("takeover", "2014-02-01", "A", mode_to="owners", details={"phone": PHONE})
    client.force_login(cast[role])
    book = book_of(client.post("/exports/", {"division": "211302"}))
    header = {label: index for index, label in enumerate(grid(book["台账"])[0])}
    assert grid(book["台账"])[1][header["联系电话"]] == shown
    header = {label: index for index, label in enumerate(grid(book["变更"])[0])}
    assert grid(book["变更"])[1][header["联系电话"]] == shown


def test_masked_telephones_overwrite_nothing_when_they_come_back(client, cast, tmp_path):
    make_compound("A", phone=PHONE, name="金元小区")
    register("A")
    client.force_login(cast["auditor"])
    path = tmp_path / "导出.xlsx"
    path.write_bytes(body(client.post("/exports/", {"division": "2113"})))
    accepted("import_compounds", path)
    assert Compound.objects.get(code="A").phone == PHONE


def test_nothing_that_was_typed_is_a_formula_and_codes_keep_their_zeros(client, cast):
    make_compound(
        "007", name="=1+1", note="@SUM(A1)", address="http://example.cn", committee_term_ends=day("2017-06-30")
    )
    register("007")
    client.force_login(cast["bureau"])
    sheet = book_of(client.post("/exports/", {"division": "2113"}))["台账"]
    cells = {sheet.cell(1, cell.column).value: cell for cell in sheet[2]}
    assert (cells["小区编号"].value, cells["小区编号"].data_type) == ("007", "s")
    for label, value in (("小区名称", "=1+1"), ("备注", "@SUM(A1)"), ("地址", "http://example.cn")):
        assert (cells[label].value, cells[label].data_type, cells[label].hyperlink) == (value, "s", None)
    assert cells["业委会届满日"].is_date
    assert cells["登记日期"].value.date() == day("2014-01-01")
    assert cells["建筑面积(㎡)"].value == 1000


def test_a_large_export_is_a_job_whose_file_only_its_owner_gets(client, cast, monkeypatch, tmp_path):
    post_example()
    monkeypatch.setattr(services, "QUICK", 3)
    client.force_login(cast["bureau"])
    answer = client.post("/exports/", {"division": "2113"})
    (job,) = Job.objects.filter(kind="exports.write")
    assert answer.url == f"/jobs/{job.pk}/"
    assert client.post("/exports/", {"division": "2113"}).url == answer.url  # under way already
    assert client.get(f"/exports/{job.pk}/").status_code == 404  # not there yet
    assert [job.state for job in work()] == ["done"]
    job.refresh_from_db()
    assert job.result["rows"] == 16
    assert job.page == f"/exports/{job.pk}/"
    path = tmp_path / "导出.xlsx"
    path.write_bytes(body(client.get(job.page)))
    before = movements()
    empty()
    accepted("import_compounds", path)
    accepted("import_entries", path)
    assert movements() == before
    client.force_login(cast["auditor"])
    assert client.get(job.page).status_code == 404
    monkeypatch.setattr(services, "KEPT", timezone.timedelta(0))
    assert len(services.sweep()) == 1
    client.force_login(cast["bureau"])
    assert client.get(job.page).url == "/exports/"


# --- the list as it is seen ------------------------------------------------------------------------------
def test_the_list_is_exported_as_it_is_filtered(client, cast):
    post_example()
    Compound.objects.filter(code="B").update(phone=PHONE)
    client.force_login(cast["committee"])
    columns = "households,total,managed,unmanaged,rate,categories,modes,phone"
    sheet = book_of(client.get(f"/exports/compounds.xlsx?as_of=2015-12-31&columns={columns}&sort=-total"))["台账"]
    rows = {row[0]: row for row in grid(sheet)[1:]}
    assert list(rows) == ["C", "B", "F"]  # what lies or lay in 前进社区, the largest first
    assert rows["C"][2:6] == (800, 80000, 20000, 60000)
    assert rows["C"][6:9] == (0.25, "其他未实施物业管理", "未实施物业管理、专业化物业管理")
    assert rows["B"][9] == "139****0000"
    lines = (
        body(client.get("/exports/compounds.csv?as_of=2015-12-31&category=renovated")).decode("utf-8-sig").split("\r\n")
    )
    assert [line.split(",")[0] for line in lines[1:-1]] == ["B"]
    assert client.get("/exports/compounds.pdf").status_code == 404
    assert client.get("/exports/compounds.csv?as_of=2014-13-40").status_code == 400


def test_the_queries_of_the_list_do_not_grow_with_its_rows(client, cast):
    for number in range(30):
        register(f"A{number:02}")
    client.force_login(cast["bureau"])
    client.get("/exports/compounds.csv")  # what is kept from page to page is there
    counted = []
    for query in ("?q=A00&columns=modes,provider,note", "?columns=modes,provider,note"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert body(client.get(f"/exports/compounds.csv{query}"))
        counted.append(len(queries))
    assert counted[0] == counted[1]


def test_a_csv_calculates_nothing(client, cast):
    make_compound("A", name="=cmd|' /C calc'!A0", address="+86", contact="-")
    register("A")
    client.force_login(cast["bureau"])
    text = body(client.get("/exports/compounds.csv?columns=address,contact")).decode("utf-8-sig")
    assert "A,'=cmd|' /C calc'!A0," in text
    assert ",'+86," in text


# --- templates -------------------------------------------------------------------------------------------
def template(client, workbook: str, query: str = "") -> openpyxl.Workbook:
    return book_of(client.get(f"/exports/templates/{workbook}.xlsx{query}"))


def saved(book: openpyxl.Workbook, path, rows: list[dict], sheet: str):
    """Fill rows in below what is there, as a clerk does."""
    page = book[sheet]
    columns = {cell.value.rstrip("*"): cell.column for cell in page[1]}
    for number, row in enumerate(rows, start=2):
        for label, value in row.items():
            page.cell(number, columns[label]).value = value
    book.save(path)
    return path


REGISTER_ROW = {
    "小区名称": "华园城市小区", "县(市、区)": "双塔区", "社区": f"金元社区 {JINYUAN}", "小区类型": "封闭小区",
    "建筑面积(㎡)": 52300.5, "户数": 560, "面积来源": "测绘", "小区类别": "弃管小区", "管理模式": "专业化物业管理",
    "登记日期": day("2014-01-01"), "接管日期": day("2014-05-10"), "物业服务单位": "金鼎物业",
}  # fmt: skip


def test_a_template_filled_in_is_imported_without_a_warning(client, cast, tmp_path):
    client.force_login(cast["bureau"])
    book = template(client, "register")
    name = book["台账"]
    assert [cell.value for cell in name[1] if cell.value.endswith("*")] == ["小区名称*", "社区*"]
    path = saved(book, tmp_path / "台账.xlsx", [REGISTER_ROW | {"社区": community_cell(book)}], "台账")
    result = accepted("import_compounds", path)
    assert (counts(result), result["warnings"]) == ((1, 0, 0, 2, 0), [])
    code = Compound.objects.get().code
    book = template(client, "entries", "?division=211302")
    assert grid(book["变更"])[1][:2] == (code, "华园城市小区")
    rows = [{"变更类型": "撤管", "发生日期": day("2015-01-01"), "面积(㎡)": 300}]
    result = accepted("import_entries", saved(book, tmp_path / "变更.xlsx", rows, "变更"))
    assert (result["posted"], result["warnings"]) == (1, [])


def community_cell(book) -> str:
    """金元社区 as the list offers it."""
    return next(
        cell for column in book["选项"].iter_cols(values_only=True) for cell in column if cell and JINYUAN in str(cell)
    )


@pytest.mark.parametrize(("workbook", "command"), [("register", "import_compounds"), ("entries", "import_entries")])
def test_an_empty_template_says_that_it_is_empty(client, cast, tmp_path, workbook, command):
    client.force_login(cast["bureau"])
    path = tmp_path / "空.xlsx"
    template(client, workbook).save(path)
    (error,) = refused(command, path)["errors"]
    assert "有表头" in error["message"], error


def test_rows_of_a_prefilled_template_that_nobody_touched_are_skipped(client, cast, tmp_path):
    for number in range(5):
        register(f"A{number}", community=QIANJIN)
    register("H", community=HAIHE)
    client.force_login(cast["county"])
    book = template(client, "entries", "?division=211302")
    assert codes(book["变更"]) == [f"A{number}" for number in range(5)]
    path = tmp_path / "变更.xlsx"
    book.save(path)
    assert "有表头" in refused("import_entries", path)["errors"][0]["message"]
    book["变更"].cell(3, 6).value, book["变更"].cell(3, 7).value = "注销", day("2015-05-01")
    book.save(path)
    errors = refused("import_entries", path)["errors"]
    assert {error["row"] for error in errors} == {3}
    assert client.get("/exports/templates/entries.xlsx?division=211303").status_code == 404
    assert client.get("/exports/templates/register.xlsx?division=211302").status_code == 404
    assert client.get("/exports/templates/x.xlsx").status_code == 404


def test_lists_depend_on_what_stands_beside_them_and_hold_the_users_scope(client, cast):
    client.force_login(cast["county"])
    book = template(client, "register")
    assert book["选项"].sheet_state == "hidden"
    assert book["填表说明"].sheet_state == "visible"
    names = {name: book.defined_names[name].attr_text for name in book.defined_names}
    assert "双塔区_前进街道" in names
    assert "龙城区" not in names
    lists = {next(iter(rule.sqref.ranges)).min_col: rule for rule in book["台账"].data_validations.dataValidation}
    header = {cell.value.rstrip("*"): cell.column for cell in book["台账"][1]}
    assert lists[header["街道(乡镇)"]].formula1 == "INDIRECT($D2)"
    assert lists[header["社区"]].formula1 == 'IF($E2="",全部社区,INDIRECT($D2&"_"&$E2))'
    for label in ("小区类型", "小区类别", "管理模式", "面积来源", "县(市、区)"):
        assert lists[header[label]].type == "list", label
    assert book["台账"].freeze_panes == "C2"
    column = openpyxl.utils.get_column_letter(header["小区编号"])
    assert book["台账"].column_dimensions[column].width > 10
    explained = {row[0] for row in grid(book["填表说明"])}
    assert set(header) <= explained


def test_the_page_offers_what_the_user_may(client, cast):
    client.force_login(cast["county"])
    text = client.get("/exports/").content.decode()
    assert "双塔区" in text
    assert "龙城区" not in text
    assert "部分隐去" not in text
    client.force_login(cast["auditor"])
    assert "部分隐去" in client.get("/exports/").content.decode()
