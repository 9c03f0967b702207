"""The compounds that a change of divisions takes along: those with area by relocations, those without by hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from communities.people.models import User
from compounds.ledger.choices import Kind, Source
from compounds.ledger.events import Event
from compounds.ledger.loading import chunks
from compounds.ledger.models import Entry, Posting
from compounds.ledger.recording import Draft, Recorder
from compounds.ledger.refusals import Problem, Refused
from compounds.ledger.whereabouts import PLACING
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.successions.planning import Plan


@dataclass(frozen=True)
class Move:
    """One relocation: a compound with what it held on the day."""

    compound: Compound
    event: Event
    before: str
    before_label: str
    after_label: str
    area_dm2: int
    households: int


def concerned(plan: Plan) -> set[str]:
    """Codes of the compounds that lie, lay or are to lie in the communities that compounds leave."""
    keys: set[int] = set()
    for chunk in chunks(sorted(plan.communities), 500):
        keys |= set(
            Posting.objects.filter(community__in=chunk).order_by().values_list("compound", flat=True).distinct()
        )
        entries = Entry.objects.filter(kind__in=PLACING, community__in=chunk)
        keys |= set(entries.order_by().values_list("compound", flat=True).distinct())
        keys |= set(Compound.objects.filter(community__in=chunk).values_list("pk", flat=True))
    codes = {code for chunk in chunks(keys, 500) for code in _codes(chunk)}
    return codes | set(plan.assigned)


def _codes(keys: list[int]) -> Iterable[str]:
    return Compound.objects.filter(pk__in=keys).values_list("code", flat=True)


def pending(plan: Plan) -> QuerySet[Compound]:
    """Compounds without area in those communities."""
    return Compound.objects.filter(
        community__in=plan.communities, status=Status.ACTIVE, has_area=False
    ).order_by("code")  # fmt: skip


class Mover:
    """Records the relocations in a recorder: a rehearsal, or the writer of the transaction."""

    def __init__(self, plan: Plan, recorder: Recorder, *, source_prefix: str = "", by: User | None = None):
        self.plan, self.recorder, self.prefix, self.by = plan, recorder, source_prefix, by
        self.moves: list[Move] = []
        self.problems: list[Problem] = []

    def run(self, codes: Iterable[str]) -> None:
        """Every compound where it lies on the day, and again wherever a later event brings it in."""
        unknown = sorted(set(self.plan.assigned) - set(self.recorder.compounds))
        for code in unknown:
            message = _("There is no compound %(code)s; check the compound code.")
            self.problems.append(Problem("parts", code, message % {"code": code}))
        known = {code for code in codes if code in self.recorder.compounds}
        # Assigned ones first: what was split off from one later goes along with it.
        for code in sorted(known, key=lambda code: (code not in self.plan.assigned, code)):
            self._follow(code)

    def _follow(self, code: str) -> None:
        book, start = self.recorder.book, self.plan.change.effective_on
        days = {start, *(event.effective_on for event in book.live(code) if event.effective_on > start)}
        for day in sorted(days):
            holding = book.holding(code, day)
            place = holding.community
            if holding.retired_by or place not in self.plan.communities:
                continue
            destination = self.plan.destination(code, place)
            if not destination:
                if not self.plan.change.keeps:
                    self._unassigned(code)
                return
            area, households = (sum(held[index] for held in holding.pockets.values()) for index in (0, 1))
            event = Event(Kind.RELOCATE, day, code, community=destination)
            try:
                event = self.recorder.record(
                    Draft(event, self._details(code, day)), by=self.by, source=Source.SUCCESSION
                )
            except Refused as refused:
                self.problems += [Problem("effective_on", code, problem.message) for problem in refused.problems]
                return
            labels = self.recorder.label(place), self.recorder.label(destination)
            self.moves.append(Move(self.recorder.compounds[code], event, place, *labels, area, households))

    def _details(self, code: str, day) -> dict[str, str]:
        change = self.plan.change
        first = day == change.effective_on
        return {
            "basis_name": change.document, "basis_no": change.document_no, "reason": change.reason,
            "source_key": f"{self.prefix}{code}" if first else f"{self.prefix}{code}:{day.isoformat()}",
        }  # fmt: skip

    def move_pending(self, compounds: Iterable[Compound]) -> Iterator[tuple[Compound, str, str]]:
        """Compounds without area with the communities before and after; not yet moved."""
        for compound in compounds:
            destination = self.plan.destination(compound.code, compound.community_id)
            if destination:
                yield compound, compound.community_id, destination
            elif not self.plan.change.keeps:
                self._unassigned(compound.code)

    def _unassigned(self, code: str) -> None:
        message = _("Say to which part %(compound)s belongs.")
        self.problems.append(Problem("parts", code, message % {"compound": self.recorder.label(code)}))
