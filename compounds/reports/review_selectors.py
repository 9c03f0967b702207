"""Whose turn a report is: the queue of an office, how long things have waited, and the sample that the city draws.

All of it is asked of the database in one statement for any number of reports; ``transitions.may_take`` says the same
of one, and a test holds the two against each other.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Avg,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    Min,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.fields import BooleanField, CharField, DateField, DateTimeField, DurationField, IntegerField
from django.db.models.functions import Coalesce, Length, Substr, TruncMonth
from django.db.models.lookups import LessThan
from django.utils import timezone

from chaoyang_pm.kit.dates import business_date, start_of
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.people.choices import Role
from communities.people.models import Appointment, User
from communities.people.permissions import reach
from compounds.approvals.choices import ProposalState
from compounds.approvals.models import Proposal, SecondPerson
from compounds.ledger.models import Entry, EntryPart
from compounds.reports.choices import OPEN, UNDER_REVIEW, Office, ReportState, Step
from compounds.reports.models import Report, ReportFile, ReportQuerySet, ReportStep, ReviewDays, SkippedLevel

COUNTY, STREET = CODE_LENGTH[Level.COUNTY], CODE_LENGTH[Level.SUBDISTRICT]
#: Where no row says how many days there are.
USUAL_DAYS = {Office.SUBDISTRICT: 3, Office.COUNTY: 5}
#: Steps by which a reviewer decides.
DECIDING = (Step.VERIFY, Step.AGREE, Step.APPROVE, Step.RETURN, Step.RECHECK)
#: Days back that a reviewer's own decisions are counted.
LATELY = 30


class ProposalKey(Func):
    """``Report.proposal_key`` in SQL: SQLite keeps the key of a report without its dashes."""

    output_field = CharField()
    arity = 1

    def as_postgresql(self, compiler, connection, **extra: Any):
        return self.as_sql(compiler, connection, template="'report:' || (%(expressions)s)::text", **extra)

    def as_sqlite(self, compiler, connection, **extra: Any):
        key, params = compiler.compile(self.source_expressions[0])
        parts = [f"substr({key}, {start}, {length})" for start, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))]
        return "'report:' || " + " || '-' || ".join(parts), [*params] * len(parts)


def _nearest(rows: Any, value: str) -> Subquery:
    """The value of the row of the smallest division around a report's community."""
    around = [Substr(OuterRef("community_id"), 1, length) for length in CODE_LENGTH.values()]
    here = rows.filter(division__code__in=around).order_by(Length("division__code").desc())
    return Subquery(here.values(value)[:1])


def placed(rows: ReportQuerySet) -> ReportQuerySet:
    """Reports with ``office``, whose turn it is, and ``allowed``, the days that it has."""
    skipped = SkippedLevel.objects.filter(reporter=OuterRef("reporter"))
    days = ReviewDays.objects.filter(office=OuterRef("office"))
    usual = Case(*(When(office=office, then=Value(n)) for office, n in USUAL_DAYS.items()), output_field=IntegerField())
    return (
        rows.annotate(skips_street=Coalesce(_nearest(skipped, "is_skipped"), False, output_field=BooleanField()))
        .annotate(
            office=Case(
                When(state=ReportState.SUBMITTED, skips_street=False, then=Value(Office.SUBDISTRICT.value)),
                default=Value(Office.COUNTY.value), output_field=CharField(),
            )
        )
        .annotate(allowed=Coalesce(_nearest(days, "days"), usual, output_field=IntegerField()))
    )  # fmt: skip


def agreed_already() -> Exists:
    """Whether the report's entry waits for a second person or the city: the office has said its word."""
    waiting = Proposal.objects.filter(key=ProposalKey(OuterRef("pk")), state=ProposalState.WAITING)
    return Exists(waiting)


def turn_of(user: User) -> Q:
    """Of ``placed`` reports those on which it is for ``user`` to decide."""
    verifies, approves = reach(user, "reports.verify"), reach(user, "reports.approve")
    county = approves.q("community")
    if approves.everything:  # the city acts where there is nobody else
        staff = Appointment.objects.in_force(business_date()).filter(
            role=Role.COUNTY, division__code=Substr(OuterRef("community_id"), 1, COUNTY), user__is_active=True
        )
        own = [one.division_id for one in user.current_appointments if one.role == Role.COUNTY and one.division_id]
        county = ~Exists(staff) | Scope.of(own).q("community")
    return (Q(office=Office.SUBDISTRICT) & verifies.q("community")) | (Q(office=Office.COUNTY) & county)


def decides(user: User) -> bool:
    """Whether there may be reports for ``user`` to decide on."""
    return any(reach(user, action) != Scope() for action in ("reports.verify", "reports.approve"))


def waiting_for(user: User) -> ReportQuerySet:
    """审核: the reports that wait for this person's office, the one that has waited longest first."""
    if not decides(user):
        return Report.objects.none()
    rows = placed(Report.objects.visible_to(user).under_review()).filter(turn_of(user)).exclude(agreed_already())
    return rows.order_by("waiting_since", "pk")


def seen_by(user: User) -> ReportQuerySet:
    """Everything that is under review within the scope of ``user``, whoever's turn it is."""
    return placed(Report.objects.visible_to(user).under_review()).order_by("waiting_since", "pk")


def one(user: User) -> ReportQuerySet:
    """Reports in whatever state, as the page of one of them needs it; ``is_turn``: ``user`` decides on it."""
    is_turn = Case(When(turn_of(user) & Q(state__in=UNDER_REVIEW), then=True), default=False)
    return described(placed(Report.objects.visible_to(user))).annotate(is_turn=is_turn)


