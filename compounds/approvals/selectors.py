"""Reads on what waits: whose turn it is, what a proposal would post, and whether the ledger has moved on since."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from chaoyang_pm.kit.labels import field_label
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.people.models import User
from communities.people.permissions import office_of, reach
from compounds.approvals import again
from compounds.approvals.choices import ProposalState, Verb
from compounds.approvals.models import Proposal, SecondPerson
from compounds.approvals.plain import from_plain
from compounds.files import basis
from compounds.files.models import BasisScan
from compounds.ledger.choices import NEEDS_BASIS, Category, Kind, Mode
from compounds.ledger.models import Entry
from compounds.ledger.timeline import facts_of


def waiting_for(user: User) -> QuerySet[Proposal]:
    """What waits for this very person: the second person's step within the county, the city's for the city."""
    rows = Proposal.objects.visible_to(user).filter(state=ProposalState.WAITING)
    second = Q(needs_second=True, reviewed_by__isnull=True)
    if office_of(user, "approvals.review") is None and reach(user, "approvals.approve").everything:
        return rows.filter(~second, needs_city=True, approved_by__isnull=True)
    if not reach(user, "approvals.review").codes:
        return rows.none()
    return rows.filter(second).exclude(proposed_by=user)


def takeovers_waiting() -> QuerySet:
    """Keys of the compounds of which a takeover waits, entered by itself; what waits as a workbook names none."""
    rows = Proposal.objects.filter(state=ProposalState.WAITING, compound__isnull=False)
    return rows.filter(arguments__draft__event__kind=Kind.TAKEOVER.value).order_by().values("compound")


def of_compound(proposal: Proposal) -> int:
    """How many entries about its compound were recorded after the proposal was entered."""
    if proposal.compound_id is None:
        return 0
    return Entry.objects.filter(compound=proposal.compound_id, height__gt=proposal.height).count()


@dataclass(frozen=True)
class Effect:
    """A posting that a proposal would have made when it was entered."""

    effective_on: str
    code: str
    name: str
    community: str
    category: Category
    mode: Mode
    area_dm2: int
    households: int


def effects(proposal: Proposal) -> list[Effect]:
    return [
        Effect(**(row | {"category": Category(row["category"]), "mode": Mode(row["mode"])})) for row in proposal.effects
    ]


def said(proposal: Proposal) -> list[tuple[str, str]]:
    """What was entered, as labels and values: kind, date, basis, reason and so on."""
    arguments: dict[str, Any] = from_plain(proposal.arguments)
    draft = arguments.get("draft")
    details = draft.details if draft else arguments.get("details", {})
    reason = arguments.get("reason") or arguments.get("why")
    office = Division.objects.filter(code=draft.recorded_for if draft else arguments.get("recorded_for", "")).first()
    on_behalf = [(field_label(Entry, "recorded_for"), str(office))] if office else []
    return on_behalf + facts_of(
        {**({"reason": reason} if reason else {}), **{name: value for name, value in details.items() if value}},
        kind=Kind(draft.event.kind) if draft else None,
        on=draft.event.effective_on if draft else arguments.get("on"),
    )


def scans(proposal: Proposal) -> QuerySet[BasisScan]:
    """The scans of its basis that wait with a proposal; once it is posted they are the entry's.

    Of one that was returned those that are kept for the next, until that is sent.
    """
    if proposal.is_returned and not again.taken_up(proposal):
        return basis.kept(key=again.key(proposal), by=proposal.proposed_by)
    rows = basis.held(key=proposal.key, by=proposal.proposed_by)
    return rows if proposal.is_waiting else rows.none()


def lacks_scan(proposal: Proposal) -> bool:
    """Whether it records a change of a kind that needs a document, and none was sent with it."""
    kind = proposal.arguments.get("draft", {}).get("event", {}).get("kind")
    return proposal.is_waiting and kind in NEEDS_BASIS and not scans(proposal).exists()


def entry_taken_back(proposal: Proposal) -> Entry | None:
    """The entry that a correction would withdraw."""
    height = proposal.arguments.get("height") or proposal.arguments.get("undo")
    if not height or proposal.verb in (Verb.IMPORT, Verb.UNDO_IMPORT):
        return None
    return Entry.objects.select_related("compound").filter(height=height).first()


def second_persons() -> list[tuple[Division, SecondPerson | None]]:
    """Every county with the city's request for a second person there, if there is one."""
    asked = {row.division_id: row for row in SecondPerson.objects.select_related("asked_by")}
    counties = Division.objects.filter(level=Level.COUNTY).order_by("code")
    return [(county, asked.get(county.code)) for county in counties]
