"""What a figure is asked for: (division, date, height, rule), resolved and checked once for page, command and API."""

import datetime
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import add_months, business_date, months_between
from chaoyang_pm.kit.problems import BadQuestion, Problem, bad
from communities.divisions.models import Division
from compounds.ledger import selectors as ledger
from compounds.ledger.asking import EARLIEST, resolve_date, resolve_height
from compounds.register.counting import Counting
from oversight.programme import selectors as programme
from oversight.programme.models import CountingRule


@dataclass(frozen=True)
class Question:
    """A figure's key. ``modes`` are the managed modes that the rule counts."""

    division: Division
    as_of: datetime.date
    version: ledger.Version
    rule: CountingRule
    modes: tuple[str, ...]
    #: Every rule as it stands on the date, the standard one first.
    rules: tuple[CountingRule, ...] = field(default=(), compare=False, repr=False)
    #: All that rules ever said.
    every_rule: tuple[CountingRule, ...] = field(default=(), compare=False, repr=False)

    @property
    def height(self) -> int:
        return self.version.height


def resolve(*, division: str | Division = "", as_of: str = "", height: str | int = "", rule: str = "") -> Question:
    """A question from what a person or program wrote; blanks are the city, today, the newest height, ``standard``.

    Raises BadQuestion with every problem at once.
    """
    problems: list[Problem] = []
    found = _collect(problems, resolve_division, division)
    day = _collect(problems, resolve_date, as_of)
    version = _collect(problems, resolve_height, height)
    every_rule = tuple(programme.every_rule())
    rules = programme.rules_on(day or business_date(), every_rule)
    counting = _collect(problems, lambda code: _chosen(rules, code), rule)
    if problems or not (found and day and version and counting):
        raise BadQuestion(problems)
    modes = tuple(programme.counted_modes(counting))
    return Question(found, day, version, counting, modes, tuple(rules), every_rule)


@dataclass(frozen=True)
class Span:
    """Months from that of ``first`` to that of ``last``, whatever the days."""

    first: datetime.date
    last: datetime.date


#: The longest series: the programme's beginning and ten times as far.
MOST_MONTHS = 600
#: Of a series whose beginning nobody named.
USUAL_MONTHS = 12


def resolve_span(question: Question, *, since: str = "", until: str = "") -> Span:
    """The months of a series, written ``2014-05``; blanks are the year up to the month of the question's date.

    Raises BadQuestion about the fields ``from`` and ``to``, with every problem at once.
    """
    problems: list[Problem] = []
    newest = question.as_of.replace(day=1)
    last = _collect(problems, lambda text: resolve_month(text, field="to") if text else newest, until)
    begins = (lambda text: resolve_month(text, field="from")) if since else (lambda _text: None)
    first = _collect(problems, begins, since)
    if last and last > newest:
        message = _("%(value)s lies after the month of the figures' date, %(newest)s.")
        problems.append(Problem("to", until, message % {"value": until, "newest": f"{newest:%Y-%m}"}))
    if problems or last is None:
        raise BadQuestion(problems)
    first = first or max(add_months(last, 1 - USUAL_MONTHS), EARLIEST)
    if first > last:
        raise bad("from", since, _("The first month lies after the last; give the earlier one first."))
    if months_between(first, last) >= MOST_MONTHS:
        message = _("A series has at most %(most)s months; give a later first month.")
        raise bad("from", since, message % {"most": MOST_MONTHS})
    return Span(first, last)


def resolve_month(text: str, *, field: str) -> datetime.date:
    """The first day of a month written ``2014-05``."""
    try:
        if not text.isascii() or len(text) != len("2014-05"):
            raise ValueError(text)
        month = datetime.datetime.strptime(text, "%Y-%m").date()
    except (ValueError, TypeError):
        message = _("“%(value)s” is not a month; write it as 2014-05.")
        raise bad(field, text, message % {"value": text}) from None
    if month < EARLIEST:
        message = _("%(value)s is too long ago; months from %(earliest)s are accepted.")
        raise bad(field, text, message % {"value": text, "earliest": f"{EARLIEST:%Y-%m}"})
    return month


def _collect(problems: list[Problem], resolver, value):
    try:
        return resolver(value)
    except BadQuestion as unusable:
        problems.extend(unusable.problems)
        return None


def resolve_rule(code: str, on: datetime.date) -> CountingRule:
    """A counting rule as it stands on a date; ``standard`` for a blank."""
    return _chosen(programme.rules_on(on), code)


def _chosen(rules: list[CountingRule], code: str) -> CountingRule:
    code = code or programme.STANDARD
    rule = next((rule for rule in rules if rule.code == code), None)
    if rule is None:
        message = _("There is no counting rule “%(value)s”; accepted: %(accepted)s.")
        codes = ", ".join(sorted(rule.code for rule in rules)) or "—"
        raise bad("rule", code, message % {"value": code, "accepted": codes})
    return rule


def counting(code: str, on: datetime.date) -> Counting:
    """What the register asks one floor above: which modes count by a rule."""
    rule = resolve_rule(code, on)
    return Counting(rule.code, tuple(programme.counted_modes(rule)))


def resolve_division(code: str | Division) -> Division:
    """A division by code; the programme's city for a blank. One that somebody has read already is taken as it is."""
    if isinstance(code, Division):
        return code
    if not code:
        current = programme.current()
        if current is None:
            raise bad("division", "", _("There are no divisions yet; run manage.py load_reference."))
        return current.city
    division = Division.objects.filter(code=code).first() if code.isascii() and code.isdigit() else None
    if division is None:
        message = _("There is no division “%(value)s”; give a code of 4, 6, 9 or 12 digits such as 2113 or 211302.")
        raise bad("division", code, message % {"value": code})
    return division
