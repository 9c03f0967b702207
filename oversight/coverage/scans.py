"""Sums over the ledger's postings as they stand, by plain SQL: what every figure means, and what roll-ups are made of.

The same SQL runs on SQLite and PostgreSQL. Codes are cut to ``length`` digits: 4 city, 6 county, 9, 12 community.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import connection

from chaoyang_pm.kit.scoping import next_code
from oversight.coverage.figures import BITS, Cells, Masks

#: Changes by month ("2014-05"), zeros left out: of (code, category, mode) in (area_dm2, households), or of (code, mask)
#: in (number of compounds,).
Steps = dict[tuple, dict[str, tuple[int, ...]]]

_MONTH = "substr(CAST(effective_on AS TEXT), 1, 7)"


_BALANCES = """
    SELECT substr(community_id, 1, %s) AS code, category, mode, SUM(area_dm2) AS area, SUM(households) AS homes
    FROM compounds_posting
    WHERE {within} AND effective_on <= %s AND entry_id <= %s
    GROUP BY 1, 2, 3
"""


def balances(codes: Sequence[str], as_of: datetime.date, height: int, length: int) -> dict[str, Cells]:
    """Balances of the subtrees of ``codes`` (disjoint divisions) by the first ``length`` digits of the community."""
    within, bounds = _within(codes)
    found: dict[str, Cells] = defaultdict(dict)
    for key, category, mode, area, households in rows(
        _BALANCES.format(within=within), [length, *bounds, as_of, height]
    ):
        cells = found[key]
        if area or households:
            cells[category, mode] = (int(area), int(households))
    return dict(found)


@dataclass
class Held:
    """Balances, and compounds that hold or held area by mask (0: none any more), of one code."""

    cells: Cells = field(default_factory=dict)
    masks: Masks = field(default_factory=dict)


#: Sets of modes, each by a bit that stands for all of its modes.
Classes = dict[int, tuple[str, ...]]
SINGLE: Classes = {bit: (mode,) for mode, bit in BITS.items()}


def classes(rules: Iterable[Iterable[str]]) -> Classes:
    """Modes that no rule tells apart, together: the fewer sums, the faster."""
    counted = [frozenset(rule) for rule in rules]
    found: dict[tuple[bool, ...], list[str]] = defaultdict(list)
    for mode in BITS:
        found[tuple(mode in rule for rule in counted)].append(mode)
    return {BITS[modes[0]]: tuple(modes) for modes in found.values()}


def held(code: str, as_of: datetime.date, height: int, length: int, told_apart: Classes = SINGLE) -> dict[str, Held]:
    """What the subtree of a division holds, by the first ``length`` digits of the community; in one statement."""
    within, bounds = _within([code])
    sql = f"""
        SELECT code, category, mode, area, homes FROM ({_BALANCES.format(within=within)}) AS balances
        UNION ALL
        SELECT code, '', CAST(mask AS TEXT), COUNT(*), 0
        FROM (SELECT substr(community_id, 1, %s) AS code, compound_id, {mask_of(told_apart)} AS mask
              FROM compounds_posting
              WHERE {within} AND effective_on <= %s AND entry_id <= %s
              GROUP BY 1, 2) AS by_compound
        GROUP BY 1, 3
    """
    found: dict[str, Held] = defaultdict(Held)
    for key, category, mode, number, households in rows(sql, [length, *bounds, as_of, height] * 2):
        if not category:
            found[key].masks[int(mode)] = int(number)
        elif number or households:
            found[key].cells[category, mode] = (int(number), int(households))
    return dict(found)


def balance_steps(
    code: str, length: int, *, height: int, above: int = 0, since: str = "", until: datetime.date | None = None
) -> Steps:
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
    """
    found: Steps = defaultdict(dict)
    for key, category, mode, month, area, households in rows(sql, [length, since, since, *params, above]):
        if area or households:
            found[key, category, mode][month] = (int(area), int(households))
    return dict(found)


def mask_steps(
    code: str, length: int, *, height: int, since: str = "", until: datetime.date | None = None,
    touched: tuple[int, int] | None = None,
) -> Steps:  # fmt: skip
    """How many compounds came to a mask or left it, month by month, as known at a height, up to a date.

    With ``touched`` only compounds that an entry after the first and up to the second height moved something of.
    """
    where, params = _span(code, height, until)
    if touched is not None:
        where += """ AND compound_id IN (
            SELECT compound_id FROM compounds_posting WHERE entry_id > %s AND entry_id <= %s)"""
        params += touched
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
    """
    numbers: dict[tuple[str, int, str], int] = defaultdict(int)
    for key, month, before, mask, number in rows(sql, [length, since, since, *params]):
        numbers[key, before, month] -= number
        numbers[key, mask, month] += number
    found: Steps = defaultdict(dict)
    for (key, mask, month), number in numbers.items():
        if mask and number:
            found[key, mask][month] = (number,)
    return dict(found)


def _span(code: str, height: int, until: datetime.date | None) -> tuple[str, list]:
    within, params = _within([code]) if code else ("1 = 1", [])
    if until is not None:
        return f"{within} AND entry_id <= %s AND effective_on <= %s", [*params, height, until]
    return f"{within} AND entry_id <= %s", [*params, height]


def _within(codes: Iterable[str]) -> tuple[str, list[str]]:
    bounds = [bound for code in codes for bound in (code, next_code(code))]
    return "(" + " OR ".join(["(community_id >= %s AND community_id < %s)"] * (len(bounds) // 2)) + ")", bounds


def mask_of(told_apart: Classes, condition: str = "") -> str:
    """The mask of a group of postings, of those that fulfil a condition; its parameters come once for every class."""
    more = f" AND {condition}" if condition else ""
    return " + ".join(
        f"CASE WHEN SUM(CASE WHEN {_is_one_of(modes)}{more} THEN area_dm2 ELSE 0 END) > 0 THEN {bit} ELSE 0 END"
        for bit, modes in told_apart.items()
    )


def _is_one_of(modes: Sequence[str]) -> str:
    """The condition with fewer words to compare every posting with: being one of the modes, or none of the others."""
    others = [mode for mode in BITS if mode not in modes]
    words, sense = (others, "NOT IN") if 0 < len(others) < len(modes) else (modes, "IN")
    return f"mode {sense} ({', '.join(map(repr, words))})"


def rows(sql: str, params: list) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
