"""Whether area counts towards a target: targets lie one floor above, which names the check when the project starts.

See ``compounds.imports.defaults`` for the same way of asking upwards.
"""

from collections.abc import Callable

#: (community code, categories) → whether a target counts area of one of these categories there.
Check = Callable[[str, set[str]], bool]


def _nothing_counts(community: str, categories: set[str]) -> bool:
    return False


_check: Check = _nothing_counts


def provide_counted_area(check: Check) -> None:
    global _check
    _check = check


def counts(community: str, categories: set[str]) -> bool:
    return _check(community, categories)
