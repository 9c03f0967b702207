"""The permission matrix: who may do what, as data, and the one check that answers with a reason.

``MATRIX`` has a row per action. A row names the roles that may do it, each with a condition or without; an
appointment reaches the rows of its own division's subtree. Whoever is not named may not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chaoyang_pm.kit.permissions import Allowed, Decision, Denied
from chaoyang_pm.kit.scoping import EVERYWHERE, Scope, scope_code
from communities.people import conditions
from communities.people.choices import APPOINTS, Role

if TYPE_CHECKING:
    from communities.people.models import Appointment, User

#: Says why not; "" where nothing stands against it. Asked only where the action is about a row.
Condition = Callable[["User", "Appointment", Any], str]

EVERYONE = tuple(Role)
BUREAU, COUNTY, ADMIN, AUDITOR = Role.BUREAU, Role.COUNTY, Role.ADMIN, Role.AUDITOR
OFFICES = (Role.BUREAU, Role.COUNTY, Role.SUBDISTRICT, Role.COMMITTEE)


@dataclass(frozen=True)
class Action:
    """One row of the matrix: what it is called, and who may do it under which condition."""

    label: Any
    grants: dict[Role, Condition | None]


def _action(label: Any, *roles: Role, **conditional: Condition) -> Action:
    return Action(label, dict.fromkeys(roles) | {Role(name): condition for name, condition in conditional.items()})


MATRIX: dict[str, Action] = {
    # reading
    "figures.read": _action(gettext_lazy("Read figures"), *EVERYONE),
    "register.read": _action(gettext_lazy("Read the register"), *EVERYONE),
    "imports.read": _action(gettext_lazy("See imports"), BUREAU, COUNTY, AUDITOR),
    "divisions.list": _action(gettext_lazy("Read the list of divisions"), *EVERYONE),
    "ledger.read": _action(gettext_lazy("Read entries of the ledger"), *EVERYONE),
    "jobs.read": _action(gettext_lazy("See jobs"), *EVERYONE),
    "files.read": _action(gettext_lazy("See scans and photos"), *EVERYONE),
    "files.original": _action(gettext_lazy("Download originals"), BUREAU, AUDITOR),
    # the register and the ledger
    "register.create": _action(gettext_lazy("Enter a compound in the register"), BUREAU, COUNTY),
    "register.edit": _action(gettext_lazy("Edit facts of a compound"), BUREAU, COUNTY),
    "register.duplicates": _action(gettext_lazy("Look for duplicates"), BUREAU, COUNTY, AUDITOR),
    "ledger.record": _action(gettext_lazy("Record a change"), BUREAU, COUNTY),
    "ledger.correct": _action(gettext_lazy("Correct an entry"), BUREAU, county=conditions.own_entry),
    "ledger.structure": _action(gettext_lazy("Merge, split and relocate compounds"), BUREAU, COUNTY),
    "ledger.record_for": _action(
        gettext_lazy("Record on behalf of another body"),
        bureau=conditions.county_without_staff, county=conditions.below,
    ),
    "files.add": _action(gettext_lazy("Add scans and photos"), *OFFICES),
    "files.withdraw": _action(gettext_lazy("Withdraw a scan or photo"), BUREAU, COUNTY),
    # procedures of P4.2
    "modes.read": _action(gettext_lazy("Read procedures"), *EVERYONE),
    "modes.work": _action(gettext_lazy("Bring procedures on"), BUREAU, COUNTY, Role.SUBDISTRICT),
    "pilots.read": _action(gettext_lazy("Read pilots"), *EVERYONE),
    "pilots.work": _action(gettext_lazy("Choose pilots and tell how they go"), BUREAU, COUNTY, Role.SUBDISTRICT),
    "modes.define": _action(gettext_lazy("Edit steps and rules of procedures"), BUREAU, ADMIN),
    # workbooks
    "imports.upload": _action(gettext_lazy("Import a workbook"), BUREAU, COUNTY),
    "imports.undo": _action(gettext_lazy("Undo an import"), BUREAU, COUNTY),
    # exports
    "exports.register": _action(gettext_lazy("Export the list of compounds"), *EVERYONE),
    "exports.ledger": _action(gettext_lazy("Export register and changes"), BUREAU, COUNTY, AUDITOR),
    "exports.phones": _action(gettext_lazy("Export telephone numbers in full"), BUREAU, COUNTY),
    # second person and city
    "approvals.read": _action(gettext_lazy("See what waits for approval"), BUREAU, COUNTY, AUDITOR),
    "approvals.review": _action(
        gettext_lazy("Review a colleague's entry"),
        bureau=conditions.colleague_of_nobody, county=conditions.another_person,
    ),
    "approvals.withdraw": _action(
        gettext_lazy("Withdraw what one entered oneself"),
        bureau=conditions.own_proposal, county=conditions.own_proposal,
    ),
    "approvals.again": _action(
        gettext_lazy("Enter again what was returned"),
        bureau=conditions.returned_to_oneself, county=conditions.returned_to_oneself,
    ),
    "approvals.approve": _action(gettext_lazy("Approve changes to counted area"), BUREAU),
    "approvals.require": _action(gettext_lazy("Ask a county for a second person"), BUREAU),
    # what communities report
    "reports.read": _action(gettext_lazy("See reports"), *OFFICES, AUDITOR),
    "reports.write": _action(
        gettext_lazy("Report what has changed"), Role.COMMITTEE,
        subdistrict=conditions.below, county=conditions.below, bureau=conditions.county_without_staff,
    ),
    # Whether for this or that community, each row is asked as ``reports.write``.
    "reports.import": _action(
        gettext_lazy("Report for many communities by a workbook"), BUREAU, COUNTY, Role.SUBDISTRICT
    ),
    "reports.verify": _action(gettext_lazy("Verify reports of communities"), Role.SUBDISTRICT),
    "reports.approve": _action(
        gettext_lazy("Approve reports, which records them"), COUNTY, bureau=conditions.county_without_staff
    ),
    "reports.rules": _action(
        gettext_lazy("Say whose reports need no word of the street, and how long a review may take"), BUREAU, COUNTY
    ),
    "reports.sample": _action(gettext_lazy("Draw a sample of approved reports"), BUREAU, AUDITOR),
    "desk.read": _action(gettext_lazy("See what waits for oneself"), *OFFICES),
    # monthly returns
    "returns.read": _action(gettext_lazy("See monthly returns"), *OFFICES, AUDITOR),
    "returns.file": _action(
        gettext_lazy("Hand in the return of a community"), Role.COMMITTEE,
        subdistrict=conditions.below, county=conditions.below, bureau=conditions.county_without_staff,
    ),
    "returns.check": _action(
        gettext_lazy("Return what a community handed in"), Role.SUBDISTRICT, COUNTY,
        bureau=conditions.county_without_staff,
    ),
    "returns.seal": _action(
        gettext_lazy("Make, seal and hand in the return of a county"), COUNTY, bureau=conditions.county_without_staff
    ),
    "returns.accept": _action(gettext_lazy("Accept returns of counties, which closes the month"), BUREAU),
    "returns.extend": _action(gettext_lazy("Extend the cut-off day of a return"), BUREAU, COUNTY, Role.SUBDISTRICT),
    "returns.rules": _action(gettext_lazy("Set cut-off days"), BUREAU, COUNTY),
    "returns.rights": _action(gettext_lazy("Say who may extend by how much"), BUREAU),
    # plans of counties
    "plans.read": _action(gettext_lazy("See plans of counties"), BUREAU, COUNTY, Role.LEADER, AUDITOR),
    "plans.write": _action(
        gettext_lazy("Write the plan of a county"), COUNTY, bureau=conditions.county_without_staff
    ),
    "plans.review": _action(gettext_lazy("Return or approve plans of counties"), BUREAU),
    "plans.deadlines": _action(gettext_lazy("Set until when plans are due"), BUREAU),
    # people
    "people.read": _action(gettext_lazy("See accounts"), BUREAU, COUNTY, AUDITOR, ADMIN),
    "people.manage": _action(
        gettext_lazy("Make, disable and reset accounts"),
        bureau=conditions.account_below, county=conditions.account_below, admin=conditions.nothing,
    ),
    "people.unlock": _action(gettext_lazy("Lift the lock of a log-in"), BUREAU, COUNTY, ADMIN),
    "people.logs": _action(gettext_lazy("Read the logs of log-ins and rights"), AUDITOR, ADMIN),
    "people.self": _action(gettext_lazy("Look after one's own account"), *EVERYONE),
    "people.second_factor": _action(
        gettext_lazy("Log in with a second factor"), BUREAU, Role.LEADER, Role.DEPARTMENT, AUDITOR, ADMIN
    ),
    "tokens.make": _action(gettext_lazy("Make tokens for one's own programs"), *EVERYONE),
    # divisions, programme, portal
    "divisions.read": _action(gettext_lazy("See changes of divisions"), BUREAU, AUDITOR, ADMIN),
    "divisions.succeed": _action(gettext_lazy("Carry out a change of divisions"), BUREAU),
    "divisions.edit": _action(gettext_lazy("Edit divisions"), BUREAU, ADMIN),
    "programme.edit": _action(gettext_lazy("Edit programme, targets and rules"), BUREAU, ADMIN),
    "targets.divide": _action(
        gettext_lazy("Break targets down"), BUREAU, ADMIN, county=conditions.with_a_task,
    ),
    "targets.take_back": _action(
        gettext_lazy("Take back what was given of a target"), BUREAU, ADMIN, county=conditions.given_below,
    ),
    "programme.lock": _action(gettext_lazy("Lock the baseline"), BUREAU),
    # One's own job is no row of others: everybody may.
    "jobs.cancel": _action(
        gettext_lazy("Cancel a job"), BUREAU, COUNTY, ADMIN,
        **dict.fromkeys(("leader", "department", "subdistrict", "committee", "auditor"), conditions.never_others),
    ),
    "settings.enter": _action(gettext_lazy("Enter the settings"), BUREAU, AUDITOR, ADMIN),
    "portal.components": _action(gettext_lazy("See the components that pages are made of"), ADMIN),
    "settings.edit": _action(gettext_lazy("Edit the settings"), BUREAU, ADMIN),
}  # fmt: skip


def may(user: "User", action: str, row: Any = None) -> Decision:
    """Whether ``user`` may do ``action``, with ``row`` if it is about one. A denial says why, and who can."""
    entry = MATRIX[action]
    if not user.is_active:
        return Denied(_("This account is disabled."))
    if user.limit and (reason := user.limit.reason(action)):
        return Denied(reason)
    reasons: list[str] = []
    for appointment in user.current_appointments:
        role = Role(appointment.role)
        if role not in entry.grants:
            continue
        if row is None:
            return Allowed()
        if not _reaches(appointment, row):
            reasons.append(_("This lies outside of %(division)s.") % {"division": appointment.division})
            continue
        condition = entry.grants[role]
        reason = condition(user, appointment, row) if condition else ""
        if not reason:
            return Allowed()
        reasons.append(reason)
    return Denied(reasons[0] if reasons else _by_whom(entry))


def reach(user: "User", action: str) -> Scope:
    """Where the user may do ``action``: the divisions of the appointments that grant it, whatever the conditions."""
    if user.limit and user.limit.reason(action):
        return Scope()
    codes = [one.division_id for one in user.current_appointments if Role(one.role) in MATRIX[action].grants]
    if any(not code or len(code) == conditions.CITY for code in codes):
        return EVERYWHERE
    return Scope.of(code for code in codes if code)


def office_of(user: "User", action: str) -> str | None:
    """The code of the first division for which the user does ``action``; None for the city, which reaches all."""
    scope = reach(user, action)
    return None if scope.everything or not scope.codes else scope.codes[0]


def _reaches(appointment: "Appointment", row: Any) -> bool:
    division = appointment.division_id
    code = scope_code(row)
    return division is None or len(division) == conditions.CITY or bool(code and code.startswith(division))


def _by_whom(entry: Action) -> str:
    roles = _(", ").join(str(role.label) for role in entry.grants)
    return _("“%(action)s” is done by: %(roles)s.") % {"action": entry.label, "roles": roles}


def appointable(user: "User", role: Role, division: Any) -> Decision:
    """Whether ``user`` may give somebody the role ``role`` in ``division`` (None: the whole portal)."""
    reasons = []
    for appointment in user.current_appointments:
        own = Role(appointment.role)
        if own not in APPOINTS:
            continue
        if role not in APPOINTS[own]:
            roles = _(", ").join(str(one.label) for one in APPOINTS[own])
            reasons.append(_("%(own)s appoints: %(roles)s.") % {"own": own.label, "roles": roles})
        elif own != Role.ADMIN and not _reaches(appointment, division):
            reasons.append(_("This lies outside of %(division)s.") % {"division": appointment.division})
        else:
            return Allowed()
    return Denied(reasons[0] if reasons else _by_whom(MATRIX["people.manage"]))


def roles_to_give(user: "User") -> list[Role]:
    """Roles that the user may give to others, in the order of the matrix."""
    given = {role for one in user.current_appointments for role in APPOINTS.get(Role(one.role), ())}
    return [role for role in Role if role in given]
