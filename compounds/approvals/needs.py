"""Who must agree before a write posts: a second person of the county, the city, both, or nobody.

The city bureau's own writes and those of the command line need nobody: there approvals count as given.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from communities.people.models import User
from communities.people.permissions import office_of
from compounds.approvals.counted import counts
from compounds.approvals.models import SecondPerson
from compounds.imports.models import ImportRun
from compounds.ledger.choices import Kind
from compounds.ledger.events import Event
from compounds.ledger.loading import chunks, load_events
from compounds.ledger.models import Entry
from compounds.ledger.recording import Draft
from compounds.register.models import Compound

#: Kinds by which a figure could be made without managing anything (ledger.md, "What the ledger means").
RELABELLING = (Kind.RECLASSIFY, Kind.RESURVEY)


@dataclass(frozen=True)
class Needs:
    """``county``: the county whose entry it is, "" where it is the city's."""

    county: str = ""
    second: bool = False
    city: bool = False

    def __bool__(self) -> bool:
        return self.second or self.city


def needed(*, by: User, arguments: dict[str, Any]) -> Needs:
    """Who must agree to a write of ``by`` with these arguments of a service."""
    county = office_of(by, "ledger.record")
    run: ImportRun | None = arguments.get("run")
    if county is None or (run and run.is_of_reports):  # reports are reviewed one by one afterwards
        return Needs()
    second = SecondPerson.objects.filter(division=county).exists()
    if run is None:
        return Needs(county, second, asks_city(_events(arguments)))
    return Needs(county, second, bool(run.result.get("asks_city")) or asks_city(_posted_by(run)))


def asks_city(events: Iterable[Event]) -> bool:
    """Whether one of these events, or one that they take back, relabels area that counts towards a target."""
    events = list(events)
    heights = {event.reverses for event in events if event.reverses}
    events += _at(heights) if heights else []
    relabelling = [event for event in events if event.kind in RELABELLING]
    if not relabelling:
        return False
    codes = {event.compound for event in relabelling}
    lies_in = dict(Compound.objects.filter(code__in=codes).values_list("code", "community_id"))
    return any(
        counts(lies_in[event.compound], {event.category, event.new_category} - {""})
        for event in relabelling
        if event.compound in lies_in
    )


def _events(arguments: dict[str, Any]) -> list[Event]:
    """What is recorded and what is taken back: a correction could relabel as well as the entry itself."""
    draft: Draft | None = arguments.get("draft")
    heights = {height for name in ("height", "undo") if (height := arguments.get(name))}
    return ([draft.event] if draft else []) + (_at(heights) if heights else [])


def _at(heights: Iterable[int]) -> list[Event]:
    return [event for chunk in chunks(heights) for event in load_events(Entry.objects.filter(height__in=chunk))]


def _posted_by(run: ImportRun) -> list[Event]:
    """The events that undoing a posted import would take back; none of one that is not posted yet."""
    if run.first_height is None or run.last_height is None:
        return []
    return load_events(Entry.objects.filter(height__gte=run.first_height, height__lte=run.last_height))
