"""From what a report claims to the event that the ledger would record for it."""

import datetime
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from compounds.ledger.book import Book
from compounds.ledger.choices import Category, Kind, Mode, Precision
from compounds.ledger.events import Event, Pocket
from compounds.ledger.recording import Draft
from compounds.ledger.refusals import Refused, refuse
from compounds.ledger.replay import Holding
from compounds.ledger.selectors import book_of
from compounds.register.models import Compound
from compounds.reports.choices import ENTRY_KIND, ReportKind
from compounds.reports.models import Report


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a report says. Areas in 0.01 ㎡; blank areas and households of a move mean all that is there.

    ``area_dm2`` and ``households`` of a report on the area are what is right, not the difference.
    """

    effective_on: datetime.date | None = None
    precision: str = Precision.DAY.value
    date_basis: str = ""
    category: str = ""
    mode_from: str = ""
    mode_to: str = ""
    area_dm2: int | None = None
    households: int | None = None
    provider_from: str = ""
    provider_to: str = ""
    basis_type: str = ""
    basis_name: str = ""
    basis_no: str = ""
    note: str = ""
    late_reason: str = ""
    name: str = ""
    address: str = ""


#: Fields of a claim, which a report has by the same names.
CLAIMED = tuple(field.name for field in fields(Claim))
#: What goes into the entry's descriptive fields as it is.
_DETAILS = (
    "precision", "date_basis", "provider_from", "provider_to", "basis_type", "basis_name", "basis_no", "note",
    "late_reason",
)  # fmt: skip
#: Kinds that move area from one pocket to another.
MOVING = (ReportKind.TAKEOVER, ReportKind.MODE_CHANGE, ReportKind.LAPSE)


def claim_of(report: Report) -> Claim:
    return Claim(**{name: getattr(report, name) for name in CLAIMED})


def pocket_of(kind: str, claim: Any, holding: Holding) -> Pocket | None:
    """The one pocket that a claim can be about; None if there is none, or several."""
    if kind == ReportKind.TAKEOVER:
        fitting = [pocket for pocket in holding.pockets if pocket.mode == Mode.NONE]
    elif kind in (ReportKind.MODE_CHANGE, ReportKind.LAPSE):
        fitting = [pocket for pocket in holding.pockets if pocket.mode != Mode.NONE]
    else:
        fitting = list(holding.pockets)
    asked = [
        pocket for pocket in fitting
        if claim.category in ("", pocket.category) and claim.mode_from in ("", pocket.mode)
    ]  # fmt: skip
    return asked[0] if len(asked) == 1 else None


def settled(kind: str, claim: Claim, compound: Compound | None) -> dict[str, Any]:
    """The claim as a report keeps it: category and mode of its pocket filled in, and whether it is all of that.

    Whoever leaves the area as it was offered means all of it, also when a survey changes it before the approval.
    """
    values: dict[str, Any] = {name: getattr(claim, name) for name in CLAIMED} | {"whole": False}
    if compound is None or kind not in MOVING:
        return values
    pocket, held = _held(kind, claim, compound)
    if pocket:
        values |= {"category": pocket.category, "mode_from": pocket.mode}
        if claim.area_dm2 in (None, held[0]) and claim.households in (None, held[1]):
            values |= {"whole": True, "area_dm2": held[0], "households": held[1]}
    return values


def _held(kind: str, claim: Any, compound: Compound) -> tuple[Pocket | None, tuple[int, int]]:
    holding = book_of(compound).holding(compound.code, claim.effective_on)
    pocket = pocket_of(kind, claim, holding)
    return pocket, holding.of(pocket) if pocket else (0, 0)


def draft_of(report: Report, compound: Compound | None = None, *, book: Book | None = None) -> Draft | None:
    """The event that the report would become, by the ledger as it is now; None where it brings no area.

    ``compound`` is the one that was entered in the register for a report on a missing one. ``book``: the compound's,
    by whoever has read it already. Raises Refused.
    """
    compound = compound or report.compound
    if report.kind == ReportKind.UNCLEAR:
        message = _("Nobody has said yet what happened; the street reports it as what it is, in place of this report.")
        raise refuse("kind", report.kind, message)
    if report.effective_on is None:
        if report.kind == ReportKind.MISSING and report.area_dm2 is None:
            return None
        raise refuse("effective_on", "", _("Say on which day it happened, or in which month."))
    if compound is None:
        raise refuse("compound", "", _("The compound is not in the register yet."))
    event = _event(report, compound, report.effective_on, book)
    details = {name: getattr(report, name) for name in _DETAILS if getattr(report, name)}
    details |= {
        "reporting_unit": str(report.community), "handler": str(report.created_by), "source_key": report.proposal_key,
        "source_ref": str(report.pk),
    }  # fmt: skip
    return Draft(event, details)


def _event(report: Report, compound: Compound, on: datetime.date, book: Book | None) -> Event:
    kind = ReportKind(report.kind)
    if kind == ReportKind.MISSING:
        return _registration(report, compound, on)
    if kind == ReportKind.AREA:
        return _survey(report, compound, on, book or book_of(compound))
    moves = kind in MOVING
    all_of_it = report.whole or not moves
    return Event(
        ENTRY_KIND[kind].value, on, compound.code, category=report.category if moves else "",
        mode_from=report.mode_from if moves else "", mode_to=report.mode_to if moves else "",
        area_dm2=None if all_of_it else report.area_dm2, households=None if all_of_it else report.households,
    )  # fmt: skip


def _survey(report: Report, compound: Compound, on: datetime.date, book: Book) -> Event:
    """What is right, as the difference to what the ledger has; the first area of a compound is its registration."""
    if not book.live(compound.code):
        return _registration(report, compound, on)
    if report.area_dm2 is None and report.households is None:
        raise refuse("area_dm2", "", _("Say which area or how many households are right."))
    holding = book.holding(compound.code, on)
    pocket = pocket_of(report.kind, report, holding)
    if pocket is None:
        raise refuse("category", report.category, _("Say which area is meant: its category and how it is managed."))
    area, households = holding.of(pocket)
    difference = 0 if report.area_dm2 is None else report.area_dm2 - area
    more = 0 if report.households is None else report.households - households
    if not difference and not more:
        raise refuse("area_dm2", report.area_dm2, _("The ledger has just this area and these households already."))
    return Event(
        Kind.RESURVEY.value, on, compound.code, category=pocket.category, mode_from=pocket.mode,
        area_dm2=difference, households=more,
    )  # fmt: skip


def _registration(report: Report, compound: Compound, on: datetime.date) -> Event:
    if report.area_dm2 is None:
        raise refuse("area_dm2", "", _("Say which area or how many households are right."))
    return Event(
        Kind.REGISTER.value, on, compound.code, community=compound.community_id,
        category=report.category or Category.UNDETERMINED.value, mode_to=report.mode_to or Mode.NONE.value,
        area_dm2=report.area_dm2, households=report.households,
    )  # fmt: skip


#: Where a refusal of the ledger belongs in a report.
_FIELD_OF = {"category": "category", "new_category": "category", "parts": "", "target": "", "community": ""}


def at_fields(refused: Refused) -> dict[str, str]:
    """The reasons of a refusal by the field of the report, or of the decision on it ("" for the whole)."""
    found: dict[str, str] = {}
    for problem in refused.problems:
        name = _FIELD_OF.get(problem.field, problem.field)
        name = name if name in (*CLAIMED, "reason") else ""
        found[name] = f"{found[name]} {problem.message}" if name in found else problem.message
    return found
