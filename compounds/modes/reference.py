"""Procedures and rules as they come with the portal; what the bureau has edited stays."""

import json
from pathlib import Path
from typing import Any

from chaoyang_pm.kit.reference import create_missing
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
        "vote_rules": create_missing(VoteRule, _joined(data["vote_rules"]), by=("matter", "valid_from")),
        "tender_rules": create_missing(TenderRule, _joined(data["tender_rules"]), by=("check_of", "valid_from")),
    }


def _joined(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with texts that stand as lists of lines."""
    return [
        {name: "\n".join(value) if isinstance(value, list) else value for name, value in row.items()} for row in rows
    ]