def described(rows: ReportQuerySet) -> ReportQuerySet:
    """With what is said of each without a query of its own.

    ``is_changed``: the ledger has moved since it was written; ``is_late``; ``is_agreed``: its entry waits elsewhere;
    ``has_files``; ``has_other``: another open report about the compound; ``asks_second``: its county has two persons.
    """
    since = {"height__gt": OuterRef("height")}
    named = Q(compound=OuterRef("compound")) | Q(target=OuterRef("compound"))
    moved = Exists(Entry.objects.filter(named, **since)) | Exists(
        EntryPart.objects.filter(compound=OuterRef("compound"), entry__height__gt=OuterRef("height"))
    )
    others = Report.objects.filter(compound=OuterRef("compound"), state__in=OPEN).exclude(state=ReportState.DRAFT)
    county = Substr(OuterRef("community_id"), 1, COUNTY)
    return rows.annotate(
        is_changed=moved, is_agreed=agreed_already(),
        is_late=Case(When(LATE, then=True), default=False, output_field=BooleanField()),
        has_files=Exists(ReportFile.objects.filter(report=OuterRef("pk"))),
        has_other=Exists(others.exclude(pk=OuterRef("pk"))),
        asks_second=Exists(SecondPerson.objects.filter(division__code=county)),
    ).select_related("community__parent", "compound__community", "created_by", "entry")  # fmt: skip


#: 补报: about a month that was over when the report was handed in, or with a reason why it comes late.
LATE = Q(effective_on__lt=TruncMonth("submitted_at", output_field=DateField())) | ~Q(late_reason="")


# --- how long they have waited ---------------------------------------------------------------------------
def days_waited(report: Report, today: datetime.date | None = None) -> int:
    return max(0, ((today or business_date()) - timezone.localdate(report.waiting_since)).days)


def overdue(today: datetime.date | None = None) -> Q:
    """Of ``placed`` reports those that have waited for more days than the office has."""
    days = ExpressionWrapper(F("allowed") * Value(datetime.timedelta(days=1)), output_field=DurationField())
    due = ExpressionWrapper(F("waiting_since") + days, output_field=DateTimeField())
    return Q(LessThan(due, Value(before(0, today), output_field=DateTimeField())))


def before(days: int, today: datetime.date | None = None) -> datetime.datetime:
    """What waits since before this moment has waited for more than so many days."""
    first = (today or business_date()) - datetime.timedelta(days=days)
    return start_of(first)


@dataclass(frozen=True)
class Waiting:
    """How many reports wait, of them overdue, for how many days the oldest has waited; ``shown``: those asked for."""

    number: int = 0
    overdue: int = 0
    oldest: int = 0
    shown: int = 0


def summary(rows: ReportQuerySet, asked: Q | None = None) -> Waiting:
    """In one statement; ``asked``: a filter of ``described`` rows."""
    found = rows.order_by().aggregate(
        number=Count("pk"), late=Count("pk", filter=overdue()), since=Min("waiting_since"),
        shown=Count("pk", filter=asked),
    )  # fmt: skip
    return Waiting(found["number"], found["late"], _age(found["since"]), found["shown"])


def _age(since: datetime.datetime | None) -> int:
    return max(0, (business_date() - timezone.localdate(since)).days) if since else 0


@dataclass(frozen=True)
class OfficeWaiting:
    """What waits at one office."""

    office: Office
    name: str
    waiting: Waiting


def ageing(user: User) -> list[OfficeWaiting]:
    """Office by office, streets and counties, within the scope of ``user``: what waits there; the oldest first."""
    rows = placed(Report.objects.visible_to(user).under_review()).exclude(agreed_already()).order_by()
    code = Case(
        When(office=Office.SUBDISTRICT, then=Substr("community_id", 1, STREET)),
        default=Substr("community_id", 1, COUNTY), output_field=CharField(),
    )  # fmt: skip
    found = list(
        rows.annotate(at=code).values("office", "at")
        .annotate(number=Count("pk"), late=Count("pk", filter=overdue()), since=Min("waiting_since"))
        .order_by("since", "at")
    )  # fmt: skip
    names = Division.objects.in_bulk(row["at"] for row in found)
    return [
        OfficeWaiting(
            Office(row["office"]), str(names[row["at"]]), Waiting(row["number"], row["late"], _age(row["since"]))
        )
        for row in found
    ]


@dataclass(frozen=True)
class Reviewer:
    """What one person decided lately, and how many days a report waited for it on average."""

    name: str
    decided: int
    returned: int
    days: float


def reviewers(user: User) -> list[Reviewer]:
    """Who decided within the last days in the scope of ``user``; the slowest first."""
    since = start_of(business_date() - datetime.timedelta(days=LATELY))
    earlier = ReportStep.objects.filter(report=OuterRef("report"), pk__lt=OuterRef("pk")).order_by("-pk")
    took = F("at") - Subquery(earlier.values("at")[:1])
    rows = (
        ReportStep.objects.filter(user.scope.q("report__community"), step__in=DECIDING, at__gte=since).order_by()
        .annotate(took=Case(When(pk__isnull=False, then=took), output_field=DurationField()))
        .values("by__display_name", "by__username")
        .annotate(number=Count("pk"), back=Count("pk", filter=Q(step=Step.RETURN)), mean=Avg("took"))
        .order_by("-mean", "by__username")
    )  # fmt: skip
    return [
        Reviewer(
            row["by__display_name"] or row["by__username"], row["number"], row["back"],
            row["mean"] / datetime.timedelta(days=1) if row["mean"] else 0,
        )
        for row in rows
    ]  # fmt: skip
