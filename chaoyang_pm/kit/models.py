"""Django looks for models here and nowhere else; each lives in its room."""

from chaoyang_pm.kit.facts.models import FactsEdit
from chaoyang_pm.kit.jobs.models import Job, Sweep
from chaoyang_pm.kit.once.models import KeptAnswer
from chaoyang_pm.kit.portal.models import Portal

__all__ = ["FactsEdit", "Job", "KeptAnswer", "Portal", "Sweep"]
