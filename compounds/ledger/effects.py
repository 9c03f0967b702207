"""What an event would change in figures and targets: both lie one floor above, which answers when the project starts.

See ``compounds.approvals.counted`` for the same way of asking upwards.
"""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from chaoyang_pm.kit.scoping import Scope
from compounds.ledger.events import Change


class Effect(NamedTuple):
    """One figure of today by the standard rule. Areas in 0.01 ㎡, rates as shares of 1.

    ``before`` and ``after`` are None where the reader may not know the whole, or a rate is of nothing.
    """

    what: str
    measure: Literal["area", "rate"]
    before: float | None
    after: float | None
    change: float | None


Answer = Callable[[Iterable[Change], Scope], list[Effect]]


def _nothing_known(changes: Iterable[Change], scope: Scope) -> list[Effect]:
    return []


_answer: Answer = _nothing_known


def provide_effects(answer: Answer) -> None:
    global _answer
    _answer = answer


def of(changes: Iterable[Change], scope: Scope) -> list[Effect]:
    """The figures that would change, for a reader of this scope."""
    return _answer(changes, scope)
