"""The registry of jobs looks for them here; each lives in its room."""

from communities.notices import tasks as notices  # noqa: F401 — importing declares them
from communities.tokens import tasks as tokens  # noqa: F401 — importing declares them
