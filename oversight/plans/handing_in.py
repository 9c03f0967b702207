"""Workbooks of plans as they are handed in, on the page or over the API: read, checked, kept as they came."""

import hashlib
import tempfile
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from django.core.files.base import ContentFile
from django.db import transaction

from chaoyang_pm.kit.sheets.findings import Finding
from chaoyang_pm.kit.uploads.refusals import disk_may_be_full
from communities.divisions.models import Division
from communities.people.models import User
from compounds.reports import clock
from oversight.plans import services, workbook
from oversight.plans.checks import Checks
from oversight.plans.models import PlanVersion, PlanWorkbook
from oversight.programme.models import Programme


@dataclass(frozen=True)
class HandedIn:
    version: PlanVersion
    checks: Checks
    kept: PlanWorkbook


def hand_in(
    *, programme: Programme, county: Division, content: bytes, filename: str, by: User, reason: str = "",
    revision: int | None = None,
) -> HandedIn:  # fmt: skip
    """A workbook as the county's draft, in place of its lines. ``revision``: of the draft that the person had seen.

    Raises SheetError for what is no plan, Refused, Settled, Stale, NotAllowed, StorageFull.
    """
    found = workbook.read(source=content, filename=filename, county=county)
    with transaction.atomic():
        version = services.begin(programme=programme, county=county, by=by, reason=reason)
        said = workbook.take(version=version, found=found, by=by, revision=revision)
        version.refresh_from_db()
        kept = _kept(version, content, filename, found, by)
    return HandedIn(version, said, kept)


def _kept(version: PlanVersion, content: bytes, filename: str, found: workbook.Read, by: User) -> PlanWorkbook:
    """The workbook with what is wrong with it; one that was handed in before is told anew."""
    digest = hashlib.sha256(content).hexdigest()
    kept = PlanWorkbook.objects.filter(version=version, sha256=digest).first()
    said = [[one.row, one.column, one.index, one.value, one.message, one.severity] for one in found.cells]
    # Values that JSON has no word for, a date above all, are shown as text anyway.
    said = [[value if isinstance(value, str | int | None) else str(value) for value in row] for row in said]
    if kept is not None:
        kept.findings = said
        kept.save(update_fields=["findings"])
        return kept
    kept = PlanWorkbook(
        version=version, filename=filename[-200:], sha256=digest, uploaded_by=by, uploaded_at=clock.now(), findings=said
    )
    with disk_may_be_full():
        # The stored name says nothing of what the user called the file: it is never part of a path.
        kept.file.save(f"{uuid.uuid4()}.upload", ContentFile(content), save=False)
    try:
        kept.save()
    except BaseException:
        kept.file.delete(save=False)
        raise
    return kept


def findings(kept: PlanWorkbook) -> list[Finding]:
    """What was wrong with it when it was handed in."""
    return [Finding("", *row) for row in kept.findings]


def with_remarks(kept: PlanWorkbook) -> bytes:
    """The county's own workbook with what was wrong at its cells. Raises SheetError, StorageFull."""
    with kept.file.open("rb") as file:
        content = file.read()
    sheet, header = workbook.table_of(content, kept.filename)
    with disk_may_be_full(), tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "annotated.xlsx"
        workbook.annotate(content, sheet, header, [replace(one, sheet=sheet.name) for one in findings(kept)], out)
        return out.read_bytes()
