"""Writes on accounts and appointments. Each asks the permission matrix; ``by=None`` is the command line."""

import datetime
import json
import secrets
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from auditlog.context import set_actor
from auditlog.models import LogEntry
from axes.utils import reset
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.permissions import require
from chaoyang_pm.kit.secrets import kept_secret
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.people import selectors
from communities.people.choices import LEVEL_OF, Role
from communities.people.models import Appointment, Department, User
from communities.people.permissions import appointable

#: Letters and digits that nobody mistakes for one another on a slip of paper.
LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"
INITIAL_LENGTH = 12


def first_account_token() -> str | None:
    """The token of the page that makes the first account; None once there is an account."""
    return None if User.objects.exists() else kept_secret(_token_path())


def _token_path() -> Path:
    return Path(settings.DATA_DIR) / "first-account-token"


def opens_first_account(token: str) -> bool:
    """Whether ``token`` makes the first account; compared in constant time."""
    expected = first_account_token()
    return expected is not None and secrets.compare_digest(token.encode(), expected.encode())


class NotTheFirst(Exception):
    """Somebody else made the first account meanwhile."""


@transaction.atomic
def create_first_account(*, username: str, display_name: str, password: str) -> User:
    """The administrator of an empty portal. Of two at once, the one that takes the token away makes the account."""
    if User.objects.exists():
        raise NotTheFirst
    try:
        _token_path().unlink()
    except FileNotFoundError:
        raise NotTheFirst from None
    return User.objects.create_superuser(username=username, password=password, display_name=display_name)


def load_departments(fixtures: Path) -> int:
    """Create the departments of ``departments.json`` that are missing; return how many. Edited ones stay."""
    known = set(Department.objects.values_list("code", flat=True))
    rows = json.loads((fixtures / "departments.json").read_text(encoding="utf-8"))
    missing = [Department(position=n, **row) for n, row in enumerate(rows) if row["code"] not in known]
    Department.objects.bulk_create(missing)
    return len(missing)


# --- accounts --------------------------------------------------------------------------------------------
class Unusable(Exception):
    """Input that cannot be used: ``problems`` maps field names to what is wrong and what to do."""

    def __init__(self, problems: dict[str, str]):
        super().__init__(" ".join(problems.values()))
        self.problems = problems


@transaction.atomic
def create_account(
    *, username: str, display_name: str, role: Role, division: Division | None, department: Department | None = None,
    by: User | None, since: datetime.date | None = None,
) -> tuple[User, str]:  # fmt: skip
    """An account with one appointment, and its initial password, which is shown once and changed at the first log-in.

    Without a log-in name it gets the proposed one.
    Raises PermissionDenied where ``by`` may not appoint there, Unusable with every problem of the input.
    """
    if by:
        require(appointable(by, role, division))
    username = username or proposed_username(role=role, division=division, department=department)
    if problems := account_problems(username=username, display_name=display_name):
        raise Unusable(problems)
    with set_actor(by):
        user = User(username=User.normalize_username(username), display_name=display_name, must_change_password=True)
        initial = give_initial_password(user)
        user.save()
    appoint(user=user, role=role, division=division, department=department, by=by, since=since)
    return user, initial


def give_initial_password(user: User) -> str:
    """Set it, unsaved, and return it."""
    initial = "".join(secrets.choice(LEGIBLE) for _letter in range(INITIAL_LENGTH))
    user.password = make_password(initial, hasher="initial")
    return initial


#: Log-in names as a portal proposes them: what the office is called, and the code of its division or department.
NAMED_AFTER = {Role.SUBDISTRICT: "street", Role.DEPARTMENT: "dept"}


def proposed_username(
    *, role: Role, division: Division | None, department: Department | None = None, taken: Collection[str] = ()
) -> str:
    """The next free log-in name for an office: ``county_211302``, of a second person ``county_211302-2``.

    ``taken`` are names, in small letters, that are as good as given away.
    """
    code = department.code if department else division.code if division and division.level != Level.CITY else ""
    base = "_".join(part for part in (NAMED_AFTER.get(role, str(role)), code) if part)
    used = {name.lower() for name in User.objects.filter(username__istartswith=base).values_list("username", flat=True)}
    name, number = base, 1
    while name in used or name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def account_problems(*, username: str, display_name: str) -> dict[str, str]:
    """What is wrong with a log-in name and a person's name, by field."""
    problems = {}
    if problem := username_problem(username):
        problems["username"] = problem
    elif User.objects.filter(username__iexact=username).exists():
        message = _("The log-in name “%(username)s” is taken; choose another one.")
        problems["username"] = message % {"username": username}
    if not 0 < len(display_name) <= 60:
        problems["display_name"] = _("Give the person's name, at most 60 characters.")
    return problems


