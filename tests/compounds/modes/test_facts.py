"""What a procedure keeps besides its steps: tender with its checks, fees at zero profit, posts and services."""

import pytest

from compounds.ledger.refusals import Refused
from compounds.modes import fact_services
from compounds.modes.fact_models import TenderRule
from compounds.modes.fact_selectors import tender_warnings
from tests.support import day

pytestmark = pytest.mark.django_db

GOOD = {
    "way": "public", "announced_on": day("2014-08-01"), "bidders": 3, "panel": 5, "experts": 4,
    "awarded_on": day("2014-09-01"), "winner": "甲物业公司", "filed_on": day("2014-09-16"), "filing_no": "1",
}  # fmt: skip


@pytest.fixture
def tender(begin, cast):
    def saved(**values):
        return fact_services.save_tender(procedure=procedure, values=GOOD | values, by=cast["county"])

    procedure = begin()
    return saved


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, []),
        ({"bidders": 2}, ["投标人 2 个"]),
        ({"bidders": None, "panel": None, "filed_on": None}, []),
        ({"way": "invited", "invited": 2}, ["邀请了 2 家"]),
        ({"way": "invited", "invited": 3}, []),
        ({"panel": 4, "experts": 3}, ["4 人,应不少于 5", "不是单数"]),
        ({"panel": 6, "experts": 4}, ["不是单数"]),
        ({"panel": 5, "experts": 3}, ["专家 3 人"]),
        ({"panel": 9, "experts": 6}, []),
        ({"filed_on": day("2014-09-17")}, ["16 天才备案"]),
        ({"filed_on": day("2014-08-31")}, ["早于定标"]),
        ({"way": "agreement", "bidders": 2}, ["缺少主管部门的批准"]),
        ({"way": "agreement", "bidders": 2, "approval_no": "3号"}, []),
        ({"way": "agreement", "bidders": None, "approval_no": "3号"}, ["超过 30,000"]),
    ],
)
def test_a_tender_is_held_against_the_rules_of_its_day(tender, values, said):
    found = tender_warnings(tender(**values))
    assert len(found) == len(said), found
    assert all(words in warning for words, warning in zip(said, found, strict=True)), found


def test_in_a_small_compound_an_agreement_needs_its_approval_only(tender):
    TenderRule.objects.filter(check_of="small").update(value=40000)
    assert tender_warnings(tender(way="agreement", bidders=None, approval_no="3号")) == []


def test_by_a_rule_of_another_day_another_number_counts(tender):
    TenderRule.objects.filter(check_of="filing").update(valid_until=day("2014-07-31"))
    TenderRule.objects.create(check_of="filing", valid_from=day("2014-08-01"), value=10, legal_basis="地方规定")
    [warning] = tender_warnings(tender())
    assert "10 天以内" in warning
    assert "地方规定" in warning


def test_another_procedure_keeps_no_tender(begin, cast):
    procedure = begin(kind="P4.2c", mode="self_help")
    with pytest.raises(Refused, match="不登记此项"):
        fact_services.save_tender(procedure=procedure, values=GOOD, by=cast["county"])


def test_a_year_of_fees_stands_once_and_tells_its_balance(begin, cast):
    procedure, by = begin(kind="P4.2c", mode="self_help"), cast["county"]
    year = {"year": 2014, "income_fen": 1000_00, "cost_fen": 999_50, "price_fen": 30, "note": ""}
    row = fact_services.save_fee_year(procedure=procedure, values=year, by=by)
    assert row.balance_fen == 50
    with pytest.raises(Refused, match="2014 年度已填写"):
        fact_services.save_fee_year(procedure=procedure, values=year, by=by)
    row = fact_services.save_fee_year(procedure=procedure, values=year | {"cost_fen": 1000_00}, by=by, row=row)
    assert row.balance_fen == 0
    fact_services.remove(row=row, by=by)
    assert not procedure.fee_years.exists()
