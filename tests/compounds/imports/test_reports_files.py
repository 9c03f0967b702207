"""Any workbook of reports: read, told from others, remembered; who may send it; taken just when the form takes it."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from compounds.imports.models import ImportRun
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.reports import services as reports
from compounds.reports.choices import ReportKind
from compounds.reports.claims import Claim
from compounds.reports.models import Report
from tests.compounds.imports.reporting import (
    HEADER,
    book,
    confirm,
    facts,
    line,
    places,
    takeover,
)
from tests.support import QIANJIN, day, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference", "small_city")]


# --- any workbook --------------------------------------------------------------------------------------
def two_headers(sheet, _book):
    """A title, groups over the columns, merged, and a signature below."""
    sheet.insert_rows(1, 2)
    sheet["A1"] = "双塔区前进街道代社区上报表"
    sheet.merge_cells("A1:Q1")
    sheet["A2"] = "小区情况"
    sheet.merge_cells("A2:D2")
    sheet.append(["填表人: 张某"])


def hidden(sheet, made):
    other = made.create_sheet("旧表")
    for cells in (HEADER, takeover("M")):
        other.append(cells)
    other.sheet_state = "hidden"


@pytest.mark.parametrize("prepare", [two_headers, hidden, lambda sheet, made: made.create_sheet("空表")])
def test_ugly_workbooks_are_read(hand_in, prepare):
    run = hand_in(content=book(takeover("A"), prepare=prepare))
    assert [report.compound.code for report in run.reports.all()] == ["A"]


def test_formulas_without_a_value_merged_amounts_and_other_types_are_errors_at_their_cells(send):
    def prepare(sheet, _book):
        sheet["K2"] = "=1+1"
        sheet["K3"] = 100
        sheet.merge_cells("K3:K4")
        sheet["F5"] = True

    run = send(content=book(takeover("A"), takeover("M"), takeover("P"), takeover("C"), prepare=prepare))
    assert {(2, "面积(㎡)"), (3, "面积(㎡)"), (4, "面积(㎡)"), (5, "发生日期")} <= places(run)


def test_a_csv_and_columns_in_any_order_are_read(hand_in):
    text = "日期,变更类型,小区,所属社区,现管理模式,说明\n2014.5.1,进驻,甲园,前进,社区代管,=1+1\n"
    run = hand_in(content=text.encode("gbk"), filename="a.csv")
    assert (run.reports.get().mode_to, run.reports.get().note) == ("community", "=1+1")


@pytest.mark.parametrize(
    ("content", "status"), [(b"PK\x03\x04xx", 415), (b"\xd0\xcf\x11\xe0" * 200, 415), (b"a" * 21_000_000, 413)]
)
def test_what_no_workbook_is_is_refused_on_the_page(client, cast, content, status):
    client.force_login(cast["subdistrict"])
    answer = client.post("/reports/workbook/", {"file": SimpleUploadedFile("a.xlsx", content)})
    assert (answer.status_code, ImportRun.objects.count()) == (status, 0)


def test_it_is_told_from_the_other_workbooks(client, cast, send):
    register_book = book(["甲园", "前进社区", 100], header=["小区名称", "社区", "建筑面积"])
    run = send(content=register_book)
    assert not run.result["readable"]
    client.post(f"/imports/{run.pk}/switch/")  # nothing to switch to: a street imports no register
    run.refresh_from_db()
    assert run.workbook == "reports"
    client.force_login(cast["county"])
    for workbook in ("register", "entries", "buildings"):
        file = SimpleUploadedFile("x.xlsx", book(takeover("A")))
        answer = client.post("/imports/", {"workbook": workbook, "file": file, "default_date": "2014-01-01"})
        work()
        wrong = ImportRun.objects.get(pk=answer.url.split("/")[-2])
        assert (wrong.result["readable"], "上报" in str(wrong.result["sheets"])) == (False, True)


def test_columns_that_a_street_has_named_are_remembered_for_it(client, cast, send):
    header = ["编码", "啥事", "啥时候", "谁管"]
    content = book(["A", "接管", "2014-05-01", "业主自行管理"], header=header)
    run = send(content=content)
    assert not run.result["readable"]
    fields = client.get(f"/imports/{run.pk}/columns/").context["form"].fields
    chosen = dict(zip(fields, ["code", "kind", "effective_on", "mode_to"], strict=True))
    client.post(f"/imports/{run.pk}/columns/", chosen)
    work()
    run.refresh_from_db()
    assert run.result["errors"] == []
    assert send(content=content).result["errors"] == []


def test_a_street_teaches_no_words_to_the_whole_portal(client, cast, send):
    run = send(takeover("A", 新管理模式="居民管着"))
    assert run.result["unknown_words"] == [{"field": "mode", "word": "居民管着"}]
    assert f"/imports/{run.pk}/words/" not in client.get(f"/imports/{run.pk}/").content.decode()
    assert client.post(f"/imports/{run.pk}/words/", {"word_0": "owners"}).status_code == 403
    client.force_login(cast["county"])
    client.post(f"/imports/{run.pk}/words/", {"word_0": "owners"})
    work()
    run.refresh_from_db()
    assert run.result["unknown_words"] == []


def test_the_annotated_copy_has_every_remark(client, send):
    run = send(takeover("X"), takeover("A", 面积=-1))
    copy = openpyxl.load_workbook(io.BytesIO(client.get(f"/imports/{run.pk}/annotated.xlsx").content))
    cells = [cell.coordinate for row in copy.worksheets[0].iter_rows() for cell in row if cell.comment]
    assert cells == ["A2", "K3"]


@pytest.mark.parametrize(("name", "division", "codes"), [
    ("subdistrict", QIANJIN[:9], {"A", "C", "M", "P"}), ("county", "211302", {"A", "B", "C", "M", "P"}),
    ("county", QIANJIN[:9], {"A", "C", "M", "P"}),
])  # fmt: skip
def test_the_template_holds_the_compounds_and_lists_and_is_read_as_it_is(client, cast, send, name, division, codes):
    client.force_login(cast[name])
    answer = client.get(f"/exports/templates/reports.xlsx?division={division}")
    made = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    sheet = made["上报"]
    heads = [str(cell.value) for cell in sheet[1]]
    rows = {sheet.cell(row, 1).value: row for row in range(2, sheet.max_row + 1)}
    assert set(rows) - {None} == codes
    assert sheet.data_validations.dataValidation
    for head, value in {"上报事项*": "接管", "发生日期": "2014年5月", "新管理模式": "业主自行管理"}.items():
        sheet.cell(rows["A"], heads.index(head) + 1).value = value
    file = io.BytesIO()
    made.save(file)
    run = send(content=file.getvalue(), name=name)
    assert (run.result["errors"], run.result["rows"], run.result["created"]) == ([], 1, 1)


def test_the_template_of_another_county_is_not_there(client, cast):
    for name, status in (("subdistrict", 404), ("committee", 403), ("auditor", 403)):
        client.force_login(cast[name])
        assert client.get("/exports/templates/reports.xlsx?division=211303").status_code == status
    client.force_login(cast["subdistrict"])
    assert client.get("/exports/templates/reports.xlsx").status_code == 200
    assert client.get("/exports/templates/entries.xlsx").status_code == 403


# --- who -----------------------------------------------------------------------------------------------
LOOKING = {"subdistrict", "county", "bureau", "auditor"}
ACTING = {"subdistrict", "county", "bureau"}
SEES = {
    "bureau": 200, "leader": 403, "department": 403, "county": 200, "subdistrict": 200, "committee": 404,
    "auditor": 200, "admin": 403, "neighbour_county": 404, "neighbour_subdistrict": 404, "neighbour_committee": 404,
    "nobody": 404,
}  # fmt: skip


def test_who_sees_and_confirms_a_streets_workbook(client, cast, send):
    run = send(takeover("A"))
    for name, status in SEES.items():
        client.force_login(cast[name])
        for page in ("", "columns/", "annotated.xlsx"):
            assert client.get(f"/imports/{run.pk}/{page}").status_code == status, (name, page)
        if name not in ACTING:
            for page in ("post/", "columns/", "switch/", "undo/"):
                assert client.post(f"/imports/{run.pk}/{page}").status_code in (403, 404), (name, page)
    assert Report.objects.count() == 0


def test_a_street_neither_imports_nor_sees_imports(client, cast):
    client.force_login(cast["subdistrict"])
    assert client.get("/imports/").status_code == 403
    file = SimpleUploadedFile("x.csv", b"a")
    sent = {"workbook": "reports", "file": file, "default_date": "2014-01-01"}
    assert client.post("/imports/", sent).status_code == 403
    client.force_login(cast["county"])
    assert client.post("/imports/", sent | {"file": SimpleUploadedFile("x.csv", b"a")}).status_code == 400
    assert "/reports/workbook/" in client.get("/reports/").content.decode()
    client.force_login(cast["committee"])
    assert "/reports/workbook/" not in client.get("/reports/").content.decode()


# --- anything ------------------------------------------------------------------------------------------
CELLS = {
    "小区编号": st.sampled_from(["A", "B", "C", "M", "N", "P", "X", ""]),
    "上报事项": st.sampled_from(["接管", "管理模式变更", "更换物业服务单位", "撤管", "面积、户数不对", "不清楚"]),
    "发生日期": st.sampled_from(["2014-05-01", "2014年4月", "2013-01-01", "2999-01-01", "", "x"]),
    "小区类别": st.sampled_from(["", "弃管小区", "新建小区", "x"]),
    "原管理模式": st.sampled_from(["", "未实施物业管理", "专业化物业管理"]),
    "新管理模式": st.sampled_from(["", "未实施物业管理", "委托社区管理", "业主自行管理"]),
    "面积": st.sampled_from(["", "100", "2000", "8000", "1000000", "-1"]),
    "户数": st.sampled_from(["", "5", "300", "999999"]),
    "备注": st.sampled_from(["", "看看"]),
}  # fmt: skip
WORDS = {
    "接管": "takeover", "管理模式变更": "mode_change", "更换物业服务单位": "provider_change", "撤管": "lapse",
    "面积、户数不对": "area", "不清楚": "unclear", "弃管小区": "abandoned", "新建小区": "new_build",
    "未实施物业管理": "none", "专业化物业管理": "professional", "委托社区管理": "community", "业主自行管理": "owners",
}  # fmt: skip


def by_hand(cells: dict[str, str], by) -> dict | None:
    """What somebody who enters the row on the form gets; None if he is refused."""
    if {"x", "2999-01-01"} & set(cells.values()) or cells["面积"] == "-1" or cells["小区编号"] in ("", "X", "N"):
        return None
    month = "年" in cells["发生日期"]
    on = "2014-04-30" if month else cells["发生日期"]
    claim = Claim(
        effective_on=day(on) if on else None, precision="month" if month else "day",
        category=WORDS.get(cells["小区类别"], ""), mode_from=WORDS.get(cells["原管理模式"], ""),
        mode_to=WORDS.get(cells["新管理模式"], ""), area_dm2=int(cells["面积"]) * 100 if cells["面积"] else None,
        households=int(cells["户数"]) if cells["户数"] else None, note=cells["备注"],
    )  # fmt: skip
    compound = Compound.objects.get(code=cells["小区编号"])
    try:
        draft = reports.draft(
            kind=ReportKind(WORDS[cells["上报事项"]]), claim=claim, by=by, key="hand", compound=compound
        )
        return facts(reports.submit(report=draft, by=by))
    except Refused:
        return None


def test_a_row_is_taken_just_when_the_form_takes_it_and_becomes_the_same(client, cast, send):
    by = cast["county"]

    @settings(max_examples=60)
    @given(st.fixed_dictionaries(CELLS))
    def check(cells):
        with transaction.atomic():
            with transaction.atomic():
                expected = by_hand(cells, by)
                transaction.set_rollback(True)
            run = send(line(**cells), name="county")
            confirm(client, run)
            made = [facts(report) for report in run.reports.all()]
            assert made == ([] if expected is None else [expected]), (cells, run.result["errors"])
            assert bool(run.result["errors"]) == (expected is None)
            transaction.set_rollback(True)

    check()
