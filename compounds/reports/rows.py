"""Reports as programs see them: codes with names, dates in ISO 8601, areas in ㎡."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from chaoyang_pm.kit.figures import m2
from chaoyang_pm.kit.uploads import Format
from compounds.approvals.choices import ProposalState
from compounds.approvals.models import Proposal
from compounds.ledger.rows import utc
from compounds.reports.api_bodies import NAME_OF
from compounds.reports.choices import UNDER_REVIEW
from compounds.reports.models import Report, ReportFile

#: Given as they are stored.
_TEXTS = (
    "name", "address", "precision", "date_basis", "provider_from", "provider_to", "basis_type", "basis_name",
    "note", "late_reason",
)  # fmt: skip


def listed(reports: QuerySet[Report]) -> list[dict[str, Any]]:
    """Reports, in one query."""
    files = ReportFile.objects.filter(report=OuterRef("pk")).order_by().values("report").values(number=Count("pk"))
    found = reports.select_related("community", "compound").annotate(number_of_files=Coalesce(Subquery(files), 0))
    return [_row(report) | {"files": report.number_of_files} for report in found]


def detailed(report: Report) -> dict[str, Any]:
    """One report with every step that it took, and its files."""
    waits = Proposal.objects.filter(key=report.proposal_key, state=ProposalState.WAITING)
    waiting = waits.first() if report.state in UNDER_REVIEW else None
    return _row(report) | {
        "proposal": f"{reverse('api:proposal', args=[waiting.pk])}/" if waiting else None,
        "files": [file_row(report, file) for file in report.files.all()],
        "history": [
            {
                "step": step.step,
                "from": step.from_state or None,
                "to": step.to_state,
                "by": str(step.by),
                "at": utc(step.at),
                "reason": step.reason,
                "comments": [
                    {"field": NAME_OF.get(comment.field, comment.field), "text": comment.text}
                    for comment in step.comments.all()
                ],
            }
            for step in report.steps.select_related("by").prefetch_related("comments")
        ],
    }


def file_row(report: Report, file: ReportFile) -> dict[str, Any]:
    return {
        "id": file.pk, "kind": file.kind, "name": file.original_name, "format": file.format, "size": file.size,
        "sha256": file.sha256, "pages": file.pages, "uploaded_at": utc(file.uploaded_at),
        "media_type": Format(file.shown_format).content_type,
        "url": f"{reverse('api:report_file', args=[report.pk, file.pk])}/",
    }  # fmt: skip


def _row(report: Report) -> dict[str, Any]:
    compound, community = report.compound, report.community
    return {
        "id": str(report.pk),
        "state": report.state,
        "kind": report.kind,
        "revision": report.revision,
        "compound": {"code": compound.code, "name": compound.name} if compound else None,
        "community": {"code": community.code, "name": community.name},
        "effective_on": report.effective_on.isoformat() if report.effective_on else None,
        "category": report.category or None,
        "mode_from": report.mode_from or None,
        "mode_to": report.mode_to or None,
        "area_m2": m2(report.area_dm2),
        "households": report.households,
        "whole": report.whole,
        "document_no": report.basis_no,
        **{name: getattr(report, name) for name in _TEXTS},
        "reporter": report.reporter,
        "height": report.height,
        "entry_height": report.entry_id,
        "instead_of": str(report.instead_of_id) if report.instead_of_id else None,
        "written_at": utc(report.created_at),
        "submitted_at": utc(report.submitted_at) if report.submitted_at else None,
        "waiting_since": utc(report.waiting_since),
        "ended_at": utc(report.closed_at) if report.closed_at else None,
        "url": f"{reverse('api:report', args=[report.pk])}/",
    }
