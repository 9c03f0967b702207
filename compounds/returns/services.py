"""Writes on monthly returns: asked for, handed in, sealed, accepted, extended, returned, opened again."""

import datetime
import json
from pathlib import Path

from auditlog.context import set_actor
from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from chaoyang_pm.kit import uploads
from chaoyang_pm.kit.dates import add_months, business_date, start_of
from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.reference import create_missing
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.people.models import User
from compounds.files.services import store
from compounds.ledger.refusals import refuse
from compounds.ledger.selectors import newest
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.reports import clock
from compounds.reports.choices import WITH_AUTHOR
from compounds.reports.models import Report
from compounds.reports.transitions import reporter_of
from compounds.returns import notices
from compounds.returns.choices import IN, ReturnStepKind
from compounds.returns.deadlines import Deadlines, latest
from compounds.returns.models import ExtensionRight, Return, ReturnDeadline, ReturnScan, ReturnStep
from compounds.returns.steps import STEPS

Did = ReturnStepKind


class Settled(Exception):
    """The return is not at that step; str() says how far it is."""


# --- asking for them -------------------------------------------------------------------------------------
@transaction.atomic
def open_month(*, month: datetime.date, today: datetime.date | None = None) -> int:
    """Ask every community that holds compounds, and its county, for the month's return; returns how many are new.

    Asked anew every day: who comes to hold compounds later is asked, unless the day is over by then.
    """
    month, today = month.replace(day=1), today or business_date()
    communities = set(
        Compound.objects.filter(status=Status.ACTIVE).order_by().values_list("community_id", flat=True).distinct()
    )
    counties = {code[: CODE_LENGTH[Level.COUNTY]] for code in communities}
    asked = set(Return.objects.filter(month=month).values_list("division_id", flat=True))
    deadlines, rows = Deadlines(), []
    for level, codes in ((Level.COMMUNITY, communities), (Level.COUNTY, counties)):
        for code in sorted(codes - asked):
            due = deadlines.due(code, level, month)
            if due >= today:
                rows.append(Return(division_id=code, level=level, month=month, due_on=due))
    return len(Return.objects.bulk_create(rows, ignore_conflicts=True))


# --- a community -----------------------------------------------------------------------------------------
@transaction.atomic
def submit(*, row: Return, by: User) -> Return:
    """报送 of a community: what it reported this month, and no change of everything else. Raises Settled, Refused."""
    row = _begin(row, Did.SUBMIT, by)
    begun = Report.objects.filter(community=row.division_id, created_at__lt=start_of(add_months(row.month, 1)))
    unsent = begun.filter(state__in=WITH_AUTHOR).count()
    if unsent:
        message = _("%(number)s reports are not sent or were returned; send or withdraw them first.")
        raise refuse("", unsent, message % {"number": unsent})
    row.no_change = not reports_of(row).exists()
    return _handed_in(row, Did.SUBMIT, by)


def reports_of(row: Return) -> QuerySet[Report]:
    """What the community of a return reported in its month."""
    begins, over = start_of(row.month), start_of(add_months(row.month, 1))
    rows = Report.objects.filter(community=row.division_id, submitted_at__gte=begins, submitted_at__lt=over)
    return rows.exclude(state__in=("withdrawn", "superseded"))


# --- a county --------------------------------------------------------------------------------------------
@transaction.atomic
def prepare(*, row: Return, by: User) -> Return:
    """生成: fix the version of the ledger that the county's tables are made of; again as often as is needed."""
    row = _begin(row, Did.PREPARE, by)
    row.height = newest().height
    return _take(row, Did.PREPARE, by)


def seal(
    *, row: Return, file: File, document_no: str, signatory: str, by: User
) -> Return:  # fmt: skip
    """报送 of a county: the printed table with its seal, scanned. Raises UploadRefused, Refused, Settled."""
    require(by.may("returns.seal", row))
    missing = [(name, value) for name, value in (("document_no", document_no), ("signatory", signatory))
               if not value.strip()]  # fmt: skip
    if missing:
        raise refuse(missing[0][0], "", _("Give the document's number and who signed it."))

    @transaction.atomic
    def sealed(taken: uploads.Taken) -> tuple[Return, bool]:
        locked = _begin(row, Did.SEAL, by)
        locked.document_no, locked.signatory = document_no.strip(), signatory.strip()
        values = {"uploaded_by": by} | ReturnScan.values(taken)
        _scan, is_new = ReturnScan.objects.get_or_create(of=locked, sha256=taken.sha256, defaults=values)
        return _handed_in(locked, Did.SEAL, by), is_new

    return uploads.keep(file, accepts=uploads.SCAN, store=store(), row=sealed)


