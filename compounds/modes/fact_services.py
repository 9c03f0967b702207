"""Writes on what a procedure keeps besides its steps: votes, the tender, fees, posts and services."""

import datetime
from collections.abc import Mapping
from typing import Any

from auditlog.context import set_actor
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.permissions import require
from communities.people.models import User
from compounds.ledger.refusals import Problem, Refused, refuse
from compounds.modes import voting
from compounds.modes.choices import Facts, Matter
from compounds.modes.fact_models import FeeYear, ServicePoint, Tender, Vote
from compounds.modes.fact_selectors import vote_rule
from compounds.modes.models import Procedure, ProcedureStep


@transaction.atomic
def record_vote(
    *, procedure: Procedure, step: ProcedureStep, held_on: datetime.date, ballot: voting.Ballot, by: User,
    note: str = "",
) -> Vote:  # fmt: skip
    """A vote on a step, held against the rule of its day. Sent twice it is recorded once. Raises Refused."""
    require(by.may("modes.work", procedure))
    procedure = Procedure.objects.select_for_update().get(pk=procedure.pk)
    if step.kind_id != procedure.kind_id or not step.matter:
        raise refuse("step", step.pk, _("On this step owners do not vote."))
    today = business_date()
    if held_on > today:
        message = _("%(date)s lies after the business date; dates up to %(today)s are accepted.")
        facts = {"date": held_on.isoformat(), "today": today.isoformat()}
        raise refuse("held_on", held_on.isoformat(), message % facts)
    rule = vote_rule(Matter(step.matter), held_on)
    if rule is None:
        raise refuse("held_on", held_on.isoformat(), no_rule(held_on))
    if wrong := voting.problems(rule.rule, ballot):
        raise Refused(*(Problem(field, "", message) for field, message in wrong))
    numbers = {
        "area_dm2": ballot.area, "heads": ballot.heads, "area_part_dm2": ballot.area_part,
        "heads_part": ballot.heads_part, "area_for_dm2": ballot.area_for, "heads_for": ballot.heads_for,
    }  # fmt: skip
    same = procedure.votes.filter(step=step, held_on=held_on, **numbers).first()
    if same:
        return same
    return Vote.objects.create(
        procedure=procedure, step=step, rule=rule, held_on=held_on, passed=voting.judge(rule.rule, ballot).passed,
        note=note.strip(), recorded_by=by, recorded_at=timezone.now(), **numbers,
    )  # fmt: skip


def no_rule(day: datetime.date) -> str:
    return _("No rule of votes is valid on %(date)s; the bureau enters it in the administration.") % {
        "date": day.isoformat()
    }


@transaction.atomic
def save_tender(*, procedure: Procedure, values: Mapping[str, Any], by: User) -> Tender:
    """Enter or change the record of the tender; its history is kept. Raises Refused."""
    require(by.may("modes.work", procedure))
    _keeps(procedure, Facts.TENDER)
    procedure = Procedure.objects.select_for_update().get(pk=procedure.pk)
    with set_actor(by):
        tender = Tender.objects.filter(procedure=procedure).first() or Tender(procedure=procedure)
        for name, value in values.items():
            setattr(tender, name, value)
        tender.save()
    return tender


@transaction.atomic
def save_fee_year(*, procedure: Procedure, values: Mapping[str, Any], by: User, row: FeeYear | None = None) -> FeeYear:
    """Enter or change a year of fees. Raises Refused where the year stands already."""
    require(by.may("modes.work", procedure))
    _keeps(procedure, Facts.FEES)
    Procedure.objects.select_for_update().get(pk=procedure.pk)
    others = procedure.fee_years.filter(year=values["year"])
    if (others.exclude(pk=row.pk) if row else others).exists():
        message = _("The year %(year)s is entered already; change it there.")
        raise refuse("year", values["year"], message % {"year": values["year"]})
    return _save(row or FeeYear(procedure=procedure), values, by)


@transaction.atomic
def save_point(
    *, procedure: Procedure, values: Mapping[str, Any], by: User, row: ServicePoint | None = None
) -> ServicePoint:
    """Enter or change a post or service. Raises Refused."""
    require(by.may("modes.work", procedure))
    _keeps(procedure, Facts.SERVICES)
    return _save(row or ServicePoint(procedure=procedure), values, by)


@transaction.atomic
def remove(*, row: FeeYear | ServicePoint, by: User) -> None:
    """Take a row out again; the history of edits keeps it."""
    require(by.may("modes.work", row.procedure))
    with set_actor(by):
        row.delete()


def _keeps(procedure: Procedure, facts: Facts) -> None:
    if procedure.kind.facts != facts:
        message = _("“%(procedure)s” keeps no record of this kind: %(facts)s.")
        raise refuse("", "", message % {"procedure": procedure.kind, "facts": facts.label})


def _save(row: Any, values: Mapping[str, Any], by: User) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    with set_actor(by):
        row.save()
    return row
