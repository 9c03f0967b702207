"""Monthly figures: a division at the end of every month of a span, in a number of queries that no month adds to."""

import datetime
from collections.abc import Iterator, Mapping

from chaoyang_pm.kit.dates import add_months, month_end
from chaoyang_pm.kit.scoping import next_code
from oversight.coverage import reading, rollups, scans
from oversight.coverage.figures import Counts, Figures, Month
from oversight.coverage.models import COUNTY
from oversight.coverage.question import Question, Span
from oversight.coverage.scans import Held, Steps
from oversight.programme import selectors as programme


def series(question: Question, span: Span) -> list[Month]:
    """The figures at the end of each month of the span; of the question's own month, at the question's date.

    Each equals ``coverage`` asked for that date, with the counting rule as it stood then. 面积待核 has no date and is
    left out.
    """
    modes = programme.modes_over_time(question.rule.code, question.every_rule)
    found = []
    held = _rolled_up(question, span) or _from_ledger(question, span)
    for month, as_of in _months(span, question):
        counted, of = modes(as_of), held[month]
        found.append(Month(month, as_of, Figures(of.cells, counted, Counts.of(of.masks, counted))))
    return found


def _months(span: Span, question: Question) -> Iterator[tuple[str, datetime.date]]:
    """Each month with the date that its figures are of."""
    day = span.first.replace(day=1)
    while day <= span.last:
        yield f"{day:%Y-%m}", min(month_end(day), question.as_of)
        day = add_months(day, 1)


def _from_ledger(question: Question, span: Span) -> dict[str, Held]:
    """From all postings, as below a county."""
    code, since = question.division.code, f"{span.first:%Y-%m}"
    until = min(month_end(span.last), question.as_of)
    balances = scans.balance_steps(code, len(code), height=question.height, since=since, until=until)
    masks = scans.mask_steps(code, len(code), height=question.height, since=since, until=until)
    return _added_up({month: Held() for month, _as_of in _months(span, question)}, balances, masks)


def _added_up(months: dict[str, Held], balances: Steps, masks: Steps, sign: int = 1) -> dict[str, Held]:
    """What the months hold, with steps added from their month on; ``months`` are in order."""
    areas: dict[tuple, tuple[int, int]] = {}
    numbers: dict[int, int] = {}
    found = {}
    for month, held in months.items():
        for (_code, *cell), steps in balances.items():
            area, households = steps.get(month, (0, 0))
            before = areas.get(tuple(cell), (0, 0))
            areas[tuple(cell)] = (before[0] + sign * area, before[1] + sign * households)
        for (_code, mask), steps in masks.items():
            numbers[mask] = numbers.get(mask, 0) + sign * steps.get(month, (0,))[0]
        cells = {
            cell: (own[0] + more[0], own[1] + more[1])
            for cell in held.cells.keys() | areas.keys()
            for own, more in [(held.cells.get(cell, (0, 0)), areas.get(cell, (0, 0)))]
        }
        found[month] = Held(
            {cell: values for cell, values in cells.items() if values != (0, 0)},
            {mask: held.masks.get(mask, 0) + numbers.get(mask, 0) for mask in held.masks.keys() | numbers.keys()},
        )
    return found


def _rolled_up(question: Question, span: Span) -> dict[str, Held] | None:
    """From the month ends of a city or county, plus or minus what was recorded between their height and the question's.

    None where the ledger itself is nearer. Postings never change: only the rows and their height need one statement.
    """
    code, height = question.division.code, question.height
    if len(code) > COUNTY:
        return None
    for _try in range(reading.TRIES):
        base = reading.Base.near(question.as_of, height)
        if base is None:
            return None
        if (rows := _rows(code, span, base)) is not None:
            break
    else:
        return None
    months = {
        month: rows.get(min(rollups.as_month_end(month), base.last_month), Held())
        for month, _as_of in _months(span, question)
    }
    if base.height != height:
        earlier, later = sorted([base.height, height])
        steps = rollups.between(earlier, later, code=code, length=len(code), since=f"{span.first:%Y-%m}")
        sign = 1 if height > base.height else -1
        months = _added_up(months, steps[rollups.BALANCES], steps[rollups.COUNTS], sign)
    last, as_of = list(_months(span, question))[-1]
    if as_of < rollups.as_month_end(last):
        months[last] = reading.held(code, as_of, height, len(code)).get(code, Held())
    return months


def _rows(code: str, span: Span, base: reading.Base) -> Mapping[datetime.date, Held] | None:
    """The rows of a span's month ends, or of the last one there is; None if they were changed since ``base``."""
    last = min(month_end(span.last), base.last_month)
    within = "month_end >= %s AND month_end <= %s AND county >= %s AND county < %s"
    params = [min(month_end(span.first), last), last, code, next_code(code)]
    sql = f"""
        SELECT 'balance', month_end, category, mode, SUM(area_dm2), SUM(households)
        FROM oversight_monthbalance WHERE {within} GROUP BY 2, 3, 4
        UNION ALL
        SELECT 'count', month_end, CAST(mask AS TEXT), '', SUM(compounds), 0
        FROM oversight_monthcount WHERE {within} GROUP BY 2, 3
        UNION ALL
        SELECT 'whole', last_month, '', '', height, 0 FROM oversight_rollup
        WHERE id = 1 AND revision = %s AND differs_since IS NULL
    """
    found: dict[datetime.date, Held] = {}
    is_whole = False
    for what, day, first, second, number, households in scans.rows(sql, [*params, *params, base.revision]):
        held = found.setdefault(rollups.as_date(day), Held())
        if what == "balance":
            held.cells[first, second] = (int(number), int(households))
        elif what == "count":
            held.masks[int(first)] = int(number)
        else:
            is_whole = True
    return found if is_whole else None
