"""Plans as programs read them."""

from collections.abc import Iterable
from typing import Any

from chaoyang_pm.kit.figures import m2
from oversight.plans.checks import Checks, Finding
from oversight.plans.models import PlanLine, PlanVersion
from oversight.plans.selectors import story

#: Facts of a line that two versions are compared by.
COMPARED = (
    "name", "category", "mode", "planned_for", "area_m2", "households", "leader", "person", "unit", "pilot", "note",
)  # fmt: skip


def row(version: PlanVersion) -> dict[str, Any]:
    return {
        "id": version.pk, "county": {"code": version.county_id, "name": version.county.name},
        "version": version.number, "state": version.state, "revision": version.revision, "late": version.is_late,
        "submitted_on": version.submitted_on, "document_no": version.document_no, "signatory": version.signatory,
        "reason": version.reason, "opinion": version.opinion, "url": f"/api/v1/plans/{version.pk}/",
    }  # fmt: skip


def detailed(version: PlanVersion, checks: Checks) -> dict[str, Any]:
    return row(version) | {"checks": said(checks), "history": history(version)}


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


def compared(before: Iterable[PlanLine], after: Iterable[PlanLine]) -> dict[str, list[dict[str, Any]]]:
    """新增、删除、时限调整、其他修改: compound by compound, places without one by community and number."""
    old, new = ({_key(one): line(one) for one in some} for some in (before, after))
    moved: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for key in [key for key in new if key in old]:
        differs = [name for name in COMPARED if old[key][name] != new[key][name]]
        if differs:
            told = {"before": old[key], "after": new[key], "fields": differs}
            (moved if "planned_for" in differs else changed).append(told)
    return {
        "added": [one for key, one in new.items() if key not in old],
        "removed": [one for key, one in old.items() if key not in new],
        "moved": moved, "changed": changed,
    }  # fmt: skip


def _key(one: PlanLine) -> tuple[str, str | int]:
    return ("compound", one.compound.code) if one.compound else (one.community_id or "", one.number)
