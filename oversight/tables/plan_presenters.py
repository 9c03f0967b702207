"""任务分解表 as plain data. Areas in ㎡."""

from typing import Any

from chaoyang_pm.kit.figures import m2
from communities.divisions.choices import CODE_LENGTH, Level
from oversight.coverage.question import Question
from oversight.plans import presenters as plans
from oversight.plans.states import LineActual
from oversight.tables.assignments import Assignments
from oversight.tables.presenters import head


def assignments(question: Question, found: Assignments) -> dict[str, Any]:
    """``approved`` false: of a version that is still with the bureau. Telephone numbers stay in the portal."""
    approved = {version.pk for version in found.versions if found.is_approved(version)}
    return head(question) | {
        "rows": [_row(one, found, one.line.version_id in approved) for one in found.lines],
        "total": {
            "lines": len(found.lines), "done": found.done, "area_m2": m2(found.area), "households": found.households
        },
        "plans": [
            {
                "id": version.pk, "county": {"code": version.county_id, "name": version.county.name},
                "version": version.number, "approved": version.pk in approved,
            }
            for version in found.versions
        ],
        "targets": [
            {
                "code": one.target.code, "deadline": one.deadline.isoformat(), "required_m2": m2(one.required),
                "completed_m2": m2(one.completed), "planned_m2": m2(one.planned), "difference_m2": m2(one.difference),
            }
            for one in found.sums
        ],
        "missing": [{"code": county.code, "name": county.name} for county in found.missing],
    }  # fmt: skip


def _row(one: LineActual, found: Assignments, is_approved: bool) -> dict[str, Any]:
    told, community = plans.line(one.line), one.foreseen.community
    return {
        "key": f"{one.line.version_id}-{one.line.number}", "approved": is_approved,
        "unit": one.line.unit or str(one.line.version.county),
        "subdistrict": found.places[community[: CODE_LENGTH[Level.SUBDISTRICT]]],
        **{name: told[name] for name in ("community", "compound", "name", "category", "mode", "planned_for")},
        "due_on": one.foreseen.due_on.isoformat(),
        "area_m2": m2(one.planned), "households": one.foreseen.households, "leader": one.line.leader,
        "person": one.line.person, "state": one.state.value,
        "done_on": one.done_on.isoformat() if one.done_on else None, "days_late": one.days,
    }  # fmt: skip
