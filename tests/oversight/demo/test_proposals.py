"""A proposal for each county of the demo city: targets met, or to the square metre what makes it impossible."""

from communities.divisions.models import Division
from oversight.demo.plan import COUNTIES
from oversight.plans import proposing, selectors
from oversight.plans.models import PlanVersion
from oversight.plans.proposal import Outcome
from oversight.plans.proposing import Proposed
from oversight.programme.models import Programme
from tests.support import day, person


def proposed(county: str) -> Proposed:
    version = PlanVersion.objects.create(
        programme=Programme.objects.get(), county=Division.objects.get(pk=county), created_by=person(f"p{county}"),
        number=90, state="superseded", submitted_on=day("2014-01-01"), document_no="1", signatory="王某",
    )  # fmt: skip
    return proposing.propose(version, anew=True)


def holds(county: str, found: Proposed) -> None:
    """Every unmanaged square metre in one line, and nothing unexplained."""
    there = selectors.unmanaged(county)
    planned = [row["compound"].pk for row in found.lines]
    assert sorted(planned) == sorted(one.compound.pk for one in there.values())
    assert sum(quarter.area for quarter in found.proposal.quarters) == sum(one.area_dm2 for one in there.values())
    for outcome in found.proposal.outcomes:
        assert outcome.short == 0 or explained(outcome) == outcome.short


def explained(one: Outcome) -> int:
    """What is asked for beyond what there is, and what of that cannot be in time."""
    return one.task.missing - one.held + one.later + one.tender + one.too_late + one.left_out


def test_late_in_the_programme_it_says_what_is_out_of_reach(city):
    """At a small scale the districts were given more than they have, and T1 was due a year ago."""
    for county in [county.code for county in COUNTIES]:
        found = proposed(county)
        holds(county, found)
        for one in found.proposal.outcomes:
            if one.task.code == "T1":
                assert (one.planned, one.short) == (0, one.task.missing)
                assert one.too_late == one.held
