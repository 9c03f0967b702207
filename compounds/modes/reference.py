"""Procedures and rules as they come with the portal; what the bureau has edited stays."""

import json
from pathlib import Path
from typing import Any

from django.db import models

from compounds.modes.fact_models import TenderRule, VoteRule
from compounds.modes.models import ProcedureKind, ProcedureStep


def load_procedures(fixtures: Path) -> dict[str, int]:
    """Create what is missing of procedures, their steps, and the rules of votes and tenders; how many of each."""
    data = json.loads((fixtures / "procedures.json").read_text(encoding="utf-8"))
    created = {"procedures": 0}
    for position, row in enumerate(data["procedures"]):
        kind, new = ProcedureKind.objects.get_or_create(
            code=row["code"],
            defaults={"name": row["name"], "modes": row["modes"], "facts": row["facts"], "position": position},
        )
        created["procedures"] += new
        if new:
            ProcedureStep.objects.bulk_create(
                [ProcedureStep(kind=kind, position=number * 10, **step) for number, step in enumerate(row["steps"], 1)]
            )
    return created | {
        "vote_rules": _load(VoteRule, "matter", data["vote_rules"]),
        "tender_rules": _load(TenderRule, "check_of", data["tender_rules"]),
    }


def _load(model: type[models.Model], what: str, rows: list[dict[str, Any]]) -> int:
    created = 0
    for row in rows:
        values = {name: "\n".join(value) if isinstance(value, list) else value for name, value in row.items()}
        key = {name: values.pop(name) for name in (what, "valid_from")}
        _rule, new = model._default_manager.get_or_create(**key, defaults=values)
        created += new
    return created
