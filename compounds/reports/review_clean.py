"""无差异、依据齐全: which reports may be agreed to together, and why the others are looked at one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from communities.people.models import User
from communities.people.permissions import office_of
from compounds.ledger.choices import Mode, Source
from compounds.ledger.events import Change, Event
from compounds.ledger.recording import Recorder
from compounds.ledger.refusals import Refused
from compounds.ledger.selectors import newest
from compounds.modes import evidence
from compounds.modes.evidence import Takeover
from compounds.reports.choices import ENTRY_KIND, Office, ReportKind
from compounds.reports.claims import draft_of
from compounds.reports.models import Report
from compounds.reports.review_selectors import described, waiting_for


@dataclass(frozen=True)
class Looked:
    """A report, why it is not clean (nothing: it is), and what the ledger would record for it."""

    report: Report
    reasons: list[str]
    event: Event | None = None

    @property
    def is_clean(self) -> bool:
        return not self.reasons


@dataclass(frozen=True)
class Together:
    """Several reports looked at together: ``changes`` is what the clean ones would post."""

    rows: list[Looked]
    changes: list[Change]

    @property
    def clean(self) -> list[Looked]:
        return [row for row in self.rows if row.is_clean]

    @property
    def others(self) -> list[Looked]:
        return [row for row in self.rows if not row.is_clean]

    @property
    def managed_dm2(self) -> int:
        """By how much managed area would change."""
        return sum(change.effect.area_dm2 for change in self.changes if change.effect.mode != Mode.NONE)

    @property
    def households(self) -> int:
        return sum(change.effect.households for change in self.changes if change.effect.mode != Mode.NONE)


def looked_at(keys: Iterable[Any], *, by: User) -> Together:
    """The reports of these keys that wait for ``by``, rehearsed together; the queries do not grow with them."""
    rows = described(waiting_for(by)).filter(pk__in=list(keys))
    return look(list(rows), by=by)


def look(reports: list[Report], *, by: User, rehearses: bool = True) -> Together:
    """Why each is not clean; ``reports`` are ``described`` ones. Those that are, are rehearsed one after another.

    Without the rehearsal, which reads the ledger, those that it would refuse are not found out.
    """
    by_county = office_of(by, "ledger.record") is not None
    compounds = {report.compound.code: report.compound for report in reports if report.compound}
    recorder = Recorder(compounds, newest().height) if rehearses else None
    lacking = evidence.missing(_takeovers(reports))
    found = []
    for report in reports:
        reasons, event = list(_reasons(report, by_county)), None
        if lacking.intersection(_takeovers([report])):
            reasons.append(_("The key evidence of its procedure is not recorded."))
        if recorder and not reasons:
            try:
                event = _rehearse(report, recorder)
            except Refused as refused:
                reasons.append(str(refused))
        found.append(Looked(report, reasons, event))
    return Together(found, recorder.changes if recorder else [])


def _takeovers(reports: list[Report]) -> list[Takeover]:
    return [
        Takeover(report.compound.code, report.mode_to, report.effective_on) for report in reports
        if report.kind == ReportKind.TAKEOVER and report.compound and report.effective_on
    ]  # fmt: skip


def _reasons(report: Any, by_county: bool) -> Iterable[str]:
    """What can be seen from the row itself."""
    if report.is_agreed:
        yield _("Its entry waits for somebody else.")
    if report.kind not in ENTRY_KIND:
        yield _("“%(kind)s” is looked at one by one.") % {"kind": ReportKind(report.kind).label}
    if report.is_changed:
        yield _("The ledger has changed since it was written.")
    if report.late_reason:
        yield _("It comes late, with a reason.")
    if not report.date_basis:
        yield _("The basis of the date is missing.")
    if not (report.has_files or report.basis_name or report.basis_no):
        yield _("There is neither a document nor a photo.")
    if report.has_other:
        yield _("There is another open report about the compound.")
    if report.asks_second and by_county and report.office == Office.COUNTY:
        yield _("A second person of the county must agree.")


def _rehearse(report: Report, recorder: Recorder) -> Event:
    draft = draft_of(report)
    assert draft is not None  # noqa: S101 — these kinds have an entry, and none that the city is asked about
    return recorder.record(draft, by=None, source=Source.REPORT)


def unlooked(reports: list[Report]) -> Together:
    """The same rows for somebody who decides nothing: nobody asks whether they are clean."""
    return Together([Looked(report, []) for report in reports], [])
