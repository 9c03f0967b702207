"""Workbooks that waited for approval: what starts once everybody has agreed."""

from typing import Any

from communities.people.models import User
from compounds.approvals.choices import Verb
from compounds.imports import runs, undo
from compounds.imports.models import ImportRun


def start(verb: Verb, *, run: ImportRun, by: User, **arguments: Any) -> None:
    """Register the job that posts the workbook, or undoes it, in the name of whoever asked for it."""
    if verb == Verb.IMPORT:
        runs.post(run=run, by=by, approved=True, **arguments)
    else:
        undo.in_background(run=run, by=by, **arguments)
