"""Lines of an approved plan against the ledger: each is in one state, by rules worked out by hand."""

import datetime
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compounds.ledger import selectors as ledger
from compounds.ledger.refusals import Refused
from compounds.modes.models import ProcedureKind
from compounds.modes.services import start
from compounds.register.models import Compound
from oversight.coverage.question import resolve
from oversight.plans import services
from oversight.plans.foreseen import in_force, outlook
from oversight.plans.models import PlanVersion
from oversight.plans.states import LineActual, LineState, line_actuals
from oversight.programme.models import Programme
from tests.oversight.plans.conftest import COUNTY, line, submitted
from tests.support import QIANJIN, day, dm2, record, reverse, undone

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
#: All that compounds hold in the county of the tests.
HELD = {"甲": 40000, "乙": 10000, "丙": 5000}


@pytest.fixture
def plan(draft, homes, cast):
    """Approves a plan of these lines: ``plan(甲="2014-09-30", 乙=("2015-03-31", {"area_dm2": …}))``."""

    def approved(**lines) -> PlanVersion:
        rows = []
        for code in HELD:
            when, more = lines.get(code, "2016-12-31"), {}
            if isinstance(when, tuple):
                when, more = when
            rows.append(line(homes[code], when, **more))
        services.write_lines(version=draft, lines=rows, by=cast["county"])
        return services.approve(version=submitted(draft, cast["county"]), by=cast["bureau"])

    return approved


def actuals(today, on: str = "", height: str | int = "", code: str = COUNTY) -> dict[str, LineActual]:
    """The states on a date, which is today from now on."""
    if on:
        today(on)
    question = resolve(division=code, height=height)
    found = line_actuals(question, outlook(Programme.objects.get(), question))
    return {one.line.compound.code: one for one in found if one.line.compound}


def test_before_its_time_nothing_is_overdue(plan, today):
    plan(甲="2014-09-30")
    one = actuals(today, "2014-09-30")["甲"]
    assert (one.state, one.days, one.open_area) == (LineState.NOT_DUE, 0, dm2(40000))
    one = actuals(today, "2014-10-10")["甲"]
    assert (one.state, one.days, one.weight) == (LineState.NOT_BEGUN, 10, 10 * dm2(40000))


def test_part_of_it_taken_over_it_is_begun(plan, today):
    plan(甲="2014-09-30")
    today("2014-10-10")
    record("takeover", "2014-08-01", "甲", mode_to="community", m2=15000)
    one = actuals(today)["甲"]
    assert (one.state, one.taken, one.open_area) == (LineState.BEGUN, dm2(15000), dm2(25000))
    assert actuals(today, "2014-09-01")["甲"].state == LineState.UNDER_WAY


@pytest.mark.parametrize(("on", "state", "days"), [
    ("2014-09-30", LineState.ON_TIME, 0), ("2014-10-05", LineState.LATE, 5),
])  # fmt: skip
def test_done_when_all_of_it_is_taken_over(plan, today, on, state, days):
    plan(甲="2014-09-30")
    today("2014-12-31")
    record("takeover", "2014-08-01", "甲", mode_to="community", m2=15000)
    record("takeover", on, "甲", mode_to="community")
    one = actuals(today)["甲"]
    assert (one.state, one.days, one.done_on, one.open_area) == (state, days, day(on), 0)


def test_a_line_for_a_part_is_done_with_that_part(plan, today):
    plan(甲=("2014-09-30", {"area_dm2": dm2(15000)}))
    today("2014-12-31")
    record("takeover", "2014-08-01", "甲", mode_to="community", m2=15000)
    one = actuals(today)["甲"]
    assert (one.state, one.planned, one.done_on) == (LineState.ON_TIME, dm2(15000), day("2014-08-01"))


def test_another_mode_is_done_differently(plan, today):
    plan(甲="2014-09-30")
    today("2014-12-31")
    record("takeover", "2014-08-01", "甲", mode_to="owners")
    assert actuals(today)["甲"].state == LineState.DIFFERENT
    record("mode_change", "2014-11-01", "甲", mode_from="owners", mode_to="community")
    assert actuals(today)["甲"].state == LineState.ON_TIME, "what it has become is what was intended"


