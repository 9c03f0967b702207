"""The list of compounds: every filter, column and sort; totals; what a reader keeps of it."""

import csv

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compounds.register import columns
from compounds.register.models import ChosenColumns, Compound, SavedView
from tests.support import HAIHE, JINYUAN, QIANJIN, make_compound, record, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
NASTY = """<b>"粗'体"</b>"""
LONG = "长" * 100


@pytest.fixture
def some(bureau):
    """P partly managed, M managed, U unmanaged and of no category yet, N pending."""
    make_compound("P", name="华园", built_year=1990, phone="13912340000", note=NASTY)
    register("P", m2=1000, households=10)
    record("takeover", "2014-05-10", "P", m2=600, mode_to="professional", details={"provider_to": "恒信物业"})
    make_compound("M", QIANJIN, name=LONG, built_year=2005)
    register("M", community=QIANJIN, category="new_build", mode="owners", m2=3000, households=30)
    make_compound("U", HAIHE, name=NASTY)
    register("U", community=HAIHE, category="undetermined", m2=500, households=5)
    make_compound("N", name="面积不明", built_year=2010)


def codes(response) -> str:
    assert response.status_code == 200
    return "".join(compound.code for compound in response.context["compounds"])


FILTERS = (
        ("cover=managed", "M"), ("cover=partly", "P"), ("cover=unmanaged", "U"), ("cover=pending", "N"),
        ("cover=unmanaged&as_of=2014-03-01", "PU"), ("area_from=1,000", "MP"), ("area_to=1000", "PU"),
        ("area_from=600&area_to=1000", "P"), ("built_from=2000", "MN"), ("built_from=1980&built_to=1990", "P"),
        ("undetermined=on", "U"), ("pending=on", "N"), ("provider=恒信", "P"), ("provider=没有", ""),
        ("provider=恒信&as_of=2014-03-01", ""), (f"division={QIANJIN}&area_from=1", "M"),
)  # fmt: skip
SORTS = (
        ("sort=-total", "MPUN"), ("sort=total", "NUPM"), ("sort=-households", "MPUN"), ("sort=built_year", "PMNU"),
        ("sort=-code", "UPNM"), ("sort=cover", "MPUN"), ("sort=rate", "UPMN"), ("sort=place", "NPMU"),
        ("sort=categories", "PUMN"), ("sort=provider", "PMNU"), ("sort=-unmanaged", "UPMN"),
)  # fmt: skip


def test_filters_and_sorts(page, some):
    found = {query: codes(page(f"/compounds/?{query}")) for query, _right in (*FILTERS, *SORTS)}
    assert found == dict((*FILTERS, *SORTS))


def test_every_column_sorts_and_is_shown(page, some):
    for key in sorted(columns.SORTABLE):
        shown = f"&columns={key}" if key in columns.COLUMNS else ""
        response = page(f"/compounds/?sort=-{key}{shown}")
        assert sorted(codes(response)) == sorted("PMUN"), key
        assert NASTY not in response.content.decode()
        assert "13912340000" not in response.content.decode()


def test_totals_are_those_of_all_that_is_filtered(page, some, monkeypatch):
    monkeypatch.setattr("compounds.register.list_views.PER_PAGE", 2)
    for number in (1, 2, 9):
        totals = page(f"/compounds/?page={number}").context["totals"]
        assert (totals.compounds, totals.total, totals.managed, totals.households) == (4, 450_000, 360_000, 45)
    assert codes(page("/compounds/?page=9&sort=-total")) == "UN"
    totals = page("/compounds/?cover=partly").context["totals"]
    assert (totals.compounds, totals.total, totals.unmanaged, totals.rate) == (1, 100_000, 40_000, 0.6)


def test_the_export_is_what_is_seen(client, bureau, some):
    client.force_login(bureau)
    answer = client.get("/exports/compounds.csv?columns=built_year,total,provider&sort=-total&area_from=600")
    lines = list(csv.reader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))
    assert lines == [
        ["小区编号", "小区名称", "建成年份", "总面积(㎡)", "物业服务单位"],
        ["M", LONG, "2005", "3000.0", ""], ["P", "华园", "1990", "1000.0", "恒信物业"],
    ]  # fmt: skip


