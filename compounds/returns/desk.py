"""What of the monthly returns waits for a person: his own office's to hand in, and those that the city accepts."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit.desk.registry import Item, Pile
from communities.people.models import User
from compounds.returns.models import Return
from compounds.returns.selectors import needing


def to_hand_in(user: User, limit: int) -> Pile | None:
    rows = needing(user)
    found = list(rows[:limit])
    if not found:
        return None
    number = len(found) if len(found) < limit else rows.count()
    return Pile(gettext_lazy("Monthly returns"), [_item(row) for row in found], number, reverse("returns:list"))


def _item(row: Return) -> Item:
    title = _("%(unit)s, return of %(month)s") % {"unit": row.division, "month": f"{row.month:%Y-%m}"}
    return Item(
        title, reverse("returns:detail", args=[row.pk]), str(row.get_state_display()), row.submitted_at,
        None if row.is_in else row.due, row.is_overdue,
    )  # fmt: skip
