"""上报数(含未审): what open reports would add to the ledger's figure, beside it and never in it."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Q, Sum, When

from chaoyang_pm.kit.scoping import Scope
from communities.people.models import User
from compounds.reports.choices import ReportKind
from compounds.reports.models import Report
from compounds.reports.review_selectors import agreed_already, placed, turn_of


@dataclass(frozen=True)
class Amount:
    """What reports of one kind claim: how many, area in 0.01 ㎡, households."""

    reports: int = 0
    area_dm2: int = 0
    households: int = 0


@dataclass(frozen=True)
class UnderWay:
    """Takeovers and lapses that are handed in and not yet approved, as they were written.

    ``waiting``: how many reports of any kind wait for the reader, where that was asked along with it.
    """

    takeovers: Amount
    lapses: Amount
    waiting: int | None = None

    def __bool__(self) -> bool:
        return bool(self.reports)

    @property
    def reports(self) -> int:
        return self.takeovers.reports + self.lapses.reports

    @property
    def area_dm2(self) -> int:
        """By how much managed area would change."""
        return self.takeovers.area_dm2 - self.lapses.area_dm2

    @property
    def households(self) -> int:
        return self.takeovers.households - self.lapses.households


def under_way(
    code: str, *, as_of: datetime.date, modes: Collection[str], reader: User | None = None
) -> UnderWay:  # fmt: skip
    """Of a division: reports under review about a day up to ``as_of``, of the modes that count. One query.

    ``reader``: somebody whose scope is just this division, to be told in the same query what waits for him.
    """
    rows: Any = Report.objects.under_review().filter(Scope((code,)).q("community")).order_by()
    counted = {}
    if reader:
        turn = Case(When(turn_of(reader) & ~Q(agreed_already()), then=True), default=False)
        rows = placed(rows).annotate(is_turn=turn)
        counted["waiting"] = Count("pk", filter=Q(is_turn=True))
    found = rows.aggregate(
        **_sums("taken", Q(kind=ReportKind.TAKEOVER, mode_to__in=modes, effective_on__lte=as_of)),
        **_sums("lapsed", Q(kind=ReportKind.LAPSE, mode_from__in=modes, effective_on__lte=as_of)),
        **counted,
    )
    taken, lapsed = (
        Amount(found[f"{name}_reports"], found[f"{name}_area"] or 0, found[f"{name}_households"] or 0)
        for name in ("taken", "lapsed")
    )
    return UnderWay(taken, lapsed, found.get("waiting"))


def _sums(name: str, which: Q) -> dict[str, Count | Sum]:
    return {
        f"{name}_reports": Count("pk", filter=which), f"{name}_area": Sum("area_dm2", filter=which),
        f"{name}_households": Sum("households", filter=which),
    }  # fmt: skip
