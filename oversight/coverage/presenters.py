"""Figures as plain data with the field names of the contract (ledger.md), for commands, exports and the API."""

import datetime
from typing import Any

from chaoyang_pm.kit.figures import m2
from compounds.ledger.choices import Category, Mode
from compounds.ledger.selectors import Version
from compounds.reports.under_way import UnderWay
from oversight.coverage.figures import Counts, Figures, Group, Month
from oversight.coverage.movements import Amount, Movements, Restated
from oversight.coverage.question import Question, Span
from oversight.coverage.targets import TargetFigures
from oversight.plans.foreseen import PlannedFigure


def ledger_version(version: Version) -> dict[str, Any]:
    recorded_at = version.recorded_at
    return {
        "height": version.height,
        "hash": version.hash,
        "recorded_at": recorded_at.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z") if recorded_at else None,
    }


def coverage(question: Question, figures: Figures, groups: list[Group] | None = None) -> dict[str, Any]:
    """The contract's coverage object; ``groups`` adds the list of the same shape plus ``key`` and ``name``."""
    head = {
        "division": {"code": question.division.code, "name": question.division.name},
        "as_of": question.as_of.isoformat(),
        "rule": question.rule.code,
        "ledger": ledger_version(question.version),
    }
    data = head | _figures(figures)
    if groups is not None:
        data["groups"] = [head | {"key": g.key, "name": g.name} | _figures(g.figures) for g in groups]
    return data


def under_way(figures: Figures, way: UnderWay, planned: PlannedFigure | None) -> dict[str, Any]:
    """计划数 · 上报数(含未审) · 审定数 · 核查数 · 差额: only the approved figures are the ledger's."""
    homes = figures.households_managed
    return {
        "reports": way.reports,
        "area_m2": {
            "planned": m2(planned.area_dm2) if planned else None, "reported": m2(figures.managed + way.area_dm2),
            "approved": m2(figures.managed), "inspected": None, "difference": m2(way.area_dm2),
            "takeovers": m2(way.takeovers.area_dm2), "lapses": m2(way.lapses.area_dm2),
        },
        "households": {
            "planned": planned.households if planned else None, "reported": homes + way.households, "approved": homes,
            "inspected": None, "difference": way.households, "takeovers": way.takeovers.households,
            "lapses": way.lapses.households,
        },
    }  # fmt: skip


def _figures(figures: Figures) -> dict[str, Any]:
    counts = figures.counts
    return {
        "area_m2": {
            "managed": m2(figures.managed),
            "unmanaged": m2(figures.unmanaged),
            "total": m2(figures.total),
            "by_category": {c.value: m2(figures.area(categories=[c])) for c in Category},
            "by_mode": {mode.value: m2(figures.area(modes=[mode])) for mode in Mode},
            "cells": [
                {"category": category, "mode": mode, "area_m2": m2(area), "households": households}
                for (category, mode), (area, households) in sorted(figures.cells.items())
            ],
        },
        "rate": figures.rate,
        "professional_rate": figures.professional_rate,
        "compounds": counts and _counts(counts) | {"area_pending": counts.area_pending},
        "households": _households(figures),
    }


def _counts(counts: Counts) -> dict[str, Any]:
    return {
        "managed": counts.managed,
        "partial": counts.partial,
        "unmanaged": counts.unmanaged,
        "rate": counts.rate,
    }


def _households(figures: Figures) -> dict[str, Any]:
    return {
        "managed": figures.households_managed,
        "total": figures.households_total,
        "rate": figures.households_rate,
    }


def series(question: Question, span: Span, months: list[Month]) -> dict[str, Any]:
    """Monthly figures; a month's ``compounds`` have no 面积待核, which has no date."""
    return {
        "division": {"code": question.division.code, "name": question.division.name},
        "as_of": question.as_of.isoformat(),
        "from": f"{span.first:%Y-%m}",
        "to": f"{span.last:%Y-%m}",
        "rule": question.rule.code,
        "ledger": ledger_version(question.version),
        "series": [_month(month) for month in months],
    }


def _month(month: Month) -> dict[str, Any]:
    figures = month.figures
    return {
        "month": month.month,
        "as_of": month.as_of.isoformat(),
        "managed_m2": m2(figures.managed),
        "unmanaged_m2": m2(figures.unmanaged),
        "total_m2": m2(figures.total),
        "rate": figures.rate,
        "professional_rate": figures.professional_rate,
        "compounds": figures.counts and _counts(figures.counts),
        "households": _households(figures),
    }


SERIES_COLUMNS = (
    "month", "as_of", "managed_m2", "unmanaged_m2", "total_m2", "rate", "professional_rate", "compounds_managed",
    "compounds_partial", "compounds_unmanaged", "compounds_rate", "households_managed", "households_total",
    "households_rate",
)  # fmt: skip


def series_rows(data: dict[str, Any]) -> list[list[Any]]:
    """The months of a series as rows under SERIES_COLUMNS."""
    plain = SERIES_COLUMNS[: SERIES_COLUMNS.index("compounds_managed")]
    return [
        [
            *(month[column] for column in plain),
            *(month["compounds"][name] for name in ("managed", "partial", "unmanaged", "rate")),
            *(month["households"][name] for name in ("managed", "total", "rate")),
        ]
        for month in data["series"]
    ]


