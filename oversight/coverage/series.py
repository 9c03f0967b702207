"""Monthly figures: a division at the end of every month of a span, in a number of queries that no month adds to."""

import datetime
from collections.abc import Iterator

from chaoyang_pm.kit.dates import add_months, month_end
from oversight.coverage import scans
from oversight.coverage.figures import Counts, Figures, Month
from oversight.coverage.question import Question, Span
from oversight.programme import selectors as programme


def series(question: Question, span: Span) -> list[Month]:
    """The figures at the end of each month of the span; of the question's own month, at the question's date.

    Each equals ``coverage`` asked for that date, with the counting rule as it stood then. 面积待核 has no date and is
    left out.
    """
    code, since = question.division.code, f"{span.first:%Y-%m}"
    until = min(month_end(span.last), question.as_of)
    balances = scans.balance_steps(code, len(code), height=question.height, since=since, until=until)
    masks = scans.mask_steps(code, len(code), height=question.height, since=since, until=until)
    modes = programme.modes_over_time(question.rule.code)
    cells: dict[tuple[str, str], tuple[int, int]] = {}
    compounds: dict[int, int] = {}
    found = []
    for first_day in _months(span):
        month, as_of = f"{first_day:%Y-%m}", min(month_end(first_day), question.as_of)
        for (_code, category, mode), steps in balances.items():
            area, households = steps.get(month, (0, 0))
            held = cells.get((category, mode), (0, 0))
            cells[category, mode] = (held[0] + area, held[1] + households)
        for (_code, mask), changes in masks.items():
            compounds[mask] = compounds.get(mask, 0) + changes.get(month, (0,))[0]
        counted = modes(as_of)
        now = {cell: held for cell, held in cells.items() if held != (0, 0)}
        found.append(Month(month, as_of, Figures(now, counted, Counts.of(compounds, counted))))
    return found


def _months(span: Span) -> Iterator[datetime.date]:
    """The first day of each month."""
    day = span.first.replace(day=1)
    while day <= span.last:
        yield day
        day = add_months(day, 1)
