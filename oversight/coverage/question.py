"""What a figure is asked for: (division, date, height, rule), resolved and checked once for page, command and API."""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.problems import BadQuestion, Problem, bad
from communities.divisions.models import Division
from compounds.ledger import selectors as ledger
from compounds.ledger.asking import resolve_date, resolve_height
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
    counting = programme.rule_on(code, day or business_date()) if code.isprintable() else None
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
    except BadQuestion as unusable:
        problems.extend(unusable.problems)
        return None


def resolve_division(code: str) -> Division:
    """A division by code; the programme's city for a blank."""
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
