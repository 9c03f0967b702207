"""Recording in memory: drafts are settled against the book, and nothing is stored. What the writer stands on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _

from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger import rules
from compounds.ledger.book import Blocked, Book
from compounds.ledger.choices import Kind, Source
from compounds.ledger.events import Change, Event
from compounds.ledger.loading import chunks, load_book, load_events
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Label, Refused, explain, refuse
from compounds.ledger.whereabouts import PLACING, Whereabouts
from compounds.register.choices import Status
from compounds.register.models import Compound


@dataclass(frozen=True)
class Draft:
    """What is to be recorded: the event, and the descriptive fields of its entry by name.

    ``standing``: it stood in another ledger, which exported it, and is recorded by the rules of a replay.
    """

    event: Event
    details: Mapping[str, str] = field(default_factory=dict)
    recorded_for: str = ""
    standing: bool = False


class Recorded(NamedTuple):
    """An event as it was recorded on top of those before it, with what its entry says and what it posts."""

    event: Event
    changes: list[Change]
    details: Mapping[str, str]
    by: User | None
    source: Source
    recorded_for: str
    undone: Event | None


class Recorder:
    """Records events in a book on top of a height and stores nothing: the rehearsal of an import, a preview."""

    def __init__(self, compounds: dict[str, Compound], height: int):
        self.compounds = compounds
        self._codes = list(compounds)
        self.height = height
        #: What was recorded so far would post, withdrawn events with both signs.
        self.changes: list[Change] = []
        self._recorded: list[Recorded] = []
        self._events: dict[int, Event] = {}
        self._labels: dict[str, str] = {}
        self.whereabouts = Whereabouts()

    @cached_property
    def book(self) -> Book:
        """The live events of the compounds; read when it is first asked for."""
        return load_book(self._codes)

    @property
    def events(self) -> list[Event]:
        """What was recorded so far, as it was settled."""
        return list(self._events.values())

    @property
    def told(self) -> list[tuple[Event, Mapping[str, str]]]:
        """The same with their descriptive fields."""
        return [(recorded.event, recorded.details) for recorded in self._recorded]

    def adopt(self, compound: Compound, *, standing: bool = False) -> None:
        """Make a compound known that does not exist yet; it has no events. Raises Refused if its community ended.

        ``standing``: what follows an ended community is recorded with its events.
        """
        if not standing:
            compound.community_id = self.whereabouts.now(compound.community_id, self.label)
        self.compounds[compound.code] = compound

    def record(self, draft: Draft, *, by: User | None, source: Source) -> Event:
        """Record one event on top of everything before it. Raises Refused and changes nothing.

        Where its community has ended since, the relocations that carry it on are recorded with it; what stood in
        another ledger brings them itself.
        """
        asked = draft.event.community
        event = self._record(draft, by=by, source=source)
        if draft.standing:
            return event
        try:
            for relocation, details in self.whereabouts.carrying_on(event, asked, self.book, self.label):
                self._record(Draft(relocation, details), by=by, source=Source.SUCCESSION)
        except Refused:
            self.withdraw(event)
            raise
        return event

    def _record(self, draft: Draft, *, by: User | None, source: Source) -> Event:
        is_known = self.whereabouts.community(draft.event.community) is not None
        if not draft.standing and is_known:
            placed = self.whereabouts.placed(draft.event, self.book, self.label)
            draft = draft if placed is draft.event else replace(draft, event=placed)
        event = prepare(self.book, draft, self.compounds, self.label).at(self.height + 1)
        is_placed = is_known and event.community == draft.event.community
        if event.kind in PLACING and not draft.standing and not is_placed:
            event = self.whereabouts.placed(event, self.book, self.label)
        changes = add_to(self.book, event, self.label)
        self._keep(Recorded(event, changes, draft.details, by, source, draft.recorded_for, None))
        return event

    def reverse(
        self, height: int, *, details: Mapping[str, str], by: User | None, source: Source, recorded_for: str = ""
    ) -> Event:
        """Take the event at ``height`` out of the replay; ``details`` hold at least the reason. Raises Refused."""
        undone = self._event_to_reverse(height)
        event = Event(
            Kind.REVERSAL, undone.effective_on, undone.compound, height=self.height + 1, reverses=height
        )  # fmt: skip
        try:
            changes = self.book.reverse(undone, height=event.height)
        except Blocked as blocked:
            raise explain(blocked, self.label) from None
        self._keep(Recorded(event, changes, details, by, source, recorded_for, undone))
        return event

    def expect(self, heights: Iterable[int]) -> None:
        """Read the events that are going to be reversed in one go, instead of one by one."""
        for chunk in chunks(heights):
            events = load_events(Entry.objects.filter(height__in=chunk))
            self._events |= {event.height: event for event in events}

    def withdraw(self, event: Event) -> None:
        """Forget the newest event and what followed from it: a row of several events is recorded whole or not at all.

        A writer's transaction must be rolled back after it.
        """
        for height in range(self.height, event.height - 1, -1):
            self.changes += self.book.reverse(self._events.pop(height), height=height)
            self._recorded.pop()
        self.height = event.height - 1

    def _keep(self, recorded: Recorded) -> None:
        self.changes += recorded.changes
        self._events[recorded.event.height] = recorded.event
        self._recorded.append(recorded)
        self.height = recorded.event.height

    def take(self, other: "Recorder") -> None:
        """Stand where another recorder stands; there is one of the two from now on."""
        self.book, self.whereabouts, self.height = other.book, other.whereabouts, other.height
        self.compounds |= other.compounds
        self.changes, self._events, self._recorded = other.changes, other._events, other._recorded

    def _event_to_reverse(self, height: int) -> Event:
        if height not in self._events and not 1 <= height <= self.height:
            message = _("There is no version %(height)s; the newest is %(newest)s.")
            raise refuse("reverses", height, message % {"height": height, "newest": self.height})
        event = self._events.get(height) or load_events(Entry.objects.filter(height=height))[0]
        if event.kind == Kind.REVERSAL:
            message = _(
                "Version %(height)s is itself a reversal and cannot be reversed; record the event anew instead."
            )
            raise refuse("reverses", height, message % {"height": height})
        if event.height not in {live.height for live in self.book.live(event.compound)}:
            message = _("Version %(height)s has been reversed already; an event is reversed once.")
            raise refuse("reverses", height, message % {"height": height})
        return event

    def label(self, code: str) -> str:
        """A compound or division in a message."""
        if code in self.compounds:
            return f"{self.compounds[code].name} {code}"
        if code not in self._labels:
            division = self.whereabouts.community(code) or Division.objects.filter(code=code).first()
            self._labels[code] = f"{division.name} {code}" if division else code
        return self._labels[code]


def prepare(book: Book, draft: Draft, compounds: Mapping[str, Compound], label: Label) -> Event:
    """The event with blanks filled, or Refused with every reason. Reads the book, changes nothing.

    ``compounds`` are those by code that the event may name, ``label`` names compounds and divisions.
    """
    event = draft.event
    problems = rules.check(event, draft.details, standing=draft.standing)
    if problems:
        raise Refused(*problems)
    for code in sorted(event.compounds()):
        if code not in compounds:
            message = _("There is no compound %(code)s; check the compound code.")
            name = "compound" if code == event.compound else "target" if code == event.target else "parts"
            raise refuse(name, code, message % {"code": code})
    strange = {split for split, _parts in event.new_parts} - book.splits(event.compounds()) if event.new_parts else ()
    for split in strange:
        message = _("Version %(height)s is no split that this event could change.")
        raise refuse("parts", split, message % {"height": split})
    if event.kind == Kind.REGISTER and not event.community:
        event = replace(
            event, community=book.holding(event.compound, event.effective_on).community
            or book.first_community(event.compound) or compounds[event.compound].community_id,
        )  # fmt: skip
    if event.kind == Kind.REGISTER and compounds[event.compound].status == Status.RETIRED:
        message = (
            _("%(compound)s was withdrawn with its import; the workbook of the register enters it again by its code.")
            if compounds[event.compound].import_undone
            else _("%(compound)s was withdrawn as a duplicate; register the area under the compound that stays.")
        )
        raise refuse("compound", event.compound, message % {"compound": label(event.compound)})
    return rules.settle(book, event, label, standing=draft.standing)


def add_to(book: Book, event: Event, label: Label) -> list[Change]:
    """Record in the book; a replay that no longer works becomes a refusal in words."""
    try:
        return book.record(event)
    except Blocked as blocked:
        raise explain(blocked, label) from None


def keys_of(drafts: Iterable[Draft]) -> set[str]:
    """The source keys that drafts carry."""
    return {key for draft in drafts if (key := draft.details.get("source_key"))}


def live_keys(keys: Iterable[str]) -> set[str]:
    """Those of the source keys that stand on an entry nobody reversed (ledger.md, invariant 7)."""
    found: set[str] = set()
    for chunk in chunks(set(keys)):
        live = Entry.objects.filter(source_key__in=chunk, reversed_by__isnull=True)
        found.update(live.values_list("source_key", flat=True))
    return found
