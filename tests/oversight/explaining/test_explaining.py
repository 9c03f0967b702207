"""怎么算的: formulas with their numbers by hand-worked facts, and rows that add up to the difference."""

import re

import pytest

from oversight.explaining.choices import Figure
from tests.support import JINYUAN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
NEW_YEARS_EVE = "as_of=2014-12-31&height=16"
TARGETS = ["T1-completed", "T2-required", "T2-scheduled", "T3-211321-required", "T4-required", "T4-scheduled"]


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


@pytest.mark.parametrize("figure", [*Figure.values, *TARGETS])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_figure_explains_itself(client, page, example, figure, language):
    client.cookies["django_language"] = language
    response = page(f"/divisions/2113/how/{figure}/?as_of=2015-09-15")
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


@pytest.mark.parametrize("figure", ["rate", "rate-compounds", "T2-completed", "T2-scheduled"])
def test_queries_are_few(page, example, figure, django_assert_max_num_queries):
    page(f"/divisions/2113/how/{figure}/?as_of=2015-09-15")
    with django_assert_max_num_queries(25):
        page(f"/divisions/2113/how/{figure}/?as_of=2015-09-15")
