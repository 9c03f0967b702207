"""Django looks for models here and nowhere else; each lives in its room."""

from chaoyang_pm.kit.jobs.models import Job, Sweep
from chaoyang_pm.kit.portal.models import Portal

__all__ = ["Job", "Portal", "Sweep"]
