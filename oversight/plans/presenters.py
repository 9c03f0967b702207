"""Plans as programs read them."""

from typing import Any

from chaoyang_pm.kit.figures import m2
from oversight.plans.checks import Checks, Finding
from oversight.plans.comparing import Change, Comparison
from oversight.plans.models import PlanLine, PlanVersion
from oversight.plans.selectors import story
from oversight.plans.totals import Against, Amounts, against_lines

#: Columns of the sheet that programs know by other names.
CALLED = {"area": "area_m2", "is_pilot": "pilot"}


def row(version: PlanVersion) -> dict[str, Any]:
    return {
        "id": version.pk, "county": {"code": version.county_id, "name": version.county.name},
        "version": version.number, "state": version.state, "revision": version.revision, "late": version.is_late,
        "submitted_on": version.submitted_on, "document_no": version.document_no, "signatory": version.signatory,
        "reason": version.reason, "opinion": version.opinion, "url": f"/api/v1/plans/{version.pk}/",
    }  # fmt: skip


def detailed(version: PlanVersion, checks: Checks) -> dict[str, Any]:
    totals = [total(one) for one in against_lines(version)]
    return row(version) | {"checks": said(checks), "history": history(version), "totals": totals}


def total(one: Against) -> dict[str, Any]:
    """A row of the summary that was handed in, with what the lines of its place come to."""
    return (
        {"row": one.total.row, "place": _named(one.total.place), "label": one.total.label}
        | _amounts(one.given)
        | {"lines": _amounts(one.lines) if one.lines else None}
    )


def _amounts(one: Amounts) -> dict[str, Any]:
    return {
        "compounds": one.compounds, "buildings": one.buildings, "households": one.households, "area_m2": m2(one.area),
    }  # fmt: skip


def said(checks: Checks) -> dict[str, list[dict[str, Any]]]:
    return {"errors": [_finding(one) for one in checks.errors], "warnings": [_finding(one) for one in checks.warnings]}


def _finding(one: Finding) -> dict[str, Any]:
    return {"line": one.line, "column": one.column, "value": one.value, "message": one.message}


def history(version: PlanVersion) -> list[dict[str, Any]]:
    return [
        {
            "step": step.step, "from": step.from_state, "to": step.to_state, "by": step.by.username, "at": step.at,
            "comments": [{"line": one.line, "text": one.text} for one in step.comments.all()],
        }
        for step in story(version)
    ]  # fmt: skip


def line(one: PlanLine) -> dict[str, Any]:
    """``area_m2`` null: all that is unmanaged. Telephone numbers stay in the portal."""
    return {
        "line": one.number, "compound": _named(one.compound), "community": _named(one.community),
        "name": one.compound.name if one.compound else one.name, "category": one.category or None,
        "mode": one.mode or None, "planned_for": one.planned_for or None,
        "due_on": one.due_on, "area_m2": None if one.area_dm2 is None else m2(one.area_dm2),
        "households": one.households, "leader": one.leader, "person": one.person, "unit": one.unit,
        "pilot": one.is_pilot, "note": one.note,
    }  # fmt: skip


def _named(row: Any) -> dict[str, str] | None:
    return {"code": row.code, "name": row.name} if row else None


def compared(found: Comparison) -> dict[str, list[dict[str, Any]]]:
    """新增、删除、时限调整、其他修改."""
    return {
        "added": [line(one) for one in found.added], "removed": [line(one) for one in found.removed],
        "moved": [_change(one) for one in found.moved], "changed": [_change(one) for one in found.changed],
    }  # fmt: skip


def _change(one: Change) -> dict[str, Any]:
    fields = [CALLED.get(key, key) for key, _before, _after in one.cells]
    return {"before": line(one.before), "after": line(one.after), "fields": fields}
