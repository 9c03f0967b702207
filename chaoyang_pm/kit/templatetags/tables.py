"""The head of a table in one line: ``{% table_head _("Sheet") "when" several _("Rows") "num" _("Action") "unseen" %}``.

What a heading is like stands behind it: a filter cannot follow words that are to be translated.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django import template

register = template.Library()

#: What may stand behind a heading; and WHEN with a condition, without which it is no column.
MARKS = ("num", "unseen", "unprinted")
WHEN = "when"


@dataclass(frozen=True)
class Column:
    """One heading: its words, whether numbers stand below it, whether it is read out only, and whether it prints."""

    label: Any
    num: bool = False
    unseen: bool = False
    unprinted: bool = False


@register.inclusion_tag("components/table_head.html")
def table_head(*written: Any) -> dict[str, Iterable[Column]]:
    """Headings from left to right: words, choices by their labels, or lists of them."""
    found: list[list[Column]] = []
    rest = iter(written)
    for each in rest:
        if each == WHEN:
            found[-1] = found[-1] if next(rest) else []
        elif each in MARKS:
            found[-1] = [replace(column, **{str(each): True}) for column in found[-1]]
        else:
            found.append([Column(getattr(one, "label", one)) for one in (each if isinstance(each, list) else [each])])
    return {"columns": [column for columns in found for column in columns]}
