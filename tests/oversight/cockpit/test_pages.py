"""The page of a division: few queries, everything a link, and all of it without scripts."""

import csv
import gzip
import io
import json
import re
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings as portal
from django.core.cache import cache

from oversight.programme.models import PartVersion, TargetPart, TargetVersion
from tests.support import HAIHE, JINYUAN, QIANJIN, day, make_compound, record, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
DIVISIONS = ["2113", "211302", "211302001", JINYUAN]
MOST_QUERIES = 25


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2015-02-10")


@pytest.fixture
def history():
    register("A", m2=100_000, households=1000)
    record("takeover", "2014-05-10", "A", m2=60_000, mode_to="professional")
    register("B", community=QIANJIN, category="renovated", m2=50_000)
    register("C", community=HAIHE, category="undetermined", m2=7)
    make_compound("D", HAIHE)


@pytest.mark.parametrize("code", DIVISIONS)
def test_queries_stay_few_and_do_not_grow(page, history, django_assert_max_num_queries, code):
    address = "/" if code == "2113" else f"/divisions/{code}/"
    page(address)
    cache.clear()
    with django_assert_max_num_queries(MOST_QUERIES):
        page(address)
    for number in range(20):
        register(f"L{number}", community=(JINYUAN, QIANJIN, HAIHE)[number % 3])
        record("takeover", f"2014-{number % 12 + 1:02}-11", f"L{number}", mode_to="owners")
    with django_assert_max_num_queries(MOST_QUERIES):
        page(address)


def test_every_figure_leads_on(page, history):
    body = page("/?as_of=2014-06-30").content.decode()
    for link in (
        "/divisions/211302/?as_of=2014-06-30", "/divisions/2113/movements/?as_of=2014-06-30&amp;from=2014-05-31",
        "/compounds/?as_of=2014-06-30&amp;division=211303&amp;pending=on",
        "/compounds/?as_of=2014-06-30&amp;division=211303&amp;category=undetermined",
        "/compounds/?as_of=2014-06-30&amp;division=2113&amp;category=abandoned&amp;mode=professional",
    ):  # fmt: skip
        assert f'href="{link}"' in body, link


def test_each_chart_is_a_table_first(page, history):
    body = page("/?as_of=2014-06-30").content.decode()
    charts = re.findall(r'<section class="box chart".*?</section>', body, re.S)
    assert len(charts) >= 2
    for chart in charts:
        assert '<div class="chart-canvas" hidden>' in chart
        assert '<span class="chart-switch" hidden>' in chart
        assert re.search(r'<th [^>]*data-series="\w+"', chart)
        assert not re.search(r'class="[^"]*chart-table[^"]*" hidden', chart)
    assert re.search(r'data-value="6000000">6.00<', charts[0])  # 60,000 ㎡ are 6.00 万㎡


def test_the_map_says_that_it_is_none_and_writes_every_rate(page, history):
    body = page("/?as_of=2014-06-30").content.decode()
    assert "示意图,非行政区划图" in body
    assert re.search(r'class="tile step-1"[^>]*>\s*<span>双塔区</span>\s*<strong>40.00%</strong>', body)
    assert re.search(r'class="tile step-0"[^>]*>\s*<span>建平县</span>\s*<strong>—</strong>', body)


def test_only_pages_with_charts_load_them(page, history):
    assert "charts.js" in page("/").content.decode()
    assert "charts.js" not in page("/divisions/2113/movements/").content.decode()


def test_charts_are_small_enough():
    built = Path(portal.BASE_DIR) / "static" / "dist"
    if not (built / "charts.js").exists():
        pytest.skip("the assets are not built")
    size = sum(len(gzip.compress((built / name).read_bytes())) for name in ("app.css", "app.js", "charts.js"))
    assert size <= 480 * 1024
    assert "echarts" in json.loads((Path(portal.BASE_DIR) / "package.json").read_text())["dependencies"]


@pytest.mark.parametrize(("chart", "number"), [("curve-1", 0), ("modes", -1)])
def test_a_chart_s_file_is_the_table_beside_it(client, page, history, chart, number):
    client.cookies["django_language"] = "zh-hans"
    query = "?as_of=2014-06-30"
    body = page(f"/{query}").content.decode()
    section = re.findall(r'<section class="box chart".*?</section>', body, re.S)[number]
    assert f'href="/divisions/2113/charts/{chart}.xlsx{query}"' in section
    table = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", section, re.S)
    shown = [re.sub(r"<[^>]+>", "", cell).strip() for cell in table]
    book = openpyxl.load_workbook(io.BytesIO(page(f"/divisions/2113/charts/{chart}.xlsx{query}").content))
    header, *rows = list(book.active.values)
    assert [header[0], *(label.removesuffix("(万㎡)") for label in header[1:])] == shown[: len(header)]
    cells = [row[0] if n == 0 else _read(row[n]) for row in rows for n in range(len(row))]
    assert cells == [each.replace("+", "") for each in shown[len(header) :]]
    written = page(f"/divisions/2113/charts/{chart}.csv{query}").content.decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(written)))) == len(rows) + 1


def _read(cell: float | None) -> str:
    return "—" if cell is None else f"{cell:,.2f}".replace("-", "−")


def test_there_is_no_file_of_a_chart_that_is_none(page, history):
    for chart in ("curve-9", "curve-0", "curve-x", "else"):
        assert page(f"/divisions/2113/charts/{chart}.xlsx").status_code == 404


def test_which_county_is_behind_and_why_takes_three_clicks(page, history):
    """County in the ranking → what is missing there → the compounds → one of them."""
    record("lapse", "2014-11-20", "A", mode_from="professional", m2=10_000)
    TargetVersion.objects.filter(target="T2").update(required_dm2=10_000_000, deadline=day("2015-12-31"))
    part = TargetPart.objects.create(target_id="T2", division_id="211302")
    PartVersion.objects.create(
        part=part, required=8_000_000_00, deadline=day("2014-12-31"), valid_from=day("2014-01-01"), document="分解表"
    )
    city = page("/").content.decode()
    [first] = re.findall(r'href="(/divisions/211302/missing/)">−', city)
    missing = page(first).content.decode()
    second = "/compounds/?division=211302&amp;gap=lapsed"
    assert f'href="{second}"' in missing
    compounds = page(second.replace("&amp;", "&"))
    assert [one.code for one in compounds.context["compounds"]] == ["A"]
    assert 'href="/compounds/A/' in compounds.content.decode()


def test_cards_tell_the_change_of_households_and_compounds(client, page, history):
    client.cookies["django_language"] = "zh-hans"
    register("E", "2014-05-20", m2=1000, households=10)
    record("takeover", "2014-06-10", "E", mode_to="owners")
    body = re.sub(r"<[^>]+>|\s+", "", page("/?as_of=2014-06-30").content.decode())
    assert "户数610较上月+10" in body
    assert "全部已管小区1较上月+1" in body
