"""审核: decisions of a reviewer on one report or on many, and the rules of how long they may take."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from auditlog.context import set_actor
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.reference import create_missing
from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger.refusals import Refused, refuse
from compounds.reports import review_clean, services
from compounds.reports.choices import Office, Step
from compounds.reports.models import Report, ReviewDays
from compounds.reports.services import Comment, Stale
from compounds.reports.transitions import may_take, waits_for_street

#: A review of more days would be none.
MOST_DAYS = 60


@dataclass(frozen=True)
class Decided:
    """What became of a report: the newest version if something was posted, or that somebody else must agree, too."""

    step: Step
    height: int | None = None
    waits: bool = False

    def __str__(self) -> str:
        if self.waits:
            return _("Agreed; the entry waits for whoever must agree besides.")
        if self.height:
            return _("Approved and recorded, version %(height)s.") % {"height": self.height}
        return {
            Step.VERIFY: _("Verified; the county decides."),
            Step.APPROVE: _("Approved."),
            Step.RETURN: _("Returned with what is to be put right."),
            Step.RECHECK: _("The street is asked to look once more."),
        }[self.step]


def agreeing_step(report: Report) -> Step:
    """The step by which whoever's turn it is agrees."""
    return Step.VERIFY if waits_for_street(report) else Step.APPROVE


def decide(
    *, report: Report, step: Step, by: User, revision: int, reason: str = "", comments: Iterable[Comment] = ()
) -> Decided:  # fmt: skip
    """One decision of a reviewer on a report as he saw it. Raises Refused, Stale, PermissionDenied."""
    if step == Step.APPROVE:
        submitted = services.approve(report=report, by=by, reason=reason, revision=revision)
        height = submitted.entries[-1].height if submitted.entries else None
        return Decided(step, height, waits=submitted.proposal is not None)
    if step == Step.RETURN:
        services.send_back(report=report, by=by, comments=comments, reason=reason, revision=revision)
    elif step == Step.RECHECK:
        services.recheck(report=report, by=by, reason=reason, revision=revision)
    else:
        services.verify(report=report, by=by, reason=reason, revision=revision)
    return Decided(step)


# --- many at once ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Outcome:
    """What became of one of many: ``done``, and in words what was done or why not."""

    report: str
    name: str
    done: bool
    said: str
    height: int | None = None


def decide_clean(*, report: str, revision: int, by: User) -> Outcome:
    """Agree to one of many if it is still as it was seen, and clean; in a transaction of its own.

    Done before (by a job that was cut off, or by a second click) it counts as done, and nothing posts again.
    """
    row = Report.objects.visible_to(by).select_related("compound", "entry", "community").filter(pk=report).first()
    if row is None:
        return Outcome(report, "", False, _("There is no such report."))
    last = row.steps.select_related("by").last()
    if last and last.step in (Step.VERIFY, Step.APPROVE) and last.by_id == by.pk and row.revision == revision + 1:
        return Outcome(report, str(row), True, str(Decided(Step(last.step), row.entry_id)), row.entry_id)
    step = agreeing_step(row)
    try:
        with transaction.atomic():
            require(may_take(step, row, by))
            found = review_clean.looked_at([row.pk], by=by)
            if not found.clean:
                reasons = [reason for one in found.others for reason in one.reasons]
                raise refuse("", "", " ".join(reasons) or _("It does not wait for you any more."))
            decided = decide(report=row, step=step, by=by, revision=revision)
            if decided.waits:
                raise refuse("", "", _("Somebody else must agree, too; look at it by itself."))
    except (Refused, Stale, PermissionDenied) as why:
        return Outcome(report, str(row), False, str(why))
    return Outcome(report, str(row), True, str(decided), decided.height)


# --- rules -----------------------------------------------------------------------------------------------
@transaction.atomic
def set_days(*, division: Division, office: Office, days: int, by: User) -> ReviewDays:
    """From now on an office within the division has so many calendar days for a report."""
    require(by.may("reports.rules", division))
    if not 1 <= days <= MOST_DAYS:
        raise refuse("days", days, _("Give a number of days from 1 to %(most)s.") % {"most": MOST_DAYS})
    with set_actor(by):
        row, _new = ReviewDays.objects.update_or_create(
            division=division, office=office, defaults={"days": days, "set_by": by}
        )
    return row


def load_review_days(folder: Path) -> int:
    """Create the rows that the portal begins with; what a bureau has said since stays. Returns how many are new."""
    rows = json.loads((folder / "review_days.json").read_text(encoding="utf-8"))
    return create_missing(ReviewDays, rows, by=("division_id", "office"))
