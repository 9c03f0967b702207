"""Sums over the ledger's postings as they stand, by plain SQL: what every figure means, and what roll-ups are made of.

The same SQL runs on SQLite and PostgreSQL. Codes are cut to ``length`` digits: 4 city, 6 county, 9, 12 community.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection

from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
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
    return balances_on(codes, [as_of], height, length)[as_of]


def balances_on(
    codes: Sequence[str], days: Sequence[datetime.date], height: int, length: int
) -> dict[datetime.date, dict[str, Cells]]:
    """The same on each of several days, from one scan: what each day adds to those before it."""
    within, bounds = Scope(tuple(codes)).sql("community_id")
    ordered = sorted(set(days))
    upto = " ".join(f"WHEN effective_on <= %s THEN {number}" for number in range(len(ordered)))
    sql = f"""
        SELECT substr(community_id, 1, %s) AS code, category, mode, CASE {upto} END AS day,
               SUM(area_dm2), SUM(households)
        FROM compounds_posting
        WHERE {within} AND effective_on <= %s AND entry_id <= %s
        GROUP BY 1, 2, 3, 4
    """
    more: dict[int, list[tuple]] = defaultdict(list)
    for key, category, mode, number, area, households in rows(sql, [length, *ordered, *bounds, ordered[-1], height]):
        more[number].append((key, (category, mode), int(area), int(households)))
    held: dict[str, dict[tuple[str, str], tuple[int, int]]] = defaultdict(dict)
    found = {}
    for number, day in enumerate(ordered):
        for key, cell, area, households in more[number]:
            before = held[key].get(cell, (0, 0))
            held[key][cell] = (before[0] + area, before[1] + households)
        found[day] = {
            key: {cell: amount for cell, amount in cells.items() if amount != (0, 0)} for key, cells in held.items()
        }
    return found


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
    return held_on(code, [as_of], height, length, told_apart)[as_of]


def held_on(
    code: str, days: Sequence[datetime.date], height: int, length: int, told_apart: Classes = SINGLE
) -> dict[datetime.date, dict[str, Held]]:
    """The same on each of several days, in one statement."""
    within, bounds = Scope((code,)).sql("community_id")
    sql = " UNION ALL ".join(
        f"""
        SELECT {number} AS day, code, category, mode, area, homes
        FROM ({_BALANCES.format(within=within)}) AS balances{number}
        UNION ALL
        SELECT {number}, code, '', CAST(mask AS TEXT), COUNT(*), 0
        FROM (SELECT substr(community_id, 1, %s) AS code, compound_id, {mask_of(told_apart)} AS mask
              FROM compounds_posting
              WHERE {within} AND effective_on <= %s AND entry_id <= %s
              GROUP BY 1, 2) AS by_compound{number}
        GROUP BY code, mask
        """
        for number in range(len(days))
    )
    found: dict[datetime.date, dict[str, Held]] = {day: defaultdict(Held) for day in days}
    params = [param for day in days for param in [length, *bounds, day, height] * 2]
    for number, key, category, mode, amount, households in rows(sql, params):
        of = found[days[number]][key]
        if not category:
            of.masks[int(mode)] = int(amount)
        elif amount or households:
            of.cells[category, mode] = (int(amount), int(households))
    return {day: dict(by_code) for day, by_code in found.items()}


def together(held: Iterable[Held]) -> Held:
    """The sum of several divisions: areas, households and compounds add up, since a compound lies in one of them."""
    cells: Cells = {}
    masks: Masks = {}
    for of in held:
        for cell, (area, households) in of.cells.items():
            own = cells.get(cell, (0, 0))
            cells[cell] = (own[0] + area, own[1] + households)
        for mask, number in of.masks.items():
            masks[mask] = masks.get(mask, 0) + number
    return Held(cells, masks)


def coarser(held: Mapping[str, Held], length: int) -> dict[str, Held]:
    """The same by fewer digits of the community."""
    parts: dict[str, list[Held]] = defaultdict(list)
    for key, of in held.items():
        parts[key[:length]].append(of)
    return {key: of[0] if len(of) == 1 else together(of) for key, of in parts.items()}


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
    above: int | None = None,
) -> Steps:  # fmt: skip
    """How many compounds came to a mask or left it, month by month, as known at a height, up to a date.

    With ``above`` what is so at ``height`` and was not so at that earlier height, of the compounds that an entry
    between the two moved something of.
    """
    where, params = _span(code, height, until)
    known, heights = ("compounds_posting", [])
    if above is not None:
        where += """ AND compound_id IN (
            SELECT compound_id FROM compounds_posting WHERE entry_id > %s AND entry_id <= %s)"""
        params += (above, height)
        # Both heights in one statement: of the earlier one the steps count the other way round.
        known += " JOIN (SELECT column1 AS upto FROM (VALUES (%s), (%s)) AS given) AS heights ON entry_id <= upto"
        heights = [above, height]
    upto = "0" if above is None else "upto"
    sums = ", ".join(f"SUM(CASE WHEN mode = '{mode}' THEN area_dm2 ELSE 0 END) AS {mode}_area" for mode in BITS)
    bits = " + ".join(f"CASE WHEN SUM({mode}_area) OVER till > 0 THEN {bit} ELSE 0 END" for mode, bit in BITS.items())
    sql = f"""
        WITH by_month AS (
            SELECT substr(community_id, 1, %s) AS code, compound_id, {upto} AS upto,
                   CASE WHEN {_MONTH} < %s THEN %s ELSE {_MONTH} END AS month, {sums}
            FROM {known}
            WHERE {where}
            GROUP BY 1, 2, 3, 4
        ), masked AS (
            SELECT code, compound_id, upto, month, {bits} AS mask
            FROM by_month WINDOW till AS (PARTITION BY upto, compound_id, code ORDER BY month)
        ), steps AS (
            SELECT code, upto, month, mask,
                   LAG(mask, 1, 0) OVER (PARTITION BY upto, compound_id, code ORDER BY month) AS before
            FROM masked
        )
        SELECT code, upto, month, before, mask, COUNT(*) FROM steps WHERE before <> mask GROUP BY 1, 2, 3, 4, 5
    """
    numbers: dict[tuple[str, int, str], int] = defaultdict(int)
    for key, seen, month, before, mask, number in rows(sql, [length, since, since, *heights, *params]):
        if above is not None and seen == above:
            number = -number
        numbers[key, before, month] -= number
        numbers[key, mask, month] += number
    found: Steps = defaultdict(dict)
    for (key, mask, month), number in numbers.items():
        if mask and number:
            found[key, mask][month] = (number,)
    return dict(found)


def _span(code: str, height: int, until: datetime.date | None) -> tuple[str, list]:
    within, params = (Scope((code,)) if code else EVERYWHERE).sql("community_id")
    if until is not None:
        return f"{within} AND entry_id <= %s AND effective_on <= %s", [*params, height, until]
    return f"{within} AND entry_id <= %s", [*params, height]


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
