"""The accounts of a demonstration: one log-in per role, with a password that everybody knows. Nowhere else."""

import datetime
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from chaoyang_pm.kit.portal import selectors as portal
from communities.people.models import User

PASSWORD = "demo-chaoyang"  # noqa: S105 — said on the log-in page of every demonstration


def accounts() -> list[dict[str, Any]]:
    """Log-in name, display name, role, division and department of each account."""
    return json.loads((Path(settings.BASE_DIR) / "fixtures" / "demo_accounts.json").read_text(encoding="utf-8"))


def create_accounts(*, joined: datetime.datetime) -> list[User]:
    """Make those accounts that there are not; an account that somebody made himself stays as it is."""
    taken = set(User.objects.values_list("username", flat=True))
    password = make_password(PASSWORD)
    created = []
    for row in accounts():
        if row["username"] not in taken:
            is_admin = row["role"] == "admin"
            user = User(
                username=row["username"], display_name=row["display_name"], password=password, date_joined=joined,
                is_superuser=is_admin, is_staff=is_admin,
            )  # fmt: skip
            user.save()
            created.append(user)
    return created


def logins() -> list[User]:
    """The accounts that a demonstration made, in their order; none in any other database."""
    about = portal.about()
    if not about.is_demo:
        return []
    users = User.objects.in_bulk(about.demo_accounts, field_name="username")
    return [users[name] for name in about.demo_accounts if name in users]
