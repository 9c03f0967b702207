"""Stored imports: the file that is kept, and what became of it."""

import hashlib
import uuid
from pathlib import Path

from django.core.files.base import File
from django.utils import timezone

from communities.people.models import User
from communities.people.permissions import office_of
from compounds.imports.choices import UNPOSTED, RunState, Workbook
from compounds.imports.models import ImportRun
from compounds.imports.outcome import Outcome


class AlreadyPosted(Exception):
    """The file was posted before, or is being posted elsewhere right now."""


def keep(
    *, workbook: Workbook, file: File, filename: str, default_date, by: User | None,
    state: RunState = RunState.CHECKED,
) -> ImportRun:  # fmt: skip
    """Store a workbook with its checksum; nothing is read yet."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    run = ImportRun(
        id=uuid.uuid4(), workbook=workbook, filename=filename[-200:], sha256=digest.hexdigest(),
        default_date=default_date, created_by=by, state=state,
    )  # fmt: skip
    run.division_id = office_of(by, run.upload_right) if by else None
    file.seek(0)
    # The stored name says nothing of what the user called the file: it is never part of a path.
    try:
        run.file.save(f"{run.id}.upload", file, save=False)
        run.save()
    except BaseException:  # a full disk above all: half a file serves nobody
        run.file.storage.delete(f"{run.file.field.upload_to}{run.id}.upload")
        raise
    return run


def keep_path(*, path: Path, **facts) -> ImportRun:
    """``keep`` for a file on disk."""
    with path.open("rb") as file:
        return keep(file=File(file), **facts)


def discard(run: ImportRun) -> None:
    """Forget an import that posted nothing, with its file."""
    run.delete()
    run.file.delete(save=False)


def lock(run: ImportRun) -> None:
    """Hold the import until the end of the transaction, the first of its locks. Raises AlreadyPosted."""
    if not ImportRun.objects.select_for_update().filter(pk=run.pk, state__in=UNPOSTED).exists():
        raise AlreadyPosted


def checked(run: ImportRun, outcome: Outcome) -> None:
    """Keep what a check found; of a file that was posted meanwhile its posting stands."""
    run.state, run.result = RunState.CHECKED, outcome.as_result()
    ImportRun.objects.filter(pk=run.pk, state__in=UNPOSTED).update(state=run.state, result=run.result)


def posted(run: ImportRun, outcome: Outcome, heights: list[int]) -> None:
    """Keep with the import what it did, in the transaction that did it."""
    run.state, run.posted_at, run.result = RunState.POSTED, timezone.now(), outcome.as_result()
    run.first_height, run.last_height = (heights[0], heights[-1]) if heights else (None, None)
    run.save(update_fields=["state", "posted_at", "result", "first_height", "last_height"])
