"""Versions, base figures and parts of targets as plain data, in the words of the contract, for the API and exports.

Areas are ``…_m2`` in ㎡. Of a target that counts communities they are null, and the same names without ``_m2`` count.
"""

from typing import Any

from chaoyang_pm.kit.figures import m2
from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from oversight.coverage import presenters
from oversight.coverage.parts import Breakdown, PartFigures
from oversight.coverage.targets import Base, TargetBoard, TargetFigures
from oversight.programme import selectors as programme
from oversight.programme.choices import Unit
from oversight.programme.models import PartVersion, TargetVersion


def target(board: TargetBoard, figures: TargetFigures) -> dict[str, Any]:
    """A target as in the list, with its base figures and its progress by every version that stands."""
    base = board.base(figures.target, figures.version) if figures.counts_area else None
    return presenters.target(figures) | {
        "as_of": board.question.as_of.isoformat(),
        "rule": board.question.rule.code,
        "ledger": presenters.ledger_version(board.question.version),
        "base": base and _base(base),
        "versions": [
            _version(board.of(figures.target, version), in_force=version == figures.version)
            for version in programme.standing(figures.target)
        ],
    }


def _version(figures: TargetFigures, *, in_force: bool) -> dict[str, Any]:
    shown = presenters.target(figures)
    of_target = ("code", "name", "clause", "unit")
    return {
        **_paper(figures.version),
        "in_force": in_force,
        **{name: value for name, value in shown.items() if name not in of_target},
        "base_m2": m2(figures.version.base),
        "milestones": _milestones(figures.version, Unit(figures.target.unit)),
    }


def parts(board: TargetBoard, found: Breakdown, scope: Scope = EVERYWHERE) -> dict[str, Any]:
    """任务分解: the whole, what is given of it, and every part within a scope in the order of the tree."""
    whole = found.whole
    unit = Unit(whole.target.unit)
    return {
        "code": whole.target.code,
        "name": whole.target.name,
        "unit": whole.target.unit,
        "as_of": board.question.as_of.isoformat(),
        "versions_on": board.versions_on.isoformat(),
        "rule": board.question.rule.code,
        "ledger": presenters.ledger_version(board.question.version),
        **_amounts(unit, required=whole.required, broken_down=found.broken_down, difference=found.difference),
        "base": found.base and _base(found.base),
        "parts": [_part(part) for part in found.within(scope)],
    }


def _part(part: PartFigures) -> dict[str, Any]:
    unit, version = Unit(part.target.unit), part.given.version
    amounts = {
        "required": part.required, "completed": part.completed, "remaining": part.remaining,
        "scheduled": part.scheduled, "broken_down": part.broken_down, "difference": part.difference,
    }  # fmt: skip
    return {
        "division": {"code": part.given.code, "name": part.division.name},
        "level": part.division.level,
        "parent": part.parent and part.parent.given.code,
        **_paper(version),
        "deadline": version.deadline.isoformat(),
        **_amounts(unit, **amounts),
        "ratio": part.ratio,
        "status": part.status.value,
        "run_rate_m2_per_month": m2(part.run_rate) if unit == Unit.AREA else None,
        "base": _base(part.base, unit),
        "milestones": _milestones(version, unit),
    }  # fmt: skip


def _paper(version: TargetVersion | PartVersion) -> dict[str, Any]:
    return {"valid_from": version.valid_from.isoformat(), "document": version.document, "reason": version.reason}


def _base(base: Base, unit: Unit = Unit.AREA) -> dict[str, Any]:
    """文件底数 · 台账底数 · 差额."""
    amounts = _amounts(unit, document=base.document, ledger=base.ledger, difference=base.difference)
    return amounts | {"as_of": base.as_of.isoformat(), "height": base.height}


def _milestones(version: TargetVersion | PartVersion, unit: Unit) -> list[dict[str, Any]]:
    return [
        {"date": day.isoformat(), **_amounts(unit, required=required)}
        for day, required in programme.milestones(version)
    ]


def _amounts(unit: Unit, **amounts: int | None) -> dict[str, Any]:
    if unit == Unit.AREA:
        return {f"{name}_m2": m2(amount) for name, amount in amounts.items()}
    return {f"{name}_m2": None for name in amounts} | amounts
