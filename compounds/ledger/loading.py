"""From rows to events: books of the compounds that a write or a check concerns."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.db.models import Q, QuerySet

from compounds.ledger.book import Book
from compounds.ledger.choices import Kind
from compounds.ledger.events import Event, Part
from compounds.ledger.models import Entry, EntryPart
from compounds.register.models import Compound

CHUNK = 5_000
T = TypeVar("T")

_FIELDS = (
    "height", "kind", "effective_on", "compound__code", "community_id", "category", "mode_from", "mode_to",
    "new_category", "target__code", "area_dm2", "households", "reverses_id",
)  # fmt: skip


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    items = list(items)
    for start in range(0, len(items), size):
        yield items[start : start + size]


def load_events(entries: QuerySet[Entry], *, have_parts: bool = True) -> list[Event]:
    """The entries as events in order of height, with the parts of splits; ``have_parts``: False if there are none."""
    parts: dict[int, dict[int, list[Part]]] = defaultdict(lambda: defaultdict(list))
    rows = EntryPart.objects.filter(entry__in=entries).order_by("id") if have_parts else EntryPart.objects.none()
    for entry, split, compound, category, mode, area, households in rows.values_list(
        "entry_id", "split_id", "compound__code", "category", "mode", "area_dm2", "households"
    ):
        parts[entry][split].append(Part(compound, category, mode, area, households))
    return [_event(row, parts.get(row[0], {})) for row in entries.order_by("height").values_list(*_FIELDS)]


def _event(row: tuple, parts: dict[int, list[Part]]) -> Event:
    (height, kind, effective_on, compound, community, category, mode_from, mode_to, new_category, target,
     area, households, reverses) = row  # fmt: skip
    return Event(
        kind, effective_on, compound, height=height, community=community or "", category=category,
        mode_from=mode_from, mode_to=mode_to, new_category=new_category, target=target or "", area_dm2=area,
        households=households, reverses=reverses, parts=tuple(parts.get(height, ())),
        new_parts=tuple((split, tuple(own)) for split, own in sorted(parts.items()) if split != height),
    )  # fmt: skip


def live_only(events: Iterable[Event]) -> list[Event]:
    """Events that no other one reverses, without the reversals."""
    events = list(events)
    reversed_heights = {event.reverses for event in events if event.kind == Kind.REVERSAL}
    return [event for event in events if event.kind != Kind.REVERSAL and event.height not in reversed_heights]


def load_book(codes: Iterable[str]) -> Book:
    """The book of the compounds with these codes and of all compounds linked to them by merges and splits."""
    ids, have_parts = _linked({pk for chunk in chunks(set(codes)) for pk in _ids(chunk)})
    events: dict[int, Event] = {}
    for chunk in chunks(ids):
        entries = Entry.objects.filter(compound__in=chunk)
        events |= {event.height: event for event in load_events(entries, have_parts=have_parts)}
    return Book(live_only(events.values()))


def with_linked(codes: Iterable[str]) -> set[str]:
    """The codes, and those of all compounds linked to them by merges and splits."""
    codes = set(codes)
    ids, _have_parts = _linked({pk for chunk in chunks(codes) for pk in _ids(chunk)})
    for chunk in chunks(ids):
        codes.update(Compound.objects.filter(pk__in=chunk).values_list("code", flat=True))
    return codes


def _ids(codes: list[str]) -> Iterable[int]:
    return Compound.objects.filter(code__in=codes).values_list("pk", flat=True)


def _linked(ids: set[int]) -> tuple[set[int], bool]:
    """The closure of compounds over merges and splits, live or reversed: more than is needed does no harm.

    And whether entries of any of them have parts.
    """
    found, frontier, have_parts = set(ids), set(ids), False
    while frontier:
        neighbours: set[int] = set()
        for chunk in chunks(frontier):
            merges = Entry.objects.filter(Q(compound__in=chunk) | Q(target__in=chunk), kind=Kind.MERGE)
            for pair in merges.values_list("compound_id", "target_id"):
                neighbours.update(pair)
            parts = EntryPart.objects.filter(
                Q(compound__in=chunk) | Q(entry__compound__in=chunk) | Q(split__compound__in=chunk)
            )
            for triple in parts.values_list("compound_id", "entry__compound_id", "split__compound_id"):
                neighbours.update(triple)
                have_parts = True
        frontier = neighbours - found
        found |= neighbours
    return found, have_parts
