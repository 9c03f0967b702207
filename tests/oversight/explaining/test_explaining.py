"""怎么算的: formulas with their numbers by hand-worked facts, and rows that add up to the difference."""

import re

import pytest
from django.core.cache import cache

from chaoyang_pm.kit.figures import format_m2
from communities.divisions.models import Division
from oversight.explaining.choices import Figure, Missing, OfTarget
from oversight.programme.breakdown import Asked, Paper, PartGiven, divide
from oversight.programme.models import Programme
from oversight.programme.selectors import targets
from tests.support import JINYUAN, day, dm2

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
NEW_YEARS_EVE = "as_of=2014-12-31&height=16"
TARGETS = [
    "T1-completed", "T1-ratio", "T2-required", "T2-scheduled", "T3-211321-required", "T4-required", "T4-scheduled",
    "T4-completed", "T4-ratio",
]  # fmt: skip
PARTS = [f"{target}-part-{what}" for target in ("T2", "T4") for what in OfTarget.values]


@pytest.fixture
def parts(example):
    """Of T2 and T4, what 双塔区 was given."""
    programme = targets(Programme.objects.get())
    for code, required in (("T2", dm2(1_000_000)), ("T4", 2)):
        given = [PartGiven(Division.objects.get(pk="211302"), Asked(required, day("2016-12-31"), None, ()))]
        divide(target=programme.get(pk=code), parts=given, paper=Paper("分解通知", day("2014-12-10")), by=None)


@pytest.fixture
def how(client, page, example):
    client.cookies["django_language"] = "zh-hans"

    def ask(figure: str, code: str = "211302", query: str = NEW_YEARS_EVE):
        return page(f"/divisions/{code}/how/{figure}/?{query}").context["explained"]

    return ask


@pytest.mark.parametrize(
    ("figure", "step", "before", "change"),
    [
        ("total", "125,000.00 ㎡ + 80,000.50 ㎡ = 205,000.50 ㎡", "205,000.50 ㎡", "0.00 ㎡"),
        ("managed", "= 125,000.00 ㎡", "155,000.00 ㎡", "−30,000.00 ㎡"),
        ("unmanaged", "205,000.50 ㎡ − 125,000.00 ㎡ = 80,000.50 ㎡", "50,000.50 ㎡", "+30,000.00 ㎡"),
        ("rate", "125,000.00 ㎡ ÷ 205,000.50 ㎡ = 60.98%", "75.61%", "−14.63个百分点"),
        ("rate-households", "1,250 ÷ 2,050 = 60.98%", "75.61%", "−14.63个百分点"),
        (
            "rate-compounds", "2 ÷ (2 + 0 + 2) = 50.00%", "75.00%",
            "−25.00个百分点 (全部覆盖 −1 个,部分覆盖 0 个,未实施 +1 个)",
        ),
        ("rate-professional", "85,000.00 ㎡ ÷ 205,000.50 ㎡ = 41.46%", "56.10%", "−14.63个百分点"),
        ("households", "1,250 + 800 = 2,050", "2,050", "0"),
        ("T1-ratio", "100,000.00 ㎡ ÷ 3,020,000.00 ㎡ = 3.31%", "3.31%", "0.00个百分点"),
        ("missing-lapsed", "1个小区,30,000.00 ㎡", "0.00 ㎡", "+30,000.00 ㎡"),
        ("missing-partly", "0个小区,0.00 ㎡", "0.00 ㎡", "0.00 ㎡"),
        ("missing-never", "1个小区,50,000.50 ㎡", "50,000.50 ㎡", "0.00 ㎡"),
        ("missing-undetermined", "0.00 ㎡", "0.00 ㎡", "0.00 ㎡"),
        ("T1-completed", "弃管小区 100,000.00 + 已改造老旧小区 0.00 = 100,000.00 ㎡", "100,000.00 ㎡", "0.00 ㎡"),
    ],
)  # fmt: skip
def test_the_formula_has_its_numbers(how, figure, step, before, change):
    explained = how(figure)
    assert explained.steps[0].endswith(step)
    assert (explained.before, explained.change) == (before, change)


def test_the_modes_of_the_managed_area_are_named(how):
    named = how("managed").steps[0]
    assert named.startswith("专业化物业管理 85,000.00 + ")
    assert "业主自行管理 40,000.00" in named


def test_what_the_document_requires_is_required(how):
    assert how("T1-required").steps[0].endswith("3,020,000.00 ㎡")
    assert how("T2-required").shown == "11,000,000.00 ㎡"


