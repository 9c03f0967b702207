"""Anchors: (height, hash) written out of the database, so that a later change of it shows (ledger.md, invariant 6)."""

import os

from django.conf import settings
from django.utils import timezone

from compounds.ledger.models import LedgerHead


def write_anchor() -> str:
    """Append ``time HEIGHT:HASH`` to ``anchors.log`` in the data folder; return ``HEIGHT:HASH``."""
    head = LedgerHead.objects.get(pk=1)
    anchor = f"{head.height}:{head.hash}"
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.DATA_DIR / "anchors.log").open("a", encoding="ascii") as log:
        log.write(f"{timezone.now():%Y-%m-%dT%H:%M:%SZ} {anchor}\n")
        log.flush()
        os.fsync(log.fileno())
    return anchor
