"""Procedures go step by step, one at a time for a compound, and their history only grows."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from compounds.ledger.refusals import Refused
from compounds.modes import fact_services, selectors, services
from compounds.modes.choices import Act, ProcedureState
from compounds.modes.models import Procedure, ProcedureKind, ProcedureStep
from compounds.modes.voting import Ballot
from tests.support import QIANJIN, day, make_compound

pytestmark = pytest.mark.django_db


def names(procedure: Procedure) -> list[tuple[str, str]]:
    return [(record.act, record.step.name if record.step else "") for record in selectors.history(procedure)]


def test_a_procedure_goes_from_its_first_step_to_its_end(begin, go_on, compound):
    procedure = begin(kind="P4.2d", mode="community")
    assert (procedure.step.name, procedure.since, procedure.state) == ("业主大会通过", day("2014-06-01"), "running")
    procedure = go_on(procedure, 3)
    assert (procedure.step.name, procedure.since) == ("纳入便民服务圈", day("2014-07-01"))
    procedure = go_on(procedure, on="2014-08-01")
    assert (procedure.state, procedure.step, procedure.ended_on) == ("finished", None, day("2014-08-01"))
    assert [act for act, _step in names(procedure)] == [Act.START, *[Act.DONE] * 4]
    with pytest.raises(Refused, match="已经结束"):
        services.abandon(
            procedure=procedure, on=day("2014-09-01"), reason="x", by=procedure.records.first().recorded_by
        )


def test_one_is_under_way_at_a_time(begin, compound):
    begin()
    with pytest.raises(Refused, match="正在推进"):
        begin(kind="P4.2d", mode="community")
    first = Procedure.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Procedure.objects.create(
            compound=compound, kind_id="P4.2d", mode="community", step=first.step, since="2014-01-01",
            started_on="2014-01-01",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"mode": "owners"}, "mode"), ({"on": "2999-01-01"}, "on")],
)
def test_what_cannot_begin_is_refused_at_its_field(begin, asked, field):
    with pytest.raises(Refused) as refused:
        begin(**asked)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert not Procedure.objects.exists()


def test_of_a_compound_no_longer_in_use_and_of_a_procedure_without_steps_none_begins(begin, compound):
    retired = make_compound("旧", QIANJIN, status="retired")
    with pytest.raises(Refused, match="不在用"):
        begin(about=retired)
    ProcedureKind.objects.create(code="X", name="新", modes=["owners"])
    with pytest.raises(Refused, match="没有步骤"):
        begin(kind="X", mode="owners")


def test_a_step_is_not_done_before_it_began_nor_tomorrow(begin, go_on):
    procedure = begin()
    for on in ("2014-05-31", "2999-01-01"):
        with pytest.raises(Refused):
            go_on(procedure, on=on)
    assert len(names(procedure)) == 1


def test_who_comes_second_does_nothing(begin, go_on, cast):
    procedure = begin()
    shown = procedure.step
    go_on(procedure)
    with pytest.raises(Refused, match="首次业主大会"):
        services.advance(procedure=procedure, step=shown, on=day("2014-07-02"), by=cast["county"])
    assert len(names(procedure)) == 2


def test_a_step_on_which_owners_vote_needs_a_vote_that_passed_or_a_word(begin, go_on, cast):
    procedure = go_on(begin())
    asked = {"procedure": procedure, "step": procedure.step, "on": day("2014-08-01"), "by": cast["county"]}
    with pytest.raises(Refused, match="没有录入通过的表决"):
        services.advance(**asked)
    vote = {"procedure": procedure, "step": procedure.step, "held_on": day("2014-07-20"), "by": cast["county"]}
    lost = fact_services.record_vote(ballot=Ballot(4000000, 100, 2000000, 60), **vote)
    assert not lost.passed
    with pytest.raises(Refused):
        services.advance(**asked)
    won = fact_services.record_vote(ballot=Ballot(4000000, 100, 2000001, 51), **vote)
    assert won.passed
    assert fact_services.record_vote(ballot=Ballot(4000000, 100, 2000001, 51), **vote) == won
    assert services.advance(**asked).step.name == "业委会备案"


def test_given_up_with_its_reason_and_another_begins(begin, cast):
    procedure = begin()
    with pytest.raises(Refused, match="终止原因"):
        services.abandon(procedure=procedure, on=day("2014-07-01"), reason=" ", by=cast["county"])
    given_up = services.abandon(procedure=procedure, on=day("2014-07-01"), reason="业主改选社区代管", by=cast["county"])
    assert (given_up.state, given_up.ended_on) == (ProcedureState.ABANDONED, day("2014-07-01"))
    assert names(procedure)[-1] == (Act.ABANDONED, "成立筹备组")
    assert begin(kind="P4.2d", mode="community", on="2014-07-02").state == ProcedureState.RUNNING


def test_the_last_act_is_taken_back_and_stays_in_the_history(begin, go_on, cast):
    procedure = begin()
    with pytest.raises(Refused, match="尚未办理"):
        services.take_back(procedure=procedure, reason="误", by=cast["county"])
    procedure = go_on(procedure, 2, on="2014-07-01")
    procedure = services.take_back(procedure=procedure, reason="录错小区", by=cast["county"])
    assert (procedure.step.name, procedure.since) == ("首次业主大会,选举业委会", day("2014-07-01"))
    procedure = services.take_back(procedure=procedure, reason="录错小区", by=cast["county"])
    assert (procedure.step.name, procedure.since) == ("成立筹备组", day("2014-06-01"))
    assert [act for act, _step in names(procedure)] == [Act.START, Act.DONE, Act.DONE, Act.UNDONE, Act.UNDONE]
    assert go_on(procedure, on="2014-06-20").step.name == "首次业主大会,选举业委会"


def test_what_has_ended_is_taken_up_again_unless_another_is_under_way(begin, go_on, cast):
    procedure = go_on(begin(kind="P4.2d", mode="community"), 4)
    assert procedure.has_key
    again = services.take_back(procedure=procedure, reason="服务圈未建成", by=cast["county"])
    assert (again.state, again.step.name, again.ended_on, again.has_key) == ("running", "纳入便民服务圈", None, True)
    services.abandon(procedure=again, on=day("2014-08-01"), reason="终止", by=cast["county"])
    begin(on="2014-08-02")
    with pytest.raises(Refused, match="另有程序"):
        services.take_back(procedure=again, reason="误", by=cast["county"])


def test_the_key_evidence_is_there_once_its_step_is_done(begin, go_on, cast):
    procedure = go_on(begin(), 6)
    assert procedure.step.is_key
    assert not procedure.has_key
    procedure = go_on(procedure)
    assert procedure.has_key
    assert not services.take_back(procedure=procedure, reason="合同未备案", by=cast["county"]).has_key


def test_a_retired_step_is_passed_over(begin, go_on):
    procedure = begin()
    ProcedureStep.objects.filter(kind="P4.2a", position=20).update(is_retired=True)
    assert go_on(procedure).step.name == "业委会备案"


def test_days_at_a_step_and_whether_it_is_stuck(begin, go_on, settings):
    procedure = go_on(begin(), 2, on="2014-07-01")
    settings.BUSINESS_DATE = day("2014-08-17")
    assert selectors.days_at(procedure) == 47
    assert selectors.is_stuck(procedure)
    settings.BUSINESS_DATE = day("2014-07-31")
    assert selectors.days_at(procedure) == 30
    assert not selectors.is_stuck(procedure), "on the last day it is in time"


@pytest.mark.parametrize(
    "role", ["committee", "leader", "auditor", "department", "admin", "neighbour_county", "nobody"]
)
def test_others_bring_nothing_on(begin, go_on, cast, role):
    procedure = begin()
    with pytest.raises(PermissionDenied):
        go_on(procedure, by=role)
    with pytest.raises(PermissionDenied):
        services.abandon(procedure=procedure, on=day("2014-07-01"), reason="x", by=cast[role])
    with pytest.raises(PermissionDenied):
        services.take_back(procedure=procedure, reason="x", by=cast[role])


@pytest.mark.parametrize("role", ["bureau", "county", "subdistrict"])
def test_those_in_charge_do(begin, go_on, role):
    assert go_on(begin(by=role), by=role).step.name == "首次业主大会,选举业委会"
