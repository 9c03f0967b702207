"""Who is told what about monthly returns: the city of a sealed one, and whoever handed one in what became of it."""

import datetime
from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities.divisions.choices import Level
from communities.notices import services
from communities.notices.deadlines import Deadline
from communities.notices.kinds import Kind, Text, declare
from communities.people.models import User
from compounds.returns.choices import IN, ReturnState
from compounds.returns.models import Return

WAITING = declare(
    Kind(
        "returns.waiting", _("Returns: what waits for the city"), title=_("Return handed in: %(unit)s %(month)s"),
        body=_("By %(person)s."), action="returns.accept",
    )
)  # fmt: skip
RETURNED = declare(
    Kind(
        "returns.returned", _("Returns: what was returned or opened again"),
        title=_("Returned: return %(unit)s %(month)s"),
        body=_("By %(person)s; the page says what is to be put right."), action="returns.file",
    )
)  # fmt: skip
ACCEPTED = declare(
    Kind(
        "returns.accepted", _("Returns: what the city accepted"), title=_("Accepted: return %(unit)s %(month)s"),
        body=_("By %(person)s; the month is closed."), action="returns.seal",
    )
)  # fmt: skip
#: Who is to hand in a return of a level.
FILES = {Level.COMMUNITY.value: "returns.file", Level.COUNTY.value: "returns.seal"}


def tell(row: Return, *, by: User) -> None:
    """What the step that was just taken means for others."""
    key = f"{row.pk}:{row.steps.count()}"
    if row.state == ReturnState.SUBMITTED and row.level == Level.COUNTY:
        _notify(WAITING, row, key, by, offices=[("returns.accept", row)])
        return
    services.settle(kind=WAITING, keys=[f"{row.pk}:{number}" for number in range(1, row.steps.count())])
    if row.state == ReturnState.RETURNED:
        _notify(RETURNED, row, key, by, users=[row.submitted_by])
    elif row.state == ReturnState.ACCEPTED:
        _notify(ACCEPTED, row, key, by, users=[row.submitted_by])


def _notify(kind: Kind, row: Return, key: str, by: User, **whom) -> None:
    services.notify(
        kind=kind, key=key, by=by, link=reverse("returns:detail", args=[row.pk]),
        parameters={"unit": str(row.division), "month": f"{row.month:%Y-%m}", "person": str(by)}, **whom,
    )  # fmt: skip


def of_returns(first: datetime.date, last: datetime.date) -> Iterator[Deadline]:
    """Returns that are not in yet; a provider of deadlines."""
    rows = Return.objects.exclude(state__in=IN).select_related("division")
    due = rows.filter(extended_to__isnull=True, due_on__gte=first, due_on__lte=last)
    for row in due | rows.filter(extended_to__gte=first, extended_to__lte=last):
        yield Deadline(
            key=f"return:{row.pk}", due_on=row.due,
            what=Text(_("Monthly return %(month)s"), month=f"{row.month:%Y-%m}"),
            link=reverse("returns:detail", args=[row.pk]), offices=((FILES[row.level], row),),
        )  # fmt: skip