def test_less_than_planned_and_nothing_left_is_done_differently(plan, today):
    plan(甲="2014-09-30", 乙=("2014-09-30", {"area_dm2": dm2(9000)}))
    today("2014-12-31")
    record("deregister", "2014-08-01", "甲")
    record("resurvey", "2014-08-01", "乙", category="abandoned", mode_from="none", m2=-4000, households=0)
    record("takeover", "2014-09-01", "乙", mode_to="community")
    found = actuals(today)
    assert (found["甲"].state, found["甲"].taken) == (LineState.DIFFERENT, 0)
    assert (found["乙"].state, found["乙"].taken) == (LineState.DIFFERENT, dm2(6000))


def test_a_survey_of_what_all_was_planned_is_no_other_way(plan, today):
    plan(甲="2014-09-30")
    today("2014-12-31")
    record("resurvey", "2014-08-01", "甲", category="abandoned", mode_from="none", m2=-4000, households=0)
    record("takeover", "2014-09-01", "甲", mode_to="community")
    assert actuals(today)["甲"].state == LineState.ON_TIME
    record("resurvey", "2014-10-01", "甲", category="abandoned", mode_from="community", m2=-1000, households=0)
    assert actuals(today)["甲"].state == LineState.ON_TIME, "a survey afterwards undoes nothing"


def test_a_lapse_opens_it_again(plan, today):
    plan(甲="2014-09-30")
    today("2014-12-31")
    record("takeover", "2014-09-01", "甲", mode_to="community")
    record("lapse", "2014-11-01", "甲")
    one = actuals(today)["甲"]
    assert (one.state, one.open_area) == (LineState.NOT_BEGUN, dm2(40000))


def test_a_withdrawn_takeover_never_was(plan, today):
    plan(甲="2014-09-30")
    today("2014-12-31")
    taken = record("takeover", "2014-09-01", "甲", mode_to="community")
    before = ledger.newest().height
    reverse(taken.height)
    assert actuals(today)["甲"].state == LineState.NOT_BEGUN
    assert actuals(today, height=before)["甲"].state == LineState.ON_TIME, "as it was known then"


def test_what_was_managed_already_as_is_known_later_is_done(plan, today):
    plan(甲="2014-09-30")
    record("takeover", "2014-06-20", "甲", mode_to="community")
    one = actuals(today, "2014-12-31")["甲"]
    assert (one.state, one.planned, one.done_on) == (LineState.ON_TIME, 0, day("2014-07-01"))


def test_merged_compounds_carry_each_others_lines_out(plan, today):
    plan(甲="2014-09-30", 乙="2014-12-31")
    today("2015-03-31")
    record("merge", "2014-08-01", "乙", target="甲")
    record("takeover", "2014-09-01", "甲", mode_to="community", m2=45000)
    found = actuals(today)
    assert (found["甲"].state, found["甲"].taken) == (LineState.ON_TIME, dm2(40000))
    assert (found["乙"].state, found["乙"].taken) == (LineState.BEGUN, dm2(5000))
    record("takeover", "2015-01-10", "甲", mode_to="community")
    found = actuals(today)
    assert (found["乙"].state, found["乙"].days) == (LineState.LATE, 10)


def test_a_procedure_is_a_beginning(plan, today, homes, cast):
    plan(甲="2014-09-30", 乙="2014-09-30")
    today("2014-10-31")
    start(compound=homes["甲"], kind=ProcedureKind.objects.get(pk="P4.2d"), mode="community", on=day("2014-10-15"),
          by=cast["county"])  # fmt: skip
    assert {code: one.state for code, one in actuals(today).items()} == {
        "甲": LineState.BEGUN, "乙": LineState.NOT_BEGUN, "丙": LineState.NOT_DUE
    }  # fmt: skip
    assert actuals(today, "2014-10-10")["甲"].state == LineState.NOT_BEGUN


