"""Writes on reports. Each takes one step of ``transitions`` and leaves a row of it; approval posts in the same moment.

Locks: the report's row first, then those of the approvals and of the ledger (DESIGN.md, "Operating rules").
"""

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from auditlog.context import set_actor
from django.db import transaction
from django.utils.translation import gettext as _

from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.reference import create_missing
from communities.divisions.models import Division
from communities.people.models import User
from compounds.approvals.choices import ProposalState, Verb
from compounds.approvals.models import Proposal
from compounds.approvals.services import Submitted
from compounds.approvals.services import submit as post_or_wait
from compounds.imports.models import ImportRun
from compounds.ledger import entering, rules
from compounds.ledger.models import Entry
from compounds.ledger.recording import Draft
from compounds.ledger.refusals import Problem, Refused, refuse
from compounds.ledger.selectors import newest
from compounds.modes import evidence as key_evidence
from compounds.register.models import Compound
from compounds.reports import clock, notices
from compounds.reports.choices import Reporter, ReportKind, ReportState, Step
from compounds.reports.claims import Claim, draft_of, settled
from compounds.reports.models import Report, ReportComment, ReportStep, SkippedLevel
from compounds.reports.transitions import TRANSITIONS, reporter_of, require_step
from compounds.returns import closing

#: What a comment of a review may be about besides fields of the claim.
ABOUT = ("", "kind", "files")


class Stale(Exception):
    """The report was changed since the person saw it; str() says what to do."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has changed this report since you opened it; look at it as it stands now."))


class Waiting(Refused):
    """A second person or the city is looking at the report's entry."""


@dataclass(frozen=True)
class Comment:
    """退回意见 at one field of a report ("" for the whole)."""

    field: str
    text: str


# --- writing it ------------------------------------------------------------------------------------------
@transaction.atomic
def draft(
    *, kind: ReportKind, claim: Claim, by: User, key: str, compound: Compound | None = None,
    community: Division | None = None, instead_of: Report | None = None, run: ImportRun | None = None,
) -> Report:  # fmt: skip
    """Begin a report; with a key that its author used before, the report that it made. Nothing is checked yet.

    ``community`` is needed for what is missing from the register. ``instead_of`` is a report that this one takes the
    place of once it is submitted; ``run`` the workbook that it was a row of.
    """
    place = _place(compound, community, by)
    if instead_of and instead_of.community_id != place.code:
        message = _("It takes the place of a report about %(community)s; report about that community.")
        raise refuse("instead_of", str(instead_of.pk), message % {"community": instead_of.community})
    if there := Report.objects.filter(created_by=by, key=key).first():
        return there
    more = {"id": _identity(by, key), "instead_of": instead_of, "run": run}
    report, is_new = Report.objects.get_or_create(
        created_by=by, key=key, defaults=_facts(kind, claim, by, place, compound) | more
    )
    if is_new:
        _note(report, Step.DRAFT, by, before="")
    return report


def rehearse(
    *, kind: ReportKind, claim: Claim, by: User, compound: Compound | None = None, community: Division | None = None
) -> None:
    """What ``draft`` and ``submit`` would refuse. Stores nothing. Raises Refused, PermissionDenied."""
    place = _place(compound, community, by)
    check(Report(created_by=by, **_facts(kind, claim, by, place, compound)))


def _place(compound: Compound | None, community: Division | None, by: User) -> Division:
    """The community that is reported for, if ``by`` may."""
    place = compound.community if compound else community
    if place is None:
        raise refuse("community", "", _("Say in which community it lies."))
    require(by.may("reports.write", place))
    return place


def _facts(kind: ReportKind, claim: Claim, by: User, place: Division, compound: Compound | None) -> dict[str, Any]:
    """What a new report holds."""
    values = settled(kind, claim, compound)
    _require_name(kind, values["name"])
    return values | {
        "kind": kind, "community": place, "compound": compound, "height": newest().height,
        "reporter": reporter_of(by, place.code),
    }  # fmt: skip


@transaction.atomic
def edit(*, report: Report, claim: Claim, by: User, revision: int, kind: ReportKind | None = None) -> Report:
    """Write the claim anew, by the ledger as it is now. Raises Stale."""
    report = _locked(report, revision)
    require_step(Step.EDIT, report, by)
    report.kind = kind or report.kind
    for name, value in settled(report.kind, claim, report.compound).items():
        setattr(report, name, value)
    _require_name(report.kind, report.name)
    report.height = newest().height
    return _take(report, Step.EDIT, by)


