"""锁定: a county's month is closed once the city has accepted its return. What is dated in it afterwards is late."""

import datetime

from django.utils.translation import gettext as _

from communities.divisions.choices import CODE_LENGTH, Level
from compounds.ledger.recording import Draft
from compounds.ledger.refusals import refuse
from compounds.returns.choices import ReturnState
from compounds.returns.models import Return


def closed(code: str, day: datetime.date) -> Return | None:
    """The accepted return that closed the month of a day for the county in which ``code`` lies."""
    rows = Return.objects.filter(
        level=Level.COUNTY, division=code[: CODE_LENGTH[Level.COUNTY]], month=day.replace(day=1),
        state=ReturnState.ACCEPTED,
    )  # fmt: skip
    return rows.select_related("division", "accepted_by").first()


def lock(row: Return) -> str:
    """Why the month is closed, since when, and who can open it."""
    message = _(
        "%(month)s is closed for %(division)s: %(by)s accepted its return on %(date)s. The city bureau can open it."
    )
    at = row.accepted_at
    facts = {
        "month": f"{row.month:%Y-%m}", "division": row.division, "by": row.accepted_by,
        "date": f"{at:%Y-%m-%d}" if at else "",
    }  # fmt: skip
    return message % facts


def require_reason(draft: Draft, community: str) -> None:
    """A change dated in a closed month says why it is recorded late; it is never kept out. Raises Refused."""
    if draft.details.get("late_reason"):
        return
    if row := closed(community, draft.event.effective_on):
        message = _("%(lock)s Say why this is reported late.")
        raise refuse("late_reason", "", message % {"lock": lock(row)})
