"""Every write that a person makes on a page goes through ``submit``: it posts, or waits for those who must agree.

Locks: the proposal's row first, then compounds by code, the ledger's head last (DESIGN.md, "Operating rules").
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from auditlog.context import set_actor
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.permissions import require
from communities.divisions.models import Division
from communities.people.models import User
from compounds.approvals import again, notices, verbs
from compounds.approvals.choices import ProposalState, Verb
from compounds.approvals.models import Proposal, SecondPerson
from compounds.approvals.needs import Needs, needed
from compounds.approvals.plain import as_plain, from_plain
from compounds.files import basis
from compounds.imports.models import ImportRun
from compounds.ledger.models import Entry, Posting
from compounds.ledger.selectors import newest
from compounds.register.models import Compound
from compounds.returns import closing


class Settled(Exception):
    """The proposal has been decided already, or is not at that step; str() says so."""


@dataclass(frozen=True)
class Submitted:
    """What became of a write: ``entries`` were posted (none if they stood already), or ``proposal`` waits."""

    entries: list[Entry] = field(default_factory=list)
    proposal: Proposal | None = None


def submit(
    *, verb: Verb, by: User, about: Compound, follows: Proposal | None = None, **arguments: Any
) -> Submitted:  # fmt: skip
    """Post, or let it wait if somebody must agree first. Raises Refused in either case if it cannot be posted now.

    Twice has the effect of once: a form's key posts once, and waits once. Scans that were sent with the form go
    with it: they are filed with the entries, or wait for them. ``follows`` was returned and is entered again by this.
    """
    if follows:
        require(by.may("approvals.again", follows))
    service = verbs.SERVICES[verb]
    if draft := arguments.get("draft"):
        closing.require_reason(draft, about.community_id)
    needs = needed(by=by, arguments=arguments)
    if not needs:
        with transaction.atomic():
            entries = service(by=by, **arguments)
            basis.file_with(entries, key=verbs.key_of(verb, arguments), by=by, undone=verbs.undone(arguments))
        return Submitted(entries=entries)
    with transaction.atomic():
        entries = service(by=by, **arguments)
        effects = _effects(entries)
        transaction.set_rollback(True)
    if not entries:
        return Submitted()
    return Submitted(
        proposal=_propose(verb, by, needs, arguments, compound=about, effects=effects, follows=follows)
    )  # fmt: skip


def submit_run(*, verb: Verb, by: User, run: ImportRun, start: Callable[[], Any], **arguments: Any) -> Proposal | None:
    """Start posting a checked workbook, or undoing a posted one; None if it started, else what waits."""
    arguments |= {"run": run}
    needs = needed(by=by, arguments=arguments)
    if not needs:
        start()
        return None
    return _propose(verb, by, needs, arguments, run=run)


@transaction.atomic
def _propose(
    verb: Verb, by: User, needs: Needs, arguments: dict[str, Any], *, compound: Compound | None = None,
    run: ImportRun | None = None, effects: list | None = None, follows: Proposal | None = None,
) -> Proposal:  # fmt: skip
    key = verbs.key_of(verb, arguments)
    plain = {name: as_plain(value) for name, value in arguments.items() if name != "run"}
    with set_actor(by):
        proposal, new = Proposal.objects.get_or_create(
            key=key, state=ProposalState.WAITING,
            defaults={
                "verb": verb, "arguments": plain, "effects": effects or [], "height": newest().height,
                "division_id": needs.county, "compound": compound, "run": run, "needs_second": needs.second,
                "needs_city": needs.city, "proposed_by": by, "follows": follows,
            },
        )  # fmt: skip
    basis.wait(key=key, by=by)
    if new:
        notices.tell_whose_turn(proposal, by=by)
    return proposal


def _effects(entries: list[Entry]) -> list[dict[str, Any]]:
    """What entries post, as plain rows: enough to read after they were taken back."""
    postings = Posting.objects.filter(entry__in=entries).select_related("compound", "community")
    return [
        {
            "effective_on": posting.effective_on.isoformat(), "code": posting.compound.code,
            "name": posting.compound.name, "community": str(posting.community), "category": posting.category,
            "mode": posting.mode, "area_dm2": posting.area_dm2, "households": posting.households,
        }
        for posting in postings.order_by("effective_on", "compound__code", "area_dm2")
    ]  # fmt: skip


@dataclass(frozen=True)
class Decision:
    """What a decision led to: entries posted, or what is still needed. ``started``: a job posts the workbook."""

    proposal: Proposal
    entries: list[Entry] = field(default_factory=list)
    started: bool = False


def review(*, proposal: Proposal, by: User) -> Decision:
    """复核: a second person of the county agrees. Posts if nobody else must. Raises Settled, Refused."""
    require(by.may("approvals.review", proposal))
    return _decide(proposal, by, "reviewed")


def approve(*, proposal: Proposal, by: User) -> Decision:
    """审定: the city agrees. Posts, for the city comes last. Raises Settled, Refused."""
    require(by.may("approvals.approve", proposal))
    return _decide(proposal, by, "approved")


@transaction.atomic
def _decide(proposal: Proposal, by: User, step: str) -> Decision:
    proposal = _locked(proposal)
    if not (proposal.waits_for_second if step == "reviewed" else proposal.waits_for_city):
        raise Settled(_("This step has been taken already, or is not due yet."))
    setattr(proposal, f"{step}_by", by)
    setattr(proposal, f"{step}_at", timezone.now())
    entries: list[Entry] = []
    ready = not proposal.waits_for_second and not proposal.waits_for_city
    if ready:
        proposal.state, proposal.closed_at = ProposalState.POSTED, timezone.now()
        entries = _post(proposal)
        if entries:
            proposal.first_height, proposal.last_height = entries[0].height, entries[-1].height
    with set_actor(by):
        proposal.save()
    notices.settle(proposal)
    if ready:
        notices.tell_outcome(proposal, by=by)
    else:
        notices.tell_whose_turn(proposal, by=by)
    return Decision(proposal, entries, started=ready and proposal.run_id is not None)


def _post(proposal: Proposal) -> list[Entry]:
    """Carry out what was proposed, in the name of whoever entered it."""
    verb, arguments = Verb(proposal.verb), from_plain(proposal.arguments)
    if proposal.run:
        from compounds.approvals import workbooks  # jobs of the imports ask this room who must agree

        workbooks.start(verb, run=proposal.run, by=proposal.proposed_by, **arguments)
        return []
    by = proposal.proposed_by
    arguments = verbs.signed(verb, arguments, handler=by, reviewer=proposal.reviewed_by)
    entries = verbs.SERVICES[verb](by=by, **arguments)
    basis.file_with(entries, key=proposal.key, by=by, undone=verbs.undone(arguments))
    return entries


@transaction.atomic
def send_back(*, proposal: Proposal, comment: str, by: User) -> Proposal:
    """退回: to whoever entered it, with what is to be put right; the scans stay for the one that takes its place.

    Raises Settled.
    """
    proposal = _locked(proposal)
    step = "approvals.review" if proposal.waits_for_second else "approvals.approve"
    require(by.may(step, proposal))
    return _close(proposal, ProposalState.RETURNED, by, comment)


@transaction.atomic
def withdraw(*, proposal: Proposal, by: User) -> Proposal:
    """撤回 by whoever entered it. Raises Settled."""
    proposal = _locked(proposal)
    require(by.may("approvals.withdraw", proposal))
    return _close(proposal, ProposalState.WITHDRAWN, by, "")


def _locked(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_for_update().get(pk=proposal.pk)


def _close(proposal: Proposal, state: ProposalState, by: User, comment: str) -> Proposal:
    if not proposal.is_waiting:
        raise Settled(_("This has been decided already."))
    proposal.state, proposal.comment = state, comment
    proposal.closed_by, proposal.closed_at = by, timezone.now()
    with set_actor(by):
        proposal.save()
    if proposal.is_returned:
        basis.keep(key=proposal.key, anew=again.key(proposal), by=proposal.proposed_by)
    else:
        basis.discard(key=proposal.key, by=proposal.proposed_by)
    notices.settle(proposal)
    notices.tell_outcome(proposal, by=by)
    return proposal


@transaction.atomic
def require_second_person(*, division: Division, required: bool, by: User) -> None:
    """Ask a county for a second person (经办、复核分开) from now on, or no longer. What waits keeps its steps."""
    require(by.may("approvals.require", division))
    with set_actor(by):
        if required:
            SecondPerson.objects.get_or_create(division=division, defaults={"asked_by": by})
        else:
            for row in SecondPerson.objects.filter(division=division):
                row.delete()
