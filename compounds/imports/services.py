"""Imports from file to ledger: read, check everything outside the transaction, then post in one short one.

``--skip-bad-rows`` posts the rows without errors; otherwise one error keeps the whole file out.
"""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from chaoyang_pm.kit import bulk
from communities.people.models import User
from communities.people.permissions import office_of
from compounds.approvals.needs import asks_city
from compounds.imports import buildings, store, trail
from compounds.imports.choices import RunState
from compounds.imports.facts import FACTS, Changes
from compounds.imports.models import ImportRun
from compounds.imports.outcome import Applied, Outcome
from compounds.imports.reading import Import
from compounds.imports.rehearsal import Rehearsal
from compounds.imports.reporting import ReportImport
from compounds.ledger.choices import Mode
from compounds.ledger.recording import live_keys
from compounds.ledger.services import writing
from compounds.register.models import Compound

BATCH = 500
_FIRST = ("code", "name", "community_id", *FACTS.values())
_UNSAID = ("", None)


@bulk.uncollected()
def check(imported: Import, *, by: User | None) -> set[int]:
    """Rehearse the import outside any transaction; fills the outcome, returns the positions of rows to post."""
    work, outcome = imported.work, imported.outcome
    imported.rehearsal = rehearsal = Rehearsal.of(work, by=by)
    for row in work.rows:
        if row.errors or row.warnings:
            errors, warnings = imported.findings(row)
            outcome.errors += errors
            outcome.warnings += warnings
    _count(outcome, rehearsal.applied, rehearsal.ledger.height)
    recorder = rehearsal.recorder
    outcome.asks_city = asks_city(recorder.events)
    outcome.adds_total = sum(change.effect.area_dm2 for change in recorder.changes)
    outcome.adds_managed = sum(c.effect.area_dm2 for c in recorder.changes if c.effect.mode != Mode.NONE)
    return rehearsal.applied.accepted_rows


class NeedsApproval(Exception):
    """A county's workbook relabels area that counts towards a target, and the city has not approved it."""


class _Stale(Exception):
    """Something was recorded between the check and the lock that this file does not go with."""


def post(
    imported: Import, accepted: set[int], *, by: User | None, run: ImportRun,
    finishing: Callable[[Outcome], None] = lambda outcome: None,
) -> Outcome:  # fmt: skip
    """Post the checked rows, all or none; checked again under the lock if others have recorded or edited since.

    ``run`` keeps what was done, and ``finishing`` is called, in the same transaction. Raises store.AlreadyPosted.
    """
    work, outcome = imported.work, imported.outcome
    rehearsal, applied = imported.rehearsal, None
    try:
        while applied is None:
            codes = rehearsal.codes if rehearsal else work.codes(work.index())
            with transaction.atomic(), bulk.uncollected():
                store.lock(run)
                with writing(codes) as writer:
                    as_rehearsed = rehearsal is not None and rehearsal.holds(writer.head, accepted, by=by)
                    index = None if as_rehearsed else work.index()
                    if index and not work.codes(index) <= codes:
                        rehearsal = None
                        continue  # a compound of these rows was created while we waited: lock that one, too
                    lay = {code: each.community_id for code, each in writer.compounds.items() if not each.has_area}
                    if rehearsal and not index:
                        writer.adopt_all(rehearsal.recorder, work.step)
                        applied = rehearsal.applied
                    else:
                        applied = work.apply(
                            writer, index or work.index(), live_keys(work.keys()), only=accepted, by=by
                        )
                    if any(row.errors for row in work.rows if row.position in accepted):
                        raise _Stale
                    _store_facts(applied, writer.compounds)
                _log(applied, writer.compounds, lay, by, run)
                buildings.store(applied.buildings, cid=trail.cid_of(run.pk), by=by)
                _count(outcome, applied, writer.height)
                outcome.run = str(run.pk)
                store.posted(run, outcome, [entry.height for entry in writer.entries])
                finishing(outcome)
    except _Stale:
        for row in work.rows:
            if row.position in accepted:
                outcome.errors += imported.findings(row)[0]
        return outcome.refused()
    return outcome


