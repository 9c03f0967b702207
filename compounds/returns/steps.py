"""The way of a return, as a table: which step leads from which states to which, and who may take it."""

from collections.abc import Mapping
from dataclasses import dataclass

from communities.divisions.choices import Level
from communities.people.models import User
from compounds.returns.choices import ReturnState, ReturnStepKind
from compounds.returns.deadlines import latest
from compounds.returns.models import Return

S, Did = ReturnState, ReturnStepKind


@dataclass(frozen=True)
class Step:
    """One row: ``actions`` of the matrix by the levels that take it; ``to`` None leaves the state as it is."""

    actions: Mapping[str, str]
    sources: tuple[ReturnState, ...]
    to: ReturnState | None

    def action(self, row: Return) -> str:
        """The action that is asked for; of a level that does not take the step, that of any other."""
        return self.actions.get(row.level) or next(iter(self.actions.values()))

    def follows_on(self, row: Return) -> bool:
        return row.level in self.actions and row.state in self.sources


COMMUNITY, COUNTY = Level.COMMUNITY.value, Level.COUNTY.value
#: Each is a service of the same name, "return" is ``send_back``.
STEPS: dict[ReturnStepKind, Step] = {
    Did.SUBMIT: Step({COMMUNITY: "returns.file"}, (S.DUE, S.RETURNED), S.SUBMITTED),
    Did.PREPARE: Step({COUNTY: "returns.seal"}, (S.DUE, S.PREPARED, S.RETURNED), S.PREPARED),
    Did.SEAL: Step({COUNTY: "returns.seal"}, (S.PREPARED,), S.SUBMITTED),
    Did.ACCEPT: Step({COUNTY: "returns.accept"}, (S.SUBMITTED,), S.ACCEPTED),
    Did.REOPEN: Step({COUNTY: "returns.accept"}, (S.ACCEPTED,), S.RETURNED),
    Did.RETURN: Step({COMMUNITY: "returns.check", COUNTY: "returns.accept"}, (S.SUBMITTED,), S.RETURNED),
    Did.EXTEND: Step({COMMUNITY: "returns.extend", COUNTY: "returns.extend"}, (S.DUE, S.PREPARED, S.RETURNED), None),
}


def offered(row: Return, user: User) -> list[str]:
    """The steps that a person may take with a return as it stands, for its page."""
    found = [did for did, step in STEPS.items() if step.follows_on(row) and user.may(step.action(row), row)]
    return [did.value for did in found if did != Did.EXTEND or latest(row, user)]


#: Where on its way a return is, counted from 1.
PLACE = {
    Level.COMMUNITY: {S.DUE: 1, S.RETURNED: 1, S.SUBMITTED: 3},
    Level.COUNTY: {S.DUE: 1, S.RETURNED: 1, S.PREPARED: 2, S.SUBMITTED: 3, S.ACCEPTED: 5},
}
