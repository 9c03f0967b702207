"""截止日 and 延期: until when a return is due, and who may give it how much longer. Both are data."""

import calendar
import datetime
from collections.abc import Iterable

from chaoyang_pm.kit.dates import add_months
from communities.divisions.selectors import nearest
from communities.people.models import User
from compounds.returns.models import ExtensionRight, Return, ReturnDeadline


class Deadlines:
    """The cut-off days of all divisions, read once."""

    def __init__(self) -> None:
        self._rows = list(ReturnDeadline.objects.all())

    def due(self, division: str, level: str, month: datetime.date) -> datetime.date:
        """Until when the return of a division for a month (its first day) is due; the month's end where none is set."""
        row = nearest((row for row in self._rows if row.level == level), division)
        first = add_months(month, row.months_after if row else 0)
        last = calendar.monthrange(first.year, first.month)[1]
        return first.replace(day=min(row.day, last) if row else last)


def latest(row: Return, user: User) -> datetime.date | None:
    """Until when ``user`` may extend a return; None if he may not at all."""
    days = most_days(row, user, ExtensionRight.objects.filter(level=row.level))
    return row.due_on + datetime.timedelta(days=days) if days else None


def most_days(row: Return, user: User, rights: Iterable[ExtensionRight]) -> int:
    """The most days that one of the user's offices above the return's own unit may grant."""
    above = {
        one.role for one in user.current_appointments
        if one.division_id and row.division_id.startswith(one.division_id) and one.division_id != row.division_id
    }  # fmt: skip
    return max((right.most_days for right in rights if right.role in above and right.level == row.level), default=0)
