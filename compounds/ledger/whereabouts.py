"""Communities come and go: which one an event of a date means, and where its compound has gone since.

A community that a change of divisions ended takes no event from that day on. An event dated before the change is
recorded in the community of then, and followed by the relocation that the change would have recorded for it.
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.selectors import Lineage
from compounds.ledger.book import Book
from compounds.ledger.choices import Kind
from compounds.ledger.events import Event
from compounds.ledger.refusals import Label, refuse

PLACING = (Kind.REGISTER, Kind.RELOCATE)


class Whereabouts:
    """Communities by code, each looked up once; the changes of divisions are read when the first one matters."""

    def __init__(self) -> None:
        self._known: dict[str, Division | None] = {}
        self._lineage: Lineage | None = None

    @property
    def lineage(self) -> Lineage:
        if self._lineage is None:
            self._lineage = Lineage.load()
        return self._lineage

    def learn(self, divisions: Iterable[Division]) -> None:
        """Take divisions as they are about to be, instead of looking them up."""
        self._known |= {division.code: division for division in divisions}

    def community(self, code: str) -> Division | None:
        if code not in self._known:
            found = Division.objects.filter(code=code, level=Level.COMMUNITY).first() if code.isdigit() else None
            self._known[code] = found
        return self._known[code]

    def now(self, code: str, label: Label) -> str:
        """The living community for a new compound. Raises Refused where several followed an ended one."""
        community = self.community(code)
        if community is None or community.ended_on is None:
            return code
        living = sorted(self.lineage.living(code))
        if len(living) != 1:
            raise self._ended(community, label)
        return living[0]

    def placed(self, event: Event, book: Book, label: Label) -> Event:
        """The event with the community of its date. Raises Refused if the community has ended by then."""
        community = self.community(event.community)
        if community is None:
            message = _("There is no community “%(value)s”; give its code of 12 digits.")
            raise refuse("community", event.community, message % {"value": event.community})
        if community.ended_on and event.effective_on >= community.ended_on:
            raise self._ended(community, label)
        if community.began_on is None or event.effective_on >= community.began_on:
            return event
        origins = self._origins(event.community, event.effective_on)
        held = book.holding(event.compound, event.effective_on).community
        if len(origins) > 1 and held in origins:
            return replace(event, community=held)
        if len(origins) > 1 and {code[: CODE_LENGTH[Level.COUNTY]] for code in origins} != {
            event.community[: CODE_LENGTH[Level.COUNTY]]
        }:
            message = _("%(community)s began on %(date)s, made of %(origins)s; give a date from then on.")
            facts = {"community": label(event.community), "date": community.began_on.isoformat()}
            facts["origins"] = _(", ").join(map(label, sorted(origins)))
            raise refuse("community", event.community, message % facts)
        # Made of several of one county: which one the compound lay in, nobody knows; it counts in the whole.
        return replace(event, community=origins.pop()) if len(origins) == 1 else event

    def _origins(self, code: str, on: datetime.date) -> set[str]:
        """The communities of a date that a later one was made of; itself where none is known."""
        community, step = self.community(code), self.lineage.began.get(code)
        if step is None or community is None or community.existed(on):
            return {code}
        return {origin for before in step.codes for origin in self._origins(before, on)}

    def _ended(self, community: Division, label: Label):
        message = _("%(community)s ended on %(date)s; give %(successors)s instead.")
        facts = {"community": label(community.code), "date": community.ended_on and community.ended_on.isoformat()}
        facts["successors"] = _(" or ").join(map(label, sorted(self.lineage.living(community.code))))
        return refuse("community", community.code, message % facts)

    def carrying_on(self, event: Event, asked: str, book: Book, label: Label) -> Iterator[tuple[Event, dict[str, str]]]:
        """Relocations, with their descriptive fields, that a recorded event needs because its community has ended.

        Each is to be recorded before the next is asked for. ``asked`` is the community that the person named.
        """
        if event.kind in PLACING:
            yield from self._steps(event.compound, event.community, event.effective_on, asked, book, label)
        elif event.kind == Kind.SPLIT:
            for code in sorted({part.compound for part in event.parts} - {event.compound}):
                community = book.holding(code, event.effective_on).community
                yield from self._steps(code, community, event.effective_on, event.compound, book, label)

    def _steps(
        self, code: str, community: str, since: datetime.date, guide: str, book: Book, label: Label
    ) -> Iterator[tuple[Event, dict[str, str]]]:
        """``guide`` tells which of several successors is meant: a community after it, or a compound that goes along."""
        while (place := self.community(community)) and place.ended_on and since < place.ended_on:
            step = self.lineage.ended[community]
            if book.holding(code, step.day - datetime.timedelta(days=1)).community != community:
                return
            lies_in = book.holding(code, step.day).community
            if lies_in not in step.codes:
                destination = self._destination(place, step.codes, guide, step.day, book, label)
                details = {
                    "basis_name": step.document, "basis_no": step.document_no, "source_key": step.source_key(code),
                }  # fmt: skip
                yield Event(Kind.RELOCATE, step.day, code, community=destination), details
                lies_in = destination
            community, since = lies_in, step.day

    def _destination(
        self, place: Division, successors: set[str], guide: str, day: datetime.date, book: Book, label: Label
    ) -> str:
        likely = {code for code in successors if guide == code or guide in self.lineage.after(code)}
        likely |= successors & {book.holding(guide, day).community}
        chosen = likely or successors
        if len(chosen) != 1:
            raise self._ended(place, label)
        return next(iter(chosen))
