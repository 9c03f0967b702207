"""Undoing a workbook of reports: those still under way are withdrawn; what was recorded is corrected in the ledger."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from communities.people.models import User
from compounds.approvals.choices import ProposalState
from compounds.approvals.models import Proposal
from compounds.imports.models import ImportRun
from compounds.ledger.refusals import refuse
from compounds.reports import services
from compounds.reports.choices import OPEN, ReportState
from compounds.reports.models import Report


@dataclass(frozen=True)
class KeptReport:
    """A report that stays although its workbook is undone."""

    report: Report
    why: str

    def as_dict(self) -> dict[str, str]:
        code = self.report.compound.code if self.report.compound else ""
        return {
            "code": code, "name": self.report.subject_name, "field": self.report.get_kind_display(), "why": self.why,
        }  # fmt: skip


@dataclass
class ReportsBack:
    """Which reports of an import are withdrawn, and which stay."""

    reports: list[Report] = field(default_factory=list)
    kept: list[KeptReport] = field(default_factory=list)

    @classmethod
    def of(cls, run: ImportRun) -> "ReportsBack":
        """Decide by what stands now. Changes nothing."""
        back = cls()
        reports = list(Report.objects.filter(run=run).select_related("compound", "entry").order_by("created_at", "pk"))
        waiting = Proposal.objects.filter(key__in=[one.proposal_key for one in reports], state=ProposalState.WAITING)
        elsewhere = set(waiting.values_list("key", flat=True))
        for report in reports:
            if report.state == ReportState.APPROVED:
                back.kept.append(KeptReport(report, _("recorded; its entry is corrected (更正) if it is wrong")))
            elif report.proposal_key in elsewhere:
                back.kept.append(KeptReport(report, _("its entry waits for somebody who must agree")))
            elif report.state in OPEN:
                back.reports.append(report)
        return back

    def store(self, *, reason: str, by: User | None, advance: Callable[[int, int], None]) -> None:
        """Withdraw them. Raises Refused."""
        for done, report in enumerate(self.reports):
            advance(done, len(self.reports))
            if by is None:
                raise refuse("run", str(report.run_id), _("Reports are handed in by a person, and withdrawn by one."))
            try:
                services.withdraw(report=report, by=by, reason=reason)
            except PermissionDenied as denied:
                raise refuse("run", str(report.run_id), f"{report.subject_name}: {denied}") from denied