def hand_in(
    imported: Import, *, by: User, run: ImportRun, finishing: Callable[[Outcome], None]
) -> Outcome:  # fmt: skip
    """Make the reports of a checked workbook, all or none, and hand them in. Otherwise as ``post``."""
    work, outcome, rehearsal = imported.work, imported.outcome, imported.rehearsal
    if outcome.errors or rehearsal is None or not isinstance(work, ReportImport):
        return outcome.refused()
    try:
        with transaction.atomic():
            store.lock(run)
            work.hand_in(rehearsal.applied, by=by, run=run)
            if any(row.errors for row in work.rows):
                raise _Stale
            _count(outcome, rehearsal.applied, rehearsal.ledger.height)
            outcome.run = str(run.pk)
            store.posted(run, outcome, [])
            finishing(outcome)
    except _Stale:
        for row in work.rows:
            outcome.errors += imported.findings(row)[0]
        return outcome.refused()
    return outcome


def run(
    imported: Import, *, by: User | None, dry_run: bool = False, skip_bad_rows: bool = False,
    kept: ImportRun | None = None, finishing: Callable[[Outcome], None] = lambda outcome: None, approved: bool = False,
) -> Outcome:  # fmt: skip
    """Check, and unless it is a dry run post. With errors nothing is written unless bad rows are to be skipped.

    ``kept`` is the import if its file is stored already; else the file is stored for one that posts. Raises
    NeedsApproval for what ``by`` may not post alone, unless it is ``approved``.
    """
    accepted = check(imported, by=by)
    outcome = imported.outcome
    if by and outcome.asks_city and not (approved or dry_run) and office_of(by, "imports.upload"):
        raise NeedsApproval
    if dry_run:
        return outcome
    if by and kept and isinstance(imported.work, ReportImport):
        return hand_in(imported, by=by, run=kept, finishing=finishing)
    if outcome.errors and not (skip_bad_rows and accepted):
        return outcome.refused()
    if kept:
        return post(imported, accepted, by=by, run=kept, finishing=finishing)
    kept = store.keep_path(
        path=imported.path, workbook=imported.workbook, filename=imported.filename, default_date=imported.default_date,
        by=by,
    )  # fmt: skip
    try:
        return post(imported, accepted, by=by, run=kept)
    finally:
        if kept.state != RunState.POSTED:
            store.discard(kept)


def _count(outcome: Outcome, applied: Applied, height: int) -> None:
    outcome.created, outcome.posted = applied.created_number, applied.posted
    outcome.updated, outcome.unchanged = len(applied.updated_rows), len(applied.unchanged_rows)
    outcome.area_pending, outcome.accepted = len(applied.pending), len(applied.accepted_rows)
    outcome.height = height


def _store_facts(applied: Applied, compounds: dict[str, Compound]) -> None:
    """Update descriptive facts in bulk."""
    fields = sorted({fact for changes in applied.updated.values() for fact in changes})
    if not fields:
        return
    stored = [compounds[code] for code in sorted(applied.updated) if compounds[code].pk]
    now = timezone.now()
    for compound in stored:
        compound.updated_at = now
    Compound.objects.bulk_update(stored, [*fields, "updated_at"], BATCH)


def _log(
    applied: Applied, compounds: dict[str, Compound], lay: dict[str, str], by: User | None, run: ImportRun
) -> None:  # fmt: skip
    """The history that the audit library would have written one by one, under the import's name.

    ``lay`` is where compounds without area were registered: the ledger moves them with their first entry.
    """
    created = {compound.code for compound in applied.created}
    updated = dict(applied.updated)
    for code, before in lay.items():
        if before != (now := compounds[code].community_id):
            updated[code] = updated.get(code, {}) | {"community_id": (before, now)}
    trail.write(
        created=[(compound, _first_facts(compound)) for compound in applied.created],
        updated=[(compounds[code], changes) for code, changes in sorted(updated.items()) if code not in created],
        cid=trail.cid_of(run.pk), by=by,
    )  # fmt: skip


def _first_facts(compound: Compound) -> Changes:
    """What a new compound was entered with: field → (None, value)."""
    values = compound.__dict__
    return {name: (None, value) for name in _FIRST if (value := values[name]) not in _UNSAID}
