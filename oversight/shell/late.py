"""补报: what figures hold that was recorded only after their month had ended."""

import calendar
from typing import Any

from django.core.cache import cache
from django.db.models import Exists, OuterRef

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.scoping import Scope
from compounds.ledger import selectors as ledger
from compounds.ledger.models import Entry, Posting


def entries_after_the_month(*, as_of, height: int, scope: Scope) -> int:
    """How many entries in force by a date were recorded after that date's month, up to a version, in a scope.

    What is recorded never changes, so an answer is kept.
    """
    ends = as_of.replace(day=calendar.monthrange(as_of.year, as_of.month)[1])
    if ends >= business_date():
        return 0
    key = f"late:{ends}:{as_of}:{height}:{'' if scope.everything else ','.join(scope.codes)}"
    return cache.get_or_set(key, lambda: _count(ends, as_of, height, scope), timeout=24 * 3600) or 0


def _count(ends: Any, as_of: Any, height: int, scope: Scope) -> int:
    late = Entry.objects.filter(recorded_at__gt=ledger.end_of(ends), height__lte=height, effective_on__lte=as_of)
    if not scope.everything:
        late = late.filter(Exists(Posting.objects.filter(scope.q("community"), entry=OuterRef("pk"))))
    return late.count()
