"""撤销导入: an import is taken back as a whole – its entries, the facts it overwrote, the compounds it created.

Whole or nothing: where later entries build on one of its own, they are named and nothing is written. Afterwards its
rows are free, so that the corrected workbook (or the same one) can be imported. Of reports those still under way are
withdrawn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.jobs import services as jobs
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.running import Failed, Progress
from communities.people.models import User
from compounds.imports.buildings_back import BuildingsBack, KeptBuilding
from compounds.imports.choices import LANDED, RunState
from compounds.imports.models import ImportRun
from compounds.imports.reports_back import KeptReport, ReportsBack
from compounds.imports.restoring import Kept, Restoring
from compounds.imports.runs import key_of
from compounds.imports.takeback import Taking
from compounds.imports.trail import cid_of_undo
from compounds.ledger.loading import chunks, with_linked
from compounds.ledger.recording import Recorder
from compounds.ledger.refusals import Problem, Refused, refuse
from compounds.ledger.selectors import newest
from compounds.ledger.services import writing
from compounds.register.models import Compound

#: What of the result the job tells, and how many reasons of a refusal.
TOLD = (
    "reversed", "recorded_anew", "facts_restored", "retired", "buildings_removed", "buildings_restored",
    "reports_withdrawn",
)  # fmt: skip
REASONS = 5


@dataclass(frozen=True)
class Undo:
    """What an undo would do, or did."""

    taking: Taking
    restoring: Restoring
    buildings: BuildingsBack
    reports: ReportsBack

    @property
    def problems(self) -> list[Problem]:
        return self.taking.problems

    @property
    def adds_unmanaged(self) -> int:
        return self.taking.adds_total - self.taking.adds_managed

    @property
    def facts(self) -> int:
        """Compounds that stay and whose facts go back."""
        return len(self.restoring.changes.keys() - {compound.code for compound in self.restoring.retired})

    def as_dict(self) -> dict[str, Any]:
        """In the shape that is kept with the import; areas in 0.01 ㎡."""
        kept: list[Kept | KeptBuilding | KeptReport] = [
            *self.restoring.kept, *self.buildings.kept, *self.reports.kept
        ]  # fmt: skip
        return {
            "reversed": self.taking.reversed, "recorded_anew": self.taking.anew,
            "adds_total": self.taking.adds_total, "adds_managed": self.taking.adds_managed,
            "facts_restored": self.facts,
            "facts_kept": [one.as_dict() for one in kept],
            "buildings_removed": self.buildings.removed, "buildings_restored": self.buildings.restored,
            "reports_withdrawn": len(self.reports.reports),
            "retired": len(self.restoring.retired), "staying": [kept.as_dict() for kept in self.restoring.staying],
        }  # fmt: skip


def preview(run: ImportRun) -> Undo:
    """Rehearse the undo on the newest version. Stores nothing. Raises Refused if there is nothing to undo."""
    check(run)
    taking, restoring = Taking.of(run), Restoring.of(run)
    codes = with_linked(taking.codes() | restoring.codes())
    found = [compound for chunk in chunks(codes) for compound in Compound.objects.filter(code__in=chunk)]
    recorder = Recorder({compound.code: compound for compound in found}, newest().height)
    taking.apply(recorder, reason="", reference="", by=None)
    if not taking.problems:
        restoring.plan(recorder.compounds.values(), recorder.book)
    return Undo(taking, restoring, BuildingsBack.of(run), ReportsBack.of(run))


def in_background(*, run: ImportRun, reason: str, by: User) -> Job:
    """Have the import undone. Raises Refused if there is nothing to undo, Busy if something is being done with it."""
    check(run)
    parameters = {"run": str(run.pk), "reason": _reason(reason)}
    return jobs.enqueue(kind="imports.undo", by=by, parameters=parameters, key=key_of(run), scope_code=run.division_id)


def do(progress: Progress, *, run: ImportRun, reason: str) -> None:
    """What the job does: the undo and the end of the job are one transaction. Raises Failed with every reason."""

    def finishing(done: ImportRun) -> None:
        result = done.undo_result
        message = _("Undone: %(reversed)s entries reversed, %(retired)s compounds withdrawn.")
        if run.is_of_reports:
            message = _("Undone: %(reports_withdrawn)s reports withdrawn.")
        progress.finishing({name: result[name] for name in TOLD}, message % result)

    progress.advance(step=_("Withdrawing reports") if run.is_of_reports else _("Reversing entries"))
    try:
        undo(run=run, reason=reason, by=progress.job.created_by, advance=progress.advance, finishing=finishing)
    except Refused as refused:
        shown = " ".join(problem.message for problem in refused.problems[:REASONS])
        more = len(refused.problems) - REASONS
        if more > 0:
            shown += " " + _("%(more)s more are named on the page of the undo.") % {"more": more}
        raise Failed(shown) from None


def undo(
    *, run: ImportRun, reason: str, by: User | None, advance: Callable[[int, int], None] = lambda done, total: None,
    finishing: Callable[[ImportRun], None] = lambda run: None,
) -> ImportRun:  # fmt: skip
    """Undo an import; returns it as it is afterwards. Raises Refused with every reason, and then nothing is written.

    Twice at once has the effect of once: the second finds the import undone. ``advance`` is told how many of the
    entries are dealt with, ``finishing`` is called in the same transaction.
    """
    reason = _reason(reason)
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run.pk)
        check(run)
        reports = ReportsBack.of(run)
        reports.store(reason=reason, by=by, advance=advance)
        restoring = Restoring.of(run)
        codes = Taking.of(run).codes() | restoring.codes() | BuildingsBack.of(run).codes()
        with writing(codes) as writer:
            taking = Taking.of(run)  # once more under the ledger's lock: others may have reversed some of it
            taking.apply(writer, reason=reason, reference=f"{run.filename[:150]} {run.pk}", by=by, advance=advance)
            if taking.problems:
                raise Refused(*taking.problems)
            restoring.plan(writer.compounds.values(), writer.book)
            back = BuildingsBack.of(run)
        restoring.store(cid=cid_of_undo(run.pk), by=by)
        back.store(cid=cid_of_undo(run.pk), by=by)
        run.state, run.undone_at, run.undone_by, run.undo_reason = RunState.UNDONE, timezone.now(), by, reason
        if writer.entries:
            run.undo_first_height, run.undo_last_height = writer.entries[0].height, writer.entries[-1].height
        run.undo_result = Undo(taking, restoring, back, reports).as_dict()
        run.save(update_fields=["state", *(f.name for f in run._meta.fields if f.name.startswith("und"))])
        finishing(run)
    return run


def _reason(text: str) -> str:
    """The reason as it stands with every reversal. Raises Refused."""
    text, limit = text.strip(), ImportRun._meta.get_field("undo_reason").max_length or 0
    if not 0 < len(text) <= limit:
        message = _("Say why the import is undone, in at most %(limit)s characters.")
        raise refuse("reason", text[:limit], message % {"limit": limit})
    return text


def check(run: ImportRun) -> None:
    """Whether the import can be undone at all. Raises Refused."""
    if run.state not in LANDED:
        raise refuse("run", str(run.pk), _("This file has not been posted, so there is nothing to undo."))
    if run.undone_at:
        facts = {"when": timezone.localtime(run.undone_at).strftime("%Y-%m-%d %H:%M")}
        raise refuse("run", str(run.pk), _("This import was undone already (%(when)s).") % facts)
    if run.is_of_reports and not ReportsBack.of(run).reports:
        raise refuse("run", str(run.pk), _("None of its reports is under way any more, so there is nothing to undo."))
    if run.first_height is None and run.result.get("posted"):
        message = _("This import was posted before imports kept their versions; correct (更正) its entries one by one.")
        raise refuse("run", str(run.pk), message)
