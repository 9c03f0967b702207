"""Reads on the ledger: its head, and what happened to a compound."""

import datetime
from dataclasses import dataclass

from django.db.models import Max, QuerySet

from compounds.ledger.book import Book
from compounds.ledger.loading import load_book
from compounds.ledger.models import EMPTY_HASH, Entry, LedgerHead
from compounds.ledger.replay import Holding
from compounds.register.models import Compound


@dataclass(frozen=True)
class Version:
    """数据版次: a height with its hash and the time it was recorded (None for the empty ledger)."""

    height: int
    hash: str
    recorded_at: datetime.datetime | None


def newest() -> Version:
    """The newest version; height 0 and 64 zeros while the ledger is empty."""
    head = LedgerHead.objects.get(pk=1)
    return Version(head.height, head.hash, head.recorded_at)


def version(height: int) -> Version:
    """The version at ``height``. Raises Entry.DoesNotExist beyond the newest."""
    if height == 0:
        return Version(0, EMPTY_HASH, None)
    row = Entry.objects.values_list("height", "hash", "recorded_at").get(pk=height)
    return Version(*row)


def height_at(moment: datetime.datetime) -> int:
    """The newest height recorded up to a moment: what was known then."""
    return Entry.objects.filter(recorded_at__lte=moment).aggregate(newest=Max("height"))["newest"] or 0


def history(compound: Compound) -> QuerySet[Entry]:
    """Every entry that names the compound (also as target or part), oldest first, reversed ones included."""
    own = Entry.objects.filter(compound=compound)
    as_target = Entry.objects.filter(target=compound)
    as_part = Entry.objects.filter(parts__compound=compound)
    return (
        Entry.objects.filter(height__in=own.union(as_target, as_part).values("height"))
        .select_related("compound", "target", "community", "reverses", "reversed_by", "recorded_by")
        .prefetch_related("parts__compound")
        .order_by("effective_on", "height")
    )


def holding(compound: Compound, on: datetime.date | None = None) -> Holding:
    """What the compound holds on a date (None: after everything recorded)."""
    return book_of(compound).holding(compound.code, on)


def book_of(compound: Compound) -> Book:
    return load_book([compound.code])
