"""缺口构成: why area is unmanaged, by what the ledger says of each compound that holds some.

One statement tells the reasons apart, for the filter of the register as for the sums of a division.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from compounds.register.choices import Gap

#: A lapse that was reversed comes to nothing; one that stands is told by whichever community the compound lay in then.
_TOLD = """
    SELECT compound_id, community_id, unmanaged, homes,
           CASE WHEN lapsed > 0 THEN 'lapsed' WHEN managed > 0 THEN 'partly' ELSE 'never' END AS why
    FROM (SELECT compound_id, community_id, unmanaged, homes, managed,
                 SUM(lapsed) OVER (PARTITION BY compound_id) AS lapsed
          FROM (SELECT compound_id, community_id,
                       SUM(CASE WHEN mode = 'none' THEN area_dm2 ELSE 0 END) AS unmanaged,
                       SUM(CASE WHEN mode = 'none' THEN households ELSE 0 END) AS homes,
                       SUM(CASE WHEN mode <> 'none' THEN area_dm2 ELSE 0 END) AS managed,
                       SUM(CASE WHEN mode = 'none' AND kind = 'lapse' THEN area_dm2 ELSE 0 END) AS lapsed
                FROM compounds_posting
                WHERE effective_on <= %s AND entry_id <= %s{among}
                GROUP BY compound_id, community_id) AS held) AS told
    WHERE unmanaged > 0{within}
"""


@dataclass(frozen=True)
class Amount:
    """Compounds, and what of them is unmanaged: area in 0.01 ㎡, households."""

    compounds: int = 0
    area_dm2: int = 0
    households: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(
            self.compounds + other.compounds, self.area_dm2 + other.area_dm2, self.households + other.households
        )


def compounds(
    gap: Gap, *, as_of: datetime.date, height: int, code: str = "", scope: Scope = EVERYWHERE
) -> RawSQL:  # fmt: skip
    """Keys of the compounds in a division, else in a scope, whose area is unmanaged for this reason."""
    told, params = _told(as_of, height, Scope.of([code]) if code else scope)
    sql = f"SELECT compound_id FROM ({told}) AS why WHERE why = %s"  # noqa: S608 — only placeholders are put together
    return RawSQL(sql, [*params, gap.value])  # noqa: S611 — as above


def composition(
    code: str, length: int, *, as_of: datetime.date, height: int, among: QuerySet | None = None
) -> dict[tuple[str, Gap], Amount]:
    """By the first ``length`` digits of the community and by reason; what is missing is nothing.

    ``among``: keys of the few compounds that are meant, if not all.
    """
    told, params = _told(as_of, height, Scope.of([code]), among)
    sql = f"""
        SELECT substr(community_id, 1, {length}), why, COUNT(*), SUM(unmanaged), SUM(homes)
        FROM ({told}) AS why GROUP BY 1, 2
    """  # noqa: S608 — a number, placeholders and a compiled query are put in
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    return {(key, Gap(why)): Amount(int(number), int(area), int(homes)) for key, why, number, area, homes in rows}


def _told(
    as_of: datetime.date, height: int, scope: Scope, among: QuerySet | None = None
) -> tuple[str, list[Any]]:  # fmt: skip
    """The statement with its parameters: the compounds that hold unmanaged area in the scope, each with its reason."""
    within, bounds = scope.sql("community_id")
    keys: list[Any] = bounds
    if among is not None:
        chosen, params = among.query.sql_with_params()
        keys = list(params)
    else:
        chosen = f"SELECT compound_id FROM compounds_posting WHERE {within}"  # noqa: S608 — as above
    # All that these compounds ever had, wherever they lay then.
    narrow = f" AND compound_id IN ({chosen})" if among is not None or not scope.everything else ""
    return (
        _TOLD.format(among=narrow, within=f" AND {within}"),
        [as_of, height, *(keys if narrow else ()), *bounds],
    )
