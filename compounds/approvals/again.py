"""退回后重新录入: the form of a proposal that was returned, filled in with what was proposed."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404
from django.urls import reverse

from chaoyang_pm.kit.permissions import require
from communities.people.models import User
from compounds.approvals.choices import ProposalState, Verb
from compounds.approvals.models import Proposal
from compounds.approvals.plain import from_plain
from compounds.ledger import kinds
from compounds.ledger.choices import Kind
from compounds.ledger.entering import source_key
from compounds.ledger.forms import ReversalForm
from compounds.ledger.models import Entry
from compounds.ledger.recording import Draft
from compounds.structure.forms import area_name, homes_name
from compounds.structure.parts import NewCompound

#: The parameter by which a form is asked for what was proposed.
ASKED = "again"
#: What structural changes are proposed as, and as kinds.
STRUCTURAL = {Verb.RELOCATE: Kind.RELOCATE, Verb.MERGE: Kind.MERGE, Verb.SPLIT: Kind.SPLIT}


def form_key(proposal: Proposal) -> uuid.UUID:
    """The key of the form by which it is entered again: from two tabs, too, it waits once and posts once."""
    return uuid.uuid5(proposal.pk, ASKED)


def key(proposal: Proposal) -> str:
    """What the proposal that takes its place waits and posts once by; its scans lie under it from its return on."""
    return source_key(form_key(proposal))


def page(proposal: Proposal) -> str:
    """The page of its form; "" where it was no form: workbooks, and what communities reported."""
    arguments, verb = from_plain(proposal.arguments), Verb(proposal.verb)
    height = arguments.get("height") or arguments.get("undo")
    if verb in (Verb.IMPORT, Verb.UNDO_IMPORT, Verb.REPORT):
        return ""
    if height:
        kind = Entry.objects.values_list("kind", flat=True).get(height=height)
        return reverse("structure:correct" if kind in kinds.STRUCTURAL else "ledger:correct", args=[height])
    if verb in STRUCTURAL:
        return _record(STRUCTURAL[verb], proposal.compound.code if proposal.compound else "")
    return _record(arguments["draft"].event.kind, arguments["draft"].event.compound)


def _record(kind: str, compound: str) -> str:
    if kind in STRUCTURAL.values():
        return reverse(f"structure:{Kind(kind).value}", args=[compound])
    return reverse("ledger:record", args=[compound, kind]) if kind in kinds.RECORDABLE else ""


def asked_for(given: str, *, by: User, path: str) -> Proposal:
    """The proposal that the form at ``path`` is to be filled in with. Raises Http404, PermissionDenied."""
    try:
        proposal = Proposal.objects.visible_to(by).select_related("compound", "closed_by").get(pk=given)
    except (Proposal.DoesNotExist, ValidationError):
        raise Http404 from None
    require(by.may("approvals.again", proposal))
    if page(proposal) != path:
        raise Http404
    return proposal


def taken_up(proposal: Proposal) -> Proposal | None:
    """The proposal that took its place, unless whoever entered that withdrew it."""
    found = proposal.followed_by.exclude(state=ProposalState.WITHDRAWN)
    return found.select_related("proposed_by").order_by("-proposed_at").first()


# --- what was typed --------------------------------------------------------------------------------------
def typed(proposal: Proposal) -> dict[str, Any]:
    """The initial values of the form about the event; its fields stay as they are where nothing was recorded anew."""
    arguments: dict[str, Any] = from_plain(proposal.arguments)
    found: dict[str, Any] = {"key": form_key(proposal)}
    if draft := arguments.get("draft"):
        return found | _of_draft(draft)
    if proposal.verb not in STRUCTURAL:
        return found
    found |= arguments["details"] | {"effective_on": arguments["on"], "recorded_for": arguments["recorded_for"]}
    if proposal.verb == Verb.RELOCATE:
        return found | {"community": arguments["community"]}
    if proposal.verb == Verb.MERGE:
        return found | {
            "stays": arguments["into"], "others": list(arguments["others"]), "keep_names": arguments["keep_names"],
        }  # fmt: skip
    return found | _of_parts(arguments["parts"])


def _of_draft(draft: Draft) -> dict[str, Any]:
    event = draft.event
    names = ("effective_on", "category", "mode_to", "new_category", "area_dm2", "households", "community")
    return {name: getattr(event, name) for name in names} | {
        **{name: value for name, value in draft.details.items() if name != "source_key"},
        "pocket": f"{event.category}:{event.mode_from}", "recorded_for": draft.recorded_for,
        "stays": event.target, "others": [event.compound],
    }  # fmt: skip


def _of_parts(parts: Sequence[NewCompound]) -> dict[str, Any]:
    found: dict[str, Any] = {"parts": len(parts)}
    for index, part in enumerate(parts):
        found |= {f"name-{index}": part.name, f"address-{index}": part.address, f"kind-{index}": part.kind}
        for pocket, (area, homes) in part.takes.items():
            found |= {area_name(index, pocket): area, homes_name(index, pocket): homes}
    return found


def reversal(proposal: Proposal) -> dict[str, Any]:
    """The initial values of the form about the entry that is taken back."""
    arguments = from_plain(proposal.arguments)
    only = proposal.verb in (Verb.REVERSE, Verb.WITHDRAW_SPLIT)
    return {
        "why": arguments.get("reason") or arguments.get("why", ""), "retire": arguments.get("retire", True),
        "action": ReversalForm.WITHDRAW if only else ReversalForm.REPLACE,
    }  # fmt: skip