def _identity(by: User, key: str) -> uuid.UUID:
    """Of the same author and key always the same: the entry names the report, and its hash what it names."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{by.username} {key}")


def _require_name(kind: str, name: str) -> None:
    if kind == ReportKind.MISSING and not name.strip():
        raise refuse("name", "", _("Give the name of the compound that is missing."))


@transaction.atomic
def submit(*, report: Report, by: User, revision: int | None = None) -> Report:
    """上报. Raises Refused where the ledger could not take it as it stands today; the draft stays as it is."""
    report = _locked(report, revision)
    require_step(Step.SUBMIT, report, by)
    check(report)
    report.submitted_at = report.submitted_at or clock.now()
    _take(report, Step.SUBMIT, by)
    if report.instead_of_id:
        _supersede(report, by)
    return report


def check(report: Report) -> None:
    """Whether the ledger could take the report today. Raises Refused with what is wrong, field by field."""
    if report.kind == ReportKind.UNCLEAR:
        if not report.note.strip():
            raise refuse("note", "", _("Describe in a few words what was seen."))
        return
    compound = report.compound
    # As it would be entered in the register; the ledger knows nothing of it that could stand in the way.
    unregistered = None if compound else Compound(code="?", name=report.name, community=report.community)
    event_draft = draft_of(report, unregistered)
    if event_draft is None:
        return
    closing.require_reason(event_draft, report.community_id)
    if compound:
        entering.preview(compound=compound, on=event_draft.event.effective_on, draft=event_draft)
    elif problems := rules.check(event_draft.event, event_draft.details):
        raise Refused(*problems)


def _compound(report: Report) -> Compound:
    if report.compound is None:
        raise refuse("compound", "", _("The compound is not in the register yet."))
    return report.compound


def _supersede(report: Report, by: User) -> None:
    assert report.instead_of is not None  # noqa: S101 — asked before
    old = _locked(report.instead_of)
    require_step(Step.SUPERSEDE, old, by)
    _refuse_waiting(old)
    _take(old, Step.SUPERSEDE, by)


@transaction.atomic
def withdraw(*, report: Report, by: User, reason: str = "", revision: int | None = None) -> Report:
    """撤回: nothing comes of it."""
    report = _locked(report, revision)
    require_step(Step.WITHDRAW, report, by)
    _refuse_waiting(report)
    return _take(report, Step.WITHDRAW, by, reason)


# --- reviewing it ----------------------------------------------------------------------------------------
@transaction.atomic
def verify(*, report: Report, by: User, reason: str = "", revision: int | None = None) -> Report:
    """街道核实: the street has looked. Raises Refused where the ledger could not take it any more."""
    report = _locked(report, revision)
    require_step(Step.VERIFY, report, by)
    check(report)
    return _take(report, Step.VERIFY, by, reason)


@transaction.atomic
def approve(*, report: Report, by: User, reason: str = "", revision: int | None = None) -> Submitted:
    """审定: the county agrees, and the entry is posted in the same transaction, once.

    Where a second person or the city must agree besides, the entry waits with a proposal and the report as it is.
    The reason is also that of a takeover without key evidence. Raises Refused, Stale.
    """
    report = _locked(report, revision)
    require_step(Step.APPROVE, report, by)
    _refuse_waiting(report)
    # Not rehearsed before: posting refuses by the same rules, and takes back what was done for it.
    if report.kind == ReportKind.MISSING and report.compound is None:
        return _enter(report, by, reason)
    return _post(report, draft_of(report), by, reason)


def _enter(report: Report, by: User, reason: str) -> Submitted:
    """What is missing is entered in the register first; its area, if any, is recorded like any other's."""
    from compounds.register import services as register

    compound = register.create(
        community=report.community, name=report.name, facts={"address": report.address} if report.address else {},
        by=by,
    )  # fmt: skip
    report.compound = compound
    report.save(update_fields=["compound"])
    return _post(report, draft_of(report), by, reason)


def _post(report: Report, event_draft: Draft | None, by: User, reason: str) -> Submitted:
    if event_draft is None:
        _take(report, Step.APPROVE, by, reason)
        return Submitted()
    if key_evidence.is_missing(event_draft.event):
        key_evidence.check(event_draft.event, reason)
        event_draft = replace(event_draft, details={**event_draft.details, "reason": reason.strip()})
    submitted = post_or_wait(
        verb=Verb.REPORT, by=by, about=_compound(report), draft=event_draft, report=str(report.pk), why=reason
    )
    if submitted.proposal:
        _take(report, Step.AGREE, by, reason)
    return submitted


