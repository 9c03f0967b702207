"""Who is told what about reports: whose turn it is, and whoever wrote one what became of it."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities.notices import services
from communities.notices.kinds import Kind, declare
from communities.people.models import User
from compounds.reports.choices import UNDER_REVIEW, ReportKind, ReportState
from compounds.reports.models import Report
from compounds.reports.transitions import waits_for_street

WAITING = declare(
    Kind(
        "reports.waiting", _("Reports: what waits for me"), title=_("Reported: %(about)s · %(what)s"),
        body=_("By %(person)s, %(place)s."), action="reports.verify",
    )
)  # fmt: skip
APPROVED = declare(
    Kind(
        "reports.approved", _("Reports: what I reported was recorded"),
        title=_("Approved and recorded: %(about)s · %(what)s"), action="reports.write",
    )
)  # fmt: skip
#: What is to be put right stands on the page: somebody wrote it freely.
RETURNED = declare(
    Kind(
        "reports.returned", _("Reports: what I reported was returned"), title=_("Returned: %(about)s · %(what)s"),
        body=_("By %(person)s; the page says what is to be put right."), action="reports.write",
    )
)  # fmt: skip


def tell(report: Report, *, by: User) -> None:
    """What the step that was just taken means for others; what waited for somebody before has been done."""
    services.settle(kind=WAITING, keys=[f"{report.pk}:{revision}" for revision in range(1, report.revision)])
    if report.state in UNDER_REVIEW:
        action = "reports.verify" if waits_for_street(report) else "reports.approve"
        _notify(WAITING, report, by, offices=[(action, report)])
    elif report.state == ReportState.RETURNED:
        _notify(RETURNED, report, by, users=[report.created_by])
    elif report.state == ReportState.APPROVED:
        _notify(APPROVED, report, by, users=[report.created_by])


def _notify(kind: Kind, report: Report, by: User, **whom) -> None:
    services.notify(
        kind=kind, key=f"{report.pk}:{report.revision}", by=by, link=reverse("reports:detail", args=[report.pk]),
        parameters={
            "about": report.subject_name, "what": ReportKind(report.kind).label, "person": str(by),
            "place": str(report.community),
        },
        **whom,
    )  # fmt: skip
