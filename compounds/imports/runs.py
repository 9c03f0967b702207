"""Uploads through the pages: a stored file, its check, the words it asks about, and its posting.

Checks and postings are jobs (``tasks``); what a person asks for is registered here, what the jobs do follows below.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chaoyang_pm.kit.jobs import services as jobs
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.running import Failed, Progress
from chaoyang_pm.kit.scoping import EVERYWHERE
from chaoyang_pm.kit.uploads.refusals import disk_may_be_full
from communities.people.models import User
from communities.people.permissions import reach
from compounds.imports import services, store, words
from compounds.imports.choices import UNPOSTED, RunState, Workbook
from compounds.imports.layouts import Chosen, pinned
from compounds.imports.mappings import remember, remembered
from compounds.imports.models import ImportRun
from compounds.imports.outcome import Outcome
from compounds.imports.reading import Import, read_or_refuse


class RunRefused(Exception):
    """The file cannot be posted as it stands; str() says why."""


# --- what people ask for ---------------------------------------------------------------------------------
def upload(*, workbook: Workbook, file: File, default_date, by: User | None) -> ImportRun:
    """Keep an uploaded workbook and have it checked. Nothing is posted. Raises StorageFull."""
    filename = Path(file.name or "").name
    with transaction.atomic(), disk_may_be_full():
        run = store.keep(
            workbook=workbook, file=file, filename=filename, default_date=default_date, by=by, state=RunState.WAITING
        )
        check(run=run, by=by)
    return run


def in_background(
    *, workbook: Workbook, path: Path, default_date, dry_run: bool, skip_bad_rows: bool, annotated: Path | None
) -> Job:
    """What the command line leaves to a worker: the file is kept, then checked or posted. Raises OSError."""
    copy = {"annotated": str(annotated)} if annotated else {}
    with path.open("rb") as file, transaction.atomic(), disk_may_be_full():
        run = store.keep(
            workbook=workbook, file=File(file), filename=path.name, default_date=default_date, by=None,
            state=RunState.WAITING,
        )  # fmt: skip
        if dry_run:
            return check(run=run, by=None, **copy)
        return post(run=run, skip_bad_rows=skip_bad_rows, by=None, **copy)


def check(*, run: ImportRun, by: User | None, **parameters: Any) -> Job:
    """Have the stored file checked (once more). Raises Busy if something is being done with it."""
    return _enqueue("imports.check", run, by, **parameters)


def learn(*, run: ImportRun, meanings: Mapping[tuple[str, str], str], by: User) -> Job:
    """Remember what words mean, as a person confirmed it ((field, word) → code), and have the file checked again."""
    with transaction.atomic():
        for (field, word), meaning in meanings.items():
            words.learn(field=field, word=word, meaning=meaning, by=by)
        return check(run=run, by=by)


def assign(*, run: ImportRun, columns: Mapping[str, Mapping[int, str]], by: User) -> Job:
    """Remember which column is which, by signature and index, and have the file checked again with that.

    Raises RunRefused if it was posted already, Busy if something is being done with it.
    """
    _refuse_posted(run)
    with transaction.atomic():
        left = dict(columns)
        for layout in run.result.get("sheets", []):
            said = left.pop(layout.get("signature", ""), None)
            # That nobody said anything of a summary is nothing to remember.
            if said is not None and (any(said.values()) or layout["blocks"] or not layout["reason"]):
                remember(
                    workbook=run.workbook, office=run.division_id, signature=layout["signature"],
                    columns=[column | {"key": said.get(column["index"])} for column in layout["columns"]],
                    sheet=layout["name"], filename=run.filename, by=by,
                )  # fmt: skip
        return check(run=run, by=by)


def switch(*, run: ImportRun, by: User) -> Job:
    """Have the file checked as the workbook that it was told to be. Raises RunRefused or Busy as ``assign`` does."""
    _refuse_posted(run)
    other = other_of(run)
    if other is None:
        raise RunRefused(_("No sheet of this file is another workbook."))
    with transaction.atomic():
        run.workbook = other
        run.save(update_fields=["workbook"])
        return check(run=run, by=by)


def other_of(run: ImportRun) -> Workbook | None:
    """Which workbook the first sheet that is not the one asked for was told to be, if there is such a sheet."""
    told = [layout["other"] for layout in run.result.get("sheets", []) if layout["other"] in Workbook.values]
    # What is reported and what is recorded are sent on pages of their own, by whoever may.
    crosses = told and Workbook.REPORTS in (run.workbook, told[0])
    return Workbook(told[0]) if told and not crosses else None


def _refuse_posted(run: ImportRun) -> None:
    if run.state not in UNPOSTED:
        raise RunRefused(_already(run))


def _already(run: ImportRun) -> str:
    if run.is_of_reports:
        return _("These reports have been handed in already.")
    return _("This file has been posted already.")


def post(*, run: ImportRun, skip_bad_rows: bool, by: User | None, **parameters: Any) -> Job:
    """Have the file posted. Raises RunRefused if it was posted already, Busy if something is being done with it."""
    _refuse_posted(run)
    kind = "imports.hand_in" if run.is_of_reports else "imports.post"
    return _enqueue(kind, run, by, skip_bad_rows=skip_bad_rows, **parameters)


def key_of(run: ImportRun) -> str:
    """What the jobs of an import carry: one of them at a time."""
    return f"import:{run.pk}"


def _enqueue(kind: str, run: ImportRun, by: User | None, **parameters: Any) -> Job:
    parameters |= {"run": str(run.pk)}
    return jobs.enqueue(kind=kind, by=by, parameters=parameters, key=key_of(run), scope_code=run.division_id)


# --- what the jobs do ------------------------------------------------------------------------------------
def do_check(progress: Progress, *, run: ImportRun, annotated: str = "") -> None:
    """Rehearse the stored file, and keep what was found."""
    progress.advance(step=_("Reading the workbook"))
    imported, outcome = _read(run)
    if imported:
        _tell(imported, progress, _("Checking rows"))
        services.check(imported, by=progress.job.created_by)
    _write_copy(imported, annotated)
    with transaction.atomic():
        store.checked(run, outcome)
        progress.finishing(outcome.as_dict(), _found(run, outcome))


def do_post(
    progress: Progress, *, run: ImportRun, skip_bad_rows: bool, annotated: str = "", approved: bool = False
) -> None:
    """Check the file and post it: entries, the import's state and the end of the job are one transaction.

    Raises Failed if it was posted already or still has errors; then the page shows the file as it stands now.
    """
    progress.advance(step=_("Reading the workbook"))
    imported, outcome = _read(run, pinned(run.result.get("sheets", [])))  # what the page showed is what is posted
    try:
        if imported:
            what = _("Checking and handing in rows") if run.is_of_reports else _("Checking and posting rows")
            _tell(imported, progress, what)
            outcome = services.run(
                imported, by=progress.job.created_by, skip_bad_rows=skip_bad_rows, kept=run, approved=approved,
                finishing=lambda outcome: progress.finishing(outcome.as_dict(), _landed(run, outcome)),
            )  # fmt: skip
    except store.AlreadyPosted:
        raise Failed(_already(run)) from None
    except services.NeedsApproval:
        raise Failed(_("The city has to approve this workbook; post it anew from its page.")) from None
    _write_copy(imported, annotated)
    if not progress.ended:
        refused = outcome.as_dict()
        imported, outcome = _read(run)  # as the file stands now: others may have recorded since it was uploaded
        if imported:
            services.check(imported, by=progress.job.created_by)
        store.checked(run, outcome)
        message = (
            _("Nothing was handed in: the file has errors. Correct them and send it again.") if run.is_of_reports
            else _("Nothing was posted: the file has errors. Correct them, or post only the rows without.")
        )  # fmt: skip
        raise Failed(message, refused)


def annotated(run: ImportRun) -> bytes | None:
    """The user's own workbook with the findings in its cells; None if the file could not be read at all."""
    imported, _outcome = _read(run, pinned(run.result.get("sheets", [])))
    if imported is None:
        return None
    services.check(imported, by=run.created_by)
    with disk_may_be_full(), tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "annotated.xlsx"
        imported.annotate(out)
        return out.read_bytes()


