"""Sums over the ledger's postings as they stand, by plain SQL: what every figure means, and what roll-ups are made of.

The same SQL runs on SQLite and PostgreSQL. Codes are cut to ``length`` digits: 4 city, 6 county, 9, 12 community.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection

from chaoyang_pm.kit.scoping import next_code
from oversight.coverage.figures import BITS, Cells, Masks

#: Changes by month: (code, category, mode) → month ("2014-05") → (area_dm2, households).
BalanceSteps = dict[tuple[str, str, str], dict[str, tuple[int, int]]]
#: Changes by month: (code, mask) → month → number of compounds.
MaskSteps = dict[tuple[str, int], dict[str, int]]

_MONTH = "substr(CAST(effective_on AS TEXT), 1, 7)"


def balances(codes: Sequence[str], as_of: datetime.date, height: int, length: int) -> dict[str, Cells]:
    """Balances of the subtrees of ``codes`` (disjoint divisions) by the first ``length`` digits of the community."""
    within, bounds = _within(codes)
    sql = f"""
        SELECT substr(community_id, 1, %s) AS code, category, mode, SUM(area_dm2), SUM(households)
        FROM compounds_posting
        WHERE {within} AND effective_on <= %s AND entry_id <= %s
        GROUP BY 1, 2, 3
    """  # noqa: S608 — only placeholders are put together
    found: dict[str, Cells] = {}
    for key, category, mode, area, households in _rows(sql, [length, *bounds, as_of, height]):
        cells = found.setdefault(key, {})
        if area or households:
            cells[category, mode] = (int(area), int(households))
    return found


def masks(code: str, as_of: datetime.date, height: int, length: int) -> dict[str, Masks]:
    """Compounds that hold or held area, by mask (0: none any more), by the first digits of where that area lies."""
    sql = f"""
        SELECT code, mask, COUNT(*)
        FROM (SELECT code, compound_id, SUM(CASE WHEN area > 0 THEN {_bit()} ELSE 0 END) AS mask
              FROM (SELECT substr(community_id, 1, %s) AS code, compound_id, mode, SUM(area_dm2) AS area
                    FROM compounds_posting
                    WHERE community_id >= %s AND community_id < %s AND effective_on <= %s AND entry_id <= %s
                    GROUP BY 1, 2, 3) AS by_mode
              GROUP BY 1, 2) AS by_compound
        GROUP BY 1, 2
    """  # noqa: S608 — only placeholders and constants are put together
    found: dict[str, Masks] = defaultdict(dict)
    for key, mask, number in _rows(sql, [length, code, next_code(code), as_of, height]):
        found[key][int(mask)] = number
    return dict(found)


def balance_steps(
    code: str, length: int, *, height: int, above: int = 0, since: str = "", until: datetime.date | None = None
) -> BalanceSteps:
    """What postings of heights after ``above`` up to ``height`` changed, month by month, up to a date.

    What lies before ``since`` (a month) counts in it.
    """
    where, params = _span(code, height, until)
    sql = f"""
        SELECT substr(community_id, 1, %s), category, mode,
               CASE WHEN {_MONTH} < %s THEN %s ELSE {_MONTH} END AS month, SUM(area_dm2), SUM(households)
        FROM compounds_posting
        WHERE {where} AND entry_id > %s
        GROUP BY 1, 2, 3, 4
    """  # noqa: S608 — only placeholders and constants are put together
    found: BalanceSteps = defaultdict(dict)
    for key, category, mode, month, area, households in _rows(sql, [length, since, since, *params, above]):
        if area or households:
            found[key, category, mode][month] = (int(area), int(households))
    return dict(found)


def mask_steps(
    code: str, length: int, *, height: int, since: str = "", until: datetime.date | None = None,
    touched_after: int | None = None, touched_upto: int | None = None,
) -> MaskSteps:  # fmt: skip
    """How many compounds came to a mask or left it, month by month, as known at a height, up to a date.

    With ``touched_after`` and ``touched_upto`` only compounds that an entry of those heights moved something of.
    """
    where, params = _span(code, height, until)
    if touched_after is not None:
        where += """ AND compound_id IN (
            SELECT compound_id FROM compounds_posting WHERE entry_id > %s AND entry_id <= %s)"""
        params += [touched_after, touched_upto]
    sums = ", ".join(f"SUM(CASE WHEN mode = '{mode}' THEN area_dm2 ELSE 0 END) AS {mode}_area" for mode in BITS)
    bits = " + ".join(f"CASE WHEN SUM({mode}_area) OVER upto > 0 THEN {bit} ELSE 0 END" for mode, bit in BITS.items())
    sql = f"""
        WITH by_month AS (
            SELECT substr(community_id, 1, %s) AS code, compound_id,
                   CASE WHEN {_MONTH} < %s THEN %s ELSE {_MONTH} END AS month, {sums}
            FROM compounds_posting
            WHERE {where}
            GROUP BY 1, 2, 3
        ), masked AS (
            SELECT code, compound_id, month, {bits} AS mask
            FROM by_month WINDOW upto AS (PARTITION BY compound_id, code ORDER BY month)
        ), steps AS (
            SELECT code, month, mask,
                   LAG(mask, 1, 0) OVER (PARTITION BY compound_id, code ORDER BY month) AS before
            FROM masked
        )
        SELECT code, month, before, mask, COUNT(*) FROM steps WHERE before <> mask GROUP BY 1, 2, 3, 4
    """  # noqa: S608 — only placeholders and constants are put together
    found: MaskSteps = defaultdict(lambda: defaultdict(int))
    for key, month, before, mask, number in _rows(sql, [length, since, since, *params]):
        for state, change in ((before, -number), (mask, number)):
            if state:
                found[key, state][month] += change
    return found


def _span(code: str, height: int, until: datetime.date | None) -> tuple[str, list]:
    within, params = _within([code]) if code else ("1 = 1", [])
    if until is not None:
        return f"{within} AND entry_id <= %s AND effective_on <= %s", [*params, height, until]
    return f"{within} AND entry_id <= %s", [*params, height]


def _within(codes: Iterable[str]) -> tuple[str, list[str]]:
    bounds = [bound for code in codes for bound in (code, next_code(code))]
    return "(" + " OR ".join(["(community_id >= %s AND community_id < %s)"] * (len(bounds) // 2)) + ")", bounds


def _bit() -> str:
    """The bit of a row's mode."""
    return "CASE mode " + " ".join(f"WHEN '{mode}' THEN {bit}" for mode, bit in BITS.items()) + " END"


def _rows(sql: str, params: list) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
