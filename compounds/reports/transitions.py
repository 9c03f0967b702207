"""The way of a report, as a table: which step leads from which states to which, and who may take it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from chaoyang_pm.kit.permissions import Decision, Denied, require
from communities.divisions.choices import CODE_LENGTH
from communities.divisions.selectors import nearest
from communities.people.models import User
from compounds.reports.choices import OPEN, WITH_AUTHOR, Reporter, ReportState, Step
from compounds.reports.models import Report, SkippedLevel


@dataclass(frozen=True)
class Transition:
    """One row: ``action`` is that of the permission matrix; ``to`` None leaves the state as it is."""

    step: Step
    sources: tuple[ReportState, ...]
    to: ReportState | None
    action: str
    needs_words: bool = False


#: Approving and returning depend on whose turn it is besides (``offered``).
TRANSITIONS: dict[Step, Transition] = {
    row.step: row
    for row in (
        Transition(Step.EDIT, WITH_AUTHOR, None, "reports.write"),
        Transition(Step.SUBMIT, WITH_AUTHOR, ReportState.SUBMITTED, "reports.write"),
        Transition(Step.VERIFY, (ReportState.SUBMITTED,), ReportState.VERIFIED, "reports.verify"),
        Transition(
            Step.APPROVE, (ReportState.SUBMITTED, ReportState.VERIFIED), ReportState.APPROVED, "reports.approve"
        ),
        Transition(Step.AGREE, (ReportState.SUBMITTED, ReportState.VERIFIED), None, "reports.approve"),
        Transition(
            Step.RETURN, (ReportState.SUBMITTED, ReportState.VERIFIED), ReportState.RETURNED, "reports.read", True
        ),
        Transition(Step.RECHECK, (ReportState.VERIFIED,), ReportState.SUBMITTED, "reports.approve", True),
        Transition(Step.WITHDRAW, OPEN, ReportState.WITHDRAWN, "reports.write"),
        Transition(Step.SUPERSEDE, OPEN, ReportState.SUPERSEDED, "reports.write"),
    )
}  # fmt: skip


@dataclass(frozen=True)
class OutOfTurn(Denied):
    """No, because of how far the report is, whoever asks."""


class NotNow(PermissionDenied):
    """The step does not follow on the report's state, any more or yet; str() says why."""


#: Steps that follow from others; nobody is asked for them.
LED_TO = (Step.AGREE, Step.SUPERSEDE)


def skips_street(report: Report) -> bool:
    """Whether the street need not look at the report before the county does."""
    around = [report.community_id[:length] for length in CODE_LENGTH.values()]
    return is_skipped(SkippedLevel.objects.filter(division__in=around), report)


def is_skipped(rows: Iterable[SkippedLevel], report: Report) -> bool:
    """The same by rows that were read already."""
    row = nearest((row for row in rows if row.reporter == report.reporter), report.community_id)
    return row is not None and row.is_skipped


def waits_for_street(report: Report) -> bool:
    """Whether it is the street's turn."""
    return report.state == ReportState.SUBMITTED and not skips_street(report)


def may_take(step: Step, report: Report, user: User) -> Decision:
    """Whether ``user`` may take a step with the report as it stands; a denial says why, and who can."""
    row = TRANSITIONS[step]
    if report.state not in row.sources:
        message = _("The report is “%(state)s”; “%(step)s” is not possible any more, or not yet.")
        return OutOfTurn(message % {"state": report.get_state_display(), "step": step.label})
    if step == Step.RETURN:
        return _return(report, user)
    decision = user.may(row.action, report)
    if decision and step == Step.APPROVE and waits_for_street(report):
        return OutOfTurn(_("The street verifies the report first."))
    if decision and step in (Step.EDIT, Step.SUBMIT) and not _is_by_office_of(report, user):
        return Denied(_("Whoever wrote the report goes on with it; from above, report in its place."))
    return decision


def require_step(step: Step, report: Report, user: User) -> None:
    """Go on, or PermissionDenied with the reason: NotNow where it is the report's state."""
    decision = may_take(step, report, user)
    if isinstance(decision, OutOfTurn):
        raise NotNow(decision.reason)
    require(decision)


def _return(report: Report, user: User) -> Decision:
    """Whoever is to decide next may return it instead."""
    if report.state == ReportState.VERIFIED:
        return user.may("reports.approve", report)
    if decision := user.may("reports.verify", report):
        return decision
    return user.may("reports.approve", report) if skips_street(report) else decision


def _is_by_office_of(report: Report, user: User) -> bool:
    """Colleagues of the office that wrote it may go on, too."""
    return report.created_by_id == user.pk or any(
        one.role == report.reporter for one in user.current_appointments
    )  # fmt: skip


def offered(report: Report, user: User) -> list[Step]:
    """The steps that ``user`` may take with the report now, in the order of the table."""
    return [step for step in TRANSITIONS if step not in LED_TO and may_take(step, report, user)]


def reporter_of(user: User, community: str) -> Reporter:
    """As which office a person reports for a community: the lowest of his offices there that reports."""
    roles = {one.role for one in user.current_appointments if community.startswith(one.division_id or "")}
    return next(office for office in Reporter if office.value in roles)
