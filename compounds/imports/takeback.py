"""What of an import stands in the ledger, and taking it out again entry by entry.

An entry is taken back by its reversal. A 更正 that the import itself posted cannot be reversed (ledger.md): the event
that it took back is recorded anew. Each step leaves a ledger that works, so an order is looked for in which they all
go; in the order that they were posted in, backwards, they go whenever nobody has built on them since.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.people.models import User
from compounds.imports.choices import RunState
from compounds.imports.models import ImportRun
from compounds.ledger.book import Blocked
from compounds.ledger.choices import Kind, Mode, Source
from compounds.ledger.events import Event
from compounds.ledger.hashing import TEXT_FIELDS
from compounds.ledger.loading import chunks, load_events
from compounds.ledger.models import Entry
from compounds.ledger.recording import Draft, Recorder, live_keys
from compounds.ledger.refusals import Problem, Refused, event_label


@dataclass(frozen=True)
class Step:
    """One event to reverse, or (``anew``) one that the import had withdrawn and that is recorded anew."""

    event: Event
    anew: bool = False
    details: dict[str, str] = field(default_factory=dict)
    recorded_for: str = ""


@dataclass
class Taking:
    """The steps of an undo, and what they did to a recorder."""

    steps: list[Step]
    reversed: int = 0
    anew: int = 0
    adds_total: int = 0
    adds_managed: int = 0
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, run: ImportRun) -> "Taking":
        """What is to be done now; nothing for an import that posted no entries."""
        if run.first_height is None:
            return cls([])
        posted = Entry.objects.filter(height__range=(run.first_height, run.last_height))
        live = load_events(posted.filter(reversed_by__isnull=True).exclude(kind=Kind.REVERSAL))
        live += load_events(Entry.objects.filter(height__in=_recorded_anew(posted, run)))
        return cls([*_withdrawn(posted), *(Step(event) for event in reversed(live))])

    def codes(self) -> set[str]:
        """Codes of the compounds that the steps name."""
        return {code for step in self.steps for code in step.event.compounds()}

    def apply(
        self, recorder: Recorder, *, reason: str, reference: str, by: User | None,
        advance: Callable[[int, int], None] = lambda done, total: None,
    ) -> None:  # fmt: skip
        """Take the steps. If some cannot be taken, ``problems`` say why and the recorder is of no further use."""
        recorder.expect([step.event.height for step in self.steps if not step.anew])
        work = _Work(recorder, {"reason": reason, "source_ref": reference}, by)
        waiting, done = self.steps, 0
        while waiting:
            left = []
            for step in waiting:
                if work.take(step):
                    done += 1
                    advance(done, len(self.steps))
                else:
                    left.append(step)
            if len(left) == len(waiting):
                self.problems = work.problems(left)
                break
            waiting = left
        self.anew = sum(step.anew for step in self.steps)
        self.reversed = len(self.steps) - self.anew
        self.adds_total = sum(change.effect.area_dm2 for change in recorder.changes)
        self.adds_managed = sum(c.effect.area_dm2 for c in recorder.changes if c.effect.mode != Mode.NONE)


def _withdrawn(posted: QuerySet[Entry]) -> list[Step]:
    """Events that a 更正 of the import took back, oldest first; not those whose row or form stands again already."""
    heights = posted.filter(reverses__isnull=False).values_list("reverses_id", flat=True)
    entries = {entry.height: entry for c in chunks(heights) for entry in Entry.objects.filter(height__in=c)}
    standing = live_keys({entry.source_key for entry in entries.values()} - {""})
    events = [event for chunk in chunks(entries) for event in load_events(Entry.objects.filter(height__in=chunk))]
    return [
        Step(
            event, anew=True, details={name: getattr(entries[event.height], name) for name in TEXT_FIELDS},
            recorded_for=entries[event.height].recorded_for_id or "",
        )
        for event in sorted(events, key=lambda event: event.height)
        if entries[event.height].source_key not in standing
    ]  # fmt: skip


def _recorded_anew(posted: QuerySet[Entry], run: ImportRun) -> list[int]:
    """New heights of the import's entries that another import had withdrawn, and whose undo recorded them anew."""
    keys = set(posted.filter(reversed_by__isnull=False).exclude(source_key="").values_list("source_key", flat=True))
    found: list[int] = []
    for chunk in chunks(keys):
        of_key: dict[str, list[tuple[int, str, int | None]]] = defaultdict(list)
        entries = Entry.objects.filter(source_key__in=chunk, height__gte=run.first_height).order_by("height")
        for key, height, source, undone in entries.values_list("source_key", "height", "source", "reversed_by"):
            of_key[key].append((height, source, undone))
        for those in of_key.values():
            newest, how, taken_back = those[-1]
            imported = max(height for height, source, _undone in those if source != Source.IMPORT_UNDO)
            if how == Source.IMPORT_UNDO and taken_back is None and imported <= (run.last_height or 0):
                found.append(newest)
    return found


