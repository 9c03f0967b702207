"""Writes on monthly returns: asked for, handed in, sealed, accepted, extended, returned, opened again.

``at`` is the moment of a step that is told as a story (the demo city); otherwise it is now.
"""

import datetime
import json
from pathlib import Path

from auditlog.context import set_actor
from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit import uploads
from chaoyang_pm.kit.dates import add_months, business_date
from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.uploads.names import stem
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.people.models import User
from compounds.files.services import store
from compounds.ledger.refusals import refuse
from compounds.ledger.selectors import newest
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.reports.choices import WITH_AUTHOR
from compounds.reports.models import Report
from compounds.reports.transitions import reporter_of
from compounds.returns import notices
from compounds.returns.choices import IN, ReturnState, ReturnStepKind
from compounds.returns.deadlines import Deadlines, latest
from compounds.returns.models import ExtensionRight, Return, ReturnDeadline, ReturnScan, ReturnStep

State, Did = ReturnState, ReturnStepKind


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
def submit(*, row: Return, by: User, at: datetime.datetime | None = None) -> Return:
    """报送 of a community: what it reported this month, and no change of everything else. Raises Settled, Refused."""
    row = _locked(row, Level.COMMUNITY)
    require(by.may("returns.file", row))
    _expect(row, State.DUE, State.RETURNED)
    begun = Report.objects.filter(community=row.division_id, created_at__lt=_bounds(row.month)[1])
    unsent = begun.filter(state__in=WITH_AUTHOR).count()
    if unsent:
        message = _("%(number)s reports are not sent or were returned; send or withdraw them first.")
        raise refuse("", unsent, message % {"number": unsent})
    row.no_change = not reports_of(row).exists()
    return _handed_in(row, Did.SUBMIT, by, at)


def reports_of(row: Return) -> QuerySet[Report]:
    """What the community of a return reported in its month."""
    start, end = _bounds(row.month)
    rows = Report.objects.filter(community=row.division_id, submitted_at__gte=start, submitted_at__lt=end)
    return rows.exclude(state__in=("withdrawn", "superseded"))


def _bounds(month: datetime.date) -> tuple[datetime.datetime, datetime.datetime]:
    """The moments at which a month (its first day) begins and is over."""
    begins, over = (
        timezone.make_aware(datetime.datetime.combine(day, datetime.time())) for day in (month, add_months(month, 1))
    )
    return begins, over


# --- a county --------------------------------------------------------------------------------------------
@transaction.atomic
def prepare(*, row: Return, by: User, at: datetime.datetime | None = None) -> Return:
    """生成: fix the version of the ledger that the county's tables are made of; again as often as is needed."""
    row = _locked(row, Level.COUNTY)
    require(by.may("returns.seal", row))
    _expect(row, State.DUE, State.PREPARED, State.RETURNED)
    row.height = newest().height
    return _take(row, Did.PREPARE, State.PREPARED, by, at)


def seal(
    *, row: Return, file: File, document_no: str, signatory: str, by: User, at: datetime.datetime | None = None
) -> Return:  # fmt: skip
    """报送 of a county: the printed table with its seal, scanned. Raises UploadRefused, Refused, Settled."""
    require(by.may("returns.seal", row))
    missing = [(name, value) for name, value in (("document_no", document_no), ("signatory", signatory))
               if not value.strip()]  # fmt: skip
    if missing:
        raise refuse(missing[0][0], "", _("Give the document's number and who signed it."))
    taken = uploads.take(file, accepts=uploads.SCAN, store=store())
    try:
        with transaction.atomic():
            row = _locked(row, Level.COUNTY)
            _expect(row, State.PREPARED)
            row.document_no, row.signatory = document_no.strip(), signatory.strip()
            _scan, is_new = ReturnScan.objects.get_or_create(
                of=row, sha256=taken.sha256,
                defaults={
                    "title": stem(taken.name), "original_name": taken.name, "format": taken.format, "size": taken.size,
                    "pages": taken.pages, "original": taken.original, "shown": taken.shown,
                    "shown_format": taken.shown_format, "preview": taken.preview, "uploaded_by": by,
                },
            )  # fmt: skip
            _handed_in(row, Did.SEAL, by, at)
    except BaseException:
        taken.discard(store())
        raise
    if not is_new:
        taken.discard(store())
    return row


