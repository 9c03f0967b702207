"""What a figure is asked for: (division, date, height, rule), resolved and checked once for page, command and API."""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from communities.divisions.models import Division
from compounds.ledger import selectors as ledger
from oversight.programme import selectors as programme
from oversight.programme.models import CountingRule


@dataclass(frozen=True)
class Problem:
    """One unusable parameter."""

    field: str
    value: str
    message: str


class BadQuestion(Exception):
    """Parameters that name nothing; each problem says which field, which value, and what is accepted."""

    def __init__(self, problems: list[Problem]):
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Question:
    """A figure's key. ``modes`` are the managed modes that the rule counts."""

    division: Division
    as_of: datetime.date
    version: ledger.Version
    rule: CountingRule
    modes: tuple[str, ...]

    @property
    def height(self) -> int:
        return self.version.height


def resolve(*, division: str = "", as_of: str = "", height: str | int = "", rule: str = "") -> Question:
    """A question from what a person or program wrote; blanks are the city, today, the newest height, ``standard``.

    Raises BadQuestion with every problem at once.
    """
    problems: list[Problem] = []
    found = _collect(problems, resolve_division, division)
    day = _collect(problems, resolve_date, as_of)
    version = _collect(problems, resolve_height, height)
    code = rule or programme.STANDARD
    counting = programme.rule_on(code, day or business_date())
    if counting is None:
        message = _("There is no counting rule “%(value)s”; accepted: %(accepted)s.")
        facts = {"value": code, "accepted": ", ".join(programme.rule_codes()) or "—"}
        problems.append(Problem("rule", code, message % facts))
    if problems or not (found and day and version and counting):
        raise BadQuestion(problems)
    return Question(found, day, version, counting, tuple(programme.counted_modes(counting)))


def _collect(problems: list[Problem], resolver, value):
    try:
        return resolver(value)
    except BadQuestion as bad:
        problems.extend(bad.problems)
        return None


def _bad(field: str, value, message: str) -> BadQuestion:
    return BadQuestion([Problem(field, str(value), message)])


def resolve_division(code: str) -> Division:
    """A division by code; the programme's city for a blank."""
    if not code:
        current = programme.current()
        if current is None:
            raise _bad("division", "", _("There are no divisions yet; run manage.py load_reference."))
        return current.city
    division = Division.objects.filter(code=code).first()
    if division is None:
        message = _("There is no division “%(value)s”; give a code of 4, 6, 9 or 12 digits such as 2113 or 211302.")
        raise _bad("division", code, message % {"value": code})
    return division


def resolve_date(text: str, *, field: str = "as_of") -> datetime.date:
    """An ISO date up to the business date; the business date for a blank."""
    today = business_date()
    if not text:
        return today
    try:
        day = datetime.datetime.strptime(text, "%Y-%m-%d").date()
    except (ValueError, TypeError):
        message = _("“%(value)s” is not a date; write it as 2014-12-31.")
        raise _bad(field, text, message % {"value": text}) from None
    if day > today:
        message = _("%(value)s lies after the business date; dates up to %(today)s are accepted.")
        raise _bad(field, text, message % {"value": text, "today": today.isoformat()})
    return day


def resolve_height(value: str | int, *, field: str = "height") -> ledger.Version:
    """A height from 0 to the newest; the newest for a blank."""
    newest = ledger.newest()
    if value in ("", None):
        return newest
    text = str(value)
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or int(text) > newest.height:
        message = _("There is no version “%(value)s”; whole numbers from 0 to %(newest)s are accepted.")
        raise _bad(field, text, message % {"value": text, "newest": newest.height})
    return newest if int(text) == newest.height else ledger.version(int(text))
