"""What moved a target's completed area: 接管, 撤管, 类别调整, 面积核定, and 新增失管 beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from compounds.ledger.choices import Kind, Mode
from oversight.coverage import scans
from oversight.coverage.question import Question
from oversight.coverage.targets import TargetFigures


@dataclass(frozen=True)
class Moved:
    """What moved a target's completed area since the start: ``flows`` by kind of event, and the part of reversals."""

    flows: dict[Kind, int]
    corrections: int
    newly_lapsed: int


#: A condition of a statement, and its parameters.
Condition = tuple[str, list[Any]]
FLOWS = (Kind.TAKEOVER, Kind.LAPSE, Kind.RECLASSIFY, Kind.RESURVEY)


def moved(found: Sequence[TargetFigures], question: Question) -> list[Moved]:
    """Of every target, area that each kind of event moved into (+) or out of (−) its completed area; one query.

    接管, 撤管, 类别调整, 面积核定 stand apart, so that nobody mistakes relabelling for management. 更正 is what
    reversals changed, whatever they reversed (part of the flows). 新增失管 as the board counts it.
    """
    if not found:
        return []
    told = [condition for each in found for condition in _own_and_lapsed(each, question)]
    conditions = [condition for condition, _params in told]
    params = [param for _condition, params in told for param in params]
    sums = ", ".join(f"SUM(CASE WHEN {condition} THEN posting.area_dm2 ELSE 0 END)" for condition in conditions)
    sql = f"""
        SELECT posting.kind, entry.kind = %s, {sums}
        FROM compounds_posting posting JOIN compounds_entry entry ON entry.height = posting.entry_id
        WHERE posting.effective_on <= %s AND posting.entry_id <= %s
              AND ({" OR ".join(conditions)})
        GROUP BY 1, 2
    """  # noqa: S608 — only conditions of placeholders are put together
    asked = [Kind.REVERSAL.value, *params, question.as_of, question.height, *params]
    rows = [(row[0], row[1], [int(area) for area in row[2:]]) for row in scans.rows(sql, asked)]
    return [
        Moved(
            {kind: sum(areas[own] for of, _is_reversal, areas in rows if of == kind) for kind in FLOWS},
            sum(areas[own] for _kind, is_reversal, areas in rows if is_reversal),
            sum(areas[own + 1] for _kind, _is_reversal, areas in rows),
        )
        for own in range(0, len(conditions), 2)
    ]


def _own_and_lapsed(figures: TargetFigures, question: Question) -> tuple[Condition, Condition]:
    """The postings of a target's completed area, and those of other categories' area that lapsed."""
    place, codes = figures.territory.sql("posting.community_id")
    own, categories = _one_of("posting.category", figures.target.categories)
    counts, modes = _one_of("posting.mode", question.modes)
    since = [Kind.LAPSE.value, Mode.NONE.value, figures.target.programme.starts_on]
    return (
        (f"({place} AND {own} AND {counts})", [*codes, *categories, *modes]),
        (
            f"({place} AND NOT {own} AND posting.kind = %s AND posting.mode = %s AND posting.effective_on >= %s)",
            [*codes, *categories, *since],
        ),
    )


def _one_of(column: str, words: Sequence[str]) -> Condition:
    return (f"{column} IN ({', '.join(['%s'] * len(words))})", [*words]) if words else ("1 = 0", [])