@transaction.atomic
def send_back(
    *, report: Report, by: User, comments: Iterable[Comment] = (), reason: str = "", revision: int | None = None
) -> Report:  # fmt: skip
    """退回 to whoever wrote it, with what is to be put right at which field."""
    report = _locked(report, revision)
    require_step(Step.RETURN, report, by)
    _refuse_waiting(report)
    said = [comment for comment in comments if comment.text.strip()]
    if not said and not reason.strip():
        raise refuse("comments", "", _("Say what is to be put right, then return it."))
    if strange := [one.field for one in said if one.field not in (*ABOUT, *settled(report.kind, Claim(), None))]:
        raise refuse("comments", strange[0], _("A report has no field “%(field)s”.") % {"field": strange[0]})
    _take(report, Step.RETURN, by, reason, said)
    return report


@transaction.atomic
def recheck(*, report: Report, by: User, reason: str, revision: int | None = None) -> Report:
    """转街道复核: the county asks the street to look once more."""
    report = _locked(report, revision)
    require_step(Step.RECHECK, report, by)
    _refuse_waiting(report)
    if not reason.strip():
        raise refuse("reason", "", _("Say what the street is to look at once more."))
    return _take(report, Step.RECHECK, by, reason)


# --- who may skip a level --------------------------------------------------------------------------------
@transaction.atomic
def skip_level(*, division: Division, reporter: Reporter, skipped: bool, by: User) -> SkippedLevel:
    """From now on, or no longer, reports of this office within the division need no word of the street."""
    require(by.may("reports.rules", division))
    with set_actor(by):
        row, _new = SkippedLevel.objects.update_or_create(
            division=division, reporter=reporter, defaults={"is_skipped": skipped, "set_by": by}
        )
    return row


def load_skipped_levels(folder: Path) -> int:
    """Create the rows that the portal begins with; what a bureau has said since stays. Returns how many are new."""
    rows = json.loads((folder / "skipped_levels.json").read_text(encoding="utf-8"))
    return create_missing(SkippedLevel, rows, by=("division_id", "reporter"))


# --- what all of them share ------------------------------------------------------------------------------
def _locked(report: Report, revision: int | None = None) -> Report:
    """The report under its lock. Raises Stale if it is not as the person saw it."""
    related = ("community", "compound__community", "created_by", "instead_of")
    locked = Report.objects.select_for_update(of=("self",)).select_related(*related).get(pk=report.pk)
    if revision is not None and locked.revision != revision:
        raise Stale
    return locked


def _refuse_waiting(report: Report) -> None:
    """What a second person or the city is looking at is decided there."""
    if Proposal.objects.filter(key=report.proposal_key, state=ProposalState.WAITING).exists():
        message = _("Its entry waits for somebody who must agree; it is decided or withdrawn there first.")
        raise Waiting(Problem("", "", message))


def _take(report: Report, step: Step, by: User, reason: str = "", comments: Iterable[Comment] = ()) -> Report:
    """Put the report into the state that the step leads to, and keep that it was taken."""
    before, to = report.state, TRANSITIONS[step].to
    report.state, report.revision = to or before, report.revision + 1
    now = clock.now()
    if to and to != before:
        report.waiting_since = now
    if report.state in (ReportState.APPROVED, ReportState.WITHDRAWN, ReportState.SUPERSEDED):
        report.closed_at = now
    report.save()
    _note(report, step, by, before=before, reason=reason, comments=comments)
    if report.state != before:
        notices.tell(report, by=by)
    return report


def _note(
    report: Report, step: Step, by: User, *, before: str, reason: str = "", comments: Iterable[Comment] = ()
) -> None:
    row = ReportStep.objects.create(
        report=report, step=step, from_state=before, to_state=report.state, by=by, at=clock.now(),
        reason=reason.strip(),
    )  # fmt: skip
    ReportComment.objects.bulk_create([
        ReportComment(step=row, field=one.field, text=one.text.strip()) for one in comments
    ])  # fmt: skip


def posted(*, report: Report, entry: Entry, by: User, reason: str) -> Report:
    """The report is what the ledger now says; called by ``posting`` in the transaction of the entry."""
    report.entry = entry
    return _take(report, Step.APPROVE, by, reason)