@transaction.atomic
def accept(*, row: Return, by: User) -> Return:
    """接收: the city accepts a county's return, and the month is closed for the county."""
    row = _begin(row, Did.ACCEPT, by)
    row.accepted_by, row.accepted_at = by, clock.now()
    return _take(row, Did.ACCEPT, by)


@transaction.atomic
def reopen(*, row: Return, reason: str, by: User) -> Return:
    """解锁: the city opens a closed month again; the county hands its return in anew."""
    row = _begin(row, Did.REOPEN, by)
    _words(reason)
    row.accepted_by = row.accepted_at = None
    return _take(row, Did.REOPEN, by, reason)


# --- both ------------------------------------------------------------------------------------------------
@transaction.atomic
def send_back(*, row: Return, reason: str, by: User) -> Return:
    """退回 with what is to be put right."""
    row = _begin(row, Did.RETURN, by)
    _words(reason)
    return _take(row, Did.RETURN, by, reason)


@transaction.atomic
def extend(
    *, row: Return, until: datetime.date, reason: str, by: User
) -> Return:  # fmt: skip
    """延期 of one return, as far as the office of ``by`` may grant it. Raises Refused with the day that is possible."""
    row = _locked(row)
    require(by.may(STEPS[Did.EXTEND].action(row), row))
    if row.state in IN:
        raise Settled(_("This return has been handed in already."))
    _words(reason)
    most = latest(row, by)
    if most is None or not row.due_on < until <= most:
        message = (
            _("You may extend it up to %(date)s.") if most else _("Your office may not extend returns of this level.")
        )
        raise refuse("until", until.isoformat(), message % {"date": most and most.isoformat()})
    row.extended_to = until
    return _take(row, Did.EXTEND, by, reason)


@transaction.atomic
def set_deadline(*, division: Division, level: Level, day: int, months_after: int, by: User) -> ReturnDeadline:
    """From the next month that is asked for; what was asked for keeps its day."""
    require(by.may("returns.rules", division))
    if level == Level.COUNTY and len(division.code) != CODE_LENGTH[Level.CITY]:
        raise refuse("level", level, _("Until when counties report is set for the whole city."))
    with set_actor(by):
        row, _new = ReturnDeadline.objects.update_or_create(
            division=division, level=level, defaults={"day": day, "months_after": months_after, "set_by": by}
        )
    return row


@transaction.atomic
def set_right(*, right: ExtensionRight, most_days: int, by: User) -> ExtensionRight:
    require(by.may("returns.rights"))
    right.most_days = most_days
    with set_actor(by):
        right.save(update_fields=["most_days"])
    return right


def load_return_rules(folder: Path) -> int:
    """Create the rows that the portal begins with; what a bureau has said since stays. Returns how many are new."""
    data = json.loads((folder / "return_rules.json").read_text(encoding="utf-8"))
    deadlines = create_missing(ReturnDeadline, data["deadlines"], by=("division_id", "level"))
    return deadlines + create_missing(ExtensionRight, data["extensions"], by=("role", "level"))


def _locked(row: Return) -> Return:
    return Return.objects.select_for_update(of=("self",)).select_related("division").get(pk=row.pk)


def _begin(row: Return, did: ReturnStepKind, by: User) -> Return:
    """The return under its lock, for a step that follows on its state. Raises Settled, PermissionDenied."""
    row, step = _locked(row), STEPS[did]
    if row.level not in step.actions:
        raise Settled(_("This is done with returns of another level."))
    require(by.may(step.action(row), row))
    if not step.follows_on(row):
        raise Settled(_("The return is “%(state)s”; this step is not due.") % {"state": row.get_state_display()})
    return row


def _words(reason: str) -> None:
    if not reason.strip():
        raise refuse("reason", "", _("Give the reason."))


def _handed_in(row: Return, did: ReturnStepKind, by: User) -> Return:
    row.submitted_by, row.submitted_at, row.submitted_on = by, clock.now(), clock.today()
    row.reporter = reporter_of(by, row.division_id)
    return _take(row, did, by)


def _take(row: Return, did: ReturnStepKind, by: User, reason: str = "") -> Return:
    before, to = row.state, STEPS[did].to or row.state
    row.state = to
    row.save()
    ReturnStep.objects.create(
        of=row, step=did, from_state=before, to_state=to, by=by, at=clock.now(), reason=reason.strip()
    )
    if to != before:
        notices.tell(row, by=by)
    return row
