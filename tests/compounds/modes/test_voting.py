"""The vote calculator: worked cases of both periods, boundaries included, by the rules of the reference data."""

import pytest

from compounds.modes.choices import Matter
from compounds.modes.fact_models import VoteRule
from compounds.modes.fact_selectors import vote_rule
from compounds.modes.voting import Ballot, judge, problems
from tests.support import day, dm2

OLD, LAST_OLD, FIRST_NEW, NEW = "2014-05-10", "2020-12-31", "2021-01-01", "2024-03-15"
ORDINARY, FUND, SPECIAL = Matter.ORDINARY, Matter.FUND, Matter.SPECIAL

#: Day, matter, (area of all, taking part, in favour) in ㎡, (owners of all, taking part, in favour), and what is
#: missing: of taking part (area in ㎡, owners), in favour (area in ㎡, owners).
CASES = [
    # up to 2020-12-31: more than half of all area and of all owners; no quorum
    (OLD, ORDINARY, (10000, None, 5000.01), (100, None, 51), (0, 0), (0, 0)),
    (OLD, ORDINARY, (10000, None, 5000), (100, None, 51), (0, 0), (0.01, 0)),
    (OLD, ORDINARY, (10000, None, 5000.01), (100, None, 50), (0, 0), (0, 1)),
    (OLD, ORDINARY, (10000, None, 4000), (101, None, 50), (0, 0), (1000.01, 1)),
    (OLD, ORDINARY, (9999.99, None, 5000), (99, None, 50), (0, 0), (0, 0)),
    (OLD, ORDINARY, (10000, 5500, 5400), (100, 55, 54), (0, 0), (0, 0)),
    (LAST_OLD, ORDINARY, (10000, 5500, 5000.01), (100, 55, 51), (0, 0), (0, 0)),
    # up to 2020-12-31: two thirds of all, for special matters and for using the fund
    (OLD, SPECIAL, (9000, None, 6000), (90, None, 60), (0, 0), (0, 0)),
    (OLD, SPECIAL, (9000, None, 5999.99), (90, None, 60), (0, 0), (0.01, 0)),
    (OLD, SPECIAL, (10000, None, 6666.66), (100, None, 66), (0, 0), (0.01, 1)),
    (OLD, SPECIAL, (10000, None, 6666.67), (100, None, 67), (0, 0), (0, 0)),
    (OLD, FUND, (9000, None, 5000), (90, None, 60), (0, 0), (1000, 0)),
    (LAST_OLD, FUND, (9000, None, 6000), (90, None, 60), (0, 0), (0, 0)),
    # from 2021-01-01: two thirds take part, more than half of them are in favour
    (FIRST_NEW, ORDINARY, (9000, 6000, 3000.01), (90, 60, 31), (0, 0), (0, 0)),
    (NEW, ORDINARY, (9000, 6000, 3000), (90, 60, 31), (0, 0), (0.01, 0)),
    (NEW, ORDINARY, (9000, 6000, 3000.01), (90, 60, 30), (0, 0), (0, 1)),
    (NEW, ORDINARY, (9000, 5999.99, 5999.99), (90, 60, 60), (0.01, 0), (0, 0)),
    (NEW, ORDINARY, (9000, 6000, 6000), (90, 59, 59), (0, 1), (0, 0)),
    (NEW, ORDINARY, (10000, 6666.67, 3333.34), (100, 67, 34), (0, 0), (0, 0)),
    (NEW, ORDINARY, (10000, 6666.66, 3333.34), (100, 66, 34), (0.01, 1), (0, 0)),
    (NEW, ORDINARY, (9000, 9000, 4500), (90, 90, 45), (0, 0), (0.01, 1)),
    (NEW, FUND, (9000, 6000, 3000.01), (90, 60, 31), (0, 0), (0, 0)),
    # from 2021-01-01: three quarters of those who take part
    (FIRST_NEW, SPECIAL, (9000, 6000, 4500), (90, 60, 45), (0, 0), (0, 0)),
    (NEW, SPECIAL, (9000, 6000, 4499.99), (90, 60, 45), (0, 0), (0.01, 0)),
    (NEW, SPECIAL, (9000, 6000, 4500), (90, 61, 45), (0, 0), (0, 1)),
    (NEW, SPECIAL, (9000, 5000, 3000), (90, 50, 37), (1000, 10), (750, 1)),
    (NEW, SPECIAL, (1, 1, 0.75), (1, 1, 1), (0, 0), (0, 0)),
    (NEW, ORDINARY, (9000, 0, 0), (90, 0, 0), (6000, 60), (0.01, 1)),
]  # fmt: skip


