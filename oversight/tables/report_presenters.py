"""The tables about reporting as plain data for the API. Areas in ㎡."""

from typing import Any

from chaoyang_pm.kit.figures import m2
from compounds.returns.selectors import Completeness
from oversight.coverage.question import Question
from oversight.tables.completeness import Reported
from oversight.tables.monthly import MODES, Flow, Monthly, MonthlyRow
from oversight.tables.presenters import head


def monthly(question: Question, found: Monthly) -> dict[str, Any]:
    """月报表: a row per unit below the division; amounts are null where nothing was given to it."""
    return head(question) | {
        "month": f"{question.as_of:%Y-%m}",
        "rows": [{"key": row.key, "name": row.name} | _monthly(row) for row in found.rows],
        "total": _monthly(found.total),
    }


def _monthly(row: MonthlyRow) -> dict[str, Any]:
    return {
        "task_m2": _area(row.task), "taken_over": _flow(row.taken_over), "lapsed": _flow(row.lapsed),
        "completed_m2": _area(row.completed), "completed_rate": row.ratio, "scheduled_m2": _area(row.scheduled),
        "ahead_m2": _area(row.ahead), "modes": {f"{mode.value}_m2": m2(row.modes[mode]) for mode in MODES},
        "rank": row.rank,
    }  # fmt: skip


def _flow(flow: Flow) -> dict[str, Any]:
    return {"compounds": flow.compounds, "managed_m2": m2(flow.area), "households": flow.households}


def _area(area: int | None) -> Any:
    return None if area is None else m2(area)


def returns(question: Question, found: Reported) -> dict[str, Any]:
    """报送情况表: a row per unit below the division."""
    return head(question) | {
        "month": f"{question.as_of:%Y-%m}",
        "rows": [{"key": unit.code, "name": unit.name} | _unit(unit) for unit in found.rows],
        "total": _unit(found.total),
    }


def _unit(unit: Completeness) -> dict[str, Any]:
    return {
        "asked": unit.asked, "submitted": unit.is_in, "overdue": unit.overdue, "on_behalf": unit.on_behalf,
        "returned": unit.returned,
        "missing": [{"code": row.division_id, "name": row.division.name} for row in unit.missing],
    }  # fmt: skip
