"""Coverage: areas, households, counts, groupings, rules, and questions that name nothing."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from compounds.ledger.models import LedgerHead
from compounds.register.models import Compound
from oversight.coverage import presenters, selectors, services
from oversight.coverage.question import BadQuestion, resolve
from oversight.programme.models import CountingRule
from tests.support import (
    HAIHE,
    JINYUAN,
    QIANJIN,
    XINLIU,
    ask,
    ask_json,
    day,
    dm2,
    make_compound,
    post_example,
    record,
    register,
)  # fmt: skip


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2015-10-31")


@pytest.fixture
def example(reference):
    post_example()


def coverage(**question):
    return selectors.coverage(resolve(**question))


def counts(figures) -> tuple[int, int, int, int]:
    return figures.counts.managed, figures.counts.partial, figures.counts.unmanaged, figures.counts.area_pending


# --- formulas ------------------------------------------------------------------------------------------
def test_an_empty_division_has_no_rate_rather_than_zero(reference):
    figures = coverage(division="211322")
    assert (figures.managed, figures.unmanaged, figures.total) == (0, 0, 0)
    assert (figures.rate, figures.professional_rate, figures.households_rate, figures.counts.rate) == (None,) * 4
    data = ask_json("coverage", "--division", "211322")
    assert (data["rate"], data["area_m2"]["total"], data["compounds"]["rate"]) == (None, 0, None)


def test_a_compound_counts_once_by_all_of_its_area_and_not_without_any(reference):
    register("甲", m2=100)
    register("甲", category="renovated", m2=50)
    register("乙", m2=10)
    record("takeover", "2014-02-01", "甲", category="abandoned", mode_to="owners")
    assert counts(coverage(division=JINYUAN)) == (0, 1, 1, 0)
    record("takeover", "2014-02-02", "甲", category="renovated", mode_to="manager")
    assert counts(coverage(division=JINYUAN)) == (1, 0, 1, 0)
    assert coverage(division=JINYUAN).counts.rate == 0.5
    record("deregister", "2014-02-03", "乙")
    assert counts(coverage(division=JINYUAN)) == (1, 0, 0, 0)
    assert counts(coverage(division=JINYUAN, as_of="2014-02-02")) == (1, 0, 1, 0)


def test_area_pending_counts_compounds_without_a_live_registration_whatever_the_date(reference):
    make_compound("待", QIANJIN)
    register("甲", community=QIANJIN)
    assert counts(coverage(division="211302", as_of="2013-01-01", height=0)) == (0, 0, 0, 1)
    assert counts(coverage(division="211302003", height=1)) == (0, 0, 1, 1)
    assert counts(coverage(division=JINYUAN)) == (0, 0, 0, 0)
    Compound.objects.filter(code="待").update(status="retired")
    assert counts(coverage(division="211302")) == (0, 0, 1, 0)


def test_a_relocated_compound_moves_between_divisions_on_its_date(reference):
    register("甲", community=JINYUAN, m2=100, households=9)
    record("relocate", "2015-01-01", "甲", community=HAIHE)
    totals = {
        (code, on): coverage(division=code, as_of=on).total
        for code in ("2113", "211302", "211303", JINYUAN, HAIHE)
        for on in ("2014-12-31", "2015-01-01")
    }
    assert [totals["211302", on] for on in ("2014-12-31", "2015-01-01")] == [10_000, 0]
    assert [totals[HAIHE, on] for on in ("2014-12-31", "2015-01-01")] == [0, 10_000]
    assert totals["2113", "2015-01-01"] == 10_000
    assert counts(coverage(division="211302")) == (0, 0, 0, 0)


def test_a_rule_that_counts_fewer_modes_gives_another_rate_beside_the_standard(example):
    standard = coverage(division="2113", as_of="2014-12-31", height=10)
    professional = coverage(division="2113", as_of="2014-12-31", height=10, rule="professional")
    assert standard.managed == dm2("175,000.50")
    assert professional.managed == dm2("85,000.00")
    assert professional.rate == standard.professional_rate == 85_000 / 325_000.5
    assert professional.total == standard.total
    # A: professional and owners; B: community; F: professional.
    assert counts(standard) == (3, 0, 3, 0)
    assert counts(professional) == (1, 1, 4, 0)
    assert professional.households_managed == 600 + 250
    data = ask_json(
        "coverage", "--division", "2113", "--as-of", "2014-12-31", "--height", "10", "--rule", "professional"
    )
    assert (data["rule"], data["area_m2"]["managed"]) == ("professional", 85_000)


def test_a_rule_changes_on_its_date(example):
    CountingRule.objects.create(
        code="standard", name="不含委托社区管理", modes=["professional", "owners"], valid_from="2014-12-31"
    )
    assert coverage(division="211302", as_of="2014-12-30", height=9).managed == dm2("175,000.50") + dm2("30,000.00")
    assert coverage(division="211302", as_of="2014-12-31", height=9).managed == dm2("125,000") + dm2("30,000.00")


# --- groups --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("by", ["county", "subdistrict", "community"])
@pytest.mark.parametrize("division", ["2113", "211302", "211302001"])
def test_groups_by_division_add_up_to_the_division(example, division, by):
    question = resolve(division=division, as_of="2014-12-31", height=16)
    make_compound("待")
    whole, parts = selectors.coverage(question), selectors.groups(question, by)
    for name in ("managed", "unmanaged", "total", "households_managed", "households_total"):
        assert sum(getattr(part.figures, name) for part in parts) == getattr(whole, name)
    assert tuple(map(sum, zip(*(counts(part.figures) for part in parts), strict=True))) == counts(whole)
    assert all(part.key.startswith(division) or division.startswith(part.key) for part in parts)


@pytest.mark.parametrize("by", ["category", "mode"])
def test_groups_by_category_and_mode_carry_area_and_households_and_no_counts(example, by):
    data = ask_json("coverage", "--division", "2113", "--as-of", "2014-12-31", "--height", "16", "--by", by)
    areas = {group["key"]: group["area_m2"]["total"] for group in data["groups"]}
    assert areas == data["area_m2"][f"by_{by}"]
    assert sum(group["households"]["total"] for group in data["groups"]) == 3250
    assert all(group["compounds"] is None and group["name"] for group in data["groups"])


def test_every_county_appears_and_below_it_only_where_compounds_lie_or_lay(example):
    city = resolve(division="2113", as_of="2015-10-31")
    assert len(selectors.groups(city, "county")) == 7
    assert [group.key for group in selectors.groups(city, "community")] == [JINYUAN, QIANJIN, HAIHE, XINLIU]
    assert {group.key: group.name for group in selectors.groups(city, "county")}["211324"] == "喀左县"


def test_cells_are_the_pockets_that_hold_something(example):
    data = presenters.coverage(q := resolve(division="211303", as_of="2015-05-31", height=17), selectors.coverage(q))
    assert data["area_m2"]["cells"] == [
        {"category": "unserved", "mode": "none", "area_m2": 50_000, "households": 500},
        {"category": "unserved", "mode": "professional", "area_m2": 30_000, "households": 300},
    ]
    assert set(data["area_m2"]["by_category"]) == {
        "abandoned", "renovated", "unserved", "undetermined", "established", "new_build",
    }  # fmt: skip
    assert data["rate"] == 0.375


@pytest.mark.parametrize(("kind", "first"), [("csv", "key,name,managed_m2"), ("table", "key\tname\tmanaged_m2")])
def test_tables_carry_a_header_and_the_whole_last(example, kind, first):
    answer = ask("coverage", "--division", "2113", "--as-of", "2014-12-31", "--by", "county", "--format", kind)
    lines = answer.out.splitlines()
    assert lines[0].startswith(first)
    assert len(lines) == 1 + 7 + 1
    assert lines[-1].startswith("2113")


def test_workbook_carries_the_same_rows(example, tmp_path):
    import openpyxl

    path = tmp_path / "覆盖率.xlsx"
    assert ask("coverage", "--division", "2113", "--by", "county", "--format", "xlsx", "--output", str(path)).code == 0
    rows = list(openpyxl.load_workbook(path).active.values)
    assert rows[0][:2] == ("key", "name")
    assert (len(rows), rows[1][0], rows[-1][0]) == (9, "211302", "2113")


# --- queries -------------------------------------------------------------------------------------------
def queries(division: str, by: str | None = None) -> int:
    with CaptureQueriesContext(connection) as captured:
        question = resolve(division=division, as_of="2015-10-31")
        groups = selectors.groups(question, by) if by else None
        presenters.coverage(question, selectors.coverage(question), groups)
    return len(captured)


def test_the_number_of_queries_does_not_grow_with_compounds_entries_or_groups(example):
    asked = ("2113", None), ("2113", "county"), ("2113", "community"), ("2113", "mode")
    before = [queries(*each) for each in asked]
    for number in range(12):
        register(f"多{number}", community=[JINYUAN, "211302001006", "211322001001"][number % 3])
        record("takeover", "2014-02-01", f"多{number}", mode_to="owners", m2=1)
    after = [queries(*each) for each in asked]
    services.refresh()
    rolled_up = [queries(*each) for each in asked]
    assert before == after == rolled_up == [6, 11, 9, 9]


# --- bad questions -------------------------------------------------------------------------------------
BAD = [
    ("division", "219999", "4, 6, 9 or 12 digits"), ("division", "双塔区", "4, 6, 9 or 12 digits"),
    ("division", "2113' OR 1=1", "4, 6, 9 or 12 digits"), ("division", "2113\0", "4, 6, 9 or 12 digits"),
    ("division", "²¹¹³", "4, 6, 9 or 12 digits"),
    ("as_of", "2015-11-01", "2015-10-31"), ("as_of", "2015-02-30", "2014-12-31"), ("as_of", "31.12.2014", "2014-12-31"),
    ("as_of", "2014年12月31日", "2014-12-31"), ("as_of", "99999-01-01", "2014-12-31"), ("as_of", "0001-01-01", "1900"),
    ("height", "21", "from 0 to 20"), ("height", "-1", "from 0 to 20"), ("height", "1.5", "from 0 to 20"),
    ("height", "x", "from 0 to 20"), ("height", "٣", "from 0 to 20"), ("height", "9" * 40, "from 0 to 20"),
    ("rule", "最宽口径", "professional, standard"), ("rule", "\0", "professional, standard"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "accepted"), BAD)
def test_a_question_that_names_nothing_says_field_value_and_what_is_accepted(example, field, value, accepted):
    with translation.override("en"), pytest.raises(BadQuestion) as bad:
        resolve(**{field: value})
    (problem,) = bad.value.problems
    assert (problem.field, problem.value) == (field, value)
    assert value in problem.message
    assert accepted in problem.message


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, value, _a in BAD if "\0" not in value])
def test_the_command_exits_1_with_the_reason_and_a_result_object(example, field, value):
    option = f"--{field.replace('_', '-')}={value}"
    answer = ask("coverage", option, "--format", "json")
    assert answer.code == 1
    assert value in answer.err
    assert [(error["field"], error["value"]) for error in answer.json["errors"]] == [(field, value)]
    assert "Traceback" not in answer.out + answer.err
    assert ask("coverage", option).out == ""


def test_every_problem_of_a_question_is_named_at_once(example):
    with pytest.raises(BadQuestion) as bad:
        resolve(division="1", as_of="gestern", height="21", rule="x")
    assert [problem.field for problem in bad.value.problems] == ["division", "as_of", "height", "rule"]


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (["movements", "--division", "9999", "--from", "2014-01-01", "--to", "2014-02-01"], "division"),
        (["movements", "--from", "2014-13-01", "--to", "2014-02-01"], "from"),
        (["movements", "--from", "2014-01-01", "--to", "2099-02-01"], "as_of"),
        (["movements", "--from", "2014-03-01", "--to", "2014-02-01"], "from"),
        (["movements", "--from", "2014-01-01", "--to", "2014-02-01", "--height", "99"], "height"),
        (["targets", "--as-of", "2099-01-01"], "as_of"),
        (["targets", "--as-of", "morgen"], "as_of"),
        (["targets", "--height", "21"], "height"),
        (["ledger", "show", "没有"], "compound"),
        (["ledger", "reverse", "99", "--reason", "试"], "reverses"),
        (["ledger", "reverse", "1", "--reason", " "], "reason"),
    ],
)
def test_other_commands_refuse_in_the_same_way(example, command, field):
    answer = ask(*command, "--format", "json")
    assert answer.code == 1
    assert answer.err.strip()
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert LedgerHead.objects.get().height == 20


def test_before_the_reference_data_the_question_says_what_to_do_first(db):
    with translation.override("en"), pytest.raises(BadQuestion, match="load_reference"):
        resolve()
    assert ask("coverage").code == 1
    assert ask("targets").code == 1


def test_blanks_are_the_city_the_business_date_the_newest_height_and_the_standard_rule(example):
    data = ask_json("coverage")
    assert (data["division"], data["as_of"]) == ({"code": "2113", "name": "朝阳市"}, "2015-10-31")
    assert (data["rule"], data["ledger"]["height"]) == ("standard", 20)
    assert ask_json("coverage", "--height", "0")["area_m2"]["total"] == 0
