"""Bodies of requests: what an endpoint takes, described once for readers and for the check."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import DM2_PER_M2
from chaoyang_pm.kit.problems import BadQuestion, Problem

#: Larger numbers are no area and no households; what is to be entered has limits of its own.
MOST = 10**12


@dataclass(frozen=True)
class Field:
    """One field of a body: null and left out are the same, and come out as None."""

    name: str
    description: str
    example: Any

    @property
    def schema(self) -> dict[str, Any]:
        raise NotImplementedError  # each type of field has its own

    def read(self, value: Any) -> Any:
        """The value as the portal counts it; raises ValueError with what is accepted."""
        raise NotImplementedError  # each type of field has its own

    def as_openapi(self) -> dict[str, Any]:
        about = {"description": self.description, "example": self.example}
        types = self.schema["type"]
        return about | self.schema | {"type": [types, "null"]}


@dataclass(frozen=True)
class Text(Field):
    max_length: int = 200
    #: Accepted values; none: any text.
    words: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        if self.words:
            return {"type": "string", "enum": [*self.words, None]}
        return {"type": "string", "maxLength": self.max_length}

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(_("Give a text in quotes."))
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ValueError(_("The text holds a character that cannot be stored."))
        text = value.strip()
        if self.words and text not in self.words:
            message = _("There is no “%(value)s”; accepted: %(accepted)s.")
            raise ValueError(message % {"value": text[:40], "accepted": ", ".join(self.words)})
        if len(text) > self.max_length:
            message = _("At most %(most)s characters are accepted, these are %(given)s.")
            raise ValueError(message % {"most": self.max_length, "given": len(text)})
        return text


@dataclass(frozen=True)
class Day(Field):
    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date"}

    def read(self, value: Any) -> datetime.date:
        try:
            return datetime.datetime.strptime(value, "%Y-%m-%d").date()
        except (TypeError, ValueError):
            message = _("“%(value)s” is not a date; write it as 2014-12-31.")
            raise ValueError(message % {"value": str(value)[:40]}) from None


@dataclass(frozen=True)
class Whole(Field):
    """A whole number, signed where the endpoint means a difference; 12.0 is one, as in JSON Schema."""

    least: int = -MOST
    most: int = MOST

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}

    def read(self, value: Any) -> int:
        number = isinstance(value, int | Decimal) and not isinstance(value, bool)
        if not number or abs(value) > MOST or value != int(value):
            raise ValueError(_("Give a whole number, without quotes."))
        if not self.least <= value <= self.most:
            message = _("“%(value)s” is not accepted; give a whole number from %(least)s to %(most)s.")
            raise ValueError(message % {"value": int(value), "least": self.least, "most": self.most})
        return int(value)


@dataclass(frozen=True)
class Area(Field):
    """㎡ with at most two decimals, as a number; read as a whole number of 0.01 ㎡, exactly."""

    #: Whether it may be a difference.
    signed: bool = True

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "number", "minimum": -MOST if self.signed else 0, "maximum": MOST}

    def read(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or abs(value) > MOST:
            raise ValueError(_("Give the area in ㎡ as a number, without quotes and separators."))
        _sign, digits, exponent = Decimal(value).as_tuple()
        # By its digits: arithmetic would round what is too long for it.
        if exponent < -2 and any(digits[exponent + 2 :]):
            raise ValueError(_("An area has at most two decimals."))
        if value < 0 and not self.signed:
            raise ValueError(_("An area is not below 0."))
        return int(value * DM2_PER_M2)


@dataclass(frozen=True)
class Rows(Field):
    """Several objects of the same fields; what cannot be meant is named by its place: ``parts[0].takes[1].mode``."""

    fields: tuple[Field, ...] = ()
    required: tuple[str, ...] = ()
    most: int = 100

    @property
    def schema(self) -> dict[str, Any]:
        items = as_object(self.fields, self.required)
        return {"type": "array", "minItems": 1, "maxItems": self.most, "items": items}

    def read(self, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise ValueError(_("Give a list of objects."))
        if not 1 <= len(value) <= self.most:
            message = _("Give 1 to %(most)s of them, these are %(given)s.")
            raise ValueError(message % {"most": self.most, "given": len(value)})
        rows, problems = [], []
        for number, one in enumerate(value):
            try:
                rows.append(read(one, self.fields, required=self.required))
            except BadQuestion as unusable:
                problems += _below(f"[{number}]", unusable)
        if problems:
            raise BadQuestion(problems)
        return rows


def _below(place: str, unusable: BadQuestion) -> list[Problem]:
    """Problems of what stands at a place, named from there."""
    return [
        Problem(place + (one.field if one.field[:1] in ("", "[") else f".{one.field}"), one.value, one.message)
        for one in unusable.problems
    ]


def as_object(fields: Sequence[Field], required: Sequence[str]) -> dict[str, Any]:
    """How an object of these fields is described."""
    return {
        "type": "object",
        "properties": {field.name: field.as_openapi() for field in fields},
        "required": list(required),
        "additionalProperties": False,
    }


def read(sent: Any, known: Sequence[Field], *, required: Sequence[str] = ()) -> dict[str, Any]:
    """Every known field with its value, None where it is not given.

    Raises BadQuestion naming every field that is unknown, missing, or cannot be meant.
    """
    if not isinstance(sent, dict):
        raise BadQuestion([Problem("", "", _("Send one JSON object."))])
    fields = {field.name: field for field in known}
    problems, values, unusable = [], dict.fromkeys(fields), set()
    for name, value in sent.items():
        if name not in fields:
            message = _("There is no field “%(name)s” here; accepted: %(accepted)s.")
            problems.append(Problem(name[:40], "", message % {"name": name[:40], "accepted": ", ".join(fields)}))
        elif value is not None:
            try:
                values[name] = fields[name].read(value)
            except BadQuestion as within:
                unusable.add(name)
                problems += _below(name, within)
            except ValueError as reason:
                unusable.add(name)
                problems.append(Problem(name, str(value)[:40], str(reason)))
    for name in required:
        if values[name] in (None, "") and name not in unusable:
            problems.append(Problem(name, "", _("This field is needed.")))
    if problems:
        raise BadQuestion(problems)
    return values
