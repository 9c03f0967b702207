"""A table from what an address says: its own parameters are resolved here, once for page, file and API."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.problems import bad
from communities.people.models import User
from communities.people.permissions import reach
from compounds.ledger.asking import resolve_date, resolve_height
from compounds.ledger.selectors import known_by
from oversight.coverage.movements import explained, restated
from oversight.coverage.question import Question
from oversight.coverage.targets import TargetFigures, board
from oversight.tables import (
    assignments,
    completeness,
    layouts,
    monthly,
    movements,
    plan_layouts,
    plan_presenters,
    presenters,
    report_layouts,
    report_presenters,
    summary,
    unmanaged,
)
from oversight.tables.choices import Measure, Table
from oversight.tables.printed import Printed

Parameters = Mapping[str, str]


@dataclass(frozen=True)
class Made:
    """A table in its two forms, made of the same rows, and what was asked for besides the question.

    ``printed`` takes the lines that will be shown: of others a list by compound may leave out what is costly to find.
    """

    asked: dict[str, Any]
    printed: Callable[[slice], Printed]
    data: Callable[[], dict[str, Any]]


def make(table: Table, question: Question, given: Parameters, reader: User) -> Made:
    """``reader``: who sees it, and may not see all of some. Raises BadQuestion for parameters that name nothing."""
    if table == Table.ASSIGNMENTS:
        return _assignments(question, reader)
    return MAKERS[table](question, given)


def _movements(question: Question, given: Parameters) -> Made:
    since, measure = resolve_since(question, given.get("from", "")), _measure(given)
    by = _choice("by", given.get("by", ""), movements.levels(question.division))
    target = _target(question, given.get("target", ""))
    found = movements.movements(question, since, by, target)
    return Made(
        {"since": since, "by": by, "measure": measure, "target": target and target.target.code},
        lambda _shown: layouts.movements(question, found, measure), lambda: presenters.movements(question, found),
    )  # fmt: skip


def _monthly(question: Question, given: Parameters) -> Made:
    found = monthly.monthly(question)
    return Made(
        {}, lambda _shown: report_layouts.monthly(question, found),
        lambda: report_presenters.monthly(question, found),
    )  # fmt: skip


def _returns(question: Question, given: Parameters) -> Made:
    found = completeness.reported(question)
    return Made(
        {}, lambda _shown: report_layouts.returns(question, found),
        lambda: report_presenters.returns(question, found),
    )  # fmt: skip


def _summary(question: Question, given: Parameters) -> Made:
    by = _choice("by", given.get("by", ""), summary.levels(question.division))
    found = summary.summary(question, by)
    return Made(
        {"by": by}, lambda _shown: layouts.summary(question, found), lambda: presenters.summary(question, found)
    )


def _assignments(question: Question, reader: User) -> Made:
    found, phones = assignments.assignments(question, reader), reach(reader, "exports.phones")
    return Made(
        {}, lambda _shown: plan_layouts.assignments(question, found, phones),
        lambda: plan_presenters.assignments(question, found),
    )  # fmt: skip


def _unmanaged(question: Question, given: Parameters) -> Made:
    found = unmanaged.unmanaged(question)
    return Made({}, lambda _shown: layouts.unmanaged(question, found), lambda: presenters.unmanaged(question, found))


def _restatement(question: Question, given: Parameters) -> Made:
    measure = _measure(given)
    text = given.get("from_height", "") or known_by(question.as_of, height=question.height)
    earlier = resolve_height(text, field="from_height").height
    if earlier > question.height:
        message = _("The earlier version %(value)s is newer than version %(height)s; give a smaller number.")
        raise bad("from_height", earlier, message % {"value": earlier, "height": question.height})
    found = restated(question, earlier)
    return Made(
        {"from_height": earlier, "measure": measure},
        lambda shown: layouts.restatement(question, earlier, found, measure, shown),
        lambda: presenters.restatement(question, earlier, explained(question, earlier, found)),
    )  # fmt: skip


MAKERS: dict[Table, Callable[[Question, Parameters], Made]] = {
    Table.MONTHLY: _monthly, Table.MOVEMENTS: _movements, Table.SUMMARY: _summary, Table.UNMANAGED: _unmanaged,
    Table.RESTATEMENT: _restatement, Table.RETURNS: _returns,
}  # fmt: skip


# --- parameters ------------------------------------------------------------------------------------------
def resolve_since(question: Question, text: str) -> datetime.date:
    """The day that 增减变动表 opens with; for a blank, the last one of the year before."""
    usual = question.as_of.replace(month=1, day=1) - datetime.timedelta(days=1)
    since = resolve_date(text, field="from") if text else usual
    if since > question.as_of:
        raise bad("from", text, _("The first date lies after the last; give the earlier one first."))
    return since


def _measure(given: Parameters) -> Measure:
    return Measure(_choice("measure", given.get("measure", ""), Measure.values))


def _choice(field: str, value: str, accepted: list[str]) -> str:
    if value and value not in accepted:
        message = _("There is no “%(value)s”; accepted: %(accepted)s.")
        raise bad(field, value, message % {"value": value, "accepted": ", ".join(accepted)})
    return value or accepted[0]


def _target(question: Question, code: str) -> TargetFigures | None:
    """A target of area whose table is asked for."""
    if not code:
        return None
    found = {figures.target.code: figures for figures in board(question) if figures.counts_area}
    if code not in found:
        message = _("There is no “%(value)s”; accepted: %(accepted)s.")
        raise bad("target", code, message % {"value": code, "accepted": ", ".join(found) or "—"})
    return found[code]
