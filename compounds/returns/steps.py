"""Which steps a person may take with a return as it stands, for its page."""

from communities.divisions.choices import Level
from communities.people.models import User
from compounds.returns.choices import IN, ReturnState
from compounds.returns.deadlines import latest
from compounds.returns.models import Return

S = ReturnState
#: Step → level, states, action of the permission matrix.
_STEPS: dict[str, tuple[tuple[str, ...], tuple[ReturnState, ...], str]] = {
    "submit": ((Level.COMMUNITY,), (S.DUE, S.RETURNED), "returns.file"),
    "prepare": ((Level.COUNTY,), (S.DUE, S.PREPARED, S.RETURNED), "returns.seal"),
    "seal": ((Level.COUNTY,), (S.PREPARED,), "returns.seal"),
    "accept": ((Level.COUNTY,), (S.SUBMITTED,), "returns.accept"),
    "reopen": ((Level.COUNTY,), (S.ACCEPTED,), "returns.accept"),
}


def offered(row: Return, user: User) -> list[str]:
    """Names of the steps; each is a service of the same name, "return" is ``send_back``."""
    found = [
        step for step, (levels, states, action) in _STEPS.items()
        if row.level in levels and row.state in states and user.may(action, row)
    ]  # fmt: skip
    checks = "returns.check" if row.level == Level.COMMUNITY else "returns.accept"
    if row.state == S.SUBMITTED and user.may(checks, row):
        found.append("return")
    if row.state not in IN and user.may("returns.extend", row) and latest(row, user):
        found.append("extend")
    return found


#: Where on its way a return is, counted from 1.
PLACE = {
    Level.COMMUNITY: {S.DUE: 1, S.RETURNED: 1, S.SUBMITTED: 3},
    Level.COUNTY: {S.DUE: 1, S.RETURNED: 1, S.PREPARED: 2, S.SUBMITTED: 3, S.ACCEPTED: 5},
}
