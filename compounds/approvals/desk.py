"""What of the proposals waits for a person: those that a second person or the city must look at."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.desk.registry import Item, Pile
from communities.people.models import User
from compounds.approvals.selectors import waiting_for


def waiting(user: User, limit: int) -> Pile | None:
    rows = waiting_for(user).select_related("compound", "run", "division", "proposed_by").order_by("proposed_at")
    found = list(rows[:limit])
    if not found:
        return None
    items = [
        Item(str(one), reverse("approvals:detail", args=[one.pk]), f"{one.division} · {one.proposed_by}",
             one.proposed_at)
        for one in found
    ]  # fmt: skip
    number = len(found) if len(found) < limit else rows.count()
    return Pile(_("Entries that wait for your word"), items, number, reverse("approvals:list"))
