"""Plans and proposals of demo cities of another date or seed."""

from oversight.demo.plan import COUNTIES, OF_THE_TARGETS
from oversight.plans.choices import PlanState
from oversight.plans.models import PlanVersion
from tests.oversight.demo.test_proposals import holds, proposed
from tests.support import day


def test_in_summer_2014_districts_meet_t1_and_t2_and_counties_all_there_is(forgotten, settings):
    settings.BUSINESS_DATE = day("2014-07-01")
    with forgotten(scale=1):
        for county in [county.code for county in COUNTIES]:
            found = proposed(county)
            holds(county, found)
            outcomes = {one.task.code: one for one in found.proposal.outcomes}
            asked = {"T1", "T2"} if county in OF_THE_TARGETS else {f"T3-{county}"}
            assert outcomes.keys() == asked
            for one in outcomes.values():
                # What was torn down or lost since the baseline can be planned by nobody.
                assert one.short == one.beyond
                assert one.short < one.task.missing // 500


def test_an_earlier_date_has_the_steps_of_until_then(forgotten, settings):
    settings.BUSINESS_DATE = day("2014-07-20")
    with forgotten(scale=0.05):
        states = dict(PlanVersion.objects.values_list("county", "state"))
    assert states["211302"] == PlanState.SUBMITTED
    assert states["211324"] == states["211322"] == PlanState.DRAFT
    settings.BUSINESS_DATE = day("2014-05-01")
    with forgotten(scale=0.03):
        assert not PlanVersion.objects.exists()


def test_a_seed_gives_the_same_plans_again(forgotten):
    found = []
    for _time in range(2):
        with forgotten(seed=7, scale=0.03):
            lines = PlanVersion.objects.order_by("county", "number").values_list(
                "county", "number", "state", "lines__number", "lines__compound__code", "lines__mode", "lines__due_on"
            )
            found.append(sorted(map(str, lines)))
    assert found[0] == found[1]
