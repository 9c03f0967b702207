"""The accounts of a demonstration: one log-in per role, with a password that everybody knows. Nowhere else."""

import datetime
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from chaoyang_pm.kit.portal import selectors as portal
from communities.divisions.models import Division
from communities.people import services
from communities.people.choices import Role
from communities.people.models import Appointment, Department, User

PASSWORD = "demo-chaoyang"  # noqa: S105 — said on the log-in page of every demonstration


def accounts() -> list[dict[str, Any]]:
    """Log-in name, display name, role, division and department of each account."""
    return json.loads((Path(settings.BASE_DIR) / "fixtures" / "demo_accounts.json").read_text(encoding="utf-8"))


def create_accounts(*, joined: datetime.datetime) -> list[User]:
    """Make those accounts that there are not, each with its office; what somebody made himself stays as it is."""
    taken = set(User.objects.values_list("username", flat=True))
    divisions, departments = Division.objects.in_bulk(), Department.objects.in_bulk()
    password, since = make_password(PASSWORD), joined.date()
    # The business date of a demonstration lies in the past: whoever held an office before it was made holds it there.
    Appointment.objects.filter(since__gt=since, until__isnull=True).update(since=since)
    created = []
    for row in accounts():
        if row["username"] in taken:
            continue
        user = User(
            username=row["username"], display_name=row["display_name"], password=password, date_joined=joined
        )  # fmt: skip
        user.save()
        services.appoint(
            user=user, role=Role(row["role"]), division=divisions.get(row.get("division")),
            department=departments.get(row.get("department")), by=None, since=since,
        )  # fmt: skip
        created.append(user)
    return created


def logins() -> list[User]:
    """The accounts that a demonstration made, in their order; none in any other database."""
    about = portal.about()
    if not about.is_demo:
        return []
    users = User.objects.in_bulk(about.demo_accounts, field_name="username")
    return [users[name] for name in about.demo_accounts if name in users]
