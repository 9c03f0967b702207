"""Reads on pilots: which communities must have one, which have, which have none yet, county by county."""

import datetime
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.edits import Edit, Telling, of
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger.choices import Mode
from compounds.ledger.models import Posting
from compounds.pilots.choices import Result
from compounds.pilots.models import Pilot
from compounds.register.models import Compound

COUNTY = CODE_LENGTH[Level.COUNTY]


def listed(user: User) -> QuerySet[Pilot]:
    """Pilots that stand, community by community."""
    rows = Pilot.objects.visible_to(user).standing()
    return rows.select_related("community", "compound").order_by("community", "-started_on", "pk")


def with_pilots(compounds: QuerySet[Compound]) -> QuerySet[Compound]:
    """Compounds with the key and result of the newest pilot that each is or was, if it stands: no query of its own."""
    newest = Pilot.objects.standing().filter(compound=OuterRef("pk")).order_by("-started_on", "-pk")
    return compounds.annotate(
        pilot_pk=Subquery(newest.values("pk")[:1]), pilot_result=Subquery(newest.values("result")[:1])
    )


def of_compound(compound: Any) -> Pilot | None:
    """What ``with_pilots`` has found, as far as pages show it."""
    return Pilot(pk=compound.pilot_pk, result=compound.pilot_result) if compound.pilot_pk else None


def is_urban(code: str) -> bool:
    return Division(code=code, level=Level.COMMUNITY).is_urban


def asked(scope: Scope) -> dict[str, int]:
    """Urban communities with unmanaged area today, and how much (0.01 ㎡)."""
    sums = (
        Posting.objects.filter(scope.q("community"), mode=Mode.NONE, effective_on__lte=business_date())
        .order_by().values_list("community_id").annotate(area=Sum("area_dm2")).filter(area__gt=0)
    )  # fmt: skip
    return {code: int(area) for code, area in sums if is_urban(code)}


class Span(NamedTuple):
    """From when to when a community has a pilot to show; ``until`` the day on which it failed."""

    community: str
    compound: int
    since: datetime.date
    until: datetime.date | None

    def holds_on(self, day: datetime.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


def spans() -> list[Span]:
    """Of every pilot that stands; one query, whatever the days that are asked about."""
    rows = (
        Pilot.objects.standing()
        .order_by()
        .values_list("community_id", "compound_id", "started_on", "ended_on", "result")
    )
    return [
        Span(community, compound, since, ended if result == Result.FAILED else None)
        for community, compound, since, ended, result in rows
    ]


@dataclass
class County:
    """One county: its communities that must have a pilot, those of them that have one, and those still without.

    ``pilots`` and ``succeeded`` count communities, also those that hold no unmanaged area any more.
    """

    code: str
    name: str = ""
    asked: int = 0
    have: int = 0
    pilots: int = 0
    succeeded: int = 0
    without: list[tuple[Division, int]] = field(default_factory=list)


def by_county(scope: Scope, pilots: list[Pilot]) -> list[County]:
    """Of the counties of a scope, as it is today; ``pilots`` are those of the scope."""
    having: dict[str, set[str]] = {}
    for pilot in pilots:
        if pilot.result != Result.FAILED:
            having.setdefault(pilot.community_id, set()).add(pilot.result)
    must = asked(scope)
    counties: dict[str, County] = {}
    for code in sorted({*must, *having}):
        county = counties.setdefault(code[:COUNTY], County(code[:COUNTY]))
        county.asked += code in must
        county.have += code in must and code in having
        county.pilots += code in having
        county.succeeded += Result.SUCCEEDED in having.get(code, ())
    without = sorted(must.keys() - having.keys())
    names = Division.objects.in_bulk([*counties, *without])
    for county in counties.values():
        county.name = str(names[county.code])
    for code in without:
        counties[code[:COUNTY]].without.append((names[code], must[code]))
    return list(counties.values())


def edits(pilot: Pilot) -> list[Edit]:
    """Who entered and changed it, newest first."""
    return of(pilot, telling=Telling(without=("community", "compound", "recorded_by", "recorded_at")))
