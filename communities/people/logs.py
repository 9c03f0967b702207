"""What the logs say: who logged in or failed to, and every change of rights, in words.

Names that no account has are shown by their first letters only: people type passwords into the wrong field.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from auditlog.models import LogEntry
from axes.models import AccessFailureLog, AccessLog
from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit.dates import start_of
from communities.people.models import Appointment, User
from communities.tokens.models import TokenUse

EVENTS = {
    "in": gettext_lazy("Log-in"),
    "out": gettext_lazy("Log-out"),
    "failed": gettext_lazy("Wrong password"),
    "locked": gettext_lazy("Refused: locked"),
    "token": gettext_lazy("Token used"),
}
SHOWN_OF_UNKNOWN = 2
OWN = 10


@dataclass(frozen=True)
class Period:
    """Whose log, and from which day to which (both included); "" and None ask for all."""

    who: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None

    def q(self, moment: str) -> Q:
        asked = Q()
        if self.since:
            asked &= Q(**{f"{moment}__gte": start_of(self.since)})
        if self.until:
            asked &= Q(**{f"{moment}__lt": start_of(self.until + datetime.timedelta(days=1))})
        return asked

    def people(self) -> QuerySet[User]:
        return User.objects.filter(Q(username__icontains=self.who) | Q(display_name__icontains=self.who))


# --- log-ins ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Access:
    when: datetime.datetime
    name: str
    user: User | None
    event: str
    address: str | None

    @property
    def label(self) -> Any:
        return EVENTS[self.event]

    @property
    def is_failure(self) -> bool:
        return self.event in ("failed", "locked")


def accesses(period: Period) -> QuerySet:
    """Log-ins, log-outs and failures as one list, newest first; ``read_accesses`` makes rows of a page of it."""
    whose = Q(username__in=[*period.people().values_list("username", flat=True), period.who]) if period.who else Q()
    columns = ("when", "username", "ip_address", "event")

    def rows(found: QuerySet, moment: str, event: Any) -> QuerySet:
        return found.filter(whose, period.q(moment)).order_by().annotate(when=F(moment), event=event).values(*columns)

    failed = Case(When(locked_out=True, then=Value("locked")), default=Value("failed"))
    parts = [
        rows(AccessLog.objects.all(), "attempt_time", Value("in")),
        rows(AccessLog.objects.exclude(logout_time=None), "logout_time", Value("out")),
        rows(AccessFailureLog.objects.all(), "attempt_time", failed),
        rows(_token_uses(), "first_at", Value("token")),
    ]
    return parts[0].union(*parts[1:], all=True).order_by("-when")


def _token_uses() -> QuerySet[TokenUse]:
    """The first use of each token on a day and from an address, under its owner's name."""
    return TokenUse.objects.annotate(username=F("token__user__username"), ip_address=F("address"))


def read_accesses(rows: Iterable[dict[str, Any]]) -> list[Access]:
    rows = list(rows)
    users = User.objects.in_bulk({row["username"] for row in rows if row["username"]}, field_name="username")
    return [
        Access(
            row["when"], row["username"] if row["username"] in users else _shortened(row["username"] or ""),
            users.get(row["username"]), row["event"], row["ip_address"],
        )
        for row in rows
    ]  # fmt: skip


def _shortened(name: str) -> str:
    return f"{name[:SHOWN_OF_UNKNOWN]}… " + _("(no account)")


def own_accesses(user: User) -> list[Access]:
    """The last log-ins under one's own name, and the failed ones: somebody else may have tried."""
    found = AccessLog.objects.filter(username=user.username).order_by("-attempt_time")[:OWN]
    failed = AccessFailureLog.objects.filter(username=user.username).order_by("-attempt_time")[:OWN]
    rows = [Access(one.attempt_time, user.username, user, "in", None) for one in found]
    rows += [
        Access(one.attempt_time, user.username, user, "locked" if one.locked_out else "failed", None) for one in failed
    ]
    return sorted(rows, key=lambda row: row.when, reverse=True)[:OWN]


# --- changes of rights -----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    """One change: when, by whom (None: the command line), of whose account, what, and before → after in words."""

    when: datetime.datetime
    by: User | None
    user: User | None
    what: str
    details: list[tuple[str, str, str]]