COVERAGE_COLUMNS = (
    "key", "name", "managed_m2", "unmanaged_m2", "total_m2", "rate", "professional_rate", "compounds_managed",
    "compounds_partial", "compounds_unmanaged", "area_pending", "households_managed", "households_total",
)  # fmt: skip


def coverage_rows(data: dict[str, Any]) -> list[list[Any]]:
    """The coverage object as rows under COVERAGE_COLUMNS: the groups if there are any, then the whole."""
    whole = data | {"key": data["division"]["code"], "name": data["division"]["name"]}
    rows = []
    for item in [*data.get("groups", []), whole]:
        counts = item["compounds"] or dict.fromkeys(("managed", "partial", "unmanaged", "area_pending"))
        area, households = item["area_m2"], item["households"]
        rows.append([
            item["key"], item["name"], area["managed"], area["unmanaged"], area["total"], item["rate"],
            item["professional_rate"], counts["managed"], counts["partial"], counts["unmanaged"],
            counts["area_pending"], households["managed"], households["total"],
        ])  # fmt: skip
    return rows


def target(figures: TargetFigures) -> dict[str, Any]:
    """One element of the contract's list of targets."""
    area = figures.counts_area
    data: dict[str, Any] = {
        "code": figures.target.code,
        "name": figures.target.name,
        "clause": figures.target.clause_id,
        "unit": figures.target.unit,
        "deadline": figures.version.deadline.isoformat(),
        "required_m2": m2(figures.required) if area else None,
        "completed_m2": m2(figures.completed) if area else None,
        "remaining_m2": m2(figures.remaining) if area else None,
        "ratio": figures.ratio,
        "scheduled_m2": m2(figures.scheduled) if area else None,
        "status": figures.status.value,
        "run_rate_m2_per_month": m2(figures.run_rate),
        "forecast": figures.forecast,
        "at_deadline_m2": m2(figures.at_deadline) if area else None,
        "newly_lapsed_m2": m2(figures.newly_lapsed),
    }
    if figures.target.builds_on_id:
        data["increment_m2"] = m2(figures.increment)
    if not area:
        data |= {"required": figures.required, "completed": figures.completed}
    return data


def movements(question: Question, since: datetime.date, moved: Movements) -> dict[str, Any]:
    return {
        "division": {"code": question.division.code, "name": question.division.name},
        "from": since.isoformat(),
        "to": question.as_of.isoformat(),
        "rule": question.rule.code,
        "ledger": ledger_version(question.version),
        "opening": _amount(moved.opening),
        "by_kind": [{"kind": kind.value} | _amount(amount) for kind, amount in moved.by_kind.items()],
        "closing": _amount(moved.closing),
    }


def _amount(amount: Amount) -> dict[str, Any]:
    return {"managed_m2": m2(amount.managed), "total_m2": m2(amount.total), "households": amount.households}


MOVEMENT_COLUMNS = ("kind", "managed_m2", "total_m2", "households")


def movement_rows(data: dict[str, Any]) -> list[list[Any]]:
    """Movements as rows under MOVEMENT_COLUMNS: ``opening``, the kinds, ``closing``."""
    lines = [{"kind": "opening"} | data["opening"], *data["by_kind"], {"kind": "closing"} | data["closing"]]
    return [[line[column] for column in MOVEMENT_COLUMNS] for line in lines]


RESTATEMENT_COLUMNS = (
    "code", "name", "before.managed_m2", "before.total_m2", "before.households", "change.managed_m2",
    "change.total_m2", "change.households", "after.managed_m2", "after.total_m2", "after.households",
)  # fmt: skip


def restated(row: Restated) -> dict[str, Any]:
    """One compound's part of a restatement; ``entries`` are the heights that caused it."""
    return {
        "code": row.compound.code,
        "name": row.compound.name,
        "before": _amount(row.before),
        "change": _amount(row.change),
        "after": _amount(row.after),
        "entries": [entry.height for entry in row.entries],
    }


def restatement(question: Question, earlier: Version, before: Figures, after: Figures) -> dict[str, Any]:
    """What a restatement is about, and the whole division: before, change, after."""
    known = Amount(before.managed, before.total, before.households_total)
    now = Amount(after.managed, after.total, after.households_total)
    change = Amount(now.managed - known.managed, now.total - known.total, now.households - known.households)
    return {
        "division": {"code": question.division.code, "name": question.division.name},
        "as_of": question.as_of.isoformat(),
        "rule": question.rule.code,
        "from": ledger_version(earlier),
        "to": ledger_version(question.version),
        "before": _amount(known),
        "change": _amount(change),
        "after": _amount(now),
    }


TARGET_COLUMNS = (
    "code", "name", "clause", "unit", "deadline", "required_m2", "completed_m2", "remaining_m2", "ratio",
    "scheduled_m2", "status", "run_rate_m2_per_month", "forecast", "at_deadline_m2", "newly_lapsed_m2", "increment_m2",
    "required", "completed",
)  # fmt: skip
