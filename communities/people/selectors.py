"""Reads on accounts: which log-ins are locked, since when, and until when; whose office goes along with divisions."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Q, QuerySet, Sum
from django.utils import timezone

from communities.people.models import Appointment, User


@dataclass(frozen=True)
class Lock:
    """A log-in name that is locked after repeated failures."""

    username: str
    display_name: str
    failures: int
    since: datetime.datetime
    until: datetime.datetime


def locks(username: str | None = None) -> list[Lock]:
    """Names that cannot log in now, the newest lock first; of one name if given."""
    attempts = AccessAttempt.objects.filter(attempt_time__gt=timezone.now() - settings.AXES_COOLOFF_TIME)
    if username is not None:
        attempts = attempts.filter(username=username)
    rows = list(
        attempts.order_by()
        .values("username")
        .annotate(failures=Sum("failures_since_start"), since=Max("attempt_time"))
        .filter(failures__gte=settings.AXES_FAILURE_LIMIT, username__isnull=False)
        .order_by("-since")
    )
    names = {
        user.username: user.display_name for user in User.objects.filter(username__in=[r["username"] for r in rows])
    }
    return [
        Lock(**row, display_name=names.get(row["username"], ""), until=row["since"] + settings.AXES_COOLOFF_TIME)
        for row in rows
    ]


def locks_for(user: User) -> list[Lock]:
    """Locked names that the user may lift: of accounts in scope; names of no account go to those who see all."""
    found = locks()
    if user.scope.everything:
        return found
    own = set(User.objects.visible_to(user).values_list("username", flat=True))
    return [lock for lock in found if lock.username in own]


def appointments_following(divisions: Iterable[str], *, on: datetime.date) -> QuerySet[Appointment]:
    """The appointments in these divisions that reach to a day or begin later: they go along when the divisions end."""
    reaching = Appointment.objects.filter(Q(until__isnull=True) | Q(until__gte=on), division__in=list(divisions))
    return reaching.select_related("user", "division", "department").order_by("division", "role", "pk")
