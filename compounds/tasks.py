"""The registry of jobs looks for them here; each lives in its room."""

from compounds.exports import tasks as exports  # noqa: F401 — importing declares them
from compounds.files import tasks as files  # noqa: F401 — importing declares them
from compounds.imports import tasks as imports  # noqa: F401 — importing declares them
from compounds.ledger import tasks as ledger  # noqa: F401 — importing declares them
from compounds.reports import review_tasks  # noqa: F401 — importing declares them
from compounds.returns import tasks as returns  # noqa: F401 — importing declares them
