"""Django looks for models here and nowhere else; each lives in its room."""

from oversight.programme.models import Baseline, Clause, CountingRule, Programme, Target, TargetVersion

__all__ = ["Baseline", "Clause", "CountingRule", "Programme", "Target", "TargetVersion"]
