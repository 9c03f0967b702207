"""Which modes count as managed (口径): counting rules lie one floor above, which answers when the project starts.

See ``compounds.imports.defaults`` for the same way of asking upwards.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from chaoyang_pm.kit.api.parameters import Parameter

RULE = Parameter(
    "rule", "Counting rule: which modes count as managed; default: `standard`, all five. 统计口径", "standard"
)


@dataclass(frozen=True)
class Counting:
    """A counting rule as it stands on a date."""

    code: str
    modes: tuple[str, ...]


#: (code or "", date) → the rule; raises BadQuestion about the field ``rule``.
Find = Callable[[str, datetime.date], Counting]
_find: list[Find] = []


def provide_counting_rules(find: Find) -> None:
    _find[:] = [find]


def counting_rule(code: str, on: datetime.date) -> Counting:
    return _find[0](code, on)
