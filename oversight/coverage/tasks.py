"""Roll-ups beside the pages: brought up after something was recorded, held against the ledger every night."""

import datetime
from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.jobs import services as jobs
from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Failed, Progress
from compounds.ledger import selectors as ledger
from oversight.coverage import services

REFRESH = "coverage.refresh"


def ask_for_refresh() -> None:
    """After a commit: one job for everything that was recorded until it runs."""
    jobs.request(kind=REFRESH)


@job(
    REFRESH, label=_("Roll-ups of the figures"), redoable=True,
    tells={"changed": _("Cells changed"), "height": _("Version of the data")},
)  # fmt: skip
def refresh(progress: Progress) -> None:
    seen = ledger.newest().height
    done = services.refresh(finishing=lambda done: progress.finishing({"changed": done.changed, "height": done.height}))
    # Who recorded something while this job was open has asked in vain. Rows that differ stay behind, whoever asks.
    if ledger.newest().height > max(seen, done.height):
        ask_for_refresh()


@job(
    services.CHECK, label=_("Roll-ups held against the ledger"), redoable=True, daily=datetime.time(2, 30),
    tells={
        "compared": _("Cells compared"), "differing": _("Cells that differ"),
        "height": _("Version of the data"),
    },
)  # fmt: skip
def check(progress: Progress) -> dict[str, Any]:
    """Every night, so that what nobody asked for is rolled up by then, too."""
    services.refresh()
    found = services.check(say=progress.advance)
    result = asdict(found)
    if found.differing:
        raise Failed(services.in_words(found), result)
    return result
