"""Uploads through the pages: a stored file, its check, the words it asks about, and its posting."""

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from communities.people.models import User
from compounds.imports import services
from compounds.imports.choices import Field, RunState, Workbook
from compounds.imports.models import ImportRun, Synonym
from compounds.imports.outcome import Outcome

#: Columns whose words can be explained by a person, with the list that learns them.
FIELD_OF = {
    "category": Field.CATEGORY, "new_category": Field.CATEGORY, "mode": Field.MODE, "mode_from": Field.MODE,
    "mode_to": Field.MODE, "area_source": Field.AREA_SOURCE,
}  # fmt: skip


class RunRefused(Exception):
    """The file cannot be posted as it stands; str() says why."""


def upload(*, workbook: Workbook, file: UploadedFile, default_date, by: User) -> ImportRun:
    """Keep an uploaded workbook and check it. Nothing is posted."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    filename = Path(file.name or "").name[-200:]
    run = ImportRun(
        workbook=workbook, filename=filename, sha256=digest.hexdigest(), default_date=default_date, created_by=by
    )
    file.seek(0)
    # The stored name says nothing of what the user called the file: it is never part of a path.
    run.file.save(f"{run.id}.upload", file, save=False)
    run.save()
    return check(run=run, by=by)


def check(*, run: ImportRun, by: User) -> ImportRun:
    """Rehearse the stored file once more, and keep what was found."""
    imported, outcome = _read(run)
    if imported:
        services.check(imported, by=by)
    run.result = _result(imported, outcome)
    run.save(update_fields=["result"])
    return run


def learn(*, run: ImportRun, meanings: Mapping[tuple[str, str], str], by: User) -> ImportRun:
    """Remember what words mean, as a person confirmed it ((field, word) → code), and check the file again."""
    for (field, word), meaning in meanings.items():
        Synonym.objects.get_or_create(field=field, word=word, defaults={"meaning": meaning})
    return check(run=run, by=by)


def post(*, run: ImportRun, skip_bad_rows: bool, by: User) -> ImportRun:
    """Post the file. Raises RunRefused if it was posted already or still has errors.

    Twice at once has the effect of once: rows with a live source key post nothing.
    """
    if run.state == RunState.CHECKED:
        imported, outcome = _read(run)
        if imported:
            outcome = services.run(imported, by=by, skip_bad_rows=skip_bad_rows)
        if outcome.errors and not (skip_bad_rows and outcome.accepted):
            check(run=run, by=by)  # as the file stands now: others may have recorded since it was uploaded
            raise RunRefused(_("Nothing was posted: the file has errors. Correct them, or post only the rows without."))
        run.result, run.state, run.posted_at = _result(imported, outcome), RunState.POSTED, timezone.now()
        checked = ImportRun.objects.filter(pk=run.pk, state=RunState.CHECKED)
        if checked.update(result=run.result, state=run.state, posted_at=run.posted_at):
            return run
    raise RunRefused(_("This file has been posted already."))


def annotated(run: ImportRun) -> bytes | None:
    """The user's own workbook with the findings in its cells; None if the file could not be read at all."""
    imported, _outcome = _read(run)
    if imported is None:
        return None
    services.check(imported, by=None)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "annotated.xlsx"
        imported.annotate(out)
        return out.read_bytes()


def _read(run: ImportRun) -> tuple[services.Import | None, Outcome]:
    return services.read_or_refuse(
        workbook=Workbook(run.workbook), path=Path(run.file.path), filename=run.filename,
        default_date=run.default_date,
    )  # fmt: skip


def _result(imported: services.Import | None, outcome: Outcome) -> dict[str, Any]:
    """The contract's result with what the page shows beside it."""
    more = ("accepted", "skipped", "unknown_columns", "adds_managed", "adds_total")
    result = outcome.as_dict() | {name: getattr(outcome, name) for name in more} | {"readable": imported is not None}
    result["unknown_words"] = _unknown_words(imported) if imported else []
    return result


def _unknown_words(imported: services.Import) -> list[dict[str, str]]:
    """Words in cells that no list knows, each once."""
    kind = Field.COMPOUND_KIND if imported.workbook == Workbook.REGISTER else Field.KIND
    fields = FIELD_OF | {"kind": kind}
    found: dict[tuple[str, str], None] = {}
    for row in imported.work.rows:
        for column, value, _message in row.errors:
            if column in fields and column not in row.values and isinstance(value, str) and value.strip():
                found[fields[column], value.strip()[:60]] = None
    return [{"field": str(field), "word": word} for field, word in found][:20]
