"""The ledger's one posting service. Area and households change here and nowhere else.

Locks are taken in one order: compounds by code, ledger head last. Everything of one call is one transaction.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone

from chaoyang_pm.kit import bulk
from communities.people.models import User
from compounds.ledger import followers
from compounds.ledger.choices import Kind, Precision, Source
from compounds.ledger.hashing import TEXT_FIELDS, canonical, chain_hash
from compounds.ledger.loading import chunks, load_events, with_linked
from compounds.ledger.models import Entry, EntryPart, LedgerHead, Posting
from compounds.ledger.recording import Draft, Recorded, Recorder, keys_of, live_keys
from compounds.register.choices import Status
from compounds.register.models import Compound

_TEXTS = frozenset(TEXT_FIELDS)
_PART = ("entry_id", "split_id", "compound_id", "category", "mode", "area_dm2", "households")
#: After the compound, the fields of an Effect in its order.
_POSTING = (
    "entry_id", "event_id", "kind", "effective_on", "compound_id", "community_id", "category", "mode", "area_dm2",
    "households",
)  # fmt: skip


def record(*, draft: Draft, by: User | None, source: Source) -> Entry | None:
    """Record one event; None if its source key stands already: sent twice has the effect of once.

    Raises Refused (nothing written) naming field, value and the event in the way.
    """
    entries = record_all(drafts=[draft], by=by, source=source)
    return entries[0] if entries else None


def record_all(
    *, drafts: list[Draft], by: User | None, source: Source, clock: Callable[[], datetime.datetime] | None = None
) -> list[Entry]:
    """Record several events in this order, all or none; those whose source key stands already are left out."""
    codes = {code for draft in drafts for code in draft.event.compounds()}
    with writing(codes, clock=clock) as writer:
        standing = live_keys(keys_of(drafts))
        for draft in drafts:
            if draft.details.get("source_key") not in standing:
                writer.record(draft, by=by, source=source)
    return writer.entries


def reverse(*, height: int, reason: str, by: User | None, source: Source) -> Entry:
    """更正: take one event out of the replay. Raises Refused if others depend on it."""
    with writing(codes_named_by([height])) as writer:
        writer.reverse(height, details={"reason": reason}, by=by, source=source)
    return writer.entries[0]


def correct(*, height: int, reason: str, draft: Draft, by: User | None, source: Source) -> tuple[Entry, Entry] | None:
    """更正 in one step: reverse an event and record the right one. Both or neither; None if that was done already."""
    with writing(codes_named_by([height]) | draft.event.compounds()) as writer:
        if live_keys(keys_of([draft])):
            return None
        writer.reverse(height, details={"reason": reason}, by=by, source=source)
        writer.record(draft, by=by, source=source)
    undone, anew = writer.entries[:2]  # relocations may follow
    return undone, anew


def codes_named_by(heights: Iterable[int]) -> set[str]:
    """Codes of the compounds that the entries at these heights name; unknown heights name none."""
    # Larger numbers than the column holds name none either.
    known = [height for height in heights if height < 2**63]
    events = [event for chunk in chunks(known) for event in load_events(Entry.objects.filter(height__in=chunk))]
    return {code for event in events for code in event.compounds()}


@contextmanager
def writing(codes: Iterable[str] = (), *, clock: Callable[[], datetime.datetime] | None = None) -> "Iterator[Writer]":
    """The transaction of a write: locks, a writer, and everything stored at the end.

    Compounds linked by merges and splits are locked with those named: what happens to one moves the others' rows.
    Everything is recorded at the time of the call, unless a ``clock`` says otherwise: a history that is told
    (the demo city) is recorded at the times of its story, which never run backwards.
    """
    with transaction.atomic():
        compounds: dict[str, Compound] = {}
        for chunk in chunks(sorted(with_linked(codes))):
            locked = Compound.objects.select_for_update().filter(code__in=chunk).order_by("code")
            compounds |= {compound.code: compound for compound in locked}
        writer = Writer(LedgerHead.objects.select_for_update().get(pk=1), compounds, clock)
        yield writer
        writer.flush()
        if writer.entries:
            transaction.on_commit(followers.tell)


class Writer(Recorder):
    """Records under the head's lock; ``flush`` stores entries, parts, postings, head and the compounds' state."""

    def __init__(
        self, head: LedgerHead, compounds: dict[str, Compound], clock: Callable[[], datetime.datetime] | None = None
    ):
        super().__init__(compounds, head.height)
        self.head = head
        now = timezone.now()
        self._clock = clock or (lambda: now)
        self.entries: list[Entry] = []
        self._touched: set[str] = set()

    def _keep(self, recorded: Recorded) -> None:
        super()._keep(recorded)
        self._enter(recorded)

    def _enter(self, recorded: Recorded) -> None:
        """Make the entry of what was recorded, next in the chain."""
        event, changes, details, by, source, recorded_for, undone = recorded
        texts = {name: str(value) for name, value in details.items() if value and name in _TEXTS}
        texts.setdefault("precision", Precision.DAY.value)
        texts["source"] = source.value
        now = self._clock()
        recorded_at = max(now, self.head.recorded_at) if self.head.recorded_at else now
        record_bytes = canonical(
            event, changes, texts, recorded_at=recorded_at, recorded_by=by.username if by else "",
            recorded_for=recorded_for,
        )  # fmt: skip
        entry = bulk.new(Entry, {
            "height": event.height, "kind": event.kind, "effective_on": event.effective_on,
            "community_id": event.community or None, "category": event.category, "mode_from": event.mode_from,
            "mode_to": event.mode_to, "new_category": event.new_category, "area_dm2": event.area_dm2,
            "households": event.households, "reverses_id": event.reverses, "recorded_at": recorded_at,
            "recorded_for_id": recorded_for or None, "hash": chain_hash(self.head.hash, record_bytes), **texts,
            "recorded_by_id": by.username if by else None,
        }, {"compound": self.compounds[event.compound], "recorded_by": by})  # fmt: skip
        if event.target:
            entry.target = self.compounds[event.target]
        self.entries.append(entry)
        self._touched |= event.compounds() | (undone.compounds() if undone else set())
        for change in changes:
            self._touched.add(self._compound(change.effect.compound).code)
        self.head.height, self.head.hash, self.head.recorded_at = event.height, entry.hash, recorded_at

    def adopt_all(self, rehearsal: Recorder, step: Callable[[int, int], None]) -> None:
        """Take over what a rehearsal recorded. Only where ledger and facts are still those that it was based on.

        ``step`` is told how many of its events are done, before each.
        """
        self.take(rehearsal)
        for done, recorded in enumerate(self._recorded):
            step(done, len(self._recorded))
            self._enter(recorded)

    def _compound(self, code: str) -> Compound:
        """A posting may concern a compound that is only linked to those locked: it is looked up."""
        if code not in self.compounds:
            self.compounds[code] = Compound.objects.get(code=code)
        return self.compounds[code]

    def flush(self) -> None:
        """Store what was recorded and the compounds that were adopted; called once, at the end of ``writing``."""
        new = [compound for compound in self.compounds.values() if compound.pk is None]
        changed = {code for code in sorted(self._touched) if self._follow(self.compounds[code])}
        merged = [compound for compound in new if compound.status == Status.MERGED]
        for compound in merged:  # the compound it points to may be as new as itself
            compound.status, compound.merged_into = Status.ACTIVE, None
        bulk.insert(new)
        self._number(new)
        for compound in merged:
            self._follow(compound)
        created = {compound.code for compound in new} - {compound.code for compound in merged}
        moved = [self.compounds[code] for code in sorted(changed - created)]
        self._store_states(moved)
        for entry, (event, *_more) in zip(self.entries, self._recorded, strict=True):
            keys = {"compound_id": self.compounds[event.compound].pk}
            if event.target:
                keys["target_id"] = self.compounds[event.target].pk
            vars(entry).update(keys)  # an assignment would drop the objects that are at hand
        bulk.insert(self.entries)
        bulk.insert_values(EntryPart, _PART, self._part_rows())
        bulk.insert_values(Posting, _POSTING, self._posting_rows())
        if self.entries:
            self.head.save()

    def _part_rows(self) -> Iterator[tuple[Any, ...]]:
        for event, *_more in self._recorded:
            for split, parts in ((event.height, event.parts), *event.new_parts):
                for part in parts:
                    key = self._compound(part.compound).pk
                    yield event.height, split, key, part.category, part.mode, part.area_dm2 or 0, part.households or 0

    def _posting_rows(self) -> Iterator[tuple[Any, ...]]:
        for event, changes, *_more in self._recorded:
            for of, kind, effective_on, (compound, *pocket) in changes:
                yield event.height, of, kind, effective_on, self._compound(compound).pk, *pocket

    @staticmethod
    def _store_states(moved: Iterable[Compound]) -> None:
        """Update compounds with equal states together: a bulk update would spell out every one of them."""
        alike: dict[tuple, list[int]] = defaultdict(list)
        for compound in moved:
            into = compound.merged_into.pk if compound.merged_into else None  # it may be as new as this one
            alike[compound.community_id, compound.status, into, compound.has_area].append(compound.pk)
        for (community, status, merged_into, has_area), keys in alike.items():
            for chunk in chunks(keys):
                Compound.objects.filter(pk__in=chunk).update(
                    community=community, status=status, merged_into=merged_into, has_area=has_area
                )

    @staticmethod
    def _number(new: list[Compound]) -> None:
        """Put the keys that the database gave out on new compounds."""
        for chunk in chunks(new):
            stored = Compound.objects.filter(code__in=[compound.code for compound in chunk]).values_list("code", "pk")
            keys = dict(stored)
            for compound in chunk:
                compound.pk = keys[compound.code]

    def _follow(self, compound: Compound) -> bool:
        """Give the compound the community, status and links that the ledger now says; whether anything changed."""
        holding = self.book.holding(compound.code)
        retired = holding.retired_by
        if not retired and compound.status == Status.ACTIVE:  # almost always, and then it points to none
            place, has_area = holding.community or compound.community_id, bool(holding.community)
            changed = (compound.community_id, compound.has_area) != (place, has_area)
            if changed:
                compound.community_id, compound.has_area = place, has_area
            return changed
        status, merged_into = compound.status, None
        if retired:
            status = Status.MERGED if retired.kind == Kind.MERGE else Status.DEREGISTERED
            merged_into = self._compound(retired.target) if retired.kind == Kind.MERGE else None
        elif status != Status.RETIRED:
            status = Status.ACTIVE
        before = (compound.community_id, compound.status, compound.merged_into, compound.has_area)
        compound.community_id = holding.community or compound.community_id
        compound.status, compound.merged_into, compound.has_area = status, merged_into, bool(holding.community)
        return before != (compound.community_id, compound.status, compound.merged_into, compound.has_area)
