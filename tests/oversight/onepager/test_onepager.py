"""一页纸: sentences, table, charts and document say what the API says, for any division, date, version and rule."""

import io
import re

import docx
import openpyxl
import pytest
from django.core.cache import cache

from chaoyang_pm.kit.figures import m2
from compounds.register.models import Compound
from oversight.onepager import charts
from oversight.onepager.selectors import MOST_ROWS
from tests.support import JINYUAN, make_compound, record, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
ASKED = [
    ("2113", ""), ("2113", "as_of=2014-12-31&height=10"), ("2113", "as_of=2014-12-31&height=16&rule=professional"),
    ("211302", "as_of=2015-12-31&height=17"), ("211302003", "as_of=2015-06-15"), (JINYUAN, "as_of=2015-09-30"),
    ("211303", "as_of=2015-12-31&height=16"), ("211322", ""),
]  # fmt: skip
BY = {4: "county", 6: "subdistrict", 9: "community"}


def opened(response) -> docx.document.Document:
    return docx.Document(io.BytesIO(response.content))


@pytest.mark.parametrize(("code", "query"), ASKED)
def test_figures_are_those_of_the_api(page, api, example, code, query):
    shown = page(f"/divisions/{code}/one-page/?{query}").context["page"]
    data = api(f"coverage/?division={code}&{query}", role="bureau").json()
    figures, counts = shown.figures, shown.figures.counts
    assert (m2(figures.total), m2(figures.managed), figures.rate) == (
        data["area_m2"]["total"], data["area_m2"]["managed"], data["rate"]
    )  # fmt: skip
    assert figures.households_rate == data["households"]["rate"]
    assert {"managed": counts.managed, "partial": counts.partial, "unmanaged": counts.unmanaged} == {
        name: data["compounds"][name] for name in ("managed", "partial", "unmanaged")
    }
    assert counts.area_pending == data["compounds"]["area_pending"]
    if by := BY.get(len(code)):
        parts = api(f"coverage/?division={code}&{query}&by={by}", role="bureau").json()["groups"]
        rows = {row.key: (m2(row.total), m2(row.managed), row.rate) for row in shown.rows}
        for part in parts:
            assert rows[part["key"]] == (part["area_m2"]["total"], part["area_m2"]["managed"], part["rate"])
    assert sum(row.managed for row in shown.rows) == figures.managed
    months = api(f"coverage/series/?division={code}&{query}", role="bureau").json()["series"]
    assert [m2(month.figures.managed) for month in shown.months] == [month["managed_m2"] for month in months]
    targets = {row["code"]: row for row in api(f"targets/?{query}", role="bureau").json()["results"]}
    for target in shown.targets:
        of_api = targets[target.target.code]
        assert (m2(target.completed), m2(target.required), m2(target.scheduled)) == (
            of_api["completed_m2"], of_api["required_m2"], of_api["scheduled_m2"]
        )  # fmt: skip


@pytest.mark.parametrize(("code", "query"), ASKED)
def test_a_month_ago_is_the_figure_asked_for_then(page, api, example, code, query):
    """Against last month: the rate at the end of the month before, at the same version and by the same rule."""
    shown = page(f"/divisions/{code}/one-page/?{query}").context["page"]
    then = re.sub(r"as_of=[\d-]+&?", "", query)
    data = api(f"coverage/?division={code}&as_of={shown.since}&{then}", role="bureau").json()
    assert m2(shown.whole.managed_before) == data["area_m2"]["managed"]
    assert m2(shown.whole.total_before) == data["area_m2"]["total"]
    if shown.whole.rate_change is not None:
        assert shown.whole.rate_change == pytest.approx((shown.figures.rate - data["rate"]) * 100)


def test_sentences_are_ready_to_copy(client, page, example):
    client.cookies["django_language"] = "zh-hans"
    said = page("/divisions/211302/one-page/?as_of=2014-12-31&height=16").context["sentences"]
    assert said[0] == (
        "截至2014年12月31日,双塔区住宅小区建筑面积20.50万㎡,已实施物业管理12.50万㎡,物业覆盖率60.98%,较上月下降14.63个百分点。"
    )
    assert "已管1,250户,共2,050户" in said[1]
    assert "全部覆盖2个、部分覆盖0个、未实施物业管理2个" in said[1]
    assert said[2] == "2014年11月30日以来,接管0.00万㎡,撤管3.00万㎡;尚有8.00万㎡未实施物业管理。"
    assert "双塔区、龙城区,完成时限2014年12月31日" in said[3]
    assert "任务量302.00万㎡,按序时进度应完成302.00万㎡,已完成10.00万㎡,完成率3.31%,欠序时进度292.00万㎡。" in said[3]
    assert "全市" in page("/divisions/2113/one-page/").context["sentences"][0]


def test_nothing_to_divide_by_is_said(client, page, example):
    client.cookies["django_language"] = "zh-hans"
    said = page("/divisions/211322/one-page/").context["sentences"]
    assert "物业覆盖率—,较上月无可比数据" in said[0]


