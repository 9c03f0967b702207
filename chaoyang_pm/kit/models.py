"""Django looks for models here and nowhere else; each lives in its room."""

from chaoyang_pm.kit.jobs.models import Job, Sweep

__all__ = ["Job", "Sweep"]