def test_an_unknown_value_is_named(page, some):
    for query in ("columns=x", "sort=x", "cover=x", "area_from=x", "area_from=-1", "built_to=1", "provider=%00"):
        response = page(f"/compounds/?{query}")
        assert response.status_code == 400, query
        assert [problem.field for problem in response.context["problems"]] == [query.partition("=")[0]]


def test_what_is_typed_into_a_filter_is_text(page, some):
    for text in (NASTY, LONG, "';--", "%_\\"):
        response = page("/compounds/", {"q": text, "provider": text})
        assert response.status_code == 200
        assert NASTY not in response.content.decode()


def test_a_page_costs_few_queries_however_many_rows_it_has(page, some):
    counted = []
    asked = "/compounds/?columns=" + ",".join(columns.COLUMNS)
    page(asked)
    for _turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            page(asked)
        counted.append(len(queries))
        for number in range(20):
            register(f"L{number}", community=JINYUAN)
    assert counted[0] == counted[1] <= 18


# --- columns and views -----------------------------------------------------------------------------------
def test_columns_are_remembered_and_stand_in_the_address(client, page, some, cast):
    page("/compounds/")
    answer = client.post("/register/columns/", {"columns": ["total", "phone"], "query": "q=华&columns=note"})
    assert answer.url == "/compounds/?q=%E5%8D%8E&columns=total,phone"
    assert client.get("/compounds/").url == "/compounds/?columns=total,phone"
    assert client.get("/compounds/?cover=partly").url == "/compounds/?cover=partly&columns=total,phone"
    shared = client.get("/compounds/?columns=place")
    assert [column.key for column in shared.context["columns"]] == ["place"]
    assert ChosenColumns.objects.get().columns == "total,phone"  # a colleague's link changes nothing
    client.force_login(cast["county"])
    assert client.get("/compounds/").status_code == 200


def test_views_are_kept_renamed_put_first_and_deleted(client, page, some):
    page("/compounds/")
    saved = {"name": "未管", "query": "cover=unmanaged&columns=total&page=3&as_of=2014-12-31"}
    client.post("/register/views/", saved)
    client.post("/register/views/", saved)  # tapped twice
    view = SavedView.objects.get()
    assert view.query == "cover=unmanaged&columns=total&as_of=2014-12-31"
    client.post("/register/views/", {"name": "待核", "query": "pending=on", "is_default": "on"})
    assert client.get("/compounds/").url == "/compounds/?pending=on"
    client.post(f"/register/views/{view.pk}/", {"name": NASTY, "is_default": "on"})
    assert list(SavedView.objects.filter(is_default=True).values_list("name", flat=True)) == [NASTY]
    assert NASTY not in client.get("/compounds/?q=").content.decode()
    refused = client.post(f"/register/views/{view.pk}/", {"name": "待核", "query": "q="}, follow=True)
    assert "已有同名视图" in refused.content.decode()
    client.post(f"/register/views/{view.pk}/delete/")
    assert list(SavedView.objects.values_list("name", flat=True)) == ["待核"]


@pytest.mark.parametrize("name", ["", LONG])
def test_a_view_needs_a_name_that_fits(client, page, name):
    page("/compounds/")
    assert client.post("/register/views/", {"name": name, "query": ""}).status_code == 302
    assert not SavedView.objects.exists()


def test_somebody_elses_view_is_unknown(client, cast):
    view = SavedView.objects.create(user=cast["county"], name="我的", query="")
    client.force_login(cast["bureau"])
    for path in (f"/register/views/{view.pk}/", f"/register/views/{view.pk}/delete/"):
        assert client.post(path, {"name": "x"}).status_code == 404
    assert SavedView.objects.get().name == "我的"


def test_a_redirect_never_leaves_the_list(client, page):
    page("/compounds/")
    assert client.post("/register/columns/", {"query": "//evil.example/?a=b"}).url.startswith("/compounds/?")
    assert Compound.objects.count() == 0
