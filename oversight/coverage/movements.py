"""增减变动 and 数据差异说明: how a figure got from one date, or one version, to another (ledger.md, "Formulas")."""

import datetime
from dataclasses import dataclass, replace

from django.db.models import Case, F, Q, Sum, Value, When

from compounds.ledger.choices import EVENT_KINDS, Kind
from compounds.ledger.models import Entry, Posting, PostingQuerySet
from compounds.register.models import Compound
from oversight.coverage.question import Question


@dataclass(frozen=True)
class Amount:
    """Managed area and total area in 0.01 ㎡, and households."""

    managed: int = 0
    total: int = 0
    households: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.managed + other.managed, self.total + other.total, self.households + other.households)


@dataclass(frozen=True)
class Movements:
    """``opening`` at the first date + ``by_kind`` = ``closing`` at the last, all at one height."""

    opening: Amount
    by_kind: dict[Kind, Amount]
    closing: Amount


def movements(question: Question, since: datetime.date) -> Movements:
    """What events after ``since`` up to the question's date moved in its division, by kind, at its height."""
    postings = Posting.objects.at(code=question.division.code, as_of=question.as_of, height=question.height)
    opening = _amount(postings.filter(effective_on__lte=since), question)
    by_kind = moved(question, since)
    return Movements(opening, by_kind, sum(by_kind.values(), opening))


def moved(question: Question, since: datetime.date) -> dict[Kind, Amount]:
    """What each kind of event moved: movements without the two figures between which they lie."""
    postings = Posting.objects.at(code=question.division.code, as_of=question.as_of, height=question.height)
    rows = postings.filter(effective_on__gt=since).order_by().values("kind").annotate(**_sums(question))
    found = {row.pop("kind"): _from_row(row) for row in rows}
    return {kind: found.get(kind, Amount()) for kind in EVENT_KINDS}


@dataclass(frozen=True)
class Restated:
    """One compound's part of a restatement, with the entries recorded in between that caused it."""

    compound: Compound
    before: Amount
    change: Amount
    entries: list[Entry]

    @property
    def after(self) -> Amount:
        return self.before + self.change


def restatement(question: Question, from_height: int) -> list[Restated]:
    """What the events recorded after ``from_height`` changed in the question's figure, compound by compound."""
    return explained(question, from_height, restated(question, from_height))


def restated(
    question: Question, from_height: int, *, after: str | None = None, limit: int | None = None
) -> list[Restated]:  # fmt: skip
    """The amounts of a restatement, without the entries that caused them; of the ``limit`` compounds after a code."""
    postings = _postings(question)
    recent = postings.filter(entry__gt=from_height)
    if after is not None:
        recent = recent.filter(compound__code__gt=after)
    differ = ~Q(managed=0) | ~Q(total=0) | ~Q(of_households=0)
    changes = recent.order_by("compound__code").values("compound", "compound__code").annotate(**_sums(question))
    changed = {row.pop("compound"): _from_row(row) for row in changes.filter(differ)[:limit]}
    earlier = postings.filter(entry__lte=from_height, compound__in=changed)
    before = {
        row.pop("compound"): _from_row(row) for row in earlier.order_by().values("compound").annotate(**_sums(question))
    }
    compounds = Compound.objects.filter(pk__in=changed).only("code", "name").order_by("code")
    return [Restated(compound, before.get(compound.pk, Amount()), changed[compound.pk], []) for compound in compounds]


def explained(question: Question, from_height: int, rows: list[Restated]) -> list[Restated]:
    """The rows with the entries that caused them, which are by far the most to read."""
    recent = _postings(question).filter(entry__gt=from_height, compound__in=[row.compound.pk for row in rows])
    pairs = list(recent.order_by("entry").values_list("compound", "entry").distinct())
    caused = Entry.objects.filter(pk__in=recent.order_by().values("entry")).select_related("reverses")
    by_height = {entry.height: entry for entry in caused.only(*GROUNDS)}
    entries: dict[int, list[Entry]] = {}
    for compound, height in pairs:
        entries.setdefault(compound, []).append(by_height[height])
    return [replace(row, entries=entries.get(row.compound.pk, [])) for row in rows]


#: What is told of an entry as the reason of a difference.
GROUNDS = (
    "kind", "effective_on", "recorded_at", "reason", "late_reason", "basis_type", "basis_name", "basis_no", "reviewer",
    "reverses__kind", "reverses__effective_on",
)  # fmt: skip


def _postings(question: Question) -> PostingQuerySet:
    return Posting.objects.at(code=question.division.code, as_of=question.as_of, height=question.height)


def _sums(question: Question) -> dict[str, Sum]:
    counted = Case(When(Q(mode__in=question.modes), then=F("area_dm2")), default=Value(0))
    return {"managed": Sum(counted), "total": Sum("area_dm2"), "of_households": Sum("households")}


def _from_row(row: dict) -> Amount:
    return Amount(int(row["managed"] or 0), int(row["total"] or 0), int(row["of_households"] or 0))


def _amount(postings, question: Question) -> Amount:
    return _from_row(postings.aggregate(**_sums(question)))
