"""设置: what is set where, and counting rules by clicks."""

import pytest

from oversight.coverage import selectors
from oversight.coverage.question import resolve
from oversight.programme.models import CountingRule
from tests.support import day, record, register

RULE = {"code": "owners_only", "name": "业主自行口径", "valid_from": "2014-06-01", "modes": ["owners"]}


@pytest.fixture(autouse=True)
def city(cast, settings):
    settings.BUSINESS_DATE = day("2014-10-31")
    register("甲", m2=1000)
    record("takeover", "2014-05-10", "甲", mode_to="owners", m2=600)
    record("takeover", "2014-05-10", "甲", mode_to="manager", m2=200)


@pytest.fixture
def as_(client, cast):
    def enter(name: str):
        client.force_login(cast[name])
        return client

    return enter


def test_a_rule_is_looked_at_before_it_is_entered(as_):
    shown = as_("bureau").post("/settings/rules/", RULE | {"step": "preview"})
    now, then = shown.context["preview"]
    assert (now.rate, then.rate) == (0.8, 0.6)
    assert not CountingRule.objects.filter(code="owners_only").exists()


def test_a_rule_counts_from_its_day_on_and_says_who_entered_it(as_):
    client = as_("bureau")
    assert client.post("/settings/rules/", RULE | {"step": "confirm"}).status_code == 302
    assert selectors.coverage(resolve(rule="owners_only")).rate == 0.6
    found = {stages[0].rule.code: stages[0] for stages in client.get("/settings/rules/").context["rules"]}
    assert next(iter(found)) == "standard"
    assert found["standard"].entry is None or found["standard"].entry.actor is None
    assert (found["owners_only"].is_in_force, found["owners_only"].entry.actor.username) == (True, "bureau")


def test_another_row_of_a_rule_leaves_earlier_days_as_they_were(as_):
    client = as_("bureau")
    client.post("/settings/rules/", RULE | {"step": "confirm"})
    client.post(
        "/settings/rules/", RULE | {"valid_from": "2014-10-01", "modes": ["owners", "manager"], "step": "confirm"}
    )
    rates = [selectors.coverage(resolve(rule="owners_only", as_of=on)).rate for on in ("2014-09-30", "2014-10-01")]
    assert rates == [0.6, 0.8]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"code": "Mine!"}, "code"), ({"modes": []}, "modes"), ({"modes": ["none"]}, "modes"), ({"name": ""}, "name"),
        ({"valid_from": "x"}, "valid_from"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_entered(as_, wrong, field):
    answer = as_("bureau").post("/settings/rules/", RULE | wrong | {"step": "confirm"})
    assert field in answer.context["form"].errors
    assert not CountingRule.objects.filter(name=RULE["name"]).exists()


def test_a_day_that_the_rule_has_a_row_for_is_refused(as_):
    client = as_("bureau")
    client.post("/settings/rules/", RULE | {"step": "confirm"})
    again = client.post("/settings/rules/", RULE | {"modes": ["manager"], "step": "confirm"})
    assert again.context["form"].errors
    assert CountingRule.objects.get(code="owners_only").modes == ["owners"]


def test_the_auditor_reads_and_enters_nothing(as_):
    client = as_("auditor")
    assert client.get("/settings/").status_code == client.get("/settings/rules/").status_code == 200
    assert client.post("/settings/rules/", RULE | {"step": "confirm"}).status_code == 403


@pytest.mark.parametrize("address", ["/settings/", "/settings/rules/"])
def test_each_page_takes_few_queries(as_, address, django_assert_max_num_queries):
    client = as_("bureau")
    with django_assert_max_num_queries(25):
        assert client.get(address).status_code == 200
