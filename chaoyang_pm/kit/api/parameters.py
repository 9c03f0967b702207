"""Query parameters: what an endpoint knows, described once for readers and for the check."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from chaoyang_pm.kit.problems import BadQuestion, Problem

#: Nothing that is asked for is longer; a page key is the longest.
MAX_LENGTH = 500


@dataclass(frozen=True)
class Parameter:
    """One query parameter. ``schema`` is its JSON schema, ``example`` a value that is answered."""

    name: str
    description: str
    example: Any
    schema: tuple[tuple[str, Any], ...] = (("type", "string"),)
    required: bool = False

    def as_openapi(self) -> dict[str, Any]:
        return {
            "name": self.name, "in": "query", "required": self.required, "description": self.description,
            "schema": dict(self.schema), "example": self.example,
        }  # fmt: skip


DATE = (("type", "string"), ("format", "date"))


def words(values: Iterable[str]) -> tuple[tuple[str, Any], ...]:
    """The schema of a parameter that is one of some words."""
    return (("type", "string"), ("enum", [str(value) for value in values]))


AS_OF = Parameter("as_of", "Date of the answer; default: the business date. 截止日期", "2014-12-31", DATE)


def read(request: HttpRequest, known: tuple[Parameter, ...]) -> dict[str, str]:
    """Every known parameter with its text ("" where it is not given).

    Raises BadQuestion naming each parameter that is unknown, given twice, missing, or cannot be meant.
    """
    problems = []
    names = [parameter.name for parameter in known]
    for name, values in request.GET.lists():
        value = values[-1]
        if name not in names:
            message = _("There is no parameter “%(name)s” here; accepted: %(accepted)s.")
            problems.append(Problem(name, value, message % {"name": name, "accepted": ", ".join(names) or "—"}))
        elif len(values) > 1:
            problems.append(Problem(name, ", ".join(values), _("Give it once.")))
        elif len(value) > MAX_LENGTH or (value and min(value) < " "):
            message = _("At most %(most)s printable characters are accepted.")
            problems.append(Problem(name, value[:40], message % {"most": MAX_LENGTH}))
    for parameter in known:
        if parameter.required and not request.GET.get(parameter.name):
            problems.append(Problem(parameter.name, "", _("This parameter is needed.")))
    if problems:
        raise BadQuestion(problems)
    return {name: request.GET.get(name, "") for name in names}


def one_of(name: str, value: str, accepted: tuple[str, ...] | list[str]) -> str:
    """The value if it is accepted or blank. Raises BadQuestion with what is accepted."""
    if value and value not in accepted:
        message = _("There is no “%(value)s”; accepted: %(accepted)s.")
        raise BadQuestion([Problem(name, value, message % {"value": value, "accepted": ", ".join(accepted)})])
    return value


def whole(name: str, value: str, *, least: int, most: int, blank: int) -> int:
    """A whole number between two bounds; ``blank`` where none is given."""
    if not value:
        return blank
    if not (value.isascii() and value.isdigit() and len(value) <= 18 and least <= int(value) <= most):
        message = _("“%(value)s” is not accepted; give a whole number from %(least)s to %(most)s.")
        raise BadQuestion([Problem(name, value, message % {"value": value, "least": least, "most": most})])
    return int(value)
