"""Reads on the ledger: its head, and what happened to a compound."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Max, Q, QuerySet, Subquery

from chaoyang_pm.kit.dates import start_of
from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from communities.people.models import User
from compounds.ledger import providers
from compounds.ledger.book import Book
from compounds.ledger.choices import Category, Mode
from compounds.ledger.loading import load_book
from compounds.ledger.models import EMPTY_HASH, Entry, EntryPart, EntryQuerySet, LedgerHead, Posting
from compounds.ledger.replay import Holding
from compounds.register.models import Compound


@dataclass(frozen=True)
class Version:
    """数据版次: a height with its hash and the time it was recorded (None for the empty ledger).

    ``is_newest``: whether it was the newest one when it was looked up.
    """

    height: int
    hash: str
    recorded_at: datetime.datetime | None
    is_newest: bool = field(default=False, compare=False)


def newest() -> Version:
    """The newest version; height 0 and 64 zeros while the ledger is empty."""
    head = LedgerHead.objects.get(pk=1)
    return Version(head.height, head.hash, head.recorded_at, is_newest=True)


def version(height: int) -> Version:
    """The version at ``height``. Raises Entry.DoesNotExist beyond the newest."""
    if height == 0:
        return Version(0, EMPTY_HASH, None)
    row = Entry.objects.values_list("height", "hash", "recorded_at").get(pk=height)
    return Version(*row)


def newest_and(height: int | None) -> tuple[Version, Version | None]:
    """The newest version, and the one at a height: None beyond the newest. One query."""
    asked = Entry.objects.filter(pk=-1 if height is None else height)
    head = LedgerHead.objects.annotate(
        then_hash=Subquery(asked.values("hash")), then_at=Subquery(asked.values("recorded_at"))
    ).get(pk=1)
    newest = Version(head.height, head.hash, head.recorded_at, is_newest=True)
    if height is None or height > head.height:
        return newest, None
    if height == head.height:
        return newest, newest
    return newest, Version(height, head.then_hash or EMPTY_HASH, head.then_at)


def height_at(moment: datetime.datetime) -> int:
    """The newest height recorded up to a moment: what was known then."""
    return Entry.objects.filter(recorded_at__lte=moment).aggregate(newest=Max("height"))["newest"] or 0


def known_by(day: datetime.date, *, height: int) -> int:
    """The newest height, up to ``height``, that was recorded before the day was over: what one could have reported."""
    return min(height_at(end_of(day)), height)


def end_of(day: datetime.date) -> datetime.datetime:
    """The moment at which a day is over."""
    return start_of(day + datetime.timedelta(days=1))


def history(compound: Compound) -> EntryQuerySet:
    """Every entry that names the compound (also as target or part), oldest first, reversed ones included."""
    as_part = EntryPart.objects.filter(compound=compound).values("entry")
    return (
        Entry.objects.filter(Q(compound=compound) | Q(target=compound) | Q(height__in=as_part))
        .select_related("compound", "target", "community", "reverses", "reversed_by", "recorded_by", "recorded_for")
        .prefetch_related("parts__compound")
        .order_by("effective_on", "height")
    )


def recorded_since(codes: Iterable[str], *, height: int, user: User) -> EntryQuerySet:
    """Entries after a height that name one of the compounds, oldest first; for a form that was shown at that height."""
    codes = list(codes)
    as_part = EntryPart.objects.filter(compound__code__in=codes, entry__gt=height).values("entry")
    named = Q(compound__code__in=codes) | Q(target__code__in=codes) | Q(height__in=as_part)
    return (
        Entry.objects.visible_to(user).filter(named, height__gt=height)
        .select_related("compound", "target", "community", "reverses", "recorded_by")
        .prefetch_related("parts__compound")
        .order_by("height")
    )  # fmt: skip


def in_its_place(entry: Entry, *, user: User) -> Entry | None:
    """What was recorded in the same step as the withdrawal of an entry (更正), if anything was."""
    reversal = Entry.objects.filter(reverses=entry).first()
    if reversal is None:
        return None
    same_step = {"height": reversal.height + 1, "recorded_at": reversal.recorded_at}
    anew = Entry.objects.visible_to(user).filter(compound=entry.compound_id, kind=entry.kind, **same_step)
    return (
        anew.select_related("compound__community", "target", "community", "recorded_by")
        .prefetch_related("parts__compound").first()
    )  # fmt: skip


def holding(compound: Compound, on: datetime.date | None = None) -> Holding:
    """What the compound holds on a date (None: after everything recorded)."""
    return book_of(compound).holding(compound.code, on)


def book_of(compound: Compound) -> Book:
    return load_book([compound.code])


@dataclass(frozen=True)
class Held:
    """What a pocket holds: area in 0.01 ㎡ and households."""

    category: Category
    mode: Mode
    area_dm2: int
    households: int


_POCKETS = """
    SELECT category, mode, SUM(area_dm2), SUM(households) FROM compounds_posting
    WHERE compound_id = %s AND effective_on <= %s AND entry_id <= %s AND {within} GROUP BY category, mode
"""


def pockets(compound: Compound, *, as_of: datetime.date, height: int, scope: Scope = EVERYWHERE) -> list[Held]:
    """The compound's pockets at (date, height) as far as they lie in ``scope``, managed ones first."""
    within, bounds = scope.sql("community_id")
    with connection.cursor() as cursor:
        cursor.execute(_POCKETS.format(within=within), [compound.pk, as_of, height, *bounds])
        rows = cursor.fetchall()
    held = [Held(Category(c), Mode(m), int(area), int(homes)) for c, m, area, homes in rows if area or homes]
    modes, categories = list(Mode), list(Category)
    return sorted(held, key=lambda p: (p.mode == Mode.NONE, modes.index(p.mode), categories.index(p.category)))


def provider(compound: Compound, *, user: User, as_of: datetime.date, height: int) -> str:
    """The newest provider that an event standing at (date, height) named, as far as ``user`` sees; "" after a lapse."""
    named = providers.naming(user=user, as_of=as_of, height=height).filter(compound=compound)
    newest_named = named.order_by("-effective_on", "-height").first()
    return newest_named.provider_to if newest_named else ""


def postings_of(entry: Entry) -> QuerySet[Posting]:
    """The postings that an entry caused, with the events whose effects they are."""
    related = ("compound", "community", "event")
    return entry.postings.select_related(*related).order_by("effective_on", "event", "compound__code", "area_dm2")
