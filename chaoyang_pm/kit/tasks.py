"""Celery and the registry of jobs look for tasks here; each lives in its room."""

from chaoyang_pm.kit.facts import tasks as facts  # noqa: F401 — importing declares them
from chaoyang_pm.kit.jobs import tasks  # noqa: F401 — importing declares them
from chaoyang_pm.kit.once import tasks as once  # noqa: F401 — importing declares them
