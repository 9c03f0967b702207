"""接管, 撤管 and 新增失管 of a division's parts, month by month; one statement."""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field

from chaoyang_pm.kit.dates import add_months
from chaoyang_pm.kit.scoping import next_code
from compounds.ledger.choices import Kind, Mode
from oversight.coverage import scans
from oversight.coverage.question import Question

#: So far back the months without a takeover are counted.
MONTHS_BACK = 12


@dataclass
class MonthEvents:
    """Area of one part in one month. ``lapsed_by`` is the area that became unmanaged, by category."""

    taken_over: int = 0
    lapsed: int = 0
    lapsed_by: dict[str, int] = field(default_factory=dict)

    def newly_lapsed(self, categories: list[str]) -> int:
        """新增失管: what lapsed of categories that no target counts."""
        return sum(area for category, area in self.lapsed_by.items() if category not in categories)


#: (part, "2014-05") → events; what is missing had none.
Events = dict[tuple[str, str], MonthEvents]


def events(question: Question, length: int) -> Events:
    """By the first ``length`` digits of the community, from a year before the question's month to its date."""
    first = add_months(question.as_of.replace(day=1), -MONTHS_BACK)
    code, marks = question.division.code, ", ".join(["%s"] * len(question.modes)) or "''"
    sql = f"""
        SELECT substr(community_id, 1, %s), substr(CAST(effective_on AS TEXT), 1, 7), kind, category,
               SUM(CASE WHEN mode IN ({marks}) THEN area_dm2 ELSE 0 END),
               SUM(CASE WHEN mode = %s THEN area_dm2 ELSE 0 END)
        FROM compounds_posting
        WHERE community_id >= %s AND community_id < %s AND kind IN (%s, %s)
              AND effective_on >= %s AND effective_on <= %s AND entry_id <= %s
        GROUP BY 1, 2, 3, 4
    """  # noqa: S608 — only placeholders are put together
    params = [
        length, *question.modes, Mode.NONE, code, next_code(code), Kind.TAKEOVER, Kind.LAPSE, first, question.as_of,
        question.height,
    ]  # fmt: skip
    found: Events = defaultdict(MonthEvents)
    for part, month, kind, category, managed, unmanaged in scans.rows(sql, params):
        of = found[part, month]
        if kind == Kind.TAKEOVER:
            of.taken_over += int(managed)
        else:
            of.lapsed -= int(managed)
            of.lapsed_by[category] = of.lapsed_by.get(category, 0) + int(unmanaged)
    return dict(found)


def months_without_takeover(found: Events, part: str, as_of: datetime.date) -> int:
    """Full and begun months up to the date's one in which nothing was taken over, at most MONTHS_BACK."""
    this = as_of.replace(day=1)
    for back in range(MONTHS_BACK):
        of = found.get((part, f"{add_months(this, -back):%Y-%m}"))
        if of and of.taken_over > 0:
            return back
    return MONTHS_BACK