class _Work:
    """Takes steps on one recorder."""

    def __init__(self, recorder: Recorder, details: dict[str, str], by: User | None):
        self.recorder, self.details, self.by = recorder, details, by
        self.heights: dict[int, int] = {}  # of events recorded anew: height before → height now

    def take(self, step: Step) -> bool:
        try:
            self._take(step)
        except Refused:
            return False
        return True

    def _take(self, step: Step) -> None:
        if not step.anew:
            details = self.details
            self.recorder.reverse(step.event.height, details=details, by=self.by, source=Source.IMPORT_UNDO)
            return
        details = step.details | {"source_ref": self.details["source_ref"]}
        draft = Draft(self._as_before(step.event), details, step.recorded_for)
        recorded = self.recorder.record(draft, by=self.by, source=Source.IMPORT_UNDO)
        self.heights[step.event.height] = recorded.height

    def _as_before(self, event: Event) -> Event:
        """The event as it was when it was withdrawn, at the place where its compound lies on its date now."""
        book = self.recorder.book
        if event.kind == Kind.REGISTER:
            lies_in = book.holding(event.compound, event.effective_on).community
            event = replace(event, community=lies_in or event.community)
        if event.kind == Kind.SPLIT:  # what stays is not named: it is what the parts leave
            event = replace(event, parts=tuple(p for p in book.parts(event) if p.compound != event.compound))
        brought = tuple((self.heights.get(split, split), parts) for split, parts in event.new_parts)
        return replace(event, height=0, new_parts=brought)

    # --- what is in the way ----------------------------------------------------------------------------
    def problems(self, left: Iterable[Step]) -> list[Problem]:
        """Every later event that the steps would leave without what it builds on, and what to do about it."""
        left = list(left)
        own = {step.event.height for step in left if not step.anew}
        in_the_way: dict[int, Event] = {}
        for step in left:
            if not step.anew:
                self._clear(step.event, own, in_the_way)
        imports = _imports_of(in_the_way)
        found = [self._problem(event, imports.get(height)) for height, event in sorted(in_the_way.items())]
        for step in left:
            if step.anew:
                try:
                    self._take(step)
                except Refused as refused:
                    message = _("%(compound)s: %(event)s, withdrawn by this import, cannot be recorded anew: %(why)s")
                    facts = {
                        "event": event_label(step.event), "compound": self.recorder.label(step.event.compound),
                        "why": refused,
                    }  # fmt: skip
                    found.append(Problem("height", step.event.height, message % facts))
        return found

    def _clear(self, event: Event, own: set[int], in_the_way: dict[int, Event]) -> None:
        """Take an event out of the book, and before it whatever depends on it."""
        stack = [event]
        while stack:
            try:
                self.recorder.book.reverse(stack[-1], height=self.recorder.height + 1)
            except Blocked as blocked:
                other = blocked.conflict.event
                if other.height not in own:
                    in_the_way[other.height] = other
                if other.height in {each.height for each in stack}:
                    return  # each needs the other: neither goes alone, and both are named
                stack.append(other)
            else:
                stack.pop()

    def _problem(self, event: Event, run: ImportRun | None) -> Problem:
        facts = {"compound": self.recorder.label(event.compound), "event": event_label(event)}
        if run:
            facts |= {"file": run.filename, "date": timezone.localdate(run.posted_at).isoformat()}
            message = _("%(compound)s: %(event)s builds on this import; undo the import “%(file)s” (%(date)s) first.")
        else:
            message = _("%(compound)s: %(event)s builds on this import; correct (更正) that one first.")
        return Problem("height", event.height, message % facts)


def _imports_of(heights: Iterable[int]) -> dict[int, ImportRun]:
    """The posted import that each of these entries came with, if one did."""
    heights = sorted(heights)
    if not heights:
        return {}
    runs = ImportRun.objects.filter(state=RunState.POSTED, first_height__lte=heights[-1], last_height__gte=heights[0])
    found: dict[int, ImportRun] = {}
    for run in runs:
        assert run.first_height is not None and run.last_height is not None  # noqa: S101, PT018 — filtered by them
        found |= {height: run for height in heights if run.first_height <= height <= run.last_height}
    return found