@transaction.atomic
def accept(*, row: Return, by: User, at: datetime.datetime | None = None) -> Return:
    """接收: the city accepts a county's return, and the month is closed for the county."""
    row = _locked(row, Level.COUNTY)
    require(by.may("returns.accept", row))
    _expect(row, State.SUBMITTED)
    row.accepted_by, row.accepted_at = by, at or timezone.now()
    return _take(row, Did.ACCEPT, State.ACCEPTED, by, at)


@transaction.atomic
def reopen(*, row: Return, reason: str, by: User, at: datetime.datetime | None = None) -> Return:
    """解锁: the city opens a closed month again; the county hands its return in anew."""
    row = _locked(row, Level.COUNTY)
    require(by.may("returns.accept", row))
    _expect(row, State.ACCEPTED)
    _words(reason)
    row.accepted_by = row.accepted_at = None
    return _take(row, Did.REOPEN, State.RETURNED, by, at, reason)


# --- both ------------------------------------------------------------------------------------------------
@transaction.atomic
def send_back(*, row: Return, reason: str, by: User, at: datetime.datetime | None = None) -> Return:
    """退回 with what is to be put right."""
    row = _locked(row)
    require(by.may("returns.check" if row.level == Level.COMMUNITY else "returns.accept", row))
    _expect(row, State.SUBMITTED)
    _words(reason)
    return _take(row, Did.RETURN, State.RETURNED, by, at, reason)


@transaction.atomic
def extend(
    *, row: Return, until: datetime.date, reason: str, by: User, at: datetime.datetime | None = None
) -> Return:  # fmt: skip
    """延期 of one return, as far as the office of ``by`` may grant it. Raises Refused with the day that is possible."""
    row = _locked(row)
    require(by.may("returns.extend", row))
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
    return _take(row, Did.EXTEND, State(row.state), by, at, reason)


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
    data, created = json.loads((folder / "return_rules.json").read_text(encoding="utf-8")), 0
    for row in data["deadlines"]:
        values = {"day": row["day"], "months_after": row["months_after"]}
        _row, new = ReturnDeadline.objects.get_or_create(
            division_id=row["division"], level=row["level"], defaults=values
        )  # fmt: skip
        created += new
    for row in data["extensions"]:
        _right, new = ExtensionRight.objects.get_or_create(
            role=row["role"], level=row["level"], defaults={"most_days": row["most_days"]}
        )
        created += new
    return created


def _locked(row: Return, level: Level | None = None) -> Return:
    row = Return.objects.select_for_update(of=("self",)).select_related("division").get(pk=row.pk)
    if level and row.level != level:
        raise Settled(_("This is done with returns of another level."))
    return row


def _expect(row: Return, *states: ReturnState) -> None:
    if row.state not in states:
        raise Settled(_("The return is “%(state)s”; this step is not due.") % {"state": row.get_state_display()})


def _words(reason: str) -> None:
    if not reason.strip():
        raise refuse("reason", "", _("Give the reason."))


def _handed_in(row: Return, did: ReturnStepKind, by: User, at: datetime.datetime | None) -> Return:
    moment = at or timezone.now()
    row.submitted_by, row.submitted_at = by, moment
    row.submitted_on = timezone.localdate(at) if at else business_date()
    row.reporter = reporter_of(by, row.division_id)
    return _take(row, did, State.SUBMITTED, by, at)


def _take(
    row: Return, did: ReturnStepKind, to: ReturnState, by: User, at: datetime.datetime | None, reason: str = ""
) -> Return:  # fmt: skip
    before, row.state = row.state, to
    row.save()
    ReturnStep.objects.create(
        of=row, step=did, from_state=before, to_state=to, by=by, at=at or timezone.now(), reason=reason.strip()
    )
    if to != before:
        notices.tell(row, by=by)
    return row