def ballot(area, heads) -> Ballot:
    everything, part, in_favour = (dm2(one) for one in area)
    return Ballot(everything, heads[0], in_favour, heads[2], part, heads[1])


@pytest.mark.django_db
@pytest.mark.parametrize(("on", "matter", "area", "heads", "part", "in_favour"), CASES)
def test_worked_cases(reference, on, matter, area, heads, part, in_favour):
    rule = vote_rule(matter, day(on)).rule
    counted = ballot(area, heads)
    assert problems(rule, counted) == []
    verdict = judge(rule, counted)
    missing = {(line.is_quorum, line.of_area): line.missing for line in verdict.lines}
    expected = {(False, True): dm2(in_favour[0]), (False, False): in_favour[1]}
    if on >= FIRST_NEW:
        expected |= {(True, True): dm2(part[0]), (True, False): part[1]}
    assert missing == expected
    assert verdict.passed == (not any((*part, *in_favour)))


@pytest.mark.django_db
def test_before_the_first_rule_there_is_none(reference):
    assert vote_rule(ORDINARY, day("2007-09-30")) is None
    assert vote_rule(ORDINARY, day("2007-10-01")) is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("on", "area", "heads", "fields"),
    [
        (OLD, (0, None, 0), (0, None, 0), ["area_dm2", "heads"]),
        (OLD, (100, None, 101), (10, None, 11), ["area_for_dm2", "heads_for"]),
        (OLD, (100, 101, 50), (10, 11, 5), ["area_part_dm2", "heads_part"]),
        (OLD, (100, 60, 61), (10, 6, 7), ["area_for_dm2", "heads_for"]),
        (NEW, (100, None, 60), (10, None, 6), ["area_part_dm2", "heads_part"]),
    ],
)
def test_a_ballot_that_cannot_be_is_told_by_its_fields(reference, on, area, heads, fields):
    rule = vote_rule(ORDINARY, day(on)).rule
    assert [field for field, _message in problems(rule, ballot(area, heads))] == fields


@pytest.mark.django_db
def test_the_reasons_are_said_in_words_with_numbers(reference):
    rule = vote_rule(ORDINARY, day(NEW)).rule
    verdict = judge(rule, ballot((9000, 5000, 2000), (90, 60, 30)))
    assert verdict.summary == "参加表决的人数或面积不够,表决无效。"
    assert [line.sentence for line in verdict.lines if not line.holds] == [
        "5,000.00 ㎡;要求占全体业主(9,000.00 ㎡)的 2/3 以上(含),即 6,000.00 ㎡,还差 1,000.00 ㎡。",
        "2,000.00 ㎡;要求占参加表决业主(5,000.00 ㎡)的 1/2 以上(不含),即 2,500.01 ㎡,还差 500.01 ㎡。",
        "30 名业主;要求占参加表决业主(60 名业主)的 1/2 以上(不含),即 31 名业主,还差 1 名业主。",
    ]


@pytest.mark.django_db
def test_the_bureaus_rule_of_another_period_is_what_counts(reference):
    VoteRule.objects.filter(matter=ORDINARY, valid_from="2021-01-01").update(valid_until=day("2025-12-31"))
    VoteRule.objects.create(
        matter=ORDINARY, valid_from=day("2026-01-01"), base="all", numerator=3, denominator=5, legal_basis="地方规定"
    )
    verdict = judge(vote_rule(ORDINARY, day("2026-01-01")).rule, ballot((100, None, 60), (10, None, 5)))
    assert [line.missing for line in verdict.lines] == [0, 1]
