"""What other systems hand in, each request once: the POST of ``ledger/entries/``, and what became of what waits."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import re_path, reverse

from chaoyang_pm.kit.api import bodies
from chaoyang_pm.kit.api.formats import JSON
from chaoyang_pm.kit.api.parsers import ExactJsonBody
from chaoyang_pm.kit.api.problems import problem
from chaoyang_pm.kit.api.views import ObjectEndpoint
from chaoyang_pm.kit.figures import m2
from chaoyang_pm.kit.once import requests
from chaoyang_pm.kit.once.services import Done, digest_of, once
from chaoyang_pm.kit.problems import Problem
from communities.people.models import User
from compounds.approvals import serializers
from compounds.approvals.choices import Verb
from compounds.approvals.models import Proposal
from compounds.approvals.services import submit
from compounds.ledger.handing_in import FIELDS, problems_of, understand
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.ledger.rows import listed
from compounds.modes import evidence

#: What can be handed in, and therefore asked for.
VERBS = (Verb.RECORD, Verb.SPLIT, Verb.REVERSE, Verb.REPORT)


class HandingIn:
    """Records an entry, or lets it wait where somebody must agree. A mixin of the endpoint ``ledger/entries/``.

    201 with the entry, 202 with the proposal that waits; both name their address. The same key and body again get the
    same answer; another body with the key 422. What a recorded entry stands in the way of is 409, what would be refused
    on any day 422, what cannot be meant 400; in all of these nothing is written.
    """

    write_action = "ledger.record"
    write_summary = "Record an entry 录入变动"
    write_headers = requests.HEADERS
    body_required = ("kind",)
    body_examples = serializers.BODY_EXAMPLES
    posted = {
        201: (serializers.PostedEntry, serializers.POSTED_EXAMPLE),
        202: (serializers.ProposalRow, serializers.PROPOSAL_EXAMPLE),
    }  # fmt: skip
    parser_classes = [ExactJsonBody]
    body = FIELDS

    def post(self, request: Any) -> HttpResponseBase:
        sent = bodies.read(request.data, FIELDS, required=self.body_required)
        key = requests.idempotency_key(request)
        digest = digest_of({name: value for name, value in sent.items() if value is not None})
        # Who hands in is the owner of the token; how far the token reaches is judged by the user that it makes of him.
        owner = getattr(request.auth, "user", request.user)
        try:
            return requests.answered(request, key, lambda: once(
                by=owner, key=key, digest=digest,
                act=lambda: hand_in(sent, user=request.user, owner=owner, source_key=_source_key(owner, key, digest)),
            ))  # fmt: skip
        except Refused as refused:
            return refusal(request._request, refused, problems_of(refused, request.data))


def _source_key(owner: User, key: str, digest: str) -> str:
    """What the entry posts once by, also when the kept answer is gone."""
    whose = hashlib.sha256(f"{owner.username} {key}".encode()).hexdigest()
    return f"api:{whose[:40]}:{digest[:24]}"


def hand_in(sent: dict[str, Any], *, user: User, owner: User, source_key: str) -> Done:
    """Post, or let it wait. Raises what ``understand`` and the ledger refuse."""
    handed_in = understand(sent, user=user, source_key=source_key)
    if draft := handed_in.arguments.get("draft"):
        evidence.check(draft.event, sent["reason"] or "")
    submitted = submit(verb=handed_in.verb, by=owner, about=handed_in.about, **handed_in.arguments)
    if waiting := submitted.proposal:
        return Done(202, proposal_row(waiting))
    entry = submitted.entries[0] if submitted.entries else _standing(source_key)
    row = listed(Entry.objects.filter(pk=entry.pk), scope=user.scope)[0]
    return Done(201, row | {"url": f"{reverse('api:entry', args=[entry.height])}/"})


def proposal_row(proposal: Proposal) -> dict[str, Any]:
    """What waits, or what became of it: ``heights`` are those of its entries once it is posted."""
    needs = {"second_person": proposal.needs_second, "city": proposal.needs_city}
    first, last = proposal.first_height, proposal.last_height
    return {
        "proposal": str(proposal.pk),
        "state": proposal.state,
        "needs": [who for who, must in needs.items() if must],
        "comment": proposal.comment,
        "heights": list(range(first, last + 1)) if first and last else [],
        "page": reverse("approvals:detail", args=[proposal.pk]),
        "url": f"{reverse('api:proposal', args=[proposal.pk])}/",
    }


def _standing(source_key: str) -> Entry:
    """The entry that an earlier request with this key has left."""
    return Entry.objects.get(source_key=source_key, reversed_by__isnull=True)


def refusal(request: HttpRequest, refused: Refused, errors: Iterable[Problem]) -> HttpResponseBase:
    """409 where a recorded event is in the way, which is named; 422 for what would be refused on any day."""
    event = refused.in_the_way
    more: dict[str, Any] = {}
    if event:
        more["in_the_way"] = {
            "height": event.height, "kind": event.kind, "effective_on": event.effective_on.isoformat(),
        }  # fmt: skip
    if refused.shortfall_dm2 is not None:
        more["shortfall_m2"] = m2(refused.shortfall_dm2)
    return problem(request, 409 if event else 422, str(refused), errors=errors, more=more)


class ProposalDetail(ObjectEndpoint):
    """What became of an entry that had to wait (202): whether it is posted, returned with a comment, or waits."""

    action = "approvals.read"
    summary = "What became of an entry that had to wait 待审事项"
    result, example = serializers.ProposalRow, serializers.PROPOSAL_EXAMPLE
    path_parameters = {
        "pk": {
            "description": "From the answer 202.", "schema": {"type": "string", "format": "uuid"},
            "example": "7f1c2c52-6a1b-4f0e-9f0e-1f2a3b4c5d6e",
        }
    }  # fmt: skip
    formats = (JSON,)

    def data(self) -> dict[str, Any]:
        proposal = Proposal.objects.visible_to(self.request.user).filter(pk=self.kwargs["pk"], verb__in=VERBS).first()
        if proposal is None:
            raise Http404
        return proposal_row(proposal)


UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
urlpatterns = [
    re_path(rf"^ledger/proposals/(?P<pk>{UUID})/?$", ProposalDetail.as_view(), name="proposal"),
]
