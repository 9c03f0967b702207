"""发生了什么: what a community can say about a compound, of what the ledger says to be possible."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date
from compounds.ledger import kinds
from compounds.ledger.choices import Category, Kind, Mode
from compounds.ledger.events import Pocket
from compounds.ledger.selectors import book_of
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.reports.choices import ReportKind

#: What a date goes by, as forms suggest it.
DATE_BASES = (
    _("Handover record"), _("First day of the contract"), _("Day of moving in"), _("Certificate of the community")
)  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """One choice: ``name`` in addresses, in words of the stairwell; ``needs`` is any of these kinds of entry."""

    name: str
    kind: ReportKind
    label: Any
    about: Any
    needs: tuple[Kind, ...] = ()
    #: What its form begins with.
    initial: tuple[tuple[str, Any], ...] = ()
    #: Whether there may be a document.
    has_document: bool = True


OFFERS = (
    Offer(
        "takeover", ReportKind.TAKEOVER, _("It has been taken over"),
        _("Somebody manages it now: an enterprise, a manager, the owners or the community"), (Kind.TAKEOVER,),
    ),
    Offer(
        "provider", ReportKind.PROVIDER_CHANGE, _("Another enterprise manages it"),
        _("The old one left, a new one came"), (Kind.PROVIDER_CHANGE,),
    ),
    Offer(
        "mode", ReportKind.MODE_CHANGE, _("It is managed in another way"),
        _("From an enterprise to the owners, for instance"), (Kind.MODE_CHANGE,),
    ),
    Offer("lapse", ReportKind.LAPSE, _("Management has ended"), _("With the formalities done"), (Kind.LAPSE,)),
    Offer(
        "gone", ReportKind.LAPSE, _("The enterprise is gone without formalities"),
        _("The community certifies it; no document is needed"), (Kind.LAPSE,), (("date_basis", DATE_BASES[3]),), False,
    ),
    Offer(
        "area", ReportKind.AREA, _("Area or households are wrong"), _("Or have not been entered yet"),
        (Kind.RESURVEY, Kind.REGISTER),
    ),
    Offer(
        "unclear", ReportKind.UNCLEAR, _("Unclear; the street is asked to look"),
        _("A few words and photos are enough"), has_document=False,
    ),
)  # fmt: skip
#: Reached from the list of compounds, because it is about none of them.
MISSING = Offer("missing", ReportKind.MISSING, _("A compound that the register does not have"), "")
BY_NAME = {offer.name: offer for offer in (*OFFERS, MISSING)}


def of_kind(kind: str) -> Offer:
    """The first offer of a kind: what a report is called that was written already."""
    return next(offer for offer in BY_NAME.values() if offer.kind == kind)


def offered(compound: Compound) -> list[Offer]:
    """What can have happened to the compound by what the ledger says; nothing to one that is withdrawn or merged."""
    if compound.status != Status.ACTIVE:
        return []
    possible = set(kinds.possible(compound))
    return [offer for offer in OFFERS if not offer.needs or possible & set(offer.needs)]


@dataclass(frozen=True)
class Held:
    """A pocket that a report can be about, and what it holds."""

    pocket: Pocket
    area_dm2: int
    households: int

    @property
    def key(self) -> str:
        return f"{self.pocket.category}:{self.pocket.mode}"

    @property
    def category(self) -> Category:
        return Category(self.pocket.category)

    @property
    def mode(self) -> Mode:
        return Mode(self.pocket.mode)


class Ledgered:
    """What the ledger says about one compound, as a form asks for it. Loaded once."""

    def __init__(self, compound: Compound):
        self.compound = compound

    @cached_property
    def _book(self):
        return book_of(self.compound)

    @cached_property
    def has_area(self) -> bool:
        return bool(self._book.live(self.compound.code))

    def pockets(self, kind: str) -> list[Held]:
        """Those that a report of a kind can begin with today, else those that it last could have begun with."""
        ledger_kind = {
            ReportKind.TAKEOVER: Kind.TAKEOVER, ReportKind.MODE_CHANGE: Kind.MODE_CHANGE, ReportKind.LAPSE: Kind.LAPSE,
            ReportKind.AREA: Kind.RESURVEY,
        }.get(ReportKind(kind))  # fmt: skip
        if ledger_kind is None:
            return []
        dates = {event.effective_on for event in self._book.live(self.compound.code)} | {business_date()}
        for on in sorted(dates, reverse=True):
            held = kinds.pockets_for(ledger_kind, self._book.holding(self.compound.code, on))
            if held:
                return [Held(*one) for one in held]
        return []
