"""增减变动表: for every division below one, how the figure of one day became that of another.

It opens with what was known of the first day when its month had closed; 更正 is what became known of it since.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Case, CharField, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Substr

from chaoyang_pm.kit.dates import month_end
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.divisions.selectors import as_called_on
from compounds.ledger import selectors as ledger
from compounds.ledger.choices import Kind, Mode
from compounds.ledger.models import Posting
from compounds.register.models import Compound
from oversight.coverage.movements import Amount
from oversight.coverage.question import Question
from oversight.coverage.selectors import BY_LEVEL
from oversight.coverage.targets import TargetFigures
from oversight.tables.choices import Item

#: In which column an event's kind stands. A deregistration is the counterpart of a registration; merges and splits
#: stay within a community. A change of mode stands under takeover or lapse, if the counting rule counts only one side.
BY_KIND = {
    Kind.REGISTER: Item.REGISTER, Kind.DEREGISTER: Item.REGISTER, Kind.TAKEOVER: Item.TAKEOVER, Kind.LAPSE: Item.LAPSE,
    Kind.RECLASSIFY: Item.RECLASSIFY, Kind.RESURVEY: Item.RESURVEY, Kind.RELOCATE: Item.RELOCATE,
    Kind.MERGE: Item.RELOCATE, Kind.SPLIT: Item.RELOCATE,
}  # fmt: skip
#: Rows of a community: its compounds.
BY_COMPOUND = "compound"
Amounts = dict[Item, Amount]


@dataclass(frozen=True)
class Moved:
    """One row: a division or compound, with an amount for every column."""

    key: str
    name: str
    amounts: Amounts


@dataclass(frozen=True)
class Movements:
    """The table. ``known`` is the height at which the opening figures were known; ``deregistered`` is a part of the
    column of registrations, ``changed_mode`` of those of takeovers and lapses."""

    since: datetime.date
    by: str
    known: int
    rows: list[Moved]
    total: Amounts
    deregistered: Amount
    changed_mode: Amount
    target: TargetFigures | None = None


def levels(division: Division) -> list[str]:
    """By what the rows of a division can be, nearest first."""
    below = [level for level, length in BY_LEVEL.items() if length > len(division.code)]
    return below or [BY_COMPOUND]


def movements(
    question: Question, since: datetime.date, by: str, target: TargetFigures | None = None
) -> Movements:  # fmt: skip
    """The table from ``since`` to the question's date; with a target, of what counts towards it only."""
    known = ledger.known_by(month_end(since), height=question.height)
    postings = Posting.objects.at(code=question.division.code, as_of=question.as_of, height=question.height)
    if target:
        postings = postings.filter(target.territory.q("community"), category__in=target.target.categories)
    keyed = _keyed(postings, by)
    found: dict[str, dict[str, Amount]] = {}
    bucket = Case(
        When(effective_on__lte=since, entry__lte=known, then=Value(Item.OPENING.value)),
        When(effective_on__lte=since, then=Value(Item.CORRECTION.value)),
        default=F("kind"), output_field=CharField(),
    )  # fmt: skip
    for row in keyed.annotate(bucket=bucket).order_by().values("key", "bucket").annotate(**_sums(question)):
        amount = Amount(int(row["managed"] or 0), int(row["total"] or 0), int(row["of_households"] or 0))
        found.setdefault(row["key"], {})[row["bucket"]] = amount
    entering, leaving = _changed_mode(question, keyed.filter(effective_on__gt=since))
    names = _names(question, by, set(found))
    rows = [
        Moved(key, names[key], _amounts(found.get(key, {}), entering.get(key, 0), leaving.get(key, 0)))
        for key in sorted(names)
    ]
    total = {item: sum((row.amounts[item] for row in rows), Amount()) for item in Item}
    deregistered = sum((by_kind.get(Kind.DEREGISTER, Amount()) for by_kind in found.values()), Amount())
    changed = Amount(managed=sum(entering.values()) + sum(leaving.values()))
    return Movements(since, by, known, rows, total, deregistered, changed, target)


def _keyed(postings: QuerySet[Posting], by: str) -> QuerySet[Any]:
    if by == BY_COMPOUND:
        return postings.annotate(key=Cast("compound_id", CharField()))
    return postings.annotate(key=Substr("community_id", 1, BY_LEVEL[by]))


def _counted(question: Question) -> Case:
    return Case(
        When(Q(mode__in=question.modes), then=F("area_dm2")), default=Value(0), output_field=BigIntegerField()
    )  # fmt: skip


def _sums(question: Question) -> dict[str, Sum]:
    return {"managed": Sum(_counted(question)), "total": Sum("area_dm2"), "of_households": Sum("households")}


def _changed_mode(question: Question, postings: QuerySet[Any]) -> tuple[dict[str, int], dict[str, int]]:
    """Area that changes of mode took into (+) and out of (−) what the rule counts, by key, event by event."""
    entering: dict[str, int] = {}
    leaving: dict[str, int] = {}
    if set(question.modes) == {mode for mode in Mode if mode != Mode.NONE}:
        return entering, leaving
    events = postings.filter(kind=Kind.MODE_CHANGE).order_by().values("key", "event")
    for row in events.annotate(net=Sum(_counted(question))):
        side = entering if row["net"] > 0 else leaving
        side[row["key"]] = side.get(row["key"], 0) + int(row["net"])
    return entering, leaving


def _amounts(by_bucket: dict[str, Amount], entering: int, leaving: int) -> Amounts:
    amounts = dict.fromkeys(Item, Amount())
    for bucket, amount in by_bucket.items():
        if bucket in (Item.OPENING, Item.CORRECTION):
            item = Item(bucket)
        elif Kind(bucket) in BY_KIND:
            item = BY_KIND[Kind(bucket)]
        else:
            continue
        amounts[item] += amount
    amounts[Item.TAKEOVER] += Amount(managed=entering)
    amounts[Item.LAPSE] += Amount(managed=leaving)
    amounts[Item.CLOSING] = sum(amounts.values(), Amount())
    return amounts


def _names(question: Question, by: str, keys: set[str]) -> dict[str, str]:
    """Names of the rows as of the question's date; of the city every county of then."""
    if by == BY_COMPOUND:
        found = Compound.objects.filter(pk__in=[int(key) for key in keys]).values_list("pk", "name")
        return {str(pk): name for pk, name in found}
    wanted = Q(code__in=keys)
    if by == Level.COUNTY:
        counties = Division.objects.subtree(question.division.code).filter(level=Level.COUNTY)
        wanted |= Q(code__in=counties.existing(question.as_of).values("code"))
    divisions = Division.objects.filter(wanted)
    return {division.code: str(division) for division in as_called_on(divisions, question.as_of)}
