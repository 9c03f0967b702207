"""Who is to be told when something waits for an office: those who may do it, in the office nearest to it."""

from typing import Any

from django.db.models import Q

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.scoping import scope_code
from communities.divisions.choices import CODE_LENGTH, Level
from communities.people.models import Appointment, User
from communities.people.permissions import MATRIX


def in_charge(action: str, row: Any) -> list[User]:
    """People who may do ``action`` with ``row``: a division, its code, or any row that lies in one. Conditions count.

    A street's matter is told to the street, not to everybody above who may do it, too; only where nobody there may, to
    the level above, and so on.
    """
    code = scope_code(row) or ""
    around = [code[:length] for length in CODE_LENGTH.values() if length <= len(code)]
    reaching = Q(division__isnull=True) | Q(division__level=Level.CITY) | Q(division__in=around)
    today, roles = business_date(), list(MATRIX[action].grants)
    held = Appointment.objects.in_force(today).filter(reaching, role__in=roles, user__is_active=True)
    depths: dict[int, int] = {}
    for user, division in held.values_list("user", "division"):
        depths[user] = max(depths.get(user, 0), len(division or ""))
    users = {user.pk: user for user in _with_appointments(depths)}
    for depth in sorted(set(depths.values()), reverse=True):
        there = [users[key] for key, held_at in sorted(depths.items()) if held_at == depth]
        if able := [user for user in there if user.may(action, row)]:
            return able
    return []


def _with_appointments(keys: Any) -> list[User]:
    """Users with what ``User.current_appointments`` would read for each."""
    users = {user.pk: user for user in User.objects.filter(pk__in=list(keys))}
    held: dict[int, list[Appointment]] = {key: [] for key in users}
    in_force = Appointment.objects.in_force(business_date()).filter(user__in=users)
    for one in in_force.select_related("division", "department"):
        held[one.user_id].append(one)
    for key, user in users.items():
        user.current_appointments = sorted(
            held[key], key=lambda one: (len(one.division_id or ""), one.division_id or "", one.role)
        )
    return list(users.values())
