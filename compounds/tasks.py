"""The registry of jobs looks for them here; each lives in its room."""

from compounds.ledger import tasks as ledger  # noqa: F401 — importing declares them