def username_problem(username: str) -> str:
    """What is wrong with a log-in name as such; "" if nothing is."""
    if not 0 < len(username) <= 150:
        return _("Give a log-in name of at most 150 characters.")
    try:
        UnicodeUsernameValidator()(username)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


@transaction.atomic
def appoint(
    *, user: User, role: Role, division: Division | None, department: Department | None = None, by: User | None,
    since: datetime.date | None = None,
) -> Appointment:  # fmt: skip
    """Give a person a role from a day on (today). Raises PermissionDenied, or Unusable where role and place differ."""
    if by:
        require(appointable(by, role, division))
        if user.appointments.exists():
            require(by.may("people.manage", user))
    level = LEVEL_OF[role]
    problems = {}
    if (division.level if division else None) != level:
        message = _("%(role)s is held at the level %(level)s; choose a division of that level.")
        problems["division"] = message % {"role": role.label, "level": level.label if level else "—"}
    elif division and division.ended_on:
        message = _("%(division)s ended on %(day)s; appoint in the division that it became.")
        problems["division"] = message % {"division": division, "day": division.ended_on.isoformat()}
    if (role == Role.DEPARTMENT) != (department is not None):
        problems["department"] = _("A department is named for people of city departments, and for nobody else.")
    if problems:
        raise Unusable(problems)
    with set_actor(by):
        appointment, _new = Appointment.objects.get_or_create(
            user=user, role=role, division=division, department=department, until=None,
            defaults={"since": since or business_date(), "made_by": by},
        )  # fmt: skip
    return appointment


@transaction.atomic
def end_appointment(*, appointment: Appointment, by: User | None, until: datetime.date | None = None) -> Appointment:
    """End an appointment with its last day; without one yesterday, so that it ends now.

    Raises PermissionDenied, or Unusable if it has ended before, would end before it begins, or is the last
    administrator's.
    """
    if by:
        require(by.may("people.manage", appointment.user))
    appointment = Appointment.objects.select_for_update().get(pk=appointment.pk)
    today = business_date()
    last = until or today - datetime.timedelta(days=1)
    if appointment.until is not None and appointment.until < today:
        message = _("The appointment ended on %(day)s.")
        raise Unusable({"until": message % {"day": appointment.until.isoformat()}})
    # One that has not been in force for a whole day is taken back.
    taken_back = appointment.since >= today and last < appointment.since
    if last < appointment.since and not taken_back:
        message = _("The appointment began on %(day)s; give that day or a later one.")
        raise Unusable({"until": message % {"day": appointment.since.isoformat()}})
    if appointment.role == Role.ADMIN:
        _keep_an_administrator(without=appointment)
    with set_actor(by):
        if taken_back:
            appointment.delete()
        else:
            appointment.until = last
            appointment.save(update_fields=["until"])
    return appointment


def _keep_an_administrator(*, without: Appointment) -> None:
    """Somebody has to be able to make accounts. The rows are locked: two administrators may end each other at once."""
    others = Appointment.objects.in_force(business_date()).filter(role=Role.ADMIN, user__is_active=True, until=None)
    if not others.select_for_update().exclude(user=without.user_id).exists():
        message = _("This is the last system administrator; appoint another one first.")
        raise Unusable({"until": message})


def _not_oneself(user: User, by: User | None) -> None:
    if user == by:
        raise PermissionDenied(_("This is your own account: change your password or log out under your name instead."))


@transaction.atomic
def follow_succession(
    *, followers: Mapping[str, Iterable[str]], on: datetime.date, by: User | None
) -> list[Appointment]:  # fmt: skip
    """Whoever holds an office in a division that ends on a day holds it in its successors from that day on.

    ``followers`` are the successors' codes by the code of the division that ends. The right to change divisions is
    asked for there (``compounds.successions``). Returns the new appointments.
    """
    made = []
    with set_actor(by):
        for held in selectors.appointments_following(followers, on=on):
            since, until = max(on, held.since), held.until
            if held.since < on:
                held.until = on - datetime.timedelta(days=1)
                held.save(update_fields=["until"])
            else:
                held.delete()
            for code in sorted(followers[held.division_id or ""]):
                appointment, is_new = Appointment.objects.get_or_create(
                    user=held.user, role=held.role, division_id=code, department=held.department, until=until,
                    defaults={"since": since, "made_by": by},
                )  # fmt: skip
                if is_new:
                    made.append(appointment)
    return made


