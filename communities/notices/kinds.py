"""Kinds of notices, and their words. A room declares its own in its ``notices.py``, which its app imports when ready.

A row keeps no sentence but its parameters, so that each reader reads it in the own language. A parameter that is itself
to be translated is given as a lazy text, or as ``Text`` if it has parameters in turn; both are kept as their msgid.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from communities.notices.choices import Mail


@dataclass(frozen=True)
class Kind:
    """What is to be known of a kind. ``title`` and ``body`` are lazy, with ``%(name)s`` for parameters."""

    code: str
    label: Any
    title: Any
    body: Any = ""
    #: The action of the permission matrix that people get such notices by; "": everybody may get some.
    action: str = ""
    #: What goes out by e-mail as long as a person has not chosen.
    mail: Mail = Mail.DIGEST


class Text:
    """A text with parameters, as the parameter of a notice: ``Text(_("Token “%(name)s” ends"), name=token.name)``."""

    def __init__(self, template: Any, **parameters: Any):
        self.template, self.parameters = template, parameters


class _Known(dict):
    """What a row of an older release does not have yet is a dash, not an error."""

    def __missing__(self, key: str) -> str:
        return "—"


_kinds: dict[str, Kind] = {}


def declare(kind: Kind) -> Kind:
    if kind.code in _kinds:
        raise ValueError(f"{kind.code}: two kinds of notices of one name")
    _kinds[kind.code] = kind
    return kind


def kind_of(code: str) -> Kind | None:
    """None for one that this release does not know."""
    return _kinds.get(code)


def all_kinds() -> list[Kind]:
    return list(_kinds.values())


def stored(value: Any) -> Any:
    """A parameter as JSON holds it."""
    if isinstance(value, Text):
        return {"text": _msgid(value.template), "with": stored(value.parameters)}
    if isinstance(value, Promise):
        return {"text": _msgid(value), "with": {}}
    if isinstance(value, Mapping):
        return {str(name): stored(one) for name, one in value.items()}
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value if isinstance(value, int | str | None) else str(value)


def shown(value: Any) -> Any:
    """A stored parameter in the language that is active."""
    if isinstance(value, dict):
        msgid = value["text"]
        return fill(gettext(msgid), value["with"])
    return value


def fill(template: Any, parameters: Mapping[str, Any]) -> str:
    """A text with its stored parameters."""
    text = str(template)
    words = _Known((name, shown(value)) for name, value in parameters.items())
    return text % words if "%(" in text else text


def _msgid(text: Any) -> str:
    with translation.override(None):
        return str(text)
