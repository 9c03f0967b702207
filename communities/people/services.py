"""Writes on accounts: the first one, and the lift of a lock-out."""

import secrets
from pathlib import Path

from auditlog.models import LogEntry
from axes.utils import reset
from django.conf import settings
from django.db import transaction

from chaoyang_pm.kit.secrets import kept_secret
from communities.people.models import User


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


def unlock(*, username: str, by: User) -> bool:
    """Lift the lock-out of a log-in name and note who did it. False if it was not locked."""
    with transaction.atomic():
        if not reset(username=username):
            return False
        owner = User.objects.filter(username=username).first()
        LogEntry.objects.log_create(
            owner or by, force_log=True, action=LogEntry.Action.UPDATE, actor=by,
            changes={"log-in lock": [username, ""]},
        )  # fmt: skip
        return True
