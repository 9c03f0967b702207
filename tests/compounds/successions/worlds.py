"""What is asked of a city whose divisions change."""

import datetime

from django.db.models import Sum

from compounds.ledger.models import Posting
from compounds.ledger.verify import verify
from tests.support import day, dm2


def total(code: str, on: str | datetime.date, height: int | None = None) -> int:
    """Total area (0.01 ㎡) of a division's subtree."""
    on = day(on) if isinstance(on, str) else on
    postings = Posting.objects.filter(community__code__startswith=code, effective_on__lte=on)
    if height is not None:
        postings = postings.filter(entry__lte=height)
    return int(postings.aggregate(area=Sum("area_dm2"))["area"] or 0)


def totals(on: str, *codes: str) -> list[int]:
    return [total(code, on) for code in codes]


def assert_sound() -> None:
    """Postings equal the replay, the chain holds."""
    assert verify().findings == []


__all__ = ["assert_sound", "dm2", "total", "totals"]
