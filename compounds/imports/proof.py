"""Takeovers in workbooks without the key evidence of their procedure: taken, with a warning at the row."""

from chaoyang_pm.kit.sheets.rows import ParsedRow
from compounds.ledger.choices import Kind
from compounds.ledger.recording import Recorder
from compounds.modes import evidence


def warn(rows: list[ParsedRow], recorder: Recorder, *, column: str) -> None:
    """Put a warning at each row whose takeover should say why; what another portal exported says what it said there."""
    by_key = {row.key: row for row in rows if row.key and not row.get("mark")}
    told = [
        (event, by_key[key])
        for event, details in recorder.told
        if event.kind == Kind.TAKEOVER and not details.get("reason")
        if (key := str(details.get("source_key", "")).rpartition("-")[0]) in by_key
    ]
    missing = evidence.missing(evidence.takeover_of(event) for event, _row in told)
    for event, row in told:
        if evidence.takeover_of(event) in missing:
            row.warn(column, evidence.said())
