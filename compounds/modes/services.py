"""Writes on procedures: begun, a step done, given up, the last act taken back. The history only grows.

Locks: the procedure's row; at the beginning the compound's.
"""

import datetime
from collections.abc import Iterable

from auditlog.context import set_actor
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.permissions import require
from communities.people.models import User
from compounds.files.models import Attachment
from compounds.ledger.choices import Mode
from compounds.ledger.refusals import refuse
from compounds.modes import selectors
from compounds.modes.choices import Act, ProcedureState
from compounds.modes.models import EvidenceRule, Procedure, ProcedureKind, ProcedureStep, StepRecord
from compounds.register.choices import Status
from compounds.register.models import Compound


@transaction.atomic
def start(
    *, compound: Compound, kind: ProcedureKind, mode: Mode, on: datetime.date, by: User, note: str = ""
) -> Procedure:
    """Begin a procedure that leads to a mode. Raises Refused."""
    require(by.may("modes.work", compound))
    compound = Compound.objects.select_for_update().get(pk=compound.pk)
    if compound.status != Status.ACTIVE:
        message = _("%(compound)s is no longer in use (%(status)s); procedures are for compounds in use.")
        raise refuse("kind", kind.pk, message % {"compound": compound, "status": compound.get_status_display()})
    if mode not in kind.modes:
        accepted = _(", ").join(str(Mode(one).label) for one in kind.modes)
        message = _("%(kind)s leads to: %(accepted)s.") % {"kind": kind, "accepted": accepted}
        raise refuse("mode", mode, message)
    _not_in_the_future(on)
    if running := Procedure.objects.filter(compound=compound, state=ProcedureState.RUNNING).first():
        message = _("%(procedure)s is under way; carry it through or give it up first.")
        raise refuse("kind", kind.pk, message % {"procedure": running.kind})
    steps = selectors.steps_of(kind)
    if not steps:
        raise refuse("kind", kind.pk, _("This procedure has no steps yet; the bureau enters them."))
    procedure = Procedure.objects.create(
        compound=compound, kind=kind, mode=mode, step=steps[0], since=on, started_on=on
    )
    _record(procedure, Act.START, None, on, note, by)
    return procedure


@transaction.atomic
def advance(
    *, procedure: Procedure, step: ProcedureStep, on: datetime.date, by: User, note: str = "",
    scans: Iterable[Attachment] = (),
) -> Procedure:  # fmt: skip
    """The present step is done; the next one begins, or the procedure ends. Raises Refused.

    ``step`` is the one that was shown: if somebody else was faster, nothing happens.
    """
    require(by.may("modes.work", procedure))
    procedure = _locked(procedure)
    present = _running(procedure)
    if present.pk != step.pk:
        message = _("Somebody went on meanwhile: it stands at “%(step)s” now.") % {"step": present}
        raise refuse("on", on.isoformat(), message)
    _not_before(on, procedure.since)
    if present.matter and not note and not procedure.votes.filter(step=present, passed=True).exists():
        message = _("No vote that passed is recorded for “%(step)s”; record it first, or say here how it was decided.")
        raise refuse("note", "", message % {"step": present})
    following = next((one for one in selectors.steps_of(procedure.kind) if one.position > present.position), None)
    procedure.step = following
    if following is None:
        procedure.state, procedure.ended_on = ProcedureState.FINISHED, on
    _record(procedure, Act.DONE, present, on, note, by, scans)
    return _stand(procedure, on)


@transaction.atomic
def abandon(*, procedure: Procedure, on: datetime.date, reason: str, by: User) -> Procedure:
    """Give a procedure up, with the reason. Raises Refused."""
    require(by.may("modes.work", procedure))
    procedure = _locked(procedure)
    present = _running(procedure)
    _not_before(on, procedure.since)
    if not reason.strip():
        raise refuse("reason", reason, _("Say why it is given up."))
    procedure.state, procedure.step, procedure.ended_on = ProcedureState.ABANDONED, None, on
    _record(procedure, Act.ABANDONED, present, on, reason.strip(), by)
    return _stand(procedure, on)


@transaction.atomic
def take_back(*, procedure: Procedure, reason: str, by: User) -> Procedure:
    """The last act was recorded wrongly: the procedure stands where it stood before. Raises Refused."""
    require(by.may("modes.work", procedure))
    Compound.objects.select_for_update().get(pk=procedure.compound_id)
    procedure = _locked(procedure)
    if not reason.strip():
        raise refuse("reason", reason, _("Say what was wrong."))
    standing = selectors.standing(procedure.records.all())
    if len(standing) < 2:
        raise refuse("reason", reason, _("Nothing has been done yet; a procedure begun by mistake is given up."))
    others = Procedure.objects.filter(compound=procedure.compound_id, state=ProcedureState.RUNNING)
    if others.exclude(pk=procedure.pk).exists():
        message = _("Another procedure of this compound is under way; this one stays as it ended.")
        raise refuse("reason", reason, message)
    last, before = standing[-1], standing[-2]
    procedure.state, procedure.step, procedure.ended_on = ProcedureState.RUNNING, last.step, None
    _record(procedure, Act.UNDONE, last.step, business_date(), reason.strip(), by)
    return _stand(procedure, before.on)


@transaction.atomic
def set_evidence_rule(*, valid_from: datetime.date, is_asked: bool, document: str, by: User) -> EvidenceRule:
    """From which day of takeover on the key evidence is asked for, or no longer. Raises Refused."""
    require(by.may("modes.define"))
    if EvidenceRule.objects.filter(valid_from=valid_from).exists():
        message = _("There is a rule from %(date)s on already; choose another day.")
        raise refuse("valid_from", valid_from.isoformat(), message % {"date": valid_from.isoformat()})
    with set_actor(by):
        return EvidenceRule.objects.create(
            valid_from=valid_from, is_asked=is_asked, document=document.strip(), recorded_by=by
        )


def _locked(procedure: Procedure) -> Procedure:
    return Procedure.objects.select_for_update(of=("self",)).select_related("kind", "step").get(pk=procedure.pk)


def _running(procedure: Procedure) -> ProcedureStep:
    if procedure.step is None:
        message = _("This procedure has ended already: %(state)s.")
        raise refuse("on", "", message % {"state": procedure.get_state_display()})
    return procedure.step


def _not_in_the_future(on: datetime.date) -> None:
    today = business_date()
    if on > today:
        message = _("%(date)s lies after the business date; dates up to %(today)s are accepted.")
        raise refuse("on", on.isoformat(), message % {"date": on.isoformat(), "today": today.isoformat()})


def _not_before(on: datetime.date, since: datetime.date) -> None:
    _not_in_the_future(on)
    if on < since:
        message = _("The step began on %(since)s; it cannot be done before that.")
        raise refuse("on", on.isoformat(), message % {"since": since.isoformat()})


def _record(
    procedure: Procedure, act: Act, step: ProcedureStep | None, on: datetime.date, note: str, by: User,
    scans: Iterable[Attachment] = (),
) -> None:  # fmt: skip
    record = StepRecord.objects.create(
        procedure=procedure, act=act, step=step, on=on, note=note.strip(), recorded_by=by, recorded_at=timezone.now()
    )
    record.scans.set(scans)


def _stand(procedure: Procedure, since: datetime.date) -> Procedure:
    """Keep where the procedure stands now, and whether its key evidence is there."""
    procedure.since = since
    procedure.has_key = selectors.has_key(procedure)
    procedure.save()
    return procedure
