"""Which kinds of event a page offers for a compound, and which pockets each can begin with."""

from collections.abc import Callable
from datetime import date

from compounds.ledger.choices import OPEN_CATEGORIES, Kind, Mode
from compounds.ledger.events import Pocket
from compounds.ledger.replay import Holding
from compounds.ledger.selectors import book_of
from compounds.register.choices import Status
from compounds.register.models import Compound

#: Kinds with a form of their own, the commonest first.
RECORDABLE = (
    Kind.TAKEOVER, Kind.LAPSE, Kind.MODE_CHANGE, Kind.PROVIDER_CHANGE, Kind.RESURVEY, Kind.RECLASSIFY, Kind.REGISTER,
    Kind.DEREGISTER,
)  # fmt: skip
#: Kinds that change what compounds there are or where they lie; their forms are in ``compounds.structure``.
STRUCTURAL = (Kind.RELOCATE, Kind.MERGE, Kind.SPLIT)
#: Kinds that begin with one pocket, which the form asks for.
FROM_POCKET: dict[Kind, Callable[[Pocket], bool]] = {
    Kind.TAKEOVER: lambda pocket: pocket.mode == Mode.NONE,
    Kind.LAPSE: lambda pocket: pocket.mode != Mode.NONE,
    Kind.MODE_CHANGE: lambda pocket: pocket.mode != Mode.NONE,
    Kind.RECLASSIFY: lambda pocket: pocket.category in OPEN_CATEGORIES,
    Kind.RESURVEY: lambda pocket: True,
}
HoldingOn = Callable[[date], Holding]


def pockets_for(kind: Kind, holding: Holding) -> list[tuple[Pocket, int, int]]:
    """(pocket, area, households) that an event of this kind can begin with."""
    fits = FROM_POCKET[kind]
    return [(pocket, *holding.of(pocket)) for pocket in sorted(holding.pockets) if fits(pocket)]


def _possible(kind: Kind, holding: Holding) -> bool:
    match kind:
        case Kind.REGISTER:
            return False
        case Kind.PROVIDER_CHANGE:
            return any(pocket.mode != Mode.NONE for pocket in holding.pockets)
        case Kind.DEREGISTER | Kind.RELOCATE | Kind.MERGE | Kind.SPLIT:
            return bool(holding.pockets)
    return bool(pockets_for(kind, holding))


def possible(compound: Compound) -> list[Kind]:
    """Kinds that the compound could take on some date up to today, late ones included."""
    if compound.status == Status.RETIRED:
        return []
    book = book_of(compound)
    dates = sorted({event.effective_on for event in book.live(compound.code)})
    holdings = [book.holding(compound.code, on) for on in dates]
    active = compound.status == Status.ACTIVE
    return [
        kind
        for kind in (*RECORDABLE, *STRUCTURAL)
        if (kind == Kind.REGISTER and active) or any(_possible(kind, holding) for holding in holdings)
    ]
