"""``ledger verify``: is the ledger whole, untouched, and equal to its replay? (ledger.md, invariants 1, 2, 3, 5, 6)"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection
from django.utils.translation import gettext as _

from compounds.ledger import triggers
from compounds.ledger.book import Blocked, Book
from compounds.ledger.choices import Kind
from compounds.ledger.events import Change, Effect, Event
from compounds.ledger.hashing import TEXT_FIELDS, canonical, chain_hash
from compounds.ledger.loading import CHUNK, load_events
from compounds.ledger.models import EMPTY_HASH, Entry, EntryPart, LedgerHead, Posting


@dataclass
class Report:
    """What verification found. ``findings`` are ``{"height": int | None, "problem": str}``, empty if all is well."""

    height: int
    hash: str
    findings: list[dict] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.findings

    def add(self, height: int | None, problem: str) -> None:
        self.findings.append({"height": height, "problem": problem})


def verify(*, anchor: tuple[int, str] | None = None) -> Report:
    """Check triggers, chain, gaps, postings against the replay, the head and, if given, an anchor (height, hash)."""
    head = LedgerHead.objects.get(pk=1)
    report = Report(head.height, head.hash)
    for name in triggers.missing(connection):
        report.add(None, _("The database trigger %(name)s is missing; run migrate to put it back.") % {"name": name})
    hashes = _check_entries(report)
    _check_strays(report)
    newest = max(hashes, default=0)
    if (newest, hashes.get(newest, EMPTY_HASH)) != (head.height, head.hash):
        report.add(newest, _("The ledger's head does not name its newest entry: entries were cut off or added."))
    if anchor is not None:
        height, expected = anchor
        if height > newest:
            report.add(newest, _("The ledger ends before the anchor's version %(height)s.") % {"height": height})
        elif hashes.get(height, EMPTY_HASH) != expected.lower():
            report.add(height, _("The checksum differs from the anchor's: the ledger up to here was changed."))
    return report


def _check_entries(report: Report) -> dict[int, str]:
    """Walk the chain from height 1, recording every event again in a book of its own; returns hashes by height."""
    hashes: dict[int, str] = {}
    book = Book()
    known: dict[int, Event] = {}
    previous_height, previous_hash = 0, EMPTY_HASH
    for event, hashed, stored_hash, changes in _entries():
        height = event.height
        if height != previous_height + 1:
            report.add(previous_height + 1, _("Versions are missing before %(height)s.") % {"height": height})
        if chain_hash(previous_hash, canonical(event, changes, **hashed)) != stored_hash:
            report.add(height, _("The checksum does not match the entry, its postings, or the entry before it."))
        expected = _expected(book, known, event)
        if expected is None:
            report.add(height, _("The event cannot be applied in the replay."))
        elif sorted(map(_comparable, expected)) != sorted(map(_comparable, changes)):
            report.add(height, _("The postings differ from the replay."))
        known[height] = event
        hashes[height] = stored_hash
        previous_height, previous_hash = height, stored_hash
    return hashes


def _expected(book: Book, known: dict[int, Event], event: Event) -> list[Change] | None:
    """The postings that recording ``event`` gives; None if it cannot be recorded."""
    try:
        if event.kind != Kind.REVERSAL:
            return book.record(event)
        undone = known.get(event.reverses or 0)
        if undone is None or undone.height not in {live.height for live in book.live(undone.compound)}:
            return None
        return book.reverse(undone, height=event.height)
    except Blocked:
        return None


def _comparable(change: Change) -> tuple:
    return change.event, str(change.kind), change.effective_on, tuple(str(value) for value in change.effect)


def _entries() -> Iterator[tuple[Event, dict, str, list[Change]]]:
    """Entries in order of height with what their hash covers, a chunk at a time."""
    heights = list(Entry.objects.order_by("height").values_list("height", flat=True))
    for start in range(0, len(heights), CHUNK):
        block = Entry.objects.filter(height__gte=heights[start], height__lte=heights[start : start + CHUNK][-1])
        changes: dict[int, list[Change]] = defaultdict(list)
        rows = Posting.objects.filter(entry__in=block).values_list(
            "entry_id", "event_id", "kind", "effective_on", "compound__code", "community_id", "category", "mode",
            "area_dm2", "households",
        )  # fmt: skip
        for row in rows:
            entry, moved, kind, effective_on, compound, community, category, mode, area, households = row
            effect = Effect(compound, community, category, mode, area, households)
            changes[entry].append(Change(moved, kind, effective_on, effect))
        stored = {
            row["height"]: row
            for row in block.values("height", "hash", "recorded_at", "recorded_by_id", "recorded_for_id", *TEXT_FIELDS)
        }
        for event in load_events(block):
            own = stored[event.height]
            hashed = {
                "texts": own,
                "recorded_at": own["recorded_at"],
                "recorded_by": own["recorded_by_id"] or "",
                "recorded_for": own["recorded_for_id"] or "",
            }
            yield event, hashed, own["hash"], changes.get(event.height, [])


def _check_strays(report: Report) -> None:
    """Rows of no entry, which only a database without its foreign keys can hold."""
    for model in (Posting, EntryPart):
        for height in (
            model.objects.exclude(entry__in=Entry.objects.all()).values_list("entry_id", flat=True).distinct()
        ):
            report.add(height, _("There are postings or parts of a version that does not exist."))
