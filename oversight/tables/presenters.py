"""The printed tables as plain data, in the words of the contract, for the API. Areas in ㎡."""

from typing import Any

from chaoyang_pm.kit.figures import m2
from oversight.coverage import presenters
from oversight.coverage.figures import Figures
from oversight.coverage.movements import Amount, Restated
from oversight.coverage.question import Question
from oversight.tables.layouts import basis
from oversight.tables.movements import Amounts, Movements
from oversight.tables.summary import Summary
from oversight.tables.unmanaged import UnmanagedList


def head(question: Question) -> dict[str, Any]:
    return {
        "division": {"code": question.division.code, "name": question.division.name},
        "as_of": question.as_of.isoformat(),
        "rule": question.rule.code,
        "ledger": presenters.ledger_version(question.version),
    }


def movements(question: Question, found: Movements) -> dict[str, Any]:
    """增减变动表: each row has every column as ``{managed_m2, total_m2, households}``."""
    return head(question) | {
        "from": found.since.isoformat(),
        "to": question.as_of.isoformat(),
        "by": found.by,
        "opening_height": found.known,
        "target": found.target and found.target.target.code,
        "rows": [{"key": row.key, "name": row.name} | _items(row.amounts) for row in found.rows],
        "total": _items(found.total),
        "deregistered": _amount(found.deregistered),
        "changed_mode": _amount(found.changed_mode),
    }


def _items(amounts: Amounts) -> dict[str, Any]:
    return {item.value: _amount(amount) for item, amount in amounts.items()}


def _amount(amount: Amount) -> dict[str, Any]:
    return {"managed_m2": m2(amount.managed), "total_m2": m2(amount.total), "households": amount.households}


def summary(question: Question, found: Summary) -> dict[str, Any]:
    """汇总表: communities (or subdistricts), each 小计 after its rows, 合计 in ``total``."""
    rows = [
        {
            "key": row.code, "level": row.level.value, "subtotal": row.is_subtotal, "subdistrict": row.subdistrict,
            "community": row.community, **_figures(row.figures), "undetermined_m2": m2(row.undetermined),
        }
        for row in found.rows
    ]  # fmt: skip
    total = _figures(found.total) | {"undetermined_m2": m2(found.undetermined)}
    return head(question) | {"by": found.by, "rows": rows, "total": total}


def _figures(figures: Figures) -> dict[str, Any]:
    counts = figures.counts
    return {
        "compounds": counts and counts.with_area,
        "area_m2": m2(figures.total),
        "households": figures.households_total,
        "managed": counts and counts.managed,
        "partial": counts and counts.partial,
        "unmanaged": counts and counts.unmanaged,
        "rate": figures.rate,
        "compounds_rate": counts and counts.rate,
        "households_rate": figures.households_rate,
        "area_pending": counts and counts.area_pending,
    }


def unmanaged(question: Question, found: UnmanagedList) -> dict[str, Any]:
    """未管小区清单. ``deadline`` is null without a plan, ``step`` without a procedure, ``mode`` without both."""
    rows = [
        {
            "code": row.code, "name": row.name,
            "community": {"code": row.community, "name": found.places[row.community]},
            "unmanaged_m2": m2(row.area), "managed_m2": m2(row.managed), "households": row.households,
            "reason": row.reason or None, "mode": row.mode or None,
            "deadline": row.plan.due_on.isoformat() if row.plan else None, "person": row.person or None,
            "duty_person": row.duty_person or None,
            "step": row.stands.step if row.stands else None, "step_days": row.stands.days if row.stands else None,
        }
        for row in found.rows
    ]  # fmt: skip
    total = {"compounds": len(rows), "unmanaged_m2": m2(found.area), "households": found.households}
    return head(question) | {"rows": rows, "total": total, "area_pending": found.pending}


def restatement(question: Question, earlier: int, found: list[Restated]) -> dict[str, Any]:
    """数据差异说明表: each compound before and after, with the entries that made the difference."""
    rows = [
        {
            "code": row.compound.code, "name": row.compound.name, "reported": _amount(row.before),
            "now": _amount(row.after), "difference": _amount(row.change),
            "entries": [
                {
                    "height": entry.height, "kind": entry.kind, "effective_on": entry.effective_on.isoformat(),
                    "reverses": entry.reverses_id, "reason": entry.reason or entry.late_reason or None,
                    "basis": basis(entry) or None, "reviewer": entry.reviewer or None,
                }
                for entry in row.entries
            ],
        }
        for row in found
    ]  # fmt: skip
    total = {
        name: _amount(sum((getattr(row, field) for row in found), Amount()))
        for name, field in (("reported", "before"), ("now", "after"), ("difference", "change"))
    }
    return head(question) | {"from_height": earlier, "rows": rows, "total": total}
