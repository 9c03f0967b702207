"""The rooms of the portal as its navigation shows them: each role sees those that it works in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from communities.people.choices import Role
from communities.people.models import User
from compounds.reports.review_selectors import waiting_for


@dataclass(frozen=True)
class Room:
    """``apps``: URL namespaces that belong to it. ``takes``: how its address takes a division, if it does."""

    label: Any
    url_name: str
    apps: tuple[str, ...]
    action: str
    #: Roles that work elsewhere, and come here by links only.
    not_for: frozenset[Role] = frozenset()
    #: How many things wait there for somebody.
    number: Callable[[User], int] | None = None


def to_check(user: User) -> int:
    return waiting_for(user).count()


FEW = frozenset({Role.LEADER, Role.COMMITTEE})
#: Those who look at figures and have nothing to decide.
ONLY_READ = frozenset({Role.LEADER, Role.DEPARTMENT, Role.AUDITOR, Role.ADMIN})
ROOMS = (
    Room(_("To do"), "desk:home", ("desk",), "desk.read", ONLY_READ),
    Room(
        _("Progress"), "coverage:city", ("coverage", "tables", "cockpit", "onepager"), "figures.read",
        frozenset({Role.COMMITTEE}),
    ),
    Room(_("Targets"), "programme:targets", ("programme",), "figures.read", frozenset({Role.COMMITTEE})),
    Room(_("Plans"), "plans:list", ("plans", "plan_actuals"), "plans.read", FEW),
    Room(
        _("Compounds"), "register:list", ("register", "ledger", "files", "structure", "modes", "pilots"),
        "register.read", frozenset({Role.LEADER}),
    ),
    Room(_("Report"), "reports:home", ("reports",), "reports.write", frozenset({Role.BUREAU})),
    Room(_("Review"), "review:queue", ("review", "approvals"), "reports.read", FEW, to_check),
    Room(_("Monthly returns"), "returns:list", ("returns",), "returns.read", FEW),
    Room(_("Import and export"), "imports:start", ("imports", "exports"), "imports.read", FEW),
    Room(_("Accounts"), "people:accounts", ("people", "tokens"), "people.read", FEW),
    Room(
        _("Settings"), "settings:home", ("settings", "divisions", "successions", "words", "admin"), "settings.enter",
        FEW,
    ),
)  # fmt: skip


def rooms_of(user: User) -> list[Room]:
    """The rooms that one of the user's offices works in; whoever has no office sees none."""
    roles = {Role(one.role) for one in user.current_appointments}
    return [room for room in ROOMS if roles - room.not_for and user.may(room.action)]
