"""Who is told what about proposals: whose turn it is, and whoever entered one what became of it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities.notices import services
from communities.notices.kinds import Kind, declare
from communities.people.models import User
from compounds.approvals.choices import ProposalState, Verb
from compounds.approvals.models import Proposal
from compounds.ledger.choices import Kind as Change

WAITING = declare(
    Kind(
        "approvals.waiting", _("Approvals: what waits for me"), title=_("Waits for you: %(what)s · %(about)s"),
        body=_("Entered by %(person)s, %(county)s."), action="approvals.review",
    )
)  # fmt: skip
POSTED = declare(
    Kind(
        "approvals.posted", _("Approvals: what I entered was recorded"),
        title=_("Agreed and recorded: %(what)s · %(about)s"), action="approvals.withdraw",
    )
)  # fmt: skip
#: What is to be put right stands on the page: somebody wrote it freely.
RETURNED = declare(
    Kind(
        "approvals.returned", _("Approvals: what I entered was returned"), title=_("Returned: %(what)s · %(about)s"),
        body=_("By %(person)s; the page says what is to be put right."), action="approvals.withdraw",
    )
)  # fmt: skip
STEPS = {"second": "approvals.review", "city": "approvals.approve"}


def tell_whose_turn(proposal: Proposal, *, by: User) -> None:
    """Those who can take the step that is due."""
    step = "second" if proposal.waits_for_second else "city"
    services.notify(
        kind=WAITING, key=f"{proposal.pk}:{step}", by=by, offices=[(STEPS[step], proposal)],
        parameters=_words(proposal, person=str(proposal.proposed_by), county=str(proposal.division)),
        link=_page(proposal),
    )  # fmt: skip


def tell_outcome(proposal: Proposal, *, by: User) -> None:
    """Whoever entered it; the end of a workbook's posting is told by its job."""
    told = {ProposalState.POSTED: POSTED, ProposalState.RETURNED: RETURNED}
    kind = told.get(ProposalState(proposal.state))
    if kind is None or (kind is POSTED and proposal.run_id is not None):
        return
    services.notify(
        kind=kind, key=str(proposal.pk), by=by, users=[proposal.proposed_by],
        parameters=_words(proposal, person=str(by)), link=_page(proposal),
    )  # fmt: skip


def settle(proposal: Proposal) -> None:
    """The step was taken: nobody else need look at it."""
    services.settle(kind=WAITING, keys=[f"{proposal.pk}:{step}" for step in STEPS])


def _words(proposal: Proposal, **more: str) -> dict[str, Any]:
    event = proposal.arguments.get("draft", {}).get("event", {})
    recorded = proposal.verb in (Verb.RECORD, Verb.REPORT) and event
    what = Change(event["kind"]).label if recorded else Verb(proposal.verb).label
    return {"what": what, "about": str(proposal.compound or proposal.run), **more}


def _page(proposal: Proposal) -> str:
    return reverse("approvals:detail", args=[proposal.pk])