@pytest.mark.parametrize("code", ["2113", "211302", "211302003", JINYUAN, "211322"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_page_opens(client, page, example, code, language):
    client.cookies["django_language"] = language
    response = page(f"/divisions/{code}/one-page/?as_of=2015-06-30")
    body = response.content.decode()
    assert response.status_code == 200
    assert "style=" not in body
    assert not re.search(r"<script(?![^>]*src=)|\son\w+=", body)
    assert body.count('<svg class="chart"') == (2 if response.context["lines"] else 1)


def test_what_cannot_be_answered_says_which_field(page, example):
    response = page("/divisions/2113/one-page.docx?as_of=2099-01-01")
    assert response.status_code == 400
    assert [problem.field for problem in response.context["problems"]] == ["as_of"]


def test_the_document_says_what_the_page_says(client, page, example):
    client.cookies["django_language"] = "zh-hans"
    query = "as_of=2014-12-31&height=16"
    shown = page(f"/divisions/2113/one-page/?{query}")
    response = page(f"/divisions/2113/one-page.docx?{query}")
    assert response["Content-Type"].endswith("wordprocessingml.document")
    assert ".docx" in response["Content-Disposition"]
    word = opened(response)
    by_style = [(paragraph.style.name, paragraph.text) for paragraph in word.paragraphs]
    assert ("Title", "朝阳市住宅小区物业管理情况") in by_style
    assert [text for style, text in by_style if style == "Heading 1"] == ["总体情况", "分单位情况", "图示"]
    assert [text for style, text in by_style if text in shown.context["sentences"]] == shown.context["sentences"]
    assert "数据截至2014年12月31日 · 单位:万㎡ · 口径:标准口径" in [text for _s, text in by_style][1]
    table = [[cell.text for cell in row.cells] for row in word.tables[0].rows]
    assert table == [
        shown.context["headings"], *(line.cells for line in shown.context["lines"]), shown.context["total"].cells
    ]  # fmt: skip
    footer = word.sections[0].footer.paragraphs[0].text
    assert "数据版次:16" in footer
    assert shown.context["question"].version.hash in footer


def test_charts_of_the_document_carry_their_numbers(page, example):
    shown = page("/divisions/2113/one-page/?as_of=2014-12-31&height=16").context["page"]
    parts = opened(page("/divisions/2113/one-page.docx?as_of=2014-12-31&height=16")).part.package.iter_parts()
    found = {str(part.partname): part.blob for part in parts}
    assert {"/word/charts/chart1.xml", "/word/charts/chart2.xml"} <= found.keys()
    bars, line = (
        [
            list(row)
            for row in openpyxl.load_workbook(io.BytesIO(found[f"/word/embeddings/chart{n}.xlsx"])).active.values
        ]
        for n in (1, 2)
    )
    assert [(name, rate) for name, rate in bars[1:]] == [(row.name, row.rate) for row in shown.rows]
    assert [month for month, _area in line[1:]] == [month.month for month in shown.months]
    assert line[-1][1] == pytest.approx(shown.figures.managed / 1_000_000)


def test_names_are_text_everywhere(page, reference):
    register("X", m2=1000)
    Compound.objects.filter(code="X").update(name="<b>&\"'</b>")
    body = page(f"/divisions/{JINYUAN}/one-page/").content.decode()
    assert "<b>&" not in body
    word = opened(page(f"/divisions/{JINYUAN}/one-page.docx"))
    assert word.tables[0].rows[1].cells[0].text == "<b>&\"'</b>"


def test_more_rows_than_fit_are_one_row(page, reference):
    for number in range(MOST_ROWS + 3):
        register(f"M{number:02}", m2=100 + number)
    make_compound("P")
    response = page(f"/divisions/{JINYUAN}/one-page/")
    rows = response.context["page"].rows
    assert len(rows) == MOST_ROWS
    assert rows[-1].key == ""
    assert rows[-1].total == sum(100_00 + number * 100 for number in range(4))
    assert sum(row.total for row in rows) == response.context["page"].figures.total


def test_queries_do_not_grow_with_compounds(page, example, django_assert_max_num_queries):
    page("/divisions/2113/one-page/")
    cache.clear()
    with django_assert_max_num_queries(25) as few:
        page("/divisions/2113/one-page/")
    for number in range(5):
        register(f"Q{number}", "2015-03-01")
        record("takeover", "2015-12-05", f"Q{number}", mode_to="professional")
    with django_assert_max_num_queries(len(few)):
        page("/divisions/2113/one-page/")


def test_looked_at_printed_and_downloaded_it_is_read_once(page, example, django_assert_max_num_queries):
    page("/divisions/2113/one-page/")
    with django_assert_max_num_queries(19):
        page("/divisions/2113/one-page/")
    with django_assert_max_num_queries(9):
        page("/divisions/2113/one-page.docx")


@pytest.mark.django_db(transaction=True)
def test_an_edit_is_seen_by_the_next_reader(page, example):
    address = f"/divisions/{JINYUAN}/one-page/?as_of=2015-06-30&height=16"
    assert "新名小区" not in page(address).content.decode()
    Compound.objects.filter(code="A").update(name="新名小区")
    assert "新名小区" in page(address).content.decode()


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 40_000), (40_000, 40_000), (40_001, 80_000), (130_000, 200_000), (2_097_030_000, 4_000_000_000)],
)
def test_an_axis_ends_above_its_values(most, top):
    assert charts.nice_top(most) == top
