"""Coverage from the ledger by plain SQL: balances and counts for any (division, date, height) and grouping.

Formulas: ledger.md, "Formulas". Areas in 0.01 ㎡. The same SQL runs on SQLite and PostgreSQL.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Count
from django.db.models.functions import Substr

from chaoyang_pm.kit.figures import ratio
from chaoyang_pm.kit.scoping import next_code
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.selectors import as_called_on
from compounds.ledger.choices import Category, Mode
from compounds.register.models import Compound
from oversight.coverage.question import Question

Cells = dict[tuple[str, str], tuple[int, int]]

#: Groupings by division (with counts of compounds) and by dimension (area and households only).
BY_LEVEL = {level.value: CODE_LENGTH[level] for level in (Level.COUNTY, Level.SUBDISTRICT, Level.COMMUNITY)}
BY_DIMENSION: dict[str, type[Category] | type[Mode]] = {"category": Category, "mode": Mode}
GROUPINGS = (*BY_LEVEL, *BY_DIMENSION)


@dataclass(frozen=True)
class Counts:
    """Compounds with area > 0 at (date, height) by state, and those in the register without any (面积待核)."""

    managed: int = 0
    partial: int = 0
    unmanaged: int = 0
    area_pending: int = 0

    @property
    def with_area(self) -> int:
        return self.managed + self.partial + self.unmanaged

    @property
    def rate(self) -> float | None:
        return ratio(self.managed, self.with_area)


@dataclass(frozen=True)
class Figures:
    """Balances of one division or group. ``cells`` maps (category, mode) to (area_dm2, households), zeros left out.

    ``counts`` is None for groups by category or mode: counts do not add up over them.
    """

    cells: Cells
    modes: tuple[str, ...]
    counts: Counts | None = field(default_factory=Counts)

    def area(self, *, categories: Iterable[str] | None = None, modes: Iterable[str] | None = None) -> int:
        return self._sum(0, categories, modes)

    def households_in(self, *, modes: Iterable[str] | None = None) -> int:
        return self._sum(1, None, modes)

    def _sum(self, index: int, categories: Iterable[str] | None, modes: Iterable[str] | None) -> int:
        return sum(
            held[index]
            for (category, mode), held in self.cells.items()
            if (categories is None or category in categories) and (modes is None or mode in modes)
        )

    @property
    def managed(self) -> int:
        return self.area(modes=self.modes)

    @property
    def total(self) -> int:
        return self.area()

    @property
    def unmanaged(self) -> int:
        return self.total - self.managed

    @property
    def rate(self) -> float | None:
        return ratio(self.managed, self.total)

    @property
    def professional_rate(self) -> float | None:
        return ratio(self.area(modes=[Mode.PROFESSIONAL]), self.total)

    @property
    def households_managed(self) -> int:
        return self.households_in(modes=self.modes)

    @property
    def households_total(self) -> int:
        return self.households_in()

    @property
    def households_rate(self) -> float | None:
        return ratio(self.households_managed, self.households_total)


@dataclass(frozen=True)
class Group:
    """One row of a grouping: a division's code and name, or a category or mode."""

    key: str
    name: str
    figures: Figures


def coverage(question: Question) -> Figures:
    """The figures of the question's division."""
    length = len(question.division.code)
    key = question.division.code
    cells = balances([key], question.as_of, question.height, length).get(key, {})
    return Figures(cells, question.modes, _counts(question, length).get(key, Counts()))


def groups(question: Question, by: str) -> list[Group]:
    """The figures of a division by county, subdistrict, community, category or mode.

    Every county of that date appears; below it, the divisions that hold or held compounds. Names are those of then.
    """
    if by in BY_DIMENSION:
        return _by_dimension(question, by)
    length = BY_LEVEL[by]
    cells = balances([question.division.code], question.as_of, question.height, length)
    counts = _counts(question, length)
    keys = set(cells) | set(counts)
    if by == Level.COUNTY:
        within = (
            Division.objects.subtree(question.division.code[:length])
            .filter(level=Level.COUNTY)
            .existing(question.as_of)
        )
        keys |= set(within.values_list("code", flat=True))
    names = {
        division.code: str(division)
        for division in as_called_on(Division.objects.filter(code__in=keys), question.as_of)
    }
    return [
        Group(key, names[key], Figures(cells.get(key, {}), question.modes, counts.get(key, Counts())))
        for key in sorted(keys)
    ]


def _by_dimension(question: Question, by: str) -> list[Group]:
    whole = coverage(question)
    index = list(BY_DIMENSION).index(by)
    return [
        Group(
            choice.value,
            str(choice.label),
            Figures({key: held for key, held in whole.cells.items() if key[index] == choice}, question.modes, None),
        )
        for choice in BY_DIMENSION[by]
    ]


def balances(codes: list[str], as_of: datetime.date, height: int, length: int) -> dict[str, Cells]:
    """Balances of the subtrees of ``codes`` (disjoint divisions) by the first ``length`` digits of the community."""
    subtrees = " OR ".join(["(community_id >= %s AND community_id < %s)"] * len(codes))
    bounds = [bound for code in codes for bound in (code, next_code(code))]
    sql = f"""
        SELECT substr(community_id, 1, %s) AS code, category, mode, SUM(area_dm2), SUM(households)
        FROM compounds_posting
        WHERE ({subtrees}) AND effective_on <= %s AND entry_id <= %s
        GROUP BY 1, 2, 3
    """  # noqa: S608 — only placeholders are put together
    found: dict[str, Cells] = {}
    for key, category, mode, area, households in _rows(sql, [length, *bounds, as_of, height]):
        cells = found.setdefault(key, {})
        if area or households:
            cells[category, mode] = (int(area), int(households))
    return found


def _counts(question: Question, length: int) -> dict[str, Counts]:
    """Compounds by state and 面积待核, by the first ``length`` digits of the community they lie in."""
    marks = ", ".join(["%s"] * len(question.modes))
    sql = f"""
        SELECT code,
               SUM(CASE WHEN total > 0 AND managed = total THEN 1 ELSE 0 END),
               SUM(CASE WHEN total > 0 AND managed > 0 AND managed < total THEN 1 ELSE 0 END),
               SUM(CASE WHEN total > 0 AND managed = 0 THEN 1 ELSE 0 END)
        FROM (SELECT substr(community_id, 1, %s) AS code, compound_id, SUM(area_dm2) AS total,
                     SUM(CASE WHEN mode IN ({marks}) THEN area_dm2 ELSE 0 END) AS managed
              FROM compounds_posting
              WHERE community_id >= %s AND community_id < %s AND effective_on <= %s AND entry_id <= %s
              GROUP BY 1, 2) AS by_compound
        GROUP BY code
    """  # noqa: S608 — only placeholders are put together
    code = question.division.code
    params = [length, *question.modes, code, next_code(code), question.as_of, question.height]
    found = {
        key: (int(managed), int(partial), int(unmanaged)) for key, managed, partial, unmanaged in _rows(sql, params)
    }
    pending = dict(
        Compound.objects.within(code)
        .area_pending()
        .order_by()
        .annotate(key=Substr("community_id", 1, length))
        .values_list("key")
        .annotate(Count("pk"))
    )
    return {key: Counts(*found.get(key, (0, 0, 0)), pending.get(key, 0)) for key in found.keys() | pending.keys()}


def _rows(sql: str, params: list) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