@transaction.atomic
def set_active(*, user: User, active: bool, by: User | None) -> User:
    """Disable an account, which ends its sessions at once, or enable it again. Accounts are never deleted."""
    if by:
        require(by.may("people.manage", user))
    _not_oneself(user, by)
    user = User.objects.select_for_update().get(pk=user.pk)
    user.is_active = active
    with set_actor(by):
        user.save(update_fields=["is_active"])
    if not active:
        end_sessions(user=user)
    return user


@transaction.atomic
def rename(*, user: User, display_name: str, by: User | None) -> User:
    """Another name of the person. The log-in name stays: entries are signed with it."""
    if by:
        require(by.may("people.manage", user))
    user.display_name = " ".join(display_name.split())
    if not 0 < len(user.display_name) <= 60:
        raise Unusable({"display_name": _("Give the person's name, at most 60 characters.")})
    with set_actor(by):
        user.save(update_fields=["display_name"])
    return user


# --- passwords and sessions ------------------------------------------------------------------------------
@transaction.atomic
def reset_password(*, user: User, by: User | None) -> tuple[str, str]:
    """Take the password away and return (uid, token) of a one-time link; sessions, tokens and second factor end.

    The link works once, for ``PASSWORD_RESET_TIMEOUT``: setting a password makes its token worthless.
    """
    from communities.tokens.services import revoke_all  # tokens belong to accounts, and know this room

    if by:
        require(by.may("people.manage", user))
    _not_oneself(user, by)
    user = User.objects.select_for_update().get(pk=user.pk)
    user.set_unusable_password()
    user.second_factor_since = None
    with set_actor(by):
        user.save(update_fields=["password", "second_factor_since"])
        note(user, by, {"password_reset": ["", user.username]})
    end_sessions(user=user)
    revoke_all(user=user, by=by)
    reset(username=user.username)
    for device in _devices(user):
        device.delete()
    return urlsafe_base64_encode(force_bytes(user.pk)), link_tokens.make_token(user)


class LinkTokens(PasswordResetTokenGenerator):
    """Tokens that die with use, with a newer reset, with age; those of a disabled account sleep."""

    def check_token(self, user: User | None, token: str | None) -> bool:
        return bool(user and user.is_active and super().check_token(user, token))


link_tokens = LinkTokens()


class LinkSpent(Exception):
    """The link was used, replaced by a newer one, or is too old."""


def link_owner(uid: str) -> User | None:
    """Whose password a link sets."""
    try:
        return User.objects.get(pk=urlsafe_base64_decode(uid).decode())
    except (ValueError, OverflowError, ValidationError, User.DoesNotExist):
        return None


@transaction.atomic
def use_link(*, user: User, token: str, password: str) -> User:
    """Set the password that the link is for. Of two at once the second finds the link spent: raises LinkSpent."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if not link_tokens.check_token(user, token):
        raise LinkSpent
    user.set_password(password)
    user.must_change_password = False
    with set_actor(user):
        user.save(update_fields=["password", "must_change_password"])
        note(user, user, {"own_password": ["", ""]})
    return user


def _devices(user: User) -> list:
    from django_otp import devices_for_user  # imports every device model; needed here only

    return list(devices_for_user(user, confirmed=None))


def password_changed(*, user: User) -> None:
    """The person has a password of their own now: the initial one asked for it."""
    user.must_change_password = False
    with set_actor(user):
        user.save(update_fields=["must_change_password"])
        note(user, user, {"own_password": ["", ""]})


def end_sessions(*, user: User) -> int:
    """End all sessions of an account; returns how many there were."""
    own = [one.pk for one in Session.objects.all() if one.get_decoded().get("_auth_user_id") == str(user.pk)]
    Session.objects.filter(pk__in=own).delete()
    return len(own)


def unlock(*, username: str, by: User) -> bool:
    """Lift the lock-out of a log-in name and note who did it. False if it was not locked."""
    owner = User.objects.filter(username=username).first()
    require(by.may("people.unlock", owner))
    with transaction.atomic():
        if not reset(username=username):
            return False
        note(owner or by, by, {"login_lock": [username, ""]})
        return True


def note(about: User, by: User | None, changes: dict[str, list[str]]) -> None:
    """A line in the history of rights for what changes no field."""
    LogEntry.objects.log_create(about, force_log=True, action=LogEntry.Action.UPDATE, actor=by, changes=changes)
