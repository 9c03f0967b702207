"""The registry of jobs looks for them here; each lives in its room."""

from oversight.coverage import tasks as coverage  # noqa: F401 — importing declares them
from oversight.plans import tasks as plans  # noqa: F401 — importing declares them
