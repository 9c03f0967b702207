"""Events entered on a page: what they would do, and the key under which each form posts once."""

import datetime
from dataclasses import dataclass

from chaoyang_pm.kit.dates import business_date
from compounds.ledger.choices import Category, Mode, Source
from compounds.ledger.events import Change, Event
from compounds.ledger.recording import Draft, Recorder
from compounds.ledger.replay import Holding
from compounds.ledger.selectors import newest
from compounds.ledger.services import codes_named_by
from compounds.register.models import Compound


@dataclass(frozen=True)
class PocketChange:
    """One pocket before and after; None where it does not exist."""

    category: Category
    mode: Mode
    before: tuple[int, int] | None
    after: tuple[int, int] | None

    @property
    def areas(self) -> tuple[int | None, int | None]:
        return self.before and self.before[0], self.after and self.after[0]

    @property
    def households(self) -> tuple[int | None, int | None]:
        return self.before and self.before[1], self.after and self.after[1]

    @property
    def area_change(self) -> int:
        return (self.after or (0, 0))[0] - (self.before or (0, 0))[0]


@dataclass(frozen=True)
class Preview:
    """What an event would do to its compound: on its date, and today if that differs; and what it would post."""

    event: Event | None
    on: datetime.date
    changes: list[PocketChange]
    today: list[PocketChange]
    postings: list[Change]


def preview(*, compound: Compound, on: datetime.date, draft: Draft | None, undo: int | None = None) -> Preview:
    """Rehearse an event, or the reversal of one, or both. Raises Refused as posting would. Stores nothing."""
    recorder, code, today = rehearsal(compound, draft, undo), compound.code, business_date()
    before = {day: recorder.book.holding(code, day).copy() for day in (on, today)}
    if undo:
        recorder.reverse(undo, details={}, by=None, source=Source.PAGE)
    event = recorder.record(draft, by=None, source=Source.PAGE) if draft else None
    on_date, by_today = (_changes(before[day], recorder.book.holding(code, day)) for day in (on, today))
    return Preview(event, on, on_date, [] if by_today == on_date else by_today, recorder.changes)


def rehearsal(compound: Compound, draft: Draft | None = None, undo: int | None = None) -> Recorder:
    """A recorder that stores nothing, with the compounds that the event and the one to undo name."""
    codes = {compound.code} | (draft.event.compounds() if draft else set())
    codes |= codes_named_by([undo]) if undo else set()
    return Recorder({found.code: found for found in Compound.objects.filter(code__in=codes)}, newest().height)


def _changes(before: Holding, after: Holding) -> list[PocketChange]:
    return [
        PocketChange(Category(pocket.category), Mode(pocket.mode), _held(before, pocket), _held(after, pocket))
        for pocket in sorted({*before.pockets, *after.pockets})
    ]


def _held(holding: Holding, pocket) -> tuple[int, int] | None:
    return holding.of(pocket) if pocket in holding.pockets else None


def source_key(form_key) -> str:
    """The source key under which a form posts once."""
    return f"page:{form_key}"
