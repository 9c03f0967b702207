"""Reads on notices."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast

from chaoyang_pm.kit.jobs.choices import ENDED
from chaoyang_pm.kit.jobs.models import Job
from communities.notices.channels import EMAIL, SMS
from communities.notices.choices import Mail
from communities.notices.kinds import Kind, all_kinds, kind_of
from communities.notices.models import Choice, Notice, Schedule
from communities.people.models import User

#: So many lines are in the bell; more are counted as "20+".
IN_THE_BELL = 20
PAGE = 50


@dataclass(frozen=True)
class Line:
    """One line of the bell: a notice, or a job that has ended."""

    notice: Notice | None = None
    job: Job | None = None


def bell(user: User) -> list[Line]:
    """Unread notices and ended jobs that were not looked at, newest first, by one query; one more than are listed if
    there are more.
    """
    columns = ("source", "number", "kind", "parameters", "state", "message", "at")
    nothing = Value("", output_field=CharField())
    notices = Notice.objects.of(user).unread().order_by().annotate(
        source=Value("notice", output_field=CharField()), number=Cast("pk", CharField()), state=nothing,
        message=nothing, at=F("created_at"),
    )  # fmt: skip
    jobs = Job.objects.filter(created_by=user, state__in=ENDED, seen_at=None).order_by().annotate(
        source=Value("job", output_field=CharField()), number=Cast("pk", CharField()), at=F("finished_at"),
    )  # fmt: skip
    found = notices.values(*columns).union(jobs.values(*columns), all=True).order_by("-at")
    return [_line(row) for row in found[: IN_THE_BELL + 1]]


def _line(row: dict[str, Any]) -> Line:
    told = {"kind": row["kind"], "parameters": row["parameters"]}
    if row["source"] == "notice":
        return Line(notice=Notice(pk=int(row["number"]), created_at=row["at"], **told))
    return Line(job=Job(pk=uuid.UUID(row["number"]), state=row["state"], message=row["message"], **told))


@dataclass(frozen=True)
class Page:
    """A page of a person's notices; ``before`` is what the next one begins with, None if there is none."""

    notices: list[Notice]
    before: int | None


def page(user: User, *, unread: bool, before: int | None = None) -> Page:
    """The newest notices, or those older than the one numbered ``before``."""
    found = Notice.objects.of(user).order_by("-pk")
    if unread:
        found = found.unread()
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: PAGE + 1])
    return Page(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def kinds_for(user: User) -> list[Kind]:
    """The kinds that the person may get by the present offices."""
    return [kind for kind in all_kinds() if not kind.action or user.may(kind.action)]


@dataclass(frozen=True)
class Way:
    """Where a person's notices of a kind go, besides the portal."""

    mail: Mail
    sms: bool


def ways(users: Iterable[User], kind: str) -> dict[int, Way]:
    """By person, as chosen, or by what the kind begins with; nothing goes where a channel is off or has no address."""
    users = list(users)
    chosen = {row.user_id: row for row in Choice.objects.filter(user__in=users, kind=kind)}
    known = kind_of(kind)
    first = known.mail if known else Mail.NONE
    found = {}
    for user in users:
        row = chosen.get(user.pk)
        mails, texts = EMAIL.is_on() and bool(EMAIL.address(user)), SMS.is_on() and bool(SMS.address(user))
        mail = Mail(row.mail) if row else first
        found[user.pk] = Way(mail if mails else Mail.NONE, bool(texts and row and row.sms))
    return found


def choices(user: User) -> dict[str, Choice]:
    return {row.kind: row for row in Choice.objects.filter(user=user)}


def schedule() -> Schedule:
    """What the bureau has set, or what the portal begins with."""
    return Schedule.objects.first() or Schedule(pk=1)
