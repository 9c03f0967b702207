"""Reads on accounts: who has one and who looks after it, locked log-ins, whose office goes along with divisions."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Prefetch, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.people.choices import APPOINTS, Role
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


def holders(roles: Iterable[Role]) -> QuerySet[User]:
    """The people who hold one of these offices today and may log in."""
    held = Appointment.objects.in_force(business_date()).filter(role__in=list(roles))
    return User.objects.filter(is_active=True, pk__in=held.values("user")).order_by("pk")


# --- accounts --------------------------------------------------------------------------------------------
def accounts(user: User) -> QuerySet[User]:
    """The accounts that a user may know of, each with its appointments and their divisions."""
    appointments = Appointment.objects.select_related("division", "department", "made_by").order_by("-since", "-pk")
    return User.objects.visible_to(user).prefetch_related(Prefetch("appointments", appointments))


def looked_after_by(account: User) -> tuple[Role, str | None]:
    """Who makes, disables and resets the account: the lowest office that may, and the code of its division."""
    roles = {one.role for one in account.standing_appointments}
    shared = account.scope_code or ""
    length = CODE_LENGTH[Level.COUNTY]
    if roles and roles <= set(APPOINTS[Role.COUNTY]) and len(shared) >= length:
        return Role.COUNTY, shared[:length]
    if roles and roles <= set(APPOINTS[Role.BUREAU]):
        return Role.BUREAU, shared[: CODE_LENGTH[Level.CITY]]
    return Role.ADMIN, None


def keepers(account: User) -> str:
    """The same in words, with the people who hold that office now: 双塔区 · 县(市、区)物业主管部门(王芳)."""
    role, code = looked_after_by(account)
    held = Appointment.objects.in_force(business_date()).filter(role=role, division=code, user__is_active=True)
    people = sorted({str(one.user) for one in held.exclude(user=account).select_related("user")})[:3]
    place = str(Division.objects.get(code=code)) if role == Role.COUNTY else ""
    office = " · ".join(part for part in (place, str(role.label)) if part)
    return _("%(office)s (%(people)s)") % {"office": office, "people": _(", ").join(people)} if people else office


def with_keepers(found: Iterable[User]) -> list[tuple[User, str]]:
    """Accounts, each with the office that looks after it; in one query for all."""
    by_account = [(account, *looked_after_by(account)) for account in found]
    places = Division.objects.in_bulk({code for _account, role, code in by_account if role == Role.COUNTY and code})
    return [
        (account, f"{places[code]} · {role.label}" if code in places else str(role.label))
        for account, role, code in by_account
    ]


@dataclass(frozen=True)
class Slip:
    """What is handed to the owner of a new account, once: whose it is, for which offices, the initial password."""

    user: User
    offices: list[str]
    password: str


def slip(user: User, password: str) -> Slip:
    held = user.appointments.select_related("division", "department")
    return Slip(user, [one.title for one in held], password)
