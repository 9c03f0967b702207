"""推进程序 and 试点 of the demo city: at every step, some stuck, pilots in most communities, nothing after today."""

from django.db.models import Max

from chaoyang_pm.kit.dates import business_date
from compounds.ledger.models import Entry
from compounds.modes import evidence, selectors
from compounds.modes.choices import ProcedureState
from compounds.modes.fact_models import FeeYear, ServicePoint, Tender, Vote
from compounds.modes.models import Procedure, StepRecord
from compounds.pilots.models import Pilot
from oversight.coverage.question import resolve
from oversight.coverage.targets import board
from tests.support import day


def test_procedures_stand_at_many_steps_and_some_are_stuck(city):
    running = list(Procedure.objects.filter(state=ProcedureState.RUNNING).select_related("step", "kind"))
    assert len({procedure.step_id for procedure in running}) > 8
    assert {procedure.kind_id for procedure in running} == {"P4.2a", "P4.2b", "P4.2c", "P4.2d"}
    stuck = [procedure for procedure in running if selectors.is_stuck(procedure)]
    assert 0.15 < len(stuck) / len(running) < 0.5


def test_where_each_stands_follows_from_its_history(city):
    for procedure in Procedure.objects.select_related("kind", "step").prefetch_related("records", "kind__steps"):
        standing = selectors.standing(procedure.records.all())
        days = [record.on for record in standing]
        assert days == sorted(days)
        assert procedure.started_on == days[0]
        assert procedure.has_key == selectors.has_key(procedure)
        if procedure.step:
            assert procedure.since == days[-1]
        else:
            assert procedure.ended_on == days[-1]


def test_few_takeovers_since_then_lack_their_key_evidence(city):
    entries = list(Entry.objects.filter(kind="takeover", reversed_by=None).select_related("compound"))
    lacking = evidence.lacking(entries)
    asked = [entry for entry in entries if entry.effective_on >= day("2015-07-01")]
    assert 0 < len(lacking) < len(asked) / 2
    assert lacking <= {entry.height for entry in asked}


def test_votes_facts_and_pilots_are_there(city):
    assert all(vote.verdict.passed for vote in Vote.objects.select_related("rule"))
    assert min(model.objects.count() for model in (Vote, Tender, FeeYear, ServicePoint)) > 0
    t4 = next(figures for figures in board(resolve()) if figures.target.code == "T4")
    assert 0 < t4.completed < t4.required
    assert {pilot.result for pilot in Pilot.objects.all()} >= {"succeeded", "under_way"}


def test_nothing_is_dated_after_today(city):
    newest = StepRecord.objects.aggregate(Max("on"), Max("recorded_at"))
    assert newest["on__max"] <= business_date()
    assert newest["recorded_at__max"].date() <= business_date()
    assert Pilot.objects.aggregate(Max("recorded_at"))["recorded_at__max"].date() <= business_date()
