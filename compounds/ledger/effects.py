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


class Glance(NamedTuple):
    """A community's rate today as known at a version, now and afterwards; or the change of a target."""

    what: str
    measure: Literal["area", "rate"]
    then: float | None
    now: float | None
    after: float | None
    change: float | None


Answer = Callable[[Iterable[Change], Scope], list[Effect]]
#: (changes, code of a community, a version) → its rate, and the targets that would change.
AtAGlance = Callable[[Iterable[Change], str, int], list[Glance]]


def _nothing_known(changes: Iterable[Change], scope: Scope) -> list[Effect]:
    return []


def _nothing_seen(changes: Iterable[Change], community: str, height: int) -> list[Glance]:
    return []


_answer: Answer = _nothing_known
_glance: AtAGlance = _nothing_seen


def provide_effects(answer: Answer, glance: AtAGlance) -> None:
    global _answer, _glance
    _answer, _glance = answer, glance


def of(changes: Iterable[Change], scope: Scope) -> list[Effect]:
    """The figures that would change, for a reader of this scope."""
    return _answer(changes, scope)


def at_a_glance(changes: Iterable[Change], *, community: str, height: int) -> list[Glance]:
    """The community's rate and what the targets would gain or lose: a few queries, for a page with much else on it."""
    return _glance(changes, community, height)