def test_scheduled_is_the_days_gone(how):
    """T2: from 2014-01-01 to 2016-12-31 are 1095 days, of which 364 are gone on New Year's Eve."""
    explained = how("T2-scheduled")
    assert explained.steps == [
        "2014-01-01至2016-12-31共1095天,已过364天", "11,000,000.00 × 364 ÷ 1095 = 3,656,621.00 ㎡"
    ]  # fmt: skip
    assert how("T1-scheduled").steps == ["已到完成时限 2014-12-31,应全部完成:3,020,000.00 ㎡。"]


def test_the_event_behind_a_difference_is_named(page, how):
    """D lapsed on 20 December: entry 10."""
    body = page(f"/divisions/211302/how/managed/?{NEW_YEARS_EVE}").content.decode()
    assert "/entries/10/" in body
    assert "/compounds/D/" in body
    assert "−30,000.00" in body
    assert re.findall(r"/entries/(\d+)/", body) == ["10"]


def test_compounds_that_changed_their_state_are_named(page, how):
    response = page(f"/divisions/211302/how/rate-compounds/?{NEW_YEARS_EVE}")
    [row] = response.context["page_obj"].object_list
    assert (row["compound__code"], row["before_label"], row["now_label"]) == ("D", "全部覆盖", "未实施物业管理")


@pytest.mark.parametrize("code", ["2113", "211302", "211303", JINYUAN])
@pytest.mark.parametrize(
    "query", ["as_of=2014-12-31&height=16", "as_of=2015-06-30", "as_of=2015-09-15&rule=professional"]
)
def test_rows_add_up_to_the_difference(page, api, how, code, query):
    now = api(f"coverage/?division={code}&{query}").json()
    since = how("total", code, query).since
    then = api(f"coverage/?division={code}&as_of={since}&{query.partition('&')[2]}").json()
    for figure in (Figure.TOTAL, Figure.MANAGED, Figure.UNMANAGED):
        rows = page(f"/divisions/{code}/how/{figure}/?{query}").context["page_obj"].object_list
        moved = now["area_m2"][figure] - then["area_m2"][figure]
        assert sum(row["change"] for row in rows) / 100 == pytest.approx(moved)
    rows = page(f"/divisions/{code}/how/rate-households/?{query}").context["page_obj"].object_list
    assert sum(row["change"] for row in rows) == now["households"]["managed"] - then["households"]["managed"]
    assert sum(row["change_of_whole"] for row in rows) == now["households"]["total"] - then["households"]["total"]


@pytest.mark.parametrize("figure", [*Figure.values, *Missing.values, *TARGETS, *PARTS])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_figure_explains_itself(client, page, parts, figure, language):
    client.cookies["django_language"] = language
    code = "211302" if figure in PARTS else "2113"
    response = page(f"/divisions/{code}/how/{figure}/?as_of=2015-09-15")
    body = response.content.decode()
    assert response.status_code == 200
    assert response.context["explained"].words in body.replace("&#x27;", "'")
    assert response.context["question"].version.hash in body
    assert "style=" not in body


def test_over_another_page_it_is_the_body_alone(page, example):
    response = page("/divisions/2113/how/rate/", headers={"HX-Request": "true"})
    body = response.content.decode()
    assert "data-how-body" in body
    assert "<html" not in body
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize(
    "figure", ["colour", "T9-completed", "T1-colour", "completed", "T3-211321-required", "-required"]
)
def test_a_figure_that_there_is_not_is_not_found(page, example, figure):
    assert page(f"/divisions/211302/how/{figure}/").status_code == 404


def test_events_of_a_neighbour_are_not_listed(client, cast, example):
    """T1 is about both districts: 双塔区 sees the figure, and of what moved it only its own."""
    client.force_login(cast["county"])
    response = client.get("/divisions/211302/how/T2-completed/?as_of=2014-12-31&height=16")
    assert response.status_code == 200
    assert [row["compound__code"] for row in response.context["page_obj"].object_list] == []
    client.force_login(cast["bureau"])
    response = client.get("/divisions/211302/how/T2-completed/?as_of=2014-12-31&height=16")
    assert [row["compound__code"] for row in response.context["page_obj"].object_list] == ["C"]


def test_cards_and_cells_lead_there(page, example):
    body = page("/divisions/2113/?as_of=2014-12-31").content.decode()
    for figure in ("rate", "managed", "unmanaged", "rate-households", "rate-compounds", "T1-completed", "T2-scheduled"):
        assert f"/divisions/2113/how/{figure}/?as_of=2014-12-31" in body
    assert (
        "/divisions/211302/how/rate/?as_of=2014-12-31"
        in page("/divisions/2113/one-page/?as_of=2014-12-31").content.decode()
    )


