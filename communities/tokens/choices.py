"""What a token may be for: scopes as clients name them, each with the actions of the matrix that it opens."""

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class TokenScope(models.TextChoices):
    """令牌权限: one thing that a token may be used for; of its owner's rights everything else stays closed."""

    COVERAGE_READ = "coverage:read", gettext_lazy("Read figures, targets and tables")
    REGISTER_READ = "register:read", gettext_lazy("Read the register of compounds")
    LEDGER_READ = "ledger:read", gettext_lazy("Read entries and the change feed")
    LEDGER_WRITE = "ledger:write", gettext_lazy("Record changes")
    REPORTS_READ = "reports:read", gettext_lazy("Read status reports")
    REPORTS_WRITE = "reports:write", gettext_lazy("Hand in status reports")
    REPORTS_REVIEW = "reports:review", gettext_lazy("Verify, approve and return status reports")
    PLANS_READ = "plans:read", gettext_lazy("Read plans of counties")
    PLANS_WRITE = "plans:write", gettext_lazy("Hand in plans of counties")
    PLANS_REVIEW = "plans:review", gettext_lazy("Return and approve plans of counties")


#: Actions of the matrix that a scope opens. Whoever hands in or reviews reports reads how far they are.
ACTIONS: dict[TokenScope, frozenset[str]] = {
    TokenScope.COVERAGE_READ: frozenset({"figures.read", "returns.read"}),
    TokenScope.REGISTER_READ: frozenset({"register.read", "modes.read", "pilots.read"}),
    TokenScope.LEDGER_READ: frozenset({"ledger.read"}),
    TokenScope.LEDGER_WRITE: frozenset(
        {"ledger.record", "ledger.record_for", "ledger.structure", "ledger.correct", "approvals.read"}
    ),
    TokenScope.REPORTS_READ: frozenset({"reports.read"}),
    TokenScope.REPORTS_WRITE: frozenset({"reports.read", "reports.write"}),
    TokenScope.REPORTS_REVIEW: frozenset({"reports.read", "reports.verify", "reports.approve", "approvals.read"}),
    TokenScope.PLANS_READ: frozenset({"plans.read"}),
    TokenScope.PLANS_WRITE: frozenset({"plans.read", "plans.write"}),
    TokenScope.PLANS_REVIEW: frozenset({"plans.read", "plans.review"}),
}
#: What a scope opens so that its owner sees what became of it; by itself no reason to give it.
BESIDES = frozenset({"reports.read", "approvals.read", "plans.read"})
#: What every token opens, whatever it is for.
WITH_EVERY_SCOPE = frozenset({"divisions.list"})

#: Days that a token lives unless said otherwise, and at most.
DEFAULT_DAYS, MAX_DAYS = 90, 366


def scopes_for(action: str) -> list[TokenScope]:
    """The scopes that open an action."""
    return [scope for scope, actions in ACTIONS.items() if action in actions]


class Limit:
    """What a token leaves of its owner's rights, as the permission matrix asks for it."""

    def __init__(self, scopes: frozenset[str]):
        self.scopes = scopes

    def reason(self, action: str) -> str:
        """Why a client may not do an action; "" where the scopes allow it."""
        opened = scopes_for(action)
        if action in WITH_EVERY_SCOPE or self.scopes.intersection(opened):
            return ""
        if not opened:
            return _("No token is good for this; log in to the portal.")
        return _("The token lacks the scope %(scope)s.") % {"scope": _(" or ").join(opened)}
