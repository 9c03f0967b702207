"""Monthly figures: each month is what coverage says for its last day, and no month costs a query of its own."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oversight.coverage import presenters, reading, selectors, services
from oversight.coverage.question import BadQuestion, resolve, resolve_span
from oversight.coverage.series import series
from oversight.programme.models import CountingRule
from tests.support import JINYUAN, QIANJIN, day, post_example

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2015-10-20")


@pytest.fixture
def example(reference):
    post_example()


def monthly(since: str = "", until: str = "", **asked):
    question = resolve(**asked)
    return series(question, resolve_span(question, since=since, until=until))


def without_pending(figures):
    counts = figures.counts
    return figures.cells, figures.modes, (counts.managed, counts.partial, counts.unmanaged)


@pytest.mark.parametrize("division", ["2113", "211302", "211302003", JINYUAN, QIANJIN, "211324"])
@pytest.mark.parametrize("height", [0, 5, 10, 14, 20])
@pytest.mark.parametrize("rolled_up", [0, 9, 20])
def test_each_month_is_the_coverage_of_its_last_day(reference, monkeypatch, division, height, rolled_up):
    monkeypatch.setattr(reading, "NEAR", 0)
    post_example(upto=max(rolled_up, 1))
    if rolled_up:
        services.refresh()
    post_example(after=max(rolled_up, 1))
    rule = "standard" if height % 2 else "professional"
    asked = {"division": division, "height": height, "rule": rule}
    months = monthly("2013-11", "2015-10", **asked)
    assert [months[0].month, months[-1].month, len(months)] == ["2013-11", "2015-10", 24]
    assert [months[-2].as_of, months[-1].as_of] == [day("2015-09-30"), day("2015-10-20")]
    for month in months:
        figures = selectors.coverage(resolve(as_of=month.as_of.isoformat(), **asked))
        assert without_pending(month.figures) == without_pending(figures), month


def test_an_earlier_date_ends_the_series_there(example):
    months = monthly(as_of="2014-09-10")
    assert (months[0].month, months[-1].month, months[-1].as_of) == ("2013-10", "2014-09", day("2014-09-10"))
    assert months[-1].figures.managed == 90_000_00  # A's takeover in September lies five days on
    assert len(months) == 12


def test_a_rule_counts_by_month_as_it_stood_then(example):
    CountingRule.objects.create(
        code="standard", name="只计专业化", modes=["professional"], valid_from=day("2014-10-01")
    )
    months = {month.month: month.figures for month in monthly("2014-08", "2014-10", height=10)}
    assert (months["2014-09"].managed, months["2014-10"].managed) == (180_000_50, 115_000_00)


@pytest.mark.parametrize("rolled_up", [False, True])
@pytest.mark.parametrize("division", ["2113", QIANJIN])
def test_the_number_of_queries_does_not_grow_with_the_months(example, division, rolled_up):
    if rolled_up:
        services.refresh()

    def queries(since: str) -> int:
        question = resolve(division=division)
        span = resolve_span(question, since=since)
        with CaptureQueriesContext(connection) as captured:
            series(question, span)
        return len(captured)

    assert queries("2015-10") == queries("2005-01") <= 5


@pytest.mark.parametrize(
    ("span", "fields"),
    [
        ({"since": "2014-13"}, ["from"]), ({"until": "2014-1"}, ["to"]), ({"since": "x", "until": "y"}, ["to", "from"]),
        ({"until": "2015-11"}, ["to"]), ({"since": "2015-06", "until": "2015-05"}, ["from"]),
        ({"since": "1899-12"}, ["from"]), ({"since": "1930-01"}, ["from"]), ({"since": "2014-5\x00"}, ["from"]),
        ({"since": "0214-05"}, ["from"]), ({"since": "２０１４-05"}, ["from"]),
    ],
)  # fmt: skip
def test_a_span_that_cannot_be_answered_says_which_field(reference, span, fields):
    with pytest.raises(BadQuestion) as refused:
        resolve_span(resolve(), **span)
    assert [problem.field for problem in refused.value.problems] == fields


def test_field_names_of_the_contract(example):
    question = resolve(division="211302", as_of="2014-12-31", height=10)
    span = resolve_span(question, since="2014-11")
    data = presenters.series(question, span, series(question, span))
    assert (data["from"], data["to"], data["ledger"]["height"]) == ("2014-11", "2014-12", 10)
    assert data["series"][-1] == {
        "month": "2014-12", "as_of": "2014-12-31", "managed_m2": 175000.5, "unmanaged_m2": 30000, "total_m2": 205000.5,
        "rate": 175000.5 / 205000.5, "professional_rate": 85000 / 205000.5,
        "compounds": {"managed": 3, "partial": 0, "unmanaged": 1, "rate": 0.75},
        "households": {"managed": 1750, "total": 2050, "rate": 1750 / 2050},
    }  # fmt: skip
    assert [len(row) for row in presenters.series_rows(data)] == [len(presenters.SERIES_COLUMNS)] * 2