@pytest.mark.parametrize("figure", [*Figure.values, *Missing.values, *TARGETS, *PARTS])
def test_queries_are_few(page, parts, figure, django_assert_max_num_queries):
    address = f"/divisions/{'211302' if figure in PARTS else '2113'}/how/{figure}/?as_of=2015-09-15"
    cache.clear()
    with django_assert_max_num_queries(25):
        assert page(address).status_code == 200


def test_a_part_explains_itself_by_what_was_given(how, parts):
    """Half of T2 by New Year's Eve two years later, given on 2014-12-10: a month ago there was no part."""
    assert how("T2-part-required").steps == ["分解通知 (2014-12-10): 1,000,000.00 ㎡"]
    assert (how("T2-part-required").before, how("T2-part-required").change) == ("—", "—")
    assert how("T2-part-completed").shown == "100,000.00 ㎡"
    assert how("T2-part-completed").change == "0.00 ㎡"
    assert how("T2-part-ratio").shown == "10.00%"
    assert how("T4-part-completed").shown == "0"
    assert how("T4-part-required").steps == ["分解通知 (2014-12-10): 2 个社区"]


@pytest.mark.parametrize("figure", ["T2-part-completed", "T3-211321-part-completed"])
def test_what_was_given_to_nobody_is_no_part(page, parts, figure):
    assert page(f"/divisions/211303/how/{figure}/?{NEW_YEARS_EVE}").status_code == 404
    assert (
        page(f"/divisions/211302/how/T2-part-completed/?{NEW_YEARS_EVE}&target_version=2014-12-09").status_code == 404
    )


def test_another_day_can_be_what_a_figure_is_held_against(page, how):
    """Since 30 June: what moved is what 增减变动 shows."""
    assert how("managed", query=f"{NEW_YEARS_EVE}&from=2014-06-30").since == day("2014-06-30")
    rows = page(f"/divisions/211302/how/managed/?{NEW_YEARS_EVE}&from=2014-06-30").context["page_obj"].object_list
    moved = page(f"/divisions/211302/movements/?{NEW_YEARS_EVE}&from=2014-06-30").context["moved"]
    assert sum(row["change"] for row in rows) == moved.closing.managed - moved.opening.managed
    assert page(f"/divisions/211302/how/managed/?{NEW_YEARS_EVE}&from=2015-01-01").status_code == 400
    assert page(f"/divisions/211302/how/managed/?{NEW_YEARS_EVE}&from=x").status_code == 400


def test_reasons_are_those_of_the_page_of_what_is_missing(page, how):
    total = page(f"/divisions/211302/missing/?{NEW_YEARS_EVE}").context["gaps"].total
    for reason, amount in total.by_reason:
        assert how(f"missing-{reason.value}").shown == f"{format_m2(amount.area_dm2)} ㎡"
    assert how("missing-undetermined").shown == f"{format_m2(total.undetermined)} ㎡"
    by_rule = f"{NEW_YEARS_EVE}&rule=professional"
    total = page(f"/divisions/211302/missing/?{by_rule}").context["gaps"].total
    assert total.uncounted
    assert how("missing-uncounted", query=by_rule).shown == f"{format_m2(total.uncounted)} ㎡"


LED_FROM = [
    "/divisions/{}/", "/divisions/{}/missing/", "/divisions/{}/movements/?from=2014-06-30&", "/divisions/{}/series/",
    "/divisions/{}/one-page/", "/targets/T2/", "/targets/T4/",
]  # fmt: skip


@pytest.mark.parametrize("address", LED_FROM)
@pytest.mark.parametrize(("role", "code"), [("bureau", "2113"), ("county", "211302")])
def test_figures_of_a_page_lead_to_themselves(client, cast, parts, address, role, code):
    """Whoever sees a figure sees how it is counted, and reads the same figure there."""
    client.force_login(cast[role])
    address = address.format(code)
    body = client.get(f"{address}{'' if '?' in address else '?'}{NEW_YEARS_EVE}").content.decode()
    links = re.findall(r'<a class="how-figure"[^>]*href="([^"]+)"[^>]*>([^<]+)</a>', body)
    assert links
    for link, cell in set(links):
        answer = client.get(link.replace("&amp;", "&"))
        assert answer.status_code == 200, link
        explained = answer.context["explained"]
        if cell[0].isdigit():
            shown = [explained.shown, explained.before, explained.change]
            cell = f"{cell} ㎡" if "movements" in address and "." in cell else cell
            assert any(_as_number(cell) == pytest.approx(_as_number(each), abs=0.006) for each in shown), link


def _as_number(text: str) -> float:
    """In 10,000 ㎡, percent, or what is counted; as the pages that show ㎡ write it, too."""
    found = re.match(r"[+−]?([\d,]+(?:\.\d+)?)", text)
    number = float(found[1].replace(",", "")) if found else float("nan")
    return number / 10_000 if text.endswith("㎡") else number
