"""Procedures as plain data, in the words of the API. Areas in ㎡, money in yuan."""

from typing import Any

from chaoyang_pm.kit.figures import m2
from communities.people.models import User
from compounds.modes import fact_selectors, selectors
from compounds.modes.models import Procedure


def row(one: Procedure) -> dict[str, Any]:
    """A procedure as lists have it."""
    compound, step = one.compound, one.step
    return {
        "id": one.pk,
        "compound": {"code": compound.code, "name": compound.name},
        "community": {"code": compound.community_id, "name": str(compound.community)},
        "kind": one.kind_id,
        "name": one.kind.name,
        "mode": one.mode,
        "state": one.state,
        "step": step.name if step else None,
        "since": one.since,
        "days": selectors.days_at(one),
        "days_limit": step.days_limit if step else None,
        "is_stuck": selectors.is_stuck(one),
        "started_on": one.started_on,
        "ended_on": one.ended_on,
        "has_key_evidence": one.has_key,
    }


def detail(one: Procedure, *, user: User) -> dict[str, Any]:
    """The same with its steps, votes, history, and what it keeps besides."""
    stages = selectors.stages(one, user=user)
    return row(one) | {
        "steps": [_stage(stage) for stage in stages],
        "votes": [_vote(vote) for stage in stages for vote in stage.votes],
        "history": [
            {
                "act": record.act, "step": record.step.name if record.step else None, "on": record.on,
                "note": record.note, "by": record.recorded_by.username if record.recorded_by else None,
                "at": record.recorded_at,
            }
            for record in selectors.history(one)
        ],
        "tender": _tender(one),
        "fees": [
            {
                "year": fee.year, "income_yuan": m2(fee.income_fen), "cost_yuan": m2(fee.cost_fen),
                "balance_yuan": m2(fee.balance_fen), "price_yuan": m2(fee.price_fen),
            }
            for fee in one.fee_years.all()
        ],
        "points": list(one.points.values("kind", "name", "people", "place", "since", "until")),
    }  # fmt: skip


def _stage(stage: selectors.Stage) -> dict[str, Any]:
    step, record = stage.step, stage.record
    return {
        "name": step.name, "done_by": step.done_by, "evidence": step.evidence, "legal_basis": step.legal_basis,
        "days_limit": step.days_limit, "is_key": step.is_key, "done_on": record.on if record else None,
        "days": stage.days, "note": record.note if record else "",
    }  # fmt: skip


def _vote(vote: Any) -> dict[str, Any]:
    return {
        "step": vote.step.name, "matter": vote.rule.matter, "held_on": vote.held_on, "area_m2": m2(vote.area_dm2),
        "owners": vote.heads, "area_part_m2": m2(vote.area_part_dm2), "owners_part": vote.heads_part,
        "area_for_m2": m2(vote.area_for_dm2), "owners_for": vote.heads_for, "passed": vote.passed,
        "legal_basis": vote.rule.legal_basis,
    }  # fmt: skip


TENDER = (
    "way", "announced_on", "invited", "bidders", "panel", "experts", "awarded_on", "winner", "filing_no", "filed_on",
    "approval_no", "approved_on",
)  # fmt: skip


def _tender(one: Procedure) -> dict[str, Any] | None:
    tender = getattr(one, "tender", None)
    if tender is None:
        return None
    return {name: getattr(tender, name) for name in TENDER} | {"warnings": fact_selectors.tender_warnings(tender)}
