"""The list of compounds in an order: a page of it or all of it, with the totals over all, in one statement.

The postings are read once, whatever is filtered and sorted by; a row's other cells are looked up for the page only.
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import F, QuerySet, Sum, TextField, Value
from django.db.models.functions import NullIf

from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from communities.people.models import User
from compounds.ledger import providers
from compounds.ledger.choices import Category, Mode
from compounds.ledger.loading import chunks
from compounds.register import selectors
from compounds.register.columns import Column
from compounds.register.models import Compound
from compounds.register.selectors import Totals

CHUNK = 1_000
#: PostgreSQL takes the joined list for a thousand times its length, and would sort it on disk. A table of 200,000 sums
#: fits no processor's cache: along the index of compounds they are made one after the other.
PLANNING = "SET LOCAL work_mem = '64MB'; SET LOCAL enable_hashagg = off"
#: What a sort by a figure goes by; others go by a column of the compound.
FIGURES = {
    "total": "total", "managed": "managed", "unmanaged": "total - managed", "households": "households",
    "rate": "managed * 1.0 / NULLIF(total, 0)",
    "cover": "CASE WHEN status <> 'active' THEN 9 WHEN total = 0 THEN 3 WHEN managed = total THEN 0 "
             "WHEN managed > 0 THEN 1 ELSE 2 END",
}  # fmt: skip
WORDS: dict[str, tuple[str, list[str]]] = {
    "categories": ("category", Category.values),
    "modes": ("mode", Mode.values),
}
PLACES = {"place", "county", "subdistrict", "community", "community_code"}


@dataclass(frozen=True)
class Roll:
    """Filtered compounds at (date, height), as far as their area lies in a division (``code``) or scope."""

    compounds: QuerySet[Compound]
    user: User
    as_of: datetime.date
    height: int
    code: str = ""
    scope: Scope = EVERYWHERE
    sort: str = "code"
    #: Nothing was left out of what the scope holds: postings need not be held against the compounds.
    is_all: bool = False

    def page(self, *, offset: int, limit: int | None) -> tuple[list[tuple[int, int, int, int]], Totals]:
        """(key, total, managed, households) in order, and the totals over all pages."""
        try:
            sql, params = self._sql(offset, limit)
        except EmptyResultSet:
            return [], Totals(0, 0, 0, 0)
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(PLANNING)
            cursor.execute(sql, params)
            found = [(row[0], *map(int, row[1:])) for row in cursor.fetchall()]
        (whole,) = [row for row in found if row[0] is None]
        rows = sorted((row for row in found if row[0] is not None), key=lambda row: row[4])
        return [row[:4] for row in rows], Totals(whole[4], *whole[1:4])

    def filled(self, rows: list[tuple[int, int, int, int]], columns: Iterable[Column]) -> list[Any]:
        """The compounds of ``page`` with everything that ``columns`` show."""
        keys = [row[0] for row in rows]
        listed = Compound.objects.select_related("community__parent__parent").in_bulk(keys)
        wanted = {column.key for column in columns}
        held = self._pockets(keys) if wanted & WORDS.keys() else {}
        named = providers.of(keys, user=self.user, as_of=self.as_of, height=self.height) if "provider" in wanted else {}
        for key, total, managed, households in rows:
            one: Any = listed[key]
            one.total, one.managed, one.unmanaged, one.households = total, managed, total - managed, households
            pockets = held.get(key, set())
            one.categories = [each for each in Category if each in {pocket[0] for pocket in pockets}]
            one.modes = [each for each in Mode if each in {pocket[1] for pocket in pockets}]
            one.provider = named.get(key, "")
        return [listed[key] for key in keys]

    def everything(self, columns: Iterable[Column]) -> Iterator[Any]:
        """All compounds in order, filled in by portions."""
        columns = list(columns)
        rows, _totals = self.page(offset=0, limit=None)
        for portion in chunks(rows, CHUNK):
            yield from self.filled(portion, columns)

    def _pockets(self, keys: list[int]) -> dict[int, set[tuple[str, str]]]:
        """(category, mode) of what each compound holds."""
        inside = selectors.postings(as_of=self.as_of, height=self.height, code=self.code, scope=self.scope)
        sums = inside.filter(compound__in=keys).order_by().values_list("compound", "category", "mode")
        found: dict[int, set[tuple[str, str]]] = {}
        for compound, category, mode, area in sums.annotate(Sum("area_dm2")):
            if area:
                found.setdefault(compound, set()).add((category, mode))
        return found

    def _sql(self, offset: int, limit: int | None) -> tuple[str, list[Any]]:
        key, down = self.sort.removeprefix("-"), self.sort.startswith("-")
        chosen, params = self._chosen(key).query.sql_with_params()
        word, word_params = self._word(key)
        within, bounds = (Scope.of([self.code]) if self.code else self.scope).sql("community_id")
        among = "" if self.is_all else " AND compound_id IN (SELECT id FROM chosen)"
        order = f"{FIGURES[key]} {'DESC' if down else 'ASC'} NULLS LAST, " if key in FIGURES else (
            f"sorted_by {'DESC' if down else 'ASC'} NULLS LAST, " if key != "code" else ""
        )  # fmt: skip
        order += f"code {'DESC' if key == 'code' and down else 'ASC'}"
        by = "COALESCE(word, 9)" if key in WORDS else "chosen.sorted_by"
        fence = "MATERIALIZED" if connection.vendor == "postgresql" else ""
        limited = "" if limit is None else "LIMIT %s OFFSET %s"
        sql = f"""
            WITH chosen (id, code, status, sorted_by) AS {fence} ({chosen}),
            held AS (
                SELECT compound_id, SUM(area_dm2) AS total, SUM(households) AS households,
                       SUM(CASE WHEN mode <> 'none' THEN area_dm2 ELSE 0 END) AS managed, {word} AS word
                FROM compounds_posting
                WHERE effective_on <= %s AND entry_id <= %s AND {within}{among}
                GROUP BY compound_id
            ),
            listed AS {fence} (
                SELECT id, code, status, {by} AS sorted_by, COALESCE(total, 0) AS total,
                       COALESCE(managed, 0) AS managed, COALESCE(households, 0) AS households
                FROM chosen LEFT JOIN held ON held.compound_id = chosen.id
            ),
            page AS (SELECT * FROM listed ORDER BY {order} {limited})
            SELECT NULL, COALESCE(SUM(total), 0), COALESCE(SUM(managed), 0), COALESCE(SUM(households), 0), COUNT(*)
            FROM listed
            UNION ALL
            SELECT id, total, managed, households, ROW_NUMBER() OVER (ORDER BY {order}) FROM page
        """  # noqa: S608 — only placeholders, own words and compiled queries are put together
        edges = [] if limit is None else [limit, offset]
        return sql, [*params, *word_params, self.as_of, self.height, *bounds, *edges]

    def _chosen(self, key: str) -> QuerySet:
        listed: QuerySet = self.compounds.order_by()
        by: Any = Value(0)
        if key == "provider":
            by = NullIf(
                providers.newest("pk", user=self.user, as_of=self.as_of, height=self.height),
                Value(""),
                output_field=TextField(),
            )
        elif key in PLACES:
            by = F("community_id")
        elif key not in FIGURES and key not in WORDS and key != "code":
            is_text = selectors.field(key).get_internal_type() in ("CharField", "TextField")
            by = NullIf(F(key), Value(""), output_field=TextField()) if is_text else F(key)
        return listed.annotate(sorted_by=by).values_list("pk", "code", "status", "sorted_by")

    def _word(self, key: str) -> tuple[str, list[str]]:
        """The place of the first category or mode that a compound holds area under."""
        if key not in WORDS:
            return "0", []
        column, values = WORDS[key]
        whens = " ".join(
            f"WHEN SUM(CASE WHEN {column} = %s THEN area_dm2 ELSE 0 END) > 0 THEN {place}"
            for place, _value in enumerate(values)
        )
        return f"CASE {whens} ELSE 9 END", list(values)
