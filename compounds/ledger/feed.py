"""Entries for other systems: the change feed (everything after a height, without gaps) and one compound's history.

A reader of the whole gets every entry. An entry belongs to the feed of a smaller scope if it posted something there,
or, where it moved nothing at all (更换物业服务单位), if the compound held area there on its date as known before it.
Both are settled when the entry is recorded: none comes to lie below a height that was passed. The earlier history of a
compound that moves in is in its own list; its relocation is in the feed.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery, Sum

from chaoyang_pm.kit.scoping import Scope
from compounds.ledger.models import Entry, Posting
from compounds.ledger.rows import listed


def after(height: int, *, upto: int, limit: int, scope: Scope) -> list[dict[str, Any]]:
    """The first ``limit`` entries above ``height`` and up to ``upto`` that belong to the scope's feed, by height."""
    wanted = Entry.objects.filter(height__gt=height, height__lte=upto)
    if not scope.everything:
        wanted = wanted.filter(pk__in=_heights(height, upto=upto, limit=limit, scope=scope))
    return listed(wanted.order_by("height")[:limit], scope=scope)


def _heights(height: int, *, upto: int, limit: int, scope: Scope) -> list[int]:
    there = Posting.objects.filter(scope.q("community"))
    posted = there.filter(entry__gt=height, entry__lte=upto).order_by("entry")
    heights = set(posted.values_list("entry_id", flat=True).distinct()[:limit])
    held = (
        there.filter(
            compound=OuterRef("compound"), entry__lt=OuterRef("height"), effective_on__lte=OuterRef("effective_on")
        )
        .order_by()
        .values("compound")
        .annotate(held=Sum("area_dm2"))
        .values("held")
    )
    moving_nothing = (
        Entry.objects.filter(height__gt=height, height__lte=upto, compound__in=there.values("compound"))
        .filter(~Exists(Posting.objects.filter(entry=OuterRef("pk"))))
        .annotate(held_there=Subquery(held))
        .filter(held_there__gt=0)
    )
    heights.update(moving_nothing.order_by("height").values_list("height", flat=True)[:limit])
    return sorted(heights)[:limit]


def later_than(day: Any, height: int) -> Q:
    """Entries after one in order of (date, height)."""
    return Q(effective_on__gt=day) | Q(effective_on=day, height__gt=height)