def test_area_of_a_community_has_to_be_listed(draft, homes, cast, today):
    place = line(None, "2014-09-30", community=homes["甲"].community, area_dm2=dm2(800))
    lines = [line(homes[code]) for code in HELD] + [place]
    services.write_lines(version=draft, lines=lines, by=cast["county"])
    services.approve(version=submitted(draft, cast["county"]), by=cast["bureau"])
    today("2014-10-01")
    question = resolve(division=QIANJIN)
    [*_others, one] = line_actuals(question, outlook(Programme.objects.get(), question))
    assert (one.state, one.days, one.open_area) == (LineState.UNLISTED, 1, dm2(800))


def test_a_plan_counts_from_its_submission_and_once_approved(written, cast, today):
    programme = Programme.objects.get()
    version = submitted(written, cast["county"])
    assert in_force(programme, "2113", day("2014-07-01")) == []
    services.approve(version=version, by=cast["bureau"])
    assert in_force(programme, "2113", day("2014-06-30")) == []
    assert in_force(programme, QIANJIN, day("2014-07-01")) == [version]


def test_an_amendment_counts_from_its_own_submission(written, cast, today):
    programme, first = Programme.objects.get(), services.approve(
        version=submitted(written, cast["county"]), by=cast["bureau"]
    )  # fmt: skip
    today("2014-10-01")
    second = services.begin(programme=programme, county=first.county, by=cast["county"], reason="棚改")
    services.approve(version=submitted(second, cast["county"]), by=cast["bureau"])
    assert in_force(programme, COUNTY, day("2014-09-30")) == [first]
    assert in_force(programme, COUNTY, day("2014-10-01")) == [second]


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(sorted(HELD)), st.sampled_from(["takeover", "lapse", "takeover"]),
        st.sampled_from(["community", "owners"]), st.integers(1, 30), st.integers(0, 150),
    ), max_size=8,
)  # fmt: skip
DUE = st.sampled_from(["2014-07-31", "2014-09-30", "2014-12-31", "2016-12-31"])


@given(events=EVENTS, due=st.lists(DUE, min_size=3, max_size=3))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_line_is_in_one_state_and_stays_so_at_its_height(draft, homes, cast, today, events, due):
    today("2014-07-01")
    with undone():
        rows = [line(homes[code], when) for code, when in zip(HELD, due, strict=True)]
        services.write_lines(version=PlanVersion.objects.get(), lines=rows, by=cast["county"])
        services.approve(version=submitted(draft, cast["county"]), by=cast["bureau"])
        today("2014-12-31")
        before, height = actuals(today), ledger.newest().height
        for code, kind, mode, thousands, days in events:
            on = day("2014-07-02") + datetime.timedelta(days=days)
            _try(kind, on, code, mode, thousands * 1000)
        found = actuals(today)
        assert set(found) == set(HELD)
        for code, one in found.items():
            managed = sum(
                p.area_dm2 for p in ledger.pockets(Compound.objects.get(code=code), as_of=day("2014-12-31"),
                                                   height=ledger.newest().height) if p.mode != "none"
            )  # fmt: skip
            assert one.planned == dm2(HELD[code])
            assert one.taken == managed
            assert one.state.is_done == (managed == one.planned)
            assert one.open_area == one.planned - managed
            assert one.is_overdue == (not one.state.is_done and one.line.due_on < day("2014-12-31"))
            assert (one.state == LineState.LATE) <= (one.done_on is not None and one.done_on > one.line.due_on)
        assert {code: one.state for code, one in actuals(today, height=height).items()} == {
            code: one.state for code, one in before.items()
        }


def _try(kind: str, on: datetime.date, code: str, mode: str, m2: int) -> None:
    """Record it, if the ledger takes it."""
    modes = {"mode_to": mode} if kind == "takeover" else {"mode_from": mode}
    with suppress(Refused):
        record(kind, on, code, m2=m2, **modes)
