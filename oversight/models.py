"""Django looks for models here and nowhere else; each lives in its room."""

from oversight.coverage.models import MonthBalance, MonthCount, RollUp
from oversight.plans.models import (
    PlanComment,
    PlanDeadline,
    PlanLine,
    PlanRemark,
    PlanScan,
    PlanStep,
    PlanTotal,
    PlanVersion,
    PlanWorkbook,
)  # fmt: skip
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
    "Baseline", "Clause", "CountingRule", "Milestone", "MonthBalance", "MonthCount", "PartVersion",
    "PlanComment", "PlanDeadline", "PlanLine", "PlanRemark", "PlanScan", "PlanStep", "PlanTotal",
    "PlanVersion", "PlanWorkbook",
    "Programme", "RollUp", "Target", "TargetPart", "TargetVersion",
]  # fmt: skip