def rights(period: Period) -> QuerySet[LogEntry]:
    """Changes of accounts and appointments, newest first; ``read_rights`` says a page of them in words."""
    of_users, of_appointments = _content_types()
    entries = LogEntry.objects.filter(
        Q(content_type__in=[of_users, of_appointments]), period.q("timestamp")
    ).select_related("actor", "content_type")  # fmt: skip
    if period.who:
        people = list(period.people().values_list("pk", flat=True))
        entries = entries.filter(
            Q(content_type=of_users, object_id__in=people)
            | Q(content_type=of_appointments, additional_data__user__in=people)
            | Q(actor__in=people)
        )
    return entries.order_by("-timestamp", "-pk")


def _content_types() -> tuple[ContentType, ContentType]:
    types = ContentType.objects.get_for_models(User, Appointment)
    return types[User], types[Appointment]


def read_rights(entries: Iterable[LogEntry]) -> list[Change]:
    of_users, _of_appointments = _content_types()
    entries = list(entries)
    keys = {e.pk: e.object_id if e.content_type == of_users else (e.additional_data or {}).get("user") for e in entries}
    users = User.objects.in_bulk({key for key in keys.values() if key})
    return [
        Change(
            e.timestamp, e.actor, users.get(keys[e.pk]), *(_of_user(e) if e.content_type == of_users else _office(e))
        )
        for e in entries
    ]


def _office(entry: LogEntry) -> tuple[str, list[tuple[str, str, str]]]:
    title = (entry.additional_data or {}).get("title", entry.object_repr)
    changes = entry.changes or {}
    if entry.action == LogEntry.Action.DELETE:
        return _("Appointment taken back"), [(title, "", "")]
    if entry.action == LogEntry.Action.CREATE:
        return _("Appointed"), [(title, "", _("since %(day)s") % {"day": changes.get("since", ["", ""])[1]})]
    return _("End of an appointment"), [(title, *(_day(value) for value in changes.get("until", ["None", "None"])))]


#: Fields of an account, each with its name and how a value reads; what is not listed is no matter of rights.
FIELDS: dict[str, tuple[Any, Callable[[str], str]]] = {
    "username": (gettext_lazy("Log-in name"), lambda value: value),
    "display_name": (gettext_lazy("Name"), lambda value: value or "—"),
    "is_active": (gettext_lazy("State"), lambda value: _("May log in") if value == "True" else _("Disabled")),
    "must_change_password": (gettext_lazy("Password"), lambda v: _("initial") if v == "True" else _("of one's own")),
    "second_factor_since": (gettext_lazy("Second factor"), lambda value: _since(value)),
}
#: What changes no field, or a secret one.
NOTES = {
    "password_reset": gettext_lazy("Password reset"),
    "own_password": gettext_lazy("Set a password of one's own"),
    "initial_password": gettext_lazy("Initial password given anew: its form came twice"),
    "login_lock": gettext_lazy("Lifted the lock of a log-in"),
    "token_made": gettext_lazy("Token made"),
    "token_secret": gettext_lazy("Token given another secret: its form came twice"),
    "token_revoked": gettext_lazy("Token revoked"),
    "token_followed": gettext_lazy("Token follows a change of divisions"),
}
#: Notes that name what they are about, the others' values are nobody's business.
NAMING = {"login_lock", "token_made", "token_secret", "token_revoked", "token_followed"}


def _of_user(entry: LogEntry) -> tuple[str, list[tuple[str, str, str]]]:
    changes = entry.changes or {}
    for key, label in NOTES.items():
        if key in changes:
            return str(label), [(name, "", "") for name in changes[key] if name and key in NAMING]
    if entry.action == LogEntry.Action.CREATE:
        return _("Account made"), []
    told = []
    for key, (before, after) in changes.items():
        if key in FIELDS:
            label, words = FIELDS[key]
            told.append((str(label), words(before), words(after)))
    return _("Account changed"), told


def _day(value: str) -> str:
    return "—" if value in ("None", "", None) else value


def _since(value: str) -> str:
    moment = parse_datetime(value) if value not in ("None", "", None) else None
    if moment is None:
        return _("none")
    moment = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return _("since %(day)s") % {"day": moment.date().isoformat()}
