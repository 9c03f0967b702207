"""The moment that an answer of the API is about: a date and a version of the ledger, and what its ETag has of it."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.functional import cached_property

from chaoyang_pm.kit.api.parameters import AS_OF, Parameter
from chaoyang_pm.kit.dates import resolve_date
from chaoyang_pm.kit.facts import selectors as facts
from compounds.ledger.asking import resolve_height
from compounds.ledger.models import EMPTY_HASH

HEIGHT = Parameter(
    "height", "Version of the ledger: the answer as it was known then; default: the newest. 数据版次", 10,
    (("type", "integer"), ("minimum", 0)),
)  # fmt: skip
MOMENT = (AS_OF, HEIGHT)


@dataclass(frozen=True)
class State:
    """What answers depend on. ``hash`` is that of the version asked for (None if there is none), else of the newest."""

    newest: int
    hash: str | None
    facts: facts.FactsVersion


def state(height: str = "") -> State:
    """The ledger's and the facts' versions, of one moment: one statement."""
    asked = int(height) if height.isascii() and height.isdigit() and len(height) <= 18 else -1
    sql = f"""
        SELECT head.height, CASE WHEN %s THEN head.hash ELSE entry.hash END, facts.edits, facts.stamp
        FROM compounds_ledgerhead head CROSS JOIN ({facts.SQL}) facts
        LEFT JOIN compounds_entry entry ON entry.height = %s
        WHERE head.id = 1
    """  # noqa: S608 — only placeholders are put together
    with connection.cursor() as cursor:
        cursor.execute(sql, [not height, asked])
        newest, digest, edits, stamp = cursor.fetchone()
    return State(newest, EMPTY_HASH if asked == 0 else digest, facts.FactsVersion(int(edits), int(stamp)))


class AtMoment:
    """For endpoints with ``as_of`` and ``height``; blanks are resolved once, before the answer is made."""

    asked: dict[str, str]

    @cached_property
    def state(self) -> State:
        return state(self.asked.get("height", ""))

    @cached_property
    def as_of(self) -> datetime.date:
        return resolve_date(self.asked.get("as_of", ""))

    @cached_property
    def height(self) -> int:
        text = self.asked.get("height", "")
        return resolve_height(text).height if text else self.state.newest

    @property
    def moment(self) -> dict[str, Any]:
        return {"as_of": self.as_of, "height": self.height}

    def depends_on(self) -> list[Any]:
        return [self.as_of, self.state.hash, self.state.facts.edits, self.state.facts.stamp]

    def pinned(self) -> dict[str, str]:
        """Further pages are about the moment of the first, whatever is recorded meanwhile."""
        pinned = super().pinned()  # type: ignore[misc]  # a list endpoint's
        return pinned | {"as_of": self.as_of.isoformat(), "height": str(self.height)}
