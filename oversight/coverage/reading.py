"""What divisions hold at (date, height): from the roll-ups and what they lack, or from the ledger alone.

A city's or a county's figures are the rows of a month's end near the date, plus and minus the postings between the two
dates and between the two heights. State, rows and postings are read by one statement, so that no figure is stale or
torn, whether or not a worker has rolled up what was recorded last. Below a county the ledger's own index answers.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chaoyang_pm.kit.dates import last_full_month_end, month_end
from chaoyang_pm.kit.scoping import next_code
from oversight.coverage import scans
from oversight.coverage.figures import Cells, Masks
from oversight.coverage.models import COUNTY, RollUp
from oversight.coverage.scans import SINGLE, Classes, Held

#: Roll-ups are used while they stand at most one part in so many away from the height asked for; beyond that a scan of
#: the ledger is faster than correcting them (measured: tests/bench/test_coverage.py).
NEAR = 12
TRIES = 3
_BALANCES = "SELECT county, category, mode, area_dm2, households"


def held(
    code: str,
    as_of: datetime.date,
    height: int,
    length: int,
    *,
    rules: Iterable[Iterable[str]] = SINGLE.values(),
    state: RollUp | None = None,
) -> dict[str, Held]:
    """What the subtree of a division holds, by the first ``length`` digits of the community.

    Masks are good for counting by ``rules`` (sets of modes that count as managed), and for no other rule. ``state`` as
    of ``balances``.
    """  # fmt: skip
    return held_on(code, [as_of], height, length, rules=rules, state=state)[as_of]


def held_on(
    code: str,
    days: Sequence[datetime.date],
    height: int,
    length: int,
    *,
    rules: Iterable[Iterable[str]] = SINGLE.values(),
    state: RollUp | None = None,
) -> dict[datetime.date, dict[str, Held]]:
    """The same on each of several days, in one statement."""
    told_apart = scans.classes(rules)
    found = _rolled_up(code, days, height, length, told_apart, state)
    return scans.held_on(code, days, height, length, told_apart) if found is None else found


def balances(
    code: str, as_of: datetime.date, height: int, length: int, *, state: RollUp | None = None
) -> dict[str, Cells]:
    """The balances alone: without counting compounds, which is the greater part of the work.

    ``state``: how far the roll-ups are, by whoever asks for several dates and has read it already.
    """
    return balances_on(code, [as_of], height, length, state=state)[as_of]


def balances_on(
    code: str, days: Sequence[datetime.date], height: int, length: int, *, state: RollUp | None = None
) -> dict[datetime.date, dict[str, Cells]]:
    """The same on each of several days, in one statement."""
    found = _rolled_up(code, days, height, length, None, state)
    if found is None:
        return scans.balances_on([code], days, height, length)
    return {day: {key: of.cells for key, of in by_code.items()} for day, by_code in found.items()}


def how_far() -> RollUp:
    """How far the ledger is rolled up; not at all if nothing ever was."""
    return RollUp.objects.filter(pk=1).first() or RollUp()


@dataclass(frozen=True)
class Base:
    """Rows to begin with: those of a month's end, standing at a height."""

    month_end: datetime.date
    last_month: datetime.date
    height: int
    revision: int

    @classmethod
    def near(cls, as_of: datetime.date, height: int, state: RollUp | None = None) -> "Base | None":
        """The rows nearest to (date, height); None where the ledger itself is nearer."""
        state = state or how_far()
        if state.last_month is None or state.differs_since or abs(height - state.height) * NEAR > height:
            return None
        before, after = last_full_month_end(as_of), month_end(as_of)
        nearer = after if after <= state.last_month and after - as_of < as_of - before else before
        return cls(min(nearer, state.last_month), state.last_month, state.height, state.revision)

    def missing(self, as_of: datetime.date, height: int) -> Iterator[tuple[str, str, list]]:
        """Which postings lie between the rows and the question: sign, condition, parameters."""
        known = min(self.height, height)
        earlier, later = sorted([self.month_end, as_of])
        if earlier != later and earlier < self.last_month:
            sign = "" if as_of > self.month_end else "-"
            yield sign, "effective_on > %s AND effective_on <= %s AND entry_id <= %s", [earlier, later, known]
        if height > self.height:
            yield "", "entry_id > %s AND entry_id <= %s AND effective_on <= %s", [self.height, height, as_of]
        elif height < self.height:
            yield "-", "entry_id > %s AND entry_id <= %s AND effective_on <= %s", [height, self.height, self.month_end]


