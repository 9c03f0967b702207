"""Uploads through the pages: a stored file, its check, the words it asks about, and its posting."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from chaoyang_pm.kit.scoping import EVERYWHERE
from communities.people.models import User
from communities.people.permissions import reach
from compounds.imports import services, store
from compounds.imports.choices import RunState, Workbook
from compounds.imports.models import ImportRun, Synonym
from compounds.imports.outcome import Outcome


class RunRefused(Exception):
    """The file cannot be posted as it stands; str() says why."""


def upload(*, workbook: Workbook, file: UploadedFile, default_date, by: User) -> ImportRun:
    """Keep an uploaded workbook and check it. Nothing is posted."""
    filename = Path(file.name or "").name
    run = store.keep(workbook=workbook, file=file, filename=filename, default_date=default_date, by=by)
    return check(run=run, by=by)


def check(*, run: ImportRun, by: User) -> ImportRun:
    """Rehearse the stored file once more, and keep what was found."""
    imported, outcome = _read(run)
    if imported:
        services.check(imported, by=by)
    run.result = outcome.as_result()
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
        imported, _outcome = _read(run)
        if imported:
            try:
                services.run(imported, by=by, skip_bad_rows=skip_bad_rows, kept=run)
            except store.AlreadyPosted:
                raise RunRefused(_("This file has been posted already.")) from None
        if run.state == RunState.POSTED:
            return run
        check(run=run, by=by)  # as the file stands now: others may have recorded since it was uploaded
        raise RunRefused(_("Nothing was posted: the file has errors. Correct them, or post only the rows without."))
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
        default_date=run.default_date, scope=reach(run.created_by, "imports.upload") if run.created_by else EVERYWHERE,
    )  # fmt: skip
