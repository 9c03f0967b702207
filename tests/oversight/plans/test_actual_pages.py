"""The page of plans against what happened, its API, and the table of assignments: who sees what, and every number."""

import io

import openpyxl
import pytest

from oversight.plans import services
from oversight.plans.models import PlanVersion
from oversight.plans.states import LineState
from tests.oversight.plans.conftest import COUNTY, line, submitted
from tests.support import QIANJIN, dm2, later_transaction, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved(draft, homes, cast, today) -> PlanVersion:
    """乙 was due in September and is begun, 甲 in December, 丙 in the next year; it is 15 November 2014."""
    lines = [
        line(homes["乙"], "2014-09-30", phone="13900001111"), line(homes["甲"], "2014-12-31"),
        line(homes["丙"], "2015-06-30"),
    ]  # fmt: skip
    services.write_lines(version=draft, lines=lines, by=cast["county"])
    version = services.approve(version=submitted(draft, cast["county"]), by=cast["bureau"])
    today("2014-11-15")
    record("takeover", "2014-10-10", "乙", mode_to="community", m2=4000)
    return version


def test_the_page_leads_down_and_shows_what_is_late(approved, as_):
    answer = as_("bureau").get("/plans/actuals/")
    assert answer.url == "/plans/actuals/2113/"
    city = as_("bureau").get("/plans/actuals/2113/")
    text = city.content.decode()
    for told in ("/plans/actuals/211302/", 'data-series="planned"', "小区乙", "13900001111", "charts.js"):
        assert told in text
    assert [row["line"].compound.code for row in city.context["rows"]] == ["乙"]
    county = as_("bureau").get("/plans/actuals/211302/")
    assert {part.code for part in county.context["found"].parts} == {"211302001", "211302003"}


@pytest.mark.parametrize(("show", "codes"), [
    ("overdue", "乙"), ("next", ""), ("all", "乙甲丙"), ("begun", "乙"), ("not_due", "甲丙"), ("late", ""),
])  # fmt: skip
def test_every_number_leads_to_its_lines(approved, as_, show, codes):
    answer = as_("county").get(f"/plans/actuals/{COUNTY}/?show={show}")
    assert [row["line"].compound.code for row in answer.context["rows"]] == list(codes)
    if show in LineState.values:
        [own] = [one for one in answer.context["found"].states if one.state == show]
        assert own.lines == len(codes)


def test_telephones_are_for_those_who_may_have_them(approved, as_):
    assert "13900001111" in as_("county").get(f"/plans/actuals/{COUNTY}/").content.decode()
    for role in ("auditor", "leader"):
        text = as_(role).get(f"/plans/actuals/{COUNTY}/").content.decode()
        assert "139****1111" in text
        assert "13900001111" not in text


def test_what_cannot_be_meant_is_named(approved, as_):
    assert as_("bureau").get("/plans/actuals/2113/?show=x").status_code == 400
    assert as_("bureau").get("/plans/actuals/9999/").status_code in (400, 404)
    assert as_("county").get("/plans/actuals/211303/").status_code == 404
    assert as_("county").get("/plans/actuals/").url == f"/plans/actuals/{COUNTY}/"


def test_without_a_plan_it_says_so(homes, as_):
    answer = as_("bureau").get("/plans/actuals/2113/")
    assert "截至该日尚无已批准的方案" in answer.content.decode()


def test_the_cockpit_shows_the_plans_line_in_chart_table_and_file(approved, as_):
    text = as_("county").get(f"/divisions/{COUNTY}/").content.decode()
    assert 'data-series="planned"' in text
    assert f"/plans/actuals/{COUNTY}/" in text
    book = openpyxl.load_workbook(
        io.BytesIO(as_("county").get(f"/divisions/{COUNTY}/charts/curve-1.xlsx").getvalue())
    ).active
    header, *rows = list(book.iter_rows(values_only=True))[-37:]
    assert "计划(已批准方案)" in str(header) or any("计划(已批准方案)" in str(row) for row in rows)
    assert 'data-series="planned"' not in as_("bureau").get("/divisions/211303/").content.decode()
    assert "/plans/actuals/" not in as_("committee").get(f"/divisions/{QIANJIN}/").content.decode()


def test_the_planned_figure_stands_beside_what_is_reported(approved, as_, api):
    answer = as_("county").get(f"/divisions/{COUNTY}/")
    assert answer.context["planned"].area_dm2 == dm2(10_000)
    assert "计划数" in answer.content.decode()
    told = api(f"coverage/?division={COUNTY}").json()["under_way"]
    assert (told["area_m2"]["planned"], told["area_m2"]["approved"]) == (10_000, 4000)
    assert told["households"]["planned"] == 100
    assert api("coverage/?division=211303").json()["under_way"]["area_m2"]["planned"] is None


def test_programs_read_a_plan_against_the_ledger(approved, api, cast):
    told = api(f"plans/{approved.pk}/actuals/?as_of=2014-10-31").json()
    assert (told["version"], told["since"], told["as_of"]) == (1, "2014-07-01", "2014-10-31")
    months = {one["month"]: (one["planned_m2"], one["actual_m2"], one["required_m2"]) for one in told["months"]}
    assert (months["2014-09"], months["2014-10"]) == ((10_000, 0, None), (10_000, 4000, None))
    assert [(one["compound"]["code"], one["state"], one["days_late"]) for one in told["lines"]] == [
        ("乙", "begun", 31), ("甲", "not_due", 0), ("丙", "not_due", 0)
    ]  # fmt: skip
    assert told["lines"][0]["taken_over_m2"] == 4000
    assert "phone" not in told["lines"][0]
    assert api(f"plans/{approved.pk}/actuals/?as_of=2014-06-30").status_code == 400
    assert api(f"plans/{approved.pk}/actuals/", role="neighbour_county").status_code == 404
    draft = services.begin(
        programme=approved.programme, county=approved.county, by=cast["county"], reason="棚改"
    )  # fmt: skip
    assert api(f"plans/{draft.pk}/actuals/", role="county").status_code == 404


def test_an_answer_has_another_label_after_a_step_of_a_plan(written, cast, api):
    version = submitted(written, cast["county"])
    before = api(f"coverage/?division={COUNTY}")["ETag"]
    later_transaction()
    services.approve(version=version, by=cast["bureau"])
    assert api(f"coverage/?division={COUNTY}")["ETag"] != before


def test_the_register_finds_what_is_unmanaged_and_in_no_plan(approved, as_, api, today):
    def listed(query: str = "") -> list[str]:
        answer = as_("bureau").get(f"/compounds/?unplanned=on{query}")
        return sorted(compound.code for compound in answer.context["compounds"])

    assert listed() == ["外"]
    assert listed("&as_of=2014-06-30") == ["丙", "乙", "外", "甲"]
    assert [one["code"] for one in api("compounds/?unplanned=true").json()["results"]] == ["外"]
    record("takeover", "2014-10-10", "外", mode_to="community")
    assert listed() == []