def _rolled_up(
    code: str, days: Sequence[datetime.date], height: int, length: int, told_apart: Classes | None,
    state: RollUp | None = None,
) -> dict[datetime.date, dict[str, Held]] | None:  # fmt: skip
    """The answer from the roll-ups, without masks if nothing is ``told_apart``; None where the ledger is nearer."""
    if length > COUNTY:
        return None
    for _try in range(TRIES):
        known = state or how_far()
        bases = [Base.near(day, height, known) for day in days]
        statements = [
            _statement(code, day, height, length, base, told_apart)
            for day, base in zip(days, bases, strict=True)
            if base is not None
        ]
        if len(statements) < len(days):
            return None
        if (found := _read(days, statements)) is not None:
            return found
        state = None  # it was changed since it was read
    return None


def _read(
    days: Sequence[datetime.date], statements: Sequence[tuple[str, list]]
) -> dict[datetime.date, dict[str, Held]] | None:
    """The rows of the days' statements, read by one; None if the roll-ups were changed since their base was read."""
    sql = " UNION ALL ".join(
        f"SELECT {number} AS day, d{number}.* FROM ({own}) AS d{number}" for number, (own, _p) in enumerate(statements)
    )
    params = [param for _sql, own in statements for param in own]
    found: dict[datetime.date, dict[str, Held]] = {day: defaultdict(Held) for day in days}
    whole = set()
    for day, what, key, first, second, number, households in scans.rows(sql, params):
        if what == "whole":
            whole.add(day)
            continue
        of = found[days[day]][key]  # also where there was something once
        if what == "balance" and (number or households):
            of.cells[first, second] = (int(number), int(households))
        elif what == "count":
            _add(of.masks, int(first), int(number))
        elif what == "touched":
            _add(of.masks, int(first), -int(number))
            _add(of.masks, int(second), int(number))
    return {day: dict(by_code) for day, by_code in found.items()} if len(whole) == len(days) else None


def _add(masks: Masks, mask: int, number: int) -> None:
    masks[mask] = masks.get(mask, 0) + number


def _statement(
    code: str, as_of: datetime.date, height: int, length: int, base: Base, told_apart: Classes | None
) -> tuple[str, list]:
    """One statement for everything; what a row is about stands in its first column."""
    # A whole city is no narrower than a date: only below it the index by community is to help.
    within, place = "substr(community_id, 1, %s) = %s", [len(code), code]
    if len(code) >= COUNTY:
        within, place = "community_id >= %s AND community_id < %s", [code, next_code(code)]
    rolled, rolled_params = "month_end = %s AND county >= %s AND county < %s", [base.month_end, code, next_code(code)]
    key = f"substr(county, 1, {length})"
    balances = f"{_BALANCES} FROM oversight_monthbalance WHERE {rolled}"
    head, head_params, parts = "", [], []
    if missing := list(base.missing(as_of, height)):
        moved = " UNION ALL ".join(
            f"SELECT substr(community_id, 1, {COUNTY}) AS county, compound_id, category, mode, "
            f"{sign}area_dm2 AS area_dm2, {sign}households AS households "
            f"FROM compounds_posting WHERE {condition} AND {within}"
            for sign, condition, _params in missing
        )
        head = f"WITH moved AS ({moved}) "
        head_params = [param for _sign, _condition, params in missing for param in (*params, *place)]
        balances += f" UNION ALL {_BALANCES} FROM moved"
    if missing and told_apart:
        mask = scans.mask_of(told_apart, "effective_on <= %s AND entry_id <= %s")
        touched = (
            f"SELECT substr(community_id, 1, {COUNTY}) AS county, compound_id, {mask} AS before, {mask} AS now "
            f"FROM compounds_posting WHERE compound_id IN (SELECT compound_id FROM moved) AND {within} GROUP BY 1, 2"
        )
        parts.append((
            f"SELECT 'touched', {key}, CAST(before AS TEXT), CAST(now AS TEXT), COUNT(*), 0 "
            f"FROM ({touched}) AS touched WHERE before <> now GROUP BY 2, 3, 4",
            [*[base.month_end, base.height] * len(told_apart), *[as_of, height] * len(told_apart), *place],
        ))  # fmt: skip
    if told_apart:
        parts.append((
            f"SELECT 'count', {key}, CAST(mask AS TEXT), '', SUM(compounds), 0 "
            f"FROM oversight_monthcount WHERE {rolled} GROUP BY 2, 3",
            rolled_params,
        ))  # fmt: skip
    parts += [
        (
            f"SELECT 'balance', {key}, category, mode, SUM(area_dm2), SUM(households) "
            f"FROM ({balances}) AS balances GROUP BY 2, 3, 4",
            rolled_params,
        ),
        (
            "SELECT 'whole', '', '', '', height, 0 FROM oversight_rollup "
            "WHERE id = 1 AND revision = %s AND differs_since IS NULL",
            [base.revision],
        ),
    ]
    sql = head + " UNION ALL ".join(part for part, _params in parts)
    return sql, [*head_params, *(param for _part, params in parts for param in params)]
