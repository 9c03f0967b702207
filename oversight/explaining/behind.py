"""What lies behind a difference: the events of a span by compound, or the compounds that changed their state.

The rows of a figure add up to its difference: a test over the worked example holds them to it.
"""

import datetime

from django.db.models import Case, Expression, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compounds.ledger.choices import Mode
from compounds.ledger.models import Posting
from oversight.coverage.question import Question
from oversight.explaining.choices import Figure

NOTHING, UNMANAGED, PARTIAL, MANAGED = range(4)
STATES: dict[int, Promise] = {
    NOTHING: _("without area"), UNMANAGED: _("unmanaged"), PARTIAL: _("partly managed"), MANAGED: _("managed"),
}  # fmt: skip


def events(question: Question, since: datetime.date, figure: Figure) -> QuerySet:
    """What each event after ``since`` moved in the figure, compound by compound, newest first.

    Rows have ``change``; of a rate, what is divided (``change``) and what it is divided by (``change_of_whole``).
    """
    area, managed = F("area_dm2"), Q(mode__in=question.modes)
    sums: dict[str, Expression | F] = {
        Figure.TOTAL: area,
        Figure.MANAGED: _where(managed, area),
        Figure.UNMANAGED: _where(~managed, area),
        Figure.RATE: _where(managed, area),
        Figure.HOUSEHOLDS: _where(managed, F("households")),
        Figure.PROFESSIONAL: _where(Q(mode=Mode.PROFESSIONAL), area),
        Figure.ALL_HOUSEHOLDS: F("households"),
    }
    whole = {Figure.RATE: area, Figure.PROFESSIONAL: area, Figure.HOUSEHOLDS: F("households")}.get(figure)
    return by_event(after(question, since), sums[figure], whole)


def by_event(postings: QuerySet, what: Expression | F, whole: F | None = None) -> QuerySet:
    """Sums of an amount by event and compound, those of 0 left out."""
    found = postings.order_by().values("event", "kind", "effective_on", "compound__code", "compound__name")
    found = found.annotate(change=Sum(what))
    differs = ~Q(change=0)
    if whole is not None:
        found, differs = found.annotate(change_of_whole=Sum(whole)), differs | ~Q(change_of_whole=0)
    return found.filter(differs).order_by("-effective_on", "-event", "compound__code")


def states(question: Question, since: datetime.date) -> QuerySet:
    """Compounds that are in another state than at ``since``: rows have ``before`` and ``now``, keys of STATES."""
    touched = after(question, since).order_by().values("compound")
    postings = Posting.objects.at(code=question.division.code, as_of=question.as_of, height=question.height)
    managed, then = Q(mode__in=question.modes), Q(effective_on__lte=since)
    found = postings.filter(compound__in=touched).order_by().values("compound__code", "compound__name")
    found = found.annotate(
        area=Sum("area_dm2"), counted=Sum(_where(managed, F("area_dm2"))),
        area_then=Sum(_where(then, F("area_dm2"))), counted_then=Sum(_where(then & managed, F("area_dm2"))),
    )  # fmt: skip
    found = found.annotate(before=_state("area_then", "counted_then"), now=_state("area", "counted"))
    return found.filter(~Q(before=F("now"))).order_by("compound__code")


def after(question: Question, since: datetime.date) -> QuerySet:
    postings = Posting.objects.at(code=question.division.code, as_of=question.as_of, height=question.height)
    return postings.filter(effective_on__gt=since)


def _where(condition: Q, amount: F) -> Case:
    return Case(When(condition, then=amount), default=Value(0))


def _state(area: str, managed: str) -> Case:
    """No pocket is below zero: what is managed in part holds area of both sorts."""
    return Case(
        When(**{area: 0}, then=Value(NOTHING)), When(**{managed: 0}, then=Value(UNMANAGED)),
        When(**{managed: F(area)}, then=Value(MANAGED)), default=Value(PARTIAL), output_field=IntegerField(),
    )  # fmt: skip
