"""The pages of figures: open for everybody who is signed in, and never a 500 for what cannot be answered."""

import io
import re

import openpyxl
import pytest

from oversight.programme import selectors as programme
from tests.support import HAIHE, JINYUAN, QIANJIN, record, register, reverse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
PAGES = [
    "/", "/divisions/2113/", "/divisions/211302/", "/divisions/211302001/", f"/divisions/{JINYUAN}/",
    "/?by=subdistrict&sort=-rate", "/?by=mode&rule=professional", "/?as_of=2014-06-30&height=2",
    "/divisions/2113/movements/?from=2014-01-01&as_of=2014-12-31", "/divisions/2113/movements/",
    "/divisions/2113/series/?from=2014-01&to=2014-06", f"/divisions/{JINYUAN}/series/?rule=professional&height=2",
    "/divisions/2113/rules/", f"/divisions/{JINYUAN}/rules/?as_of=2014-06-30", "/divisions/211302/rules/?height=2",
    "/divisions/2113/restatement/?from_height=1&height=4", f"/divisions/{JINYUAN}/restatement/",
]  # fmt: skip


@pytest.fixture
def history():
    register("A", m2=100_000, households=1000)
    record("takeover", "2014-05-10", "A", m2=60_000, mode_to="professional")
    register("B", community=QIANJIN, category="renovated", m2=50_000)
    reverse(2)
    register("C", community=HAIHE, category="undetermined", m2=7)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_opens(client, page, history, path, language):
    client.cookies["django_language"] = language
    response = page(path)
    assert response.status_code == 200
    assert "style=" not in response.content.decode()
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=", response.content.decode())


def test_figures_stand_on_the_page(page, history):
    body = page("/").content.decode()
    assert "15.00" in body  # 万㎡: all of A and B, unmanaged again
    assert "302 万㎡" in body


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/?as_of=foo", "as_of"), ("/?as_of=2099-01-01", "as_of"), ("/?as_of=0001-01-01", "as_of"),
        ("/?height=99", "height"), ("/?height=-1", "height"), ("/?height=²", "height"), ("/?rule=none", "rule"),
        ("/?rule=%00", "rule"), ("/?by=village", "by"), ("/?sort=colour", "sort"), ("/divisions/9/", "division"),
        ("/divisions/x%00y/", "division"), ("/divisions/2113/movements/?from=2015-13-01", "from"),
        ("/divisions/2113/movements/?from=2015-01-01&as_of=2014-01-01", "from"),
        ("/divisions/2113/restatement/?from_height=4&height=2", "from_height"),
        ("/divisions/2113/series/?from=2014-13", "from"), ("/divisions/2113/series.csv?to=2099-01", "to"),
        (f"/divisions/{JINYUAN}/?by=county", "by"), ("/divisions/2113/export.csv?by=x", "by"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_says_which_field(page, history, path, field):
    response = page(path)
    assert response.status_code == 400
    assert [problem.field for problem in response.context["problems"]] == [field]
    assert f"<code>{field}=" in response.content.decode()


def test_the_last_first_of_the_calendar_is_answered(page, history):
    assert page("/?as_of=1900-01-01").status_code == 200


def test_a_bad_value_is_escaped(page):
    body = page("/?as_of=<script>alert('x')</script>").content.decode()
    assert "<script>alert" not in body


def test_nothing_to_divide_by_is_a_dash_and_nought_is_nought(page, history):
    body = page("/divisions/211324/").content.decode()
    assert "—" in body
    assert "0.00" in body


def test_state_is_carried_to_the_children(page, history):
    body = page("/?as_of=2014-06-30&height=2&rule=professional").content.decode()
    assert "/divisions/211302/?as_of=2014-06-30&amp;height=2&amp;rule=professional" in body


def test_a_community_lists_its_compounds(page, history):
    response = page(f"/divisions/{JINYUAN}/")
    assert [compound.code for compound in response.context["compounds"]] == ["A"]


def test_restatement_names_the_entries(page, history):
    body = page("/divisions/2113/restatement/?from_height=2&height=4&as_of=2014-12-31").content.decode()
    assert "/entries/4/" in body
    assert "−60,000.00" in body


def test_csv_and_xlsx_hold_the_table_of_the_page(page, history):
    csv = page("/divisions/2113/export.csv?by=county").content.decode("utf-8-sig").splitlines()
    assert csv[0].startswith("key,name,managed_m2")
    assert csv[1].startswith("211302,双塔区,0,150000")
    sheet = openpyxl.load_workbook(io.BytesIO(page("/divisions/2113/export.xlsx?by=county").content)).active
    assert sheet["B2"].value == "双塔区"


def test_monthly_figures_on_the_page_and_as_files(page, history):
    response = page("/divisions/2113/series/?from=2014-04&to=2014-06&height=2")
    assert [(month.month, month.figures.managed) for month in response.context["months"]] == [
        ("2014-04", 0), ("2014-05", 60_000_00), ("2014-06", 60_000_00),
    ]  # fmt: skip
    body = response.content.decode()
    assert "60.00%" in body
    assert "/divisions/2113/series.xlsx?from=2014-04&amp;to=2014-06&amp;height=2" in body
    csv = page("/divisions/2113/series.csv?from=2014-04&to=2014-06&height=2").content.decode("utf-8-sig").splitlines()
    assert csv[0].startswith("month,as_of,managed_m2")
    assert csv[2].startswith("2014-05,2014-05-31,60000,40000,100000,0.6,0.6,0,1,0,0.0,600,1000,0.6")
    sheet = openpyxl.load_workbook(io.BytesIO(page("/divisions/2113/series.xlsx?from=2014-04").content)).active
    assert (sheet["A2"].value, sheet["C1"].value) == ("2014-04", "managed_m2")


def test_counting_rules_side_by_side(page, history):
    record("takeover", "2014-06-02", "B", mode_to="community")
    response = page("/divisions/211302/rules/?as_of=2014-06-30")
    whole = {rule.code: figures for rule, _modes, figures in response.context["by_rule"]}
    assert (whole["standard"].managed, whole["professional"].managed) == (50_000_00, 0)
    assert (whole["standard"].counts.managed, whole["professional"].counts.managed) == (1, 0)
    parts = {part.key: [figures.managed for figures in part.figures] for part in response.context["parts"]}
    assert parts["211302003"][0] == 50_000_00
    assert response.context["rules"][0].code == "standard"


def test_empty_portal_says_what_to_do_first(page):
    body = page("/").content.decode()
    assert "import_compounds" in body


def test_without_reference_data_the_first_step_is_to_load_them(page, monkeypatch):
    monkeypatch.setattr(programme, "current", lambda: None)
    assert "load_reference" in page("/").content.decode()
    assert page("/divisions/2113/movements/").status_code == 200


def test_queries_do_not_grow_with_compounds(page, django_assert_max_num_queries):
    for number in range(3):
        register(f"S{number}")
    page(f"/divisions/{JINYUAN}/")
    with django_assert_max_num_queries(25) as few:
        page(f"/divisions/{JINYUAN}/")
    for number in range(30):
        register(f"L{number}")
    with django_assert_max_num_queries(len(few)):
        page(f"/divisions/{JINYUAN}/")
