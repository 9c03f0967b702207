"""Django looks for models here and nowhere else; each lives in its room."""

from oversight.programme.models import (
    Baseline,
    Clause,
    CountingRule,
    Milestone,
    PartVersion,
    Programme,
    Target,
    TargetPart,
    TargetVersion,
)  # fmt: skip

__all__ = [
    "Baseline", "Clause", "CountingRule", "Milestone", "PartVersion", "Programme", "Target", "TargetPart",
    "TargetVersion",
]  # fmt: skip