def _read(run: ImportRun, chosen: Mapping[str, Chosen] | None = None) -> tuple[Import | None, Outcome]:
    """The stored file, with the columns that its office remembers, or as it was ``chosen`` before."""
    return read_or_refuse(
        known=remembered(run.workbook, run.division_id), chosen=chosen,
        workbook=Workbook(run.workbook), path=Path(run.file.path), filename=run.filename,
        default_date=run.default_date, scope=reach(run.created_by, run.upload_right) if run.created_by else EVERYWHERE,
    )  # fmt: skip


def _tell(imported: Import, progress: Progress, what: str) -> None:
    progress.advance(0, imported.outcome.rows, what)
    imported.work.step = lambda done, total: progress.advance(done)


def _write_copy(imported: Import | None, path: str) -> None:
    """The annotated copy that a command asked for; the job has its end without it, and says what kept it out."""
    if imported is None or not path:
        return
    try:
        imported.annotate(Path(path))
    except OSError as error:
        message = _("The annotated copy cannot be written to %(path)s: %(error)s")
        raise Failed(message % {"path": path, "error": error.strerror}) from error


def _found(run: ImportRun, outcome: Outcome) -> str:
    """The check in one sentence."""
    if not outcome.readable:
        return _("The file cannot be read.")
    if outcome.errors:
        places = len(outcome.errors)
        return ngettext(
            "Checked: %(places)s place to correct.", "Checked: %(places)s places to correct.", places
        ) % {"places": places}  # fmt: skip
    if run.is_of_reports:
        return _("Checked: every row can be handed in.")
    return _("Checked: every row can be posted.")


def _landed(run: ImportRun, outcome: Outcome) -> str:
    if run.is_of_reports:
        return ngettext(
            "Handed in: %(number)s report.", "Handed in: %(number)s reports.", outcome.created
        ) % {"number": outcome.created}  # fmt: skip
    message = _("Posted: %(posted)s entries, up to version %(height)s.")
    return message % {"posted": outcome.posted, "height": outcome.height}
