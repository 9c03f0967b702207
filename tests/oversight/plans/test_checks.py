"""What the checks of a plan say, and at which line."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compounds.ledger.choices import Mode
from compounds.pilots.services import choose
from compounds.register.models import Compound
from oversight.plans import checks, services
from oversight.plans.acts import Change
from oversight.plans.models import PlanVersion
from oversight.programme.models import PartVersion, Programme, TargetPart
from tests.oversight.plans.conftest import line, submitted
from tests.support import day, dm2, record, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(draft, cast):
    """What is said of lines: (line, column) of the errors, and of the warnings."""

    def of(*lines) -> tuple[list, list]:
        services.write_lines(version=draft, lines=lines, by=cast["county"])
        found = checks.check(draft)
        assert all(one.message for one in (*found.errors, *found.warnings))
        return tuple([(one.line, one.column) for one in some] for some in (found.errors, found.warnings))

    return of


def full(homes, **changes):
    return [line(homes[code], **(changes if number == 0 else {})) for number, code in enumerate("甲乙丙")]


def test_a_plan_of_every_unmanaged_compound_is_clean(said, homes):
    assert said(*full(homes)) == ([], [])


def test_what_is_left_out_is_named(said, homes):
    assert said(line(homes["甲"]), line(homes["乙"]))[0] == [(None, "compound")]


def test_twice_is_once_too_often(said, homes):
    assert said(*full(homes), line(homes["甲"]))[0] == [(4, "compound")]


@pytest.mark.parametrize(("changes", "column"), [
    ({"area_dm2": dm2(40001)}, "area_m2"), ({"category": "renovated"}, "category"),
    ({"due_on": day("2018-03-31")}, "planned_for"), ({"due_on": day("2013-12-31")}, "planned_for"),
])  # fmt: skip
def test_what_cannot_be_is_an_error_at_its_line(said, homes, changes, column):
    assert said(*full(homes, **changes))[0] == [(1, column)]


def test_a_neighbours_compound_is_left_to_the_neighbour(said, homes):
    errors, _warnings = said(*full(homes), line(homes["外"]))
    assert (4, "community") in errors


def test_what_is_managed_needs_no_plan(said, homes):
    record("takeover", "2014-06-01", "甲", mode_to="owners")
    assert said(*full(homes))[0] == [(1, "compound")]


def test_a_part_that_stays_and_a_tender_in_a_hurry_are_asked_about(said, homes):
    assert said(*full(homes, area_dm2=dm2(39000)))[1] == [(1, "area_m2")]
    soon = {"mode": "professional", "due_on": day("2014-07-31"), "by_quarter": False}
    assert said(*full(homes, **soon))[1] == [(1, "planned_for")]


def test_each_urban_community_has_a_pilot(said, homes):
    lines = [line(homes[code], is_pilot=code == "丙") for code in "甲乙丙"]
    assert said(*lines)[1] == [(None, "is_pilot")]


def test_of_what_is_decided_nothing_is_said(draft, homes, cast):
    services.write_lines(version=draft, lines=full(homes), by=cast["county"])
    version = submitted(draft, cast["county"])
    services.approve(version=version, by=cast["bureau"])
    record("takeover", "2014-06-30", "甲", mode_to="owners")
    version.refresh_from_db()
    assert checks.check(version) == checks.Checks()


def test_a_quarter_that_holds_nearly_all_is_asked_about(said, homes):
    for number in range(8):
        register(f"小{number}", community=homes["丙"].community_id, m2=100, households=1)
    few = Compound.objects.filter(code__startswith="小").order_by("code")
    small = [line(one, f"2015-{3 * (number % 4 + 1):02}-28") for number, one in enumerate(few)]
    assert (None, "planned_for") in said(*full(homes), *small)[1]


def test_what_the_county_was_given_of_a_target_is_reached_by_its_deadline(said, homes):
    part = TargetPart.objects.create(target_id="T1", division_id="211302")
    PartVersion.objects.create(
        part=part, required=dm2(50000), deadline=day("2014-12-31"), valid_from=day("2014-03-01"), document="分解表"
    )
    assert said(*full(homes))[0] == [(None, "target")]
    lines = [line(homes[code], "2014-12-31") for code in "甲乙丙"]
    assert said(*lines)[0] == []


def test_a_pilot_that_was_chosen_counts(said, homes, cast):
    choose(compound=homes["甲"], mode=Mode.OWNERS, on=day("2014-06-01"), by=cast["county"])
    lines = [line(homes[code], is_pilot=code == "丙") for code in "甲乙丙"]
    assert said(*lines)[1] == []


def test_the_queries_do_not_grow_with_the_lines(draft, homes, cast, django_assert_num_queries):
    services.write_lines(version=draft, lines=full(homes), by=cast["county"])
    checks.check(draft)  # the programme's city is read once
    with CaptureQueriesContext(connection) as few:
        checks.check(draft)
    for number in range(40):
        register(f"多{number}", community=homes["丙"].community_id, m2=100, households=1)
    more = [line(one) for one in Compound.objects.filter(code__startswith="多")]
    services.write_lines(version=draft, lines=[*full(homes), *more], by=cast["county"])
    with django_assert_num_queries(len(few)):
        assert not checks.check(draft).errors


def test_what_no_plan_could_reach_asks_for_a_word_only(said, homes, today):
    part = TargetPart.objects.create(target_id="T1", division_id="211302")
    PartVersion.objects.create(
        part=part, required=dm2(60000), deadline=day("2014-12-31"), valid_from=day("2014-03-01"), document="分解表"
    )
    lines = [line(homes[code], "2014-12-31") for code in "甲乙丙"]
    assert said(*lines) == ([], [(None, "target")])
    assert said(*full(homes))[0] == [(None, "target")]
    today("2015-01-05")
    assert said(*full(homes)) == ([], [(None, "target")])


def test_a_target_about_one_county_needs_no_part(cast, homes):
    """P3.2: all it had at the baseline."""
    register("朝", community="211321001001", m2=3000, households=30)
    version = PlanVersion.objects.create(
        programme=Programme.objects.get(), county_id="211321", number=1, created_by=cast["bureau"]
    )  # fmt: skip
    assert (None, "target") in [(one.line, one.column) for one in checks.check(version).errors]


def test_an_amendment_keeps_the_lines_that_have_been_carried_out(written, homes, cast, today):
    services.approve(version=submitted(written, cast["county"]), by=cast["bureau"])
    record("takeover", "2014-07-01", "甲", mode_to="professional")
    today("2014-08-01")
    amended = services.begin(programme=written.programme, county=written.county, by=cast["county"], reason="调整")
    services.put_lines(version=amended, changes=[Change(1, {"mode": "professional"})], by=cast["county"])
    found = checks.check(amended)
    assert (found.errors, [one.line for one in found.warnings if one.line]) == ([], [])
    assert checks.check_lines(amended, list(amended.lines.all()))[0] == checks.Checks()
    submitted(amended, cast["county"])
    assert amended.lines.get(number=1).planned_dm2 == dm2(40000)
