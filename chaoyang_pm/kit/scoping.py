"""Who sees what: subtrees of a hierarchical code as scopes, and the one scoping verb of every queryset.

A model declares the path from itself to the code once (``scope_path``); pages, API, exports, admin and tasks ask
``visible_to(user)``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.db.models.lookups import In


def next_code(code: str) -> str:
    """The first code after the subtree of ``code``: ``code <= x < next_code(code)`` is the subtree."""
    return str(int(code) + 1).zfill(len(code))


@dataclass(frozen=True)
class Scope:
    """Disjoint subtrees of a hierarchical code; none of them is nothing, ``everything`` has no bounds."""

    codes: tuple[str, ...] = ()
    everything: bool = False

    @classmethod
    def of(cls, codes: Iterable[str]) -> "Scope":
        """The smallest scope that holds these subtrees."""
        kept: list[str] = []
        for code in sorted(set(codes)):
            if not kept or not code.startswith(kept[-1]):
                kept.append(code)
        return cls(tuple(kept))

    def covers(self, code: str | None) -> bool:
        """Whether a code lies in the scope; what has no code lies in no scope but the whole."""
        return self.everything or bool(code and self.codes and code.startswith(self.codes))

    def q(self, path: str) -> Q:
        """Rows whose code, found by ``path``, lies in the scope."""
        if self.everything:
            return Q()
        within = Q(pk__in=[])
        for code in self.codes:
            within |= Q(**{f"{path}__gte": code, f"{path}__lt": next_code(code)})
        return within

    def sql(self, column: str) -> tuple[str, list[str]]:
        """``q`` for a statement written out: a condition on the column, and its parameters."""
        if self.everything:
            return "1 = 1", []
        within = " OR ".join([f"({column} >= %s AND {column} < %s)"] * len(self.codes)) or "1 = 0"
        return f"({within})", [bound for code in self.codes for bound in (code, next_code(code))]


@models.BigAutoField.register_lookup
class Among(In):
    """``pk__among``: rows whose key is among a few that a query finds, which is run first.

    As ``pk__in`` says; but where PostgreSQL believes that the keys are many it would read the whole table for them.
    """

    lookup_name = "among"

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        key, key_params = self.process_lhs(compiler, connection)
        keys, params = self.process_rhs(compiler, connection)
        return f"{key} = ANY(ARRAY{keys})", [*key_params, *params]


#: No bounds: the command line, and those whose office is the whole city.
EVERYWHERE = Scope(everything=True)


class ScopedQuerySet(models.QuerySet):
    """A queryset with the scoping verb."""

    def visible_to(self, user: Any) -> Self:
        """The rows that a user may know of: outside of them every page answers 404."""
        return self.filter(user.scope.q(self.model.scope_path))  # type: ignore[attr-defined]  # each such model has one


def scope_code(row: Any) -> str | None:
    """The hierarchical code that a row belongs to: a code itself, a ``scope_code``, or what ``scope_path`` leads to."""
    if row is None or isinstance(row, str):
        return row
    if hasattr(row, "scope_code"):
        return row.scope_code
    path = getattr(type(row), "scope_path", "")
    if not path:  # a row of the whole, such as a setting
        return None
    *way, last = path.split("__")
    for step in way:
        row = getattr(row, step)
        if row is None:
            return None
    return getattr(row, f"{last}_id", None) or getattr(row, last, None)
