"""The printed tables as page, workbook and CSV: one shape, A4 across, whole on paper, and never a formula."""

import csv
import io
import re
from urllib.parse import quote

import openpyxl
import pytest

from chaoyang_pm.kit.portal import selectors as portal
from compounds.register.models import Compound
from oversight.tables import views
from oversight.tables.choices import Table
from tests.support import JINYUAN, register

TABLES = [f"/divisions/2113/tables/{table.value}/" for table in Table]


@pytest.fixture
def open_(client, told):
    client.force_login(told["bureau"])
    return client.get


def sheet(response):
    return openpyxl.load_workbook(io.BytesIO(response.content)).active


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    "path",
    [
        *TABLES, "/divisions/2113/tables/movements/?from=2014-06-30&as_of=2015-06-30&by=community&measure=households",
        "/divisions/211302/tables/movements/?target=T1", f"/divisions/{JINYUAN}/tables/movements/",
        "/divisions/2113/tables/summary/?by=subdistrict", f"/divisions/{JINYUAN}/tables/summary/",
        "/divisions/211322/tables/summary/", "/divisions/211322/tables/unmanaged/",
        "/divisions/211322/tables/restatement/",
        "/divisions/2113/tables/restatement/?as_of=2014-12-31&from_height=1&measure=total&rule=professional",
    ],
)  # fmt: skip
def test_page_opens(client, open_, path, language):
    client.cookies["django_language"] = language
    response = open_(path)
    assert response.status_code == 200
    assert "style=" not in response.content.decode()
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=", response.content.decode())


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("movements/?from=2014-13-40", "from"), ("movements/?from=2015-12-31&as_of=2014-12-31", "from"),
        ("movements/?by=category", "by"), ("movements/?measure=x", "measure"), ("movements/?target=T9", "target"),
        ("movements/?target=T4", "target"), ("summary/?by=county", "by"),
        ("restatement/?from_height=99", "from_height"),
        ("restatement/?from_height=9&height=2", "from_height"), ("unmanaged/?rule=x", "rule"),
        ("summary.xlsx?by=x", "by"), ("movements.csv?as_of=x", "as_of"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_says_which_field(open_, path, field):
    response = open_(f"/divisions/2113/tables/{path}")
    assert response.status_code == 400
    assert [problem.field for problem in response.context["problems"]] == [field]


def test_outside_ones_scope_there_is_no_table(client, told):
    client.force_login(told["county"])
    for table in Table:
        assert client.get(f"/divisions/211302/tables/{table.value}/").status_code == 200
        for path in (f"/divisions/211303/tables/{table.value}/", f"/divisions/2113/tables/{table.value}.xlsx"):
            assert client.get(path).status_code == 404
    assert client.get("/divisions/211302/tables/payroll/").status_code == 404


@pytest.mark.parametrize("table", Table)
def test_the_workbook_has_the_printed_shape(open_, table):
    response = open_(f"/divisions/2113/tables/{table.value}.xlsx?as_of=2014-12-31&from=2014-03-31")
    found = sheet(response)
    columns = found.max_column
    setup = found.page_setup
    assert (setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight) == ("landscape", 9, None, 0)
    assert found.sheet_properties.pageSetUpPr.fitToPage
    assert found.print_area.endswith(f"$A$1:${openpyxl.utils.get_column_letter(columns)}${found.max_row}")
    heads = 2 if table in (Table.SUMMARY, Table.MONTHLY) else 1
    assert found.print_title_rows == f"$3:${2 + heads}"
    merged = {str(cells) for cells in found.merged_cells.ranges}
    last = openpyxl.utils.get_column_letter(columns)
    assert {f"A1:{last}1", f"A{found.max_row}:{last}{found.max_row}"} <= merged
    assert found["A1"].value.startswith(f"朝阳市{table.label}")
    assert "填报单位(章)" in found["A2"].value
    assert "数据截止日" in found["A2"].value
    signed = found.cell(found.max_row, 1).value
    assert [label for label in ("负责人", "审核人", "填表人", "电话", "日期") if label not in signed] == []
    if table == Table.SUMMARY:
        assert {"I3:K3", "A3:A4", "M3:M4"} <= merged
        assert [cell.value for cell in found[4]][8:11] == ["面积", "个数", "户数"]


def test_numbers_are_numbers_in_the_tables_unit(open_):
    found = sheet(open_("/divisions/2113/tables/movements.xlsx?from=2014-12-31"))
    first = [cell.value for cell in found[4]]
    assert first == ["双塔区", 11, 2.5, 0, -1, 0, 0.1, 2, -5, 9.6]
    assert found["B4"].number_format == "#,##0.00"
    summary = sheet(open_("/divisions/2113/tables/summary.xlsx"))
    assert (summary["I5"].number_format, summary["C5"].number_format) == ("0.00%", "#,##0")


def test_nothing_typed_becomes_a_formula(open_):
    Compound.objects.filter(code="甲").update(name="=1+1", unmanaged_reason='=HYPERLINK("http://x")', duty_person="+86")
    found = sheet(open_("/divisions/2113/tables/unmanaged.xlsx"))
    cells = {cell.value: cell.data_type for row in found.iter_rows() for cell in row if cell.value}
    assert cells['=HYPERLINK("http://x")'] == cells["+86"] == "s"
    assert "f" not in cells.values()
    rows = list(csv.reader(io.StringIO(open_("/divisions/2113/tables/unmanaged.csv").content.decode("utf-8-sig"))))
    row = next(row for row in rows if row[0].startswith("'=1+1"))
    assert (row[1], row[3], row[6]) == ("50000", '\'=HYPERLINK("http://x")', "'+86")


def test_a_demonstration_says_so_on_the_sheet_and_in_the_name(open_):
    portal.keep(portal.About(is_demo=True), seconds=60)
    response = open_("/divisions/2113/tables/summary.xlsx")
    found = sheet(response)
    assert "虚构" in found["A1"].value
    assert "虚构" in found.oddHeader.center.text
    assert found["A2"].value == "朝阳市汇总表"
    assert quote("演示数据-朝阳市汇总表") in response["Content-Disposition"]


def test_a_long_table_is_paged_on_the_screen_and_whole_on_paper(open_, monkeypatch):
    monkeypatch.setattr(views, "LINES", 5)
    for number in range(12):
        register(f"多{number}", community=JINYUAN, m2=500)
    first = open_("/divisions/2113/tables/unmanaged/")
    assert (len(first.context["lines"]), first.context["page_obj"].paginator.num_pages) == (5, 4)
    assert first.context["total"]["cells"][1][0] == "166,000.00", "the total is of all pages"
    assert len(open_("/divisions/2113/tables/unmanaged/?page=4").context["lines"]) == 2
    assert len(open_("/divisions/2113/tables/unmanaged/?page=99").context["lines"]) == 2
    assert len(open_("/divisions/2113/tables/unmanaged/?page=all").context["lines"]) == 17
    assert sheet(open_("/divisions/2113/tables/unmanaged.xlsx")).max_row == 3 + 17 + 1 + 2 + 1


def test_the_link_of_a_row_keeps_date_version_and_rule(open_):
    body = open_("/divisions/2113/tables/movements/?as_of=2015-06-30&height=9&rule=professional").content.decode()
    assert "/divisions/211302/?as_of=2015-06-30&amp;height=9&amp;rule=professional" in body


def test_every_page_of_differences_has_its_grounds(open_, monkeypatch):
    monkeypatch.setattr(views, "LINES", 1)
    path = "/divisions/2113/tables/restatement/?as_of=2014-12-31"
    shown = [open_(f"{path}&page={page}").context["lines"][0]["cells"] for page in (1, 2, "99", "x")]
    assert [cells[0][0] for cells in shown] == ["小区丙", "小区乙", "小区乙", "小区丙"]
    assert all(cells[4][0].startswith("2014-") for cells in shown)
    assert [line["cells"][4][0][:10] for line in open_(f"{path}&page=all").context["lines"]] == [
        "2014-12-15",
        "2014-08-01",
    ]


def test_another_date_of_the_differences_has_its_own_versions(open_):
    """The form sends no version that nobody asked for: it would stay, and show no difference at any date."""
    body = open_("/divisions/2113/tables/restatement/?as_of=2015-12-31").content.decode()
    fields = {name: re.search(rf'name="{name}"\s+value="(\d*)"', body)[1] for name in ("from_height", "height")}
    assert fields == {"from_height": "", "height": ""}
    sent = open_("/divisions/2113/tables/restatement/", {"as_of": "2014-12-31", "measure": "managed", **fields})
    assert len(sent.context["lines"]) == 2
    asked = open_("/divisions/2113/tables/restatement/?as_of=2014-12-31&from_height=1&height=9").content.decode()
    assert [re.search(rf'name="{name}"\s+value="(\d*)"', asked)[1] for name in fields] == ["1", "9"]


def test_where_nothing_differs_the_page_leads_to_a_date_that_was_reported(open_):
    response = open_("/divisions/2113/tables/restatement/?as_of=2015-12-31")
    assert not response.context["lines"]
    (link,) = re.findall(r'href="([^"]*as_of=2014-12-31[^"]*)"', response.content.decode())
    assert len(open_(link).context["lines"]) == 2


@pytest.mark.parametrize("path", TABLES)
def test_the_sheet_lies_across_and_the_menu_shows_where_it_belongs(open_, path):
    body = open_(path).content.decode()
    assert '<body class="across"' in body
    assert re.search(r'<nav class="nav-main".*?aria-current="page">([^<]*)<', body, re.DOTALL)[1] == "进度总览"
    assert 'name="as_of"' in body
