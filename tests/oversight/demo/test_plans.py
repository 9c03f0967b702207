"""Plans of the demo city: in every state, on working days, near to what then happened; the ledger is as it was."""

import datetime
from collections import Counter

import pytest

from communities.notices.models import Notice
from communities.people.models import User
from compounds.ledger.models import Posting
from compounds.ledger.verify import verify
from oversight.demo.calendar import ZONE, works
from oversight.plans import checks, desk, totals
from oversight.plans.choices import PlanState
from oversight.plans.models import PlanComment, PlanDeadline, PlanStep, PlanVersion

DISTRICTS = ("211302", "211303")


def test_there_is_one_in_every_state_and_one_county_has_handed_in_nothing(city):
    assert set(PlanVersion.objects.values_list("state", flat=True)) == set(PlanState)
    jianping = PlanVersion.objects.get(county="211322")
    assert (jianping.state, jianping.submitted_on) == (PlanState.DRAFT, None)
    assert checks.check(jianping).errors
    approved = PlanVersion.objects.filter(state=PlanState.APPROVED)
    assert {*DISTRICTS} <= set(approved.values_list("county", flat=True))
    assert PlanVersion.objects.filter(is_late=True, county="211303").exists()
    assert PlanComment.objects.exclude(line=None).exists()
    assert PlanVersion.objects.exclude(reason="").filter(number__gt=1).exists()


def test_every_step_was_taken_on_a_working_day_in_its_order(city):
    for version in PlanVersion.objects.all():
        times = [step.at.astimezone(ZONE) for step in version.steps.all()]
        assert times == sorted(times)
        assert all(works(at.date()) and at.date() <= city.business_date for at in times)
        assert version.created_at == version.steps.first().at
    assert PlanDeadline.objects.get(division="211324").set_at.astimezone(ZONE).year == 2014


def test_what_was_submitted_had_no_errors(city):
    """Of what is decided nothing is said any more; the others were made days before the business date."""
    with_bureau = PlanVersion.objects.filter(state__in=(PlanState.SUBMITTED, PlanState.UNDER_REVIEW))
    assert with_bureau.count() == 2
    for version in with_bureau:
        errors = checks.check(version).errors
        assert len(errors) <= version.lines.count() // 10


@pytest.mark.parametrize("county", DISTRICTS)
def test_what_was_planned_is_near_to_what_happened(city, county):
    """Of the lines that are due most were carried out, many in time, some late; some otherwise than planned."""
    version = PlanVersion.objects.get(county=county, state=PlanState.APPROVED)
    due = list(version.lines.filter(due_on__lte=city.business_date).select_related("compound"))
    found = Counter(carried_out(line) for line in due)
    assert len(due) > 10
    assert found["in time"] > found["late"] + found["not"] >= 2
    assert len({line.mode for line in version.lines.all()}) > 2
    assert all(line.person and line.unit for line in version.lines.all())


def carried_out(line) -> str:
    first = (
        Posting.objects.filter(compound=line.compound, area_dm2__gt=0, effective_on__gt=line.version.submitted_on)
        .exclude(mode="none").order_by("effective_on").values_list("effective_on", flat=True).first()
    )  # fmt: skip
    return "not" if first is None else "in time" if first <= line.due_on else "late"


def test_one_county_has_sent_a_summary_too(city):
    version = PlanVersion.objects.get(county="211324", number=1)
    found = totals.against_lines(version)
    assert {one.total.place_id[:6] for one in found} == {"211324"}
    assert any(one.total.label for one in found)
    assert sum(one.lines.compounds for one in found if one.lines) == version.lines.count()


def test_the_ledger_is_as_it_was(city):
    assert verify().findings == []
    late = PlanStep.objects.filter(at__date__gt=city.business_date + datetime.timedelta(days=1))
    assert not late.exists()


def test_the_bell_calls_for_what_is_new_only(city):
    told = Notice.objects.filter(kind__startswith="plans.")
    assert told.exists()
    assert {one.created_at.astimezone(ZONE).year for one in told.unread()} <= {2015}
    assert not told.filter(created_at__date__gt=city.business_date).exists()


def test_the_desks_show_whose_turn_it_is(city):
    bureau = User.objects.get(username="bureau")
    assert desk.to_review(bureau, 8).number == 2
    (late,) = desk.overdue(bureau, 8).items
    assert (late.title, (city.business_date - late.due).days) == ("建平县", 473)
    assert desk.to_write(User.objects.get(username="county_211322"), 8).items[0].is_late
    assert desk.to_write(User.objects.get(username="county_211302"), 8) is None
