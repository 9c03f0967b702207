"""A compound's pockets as one bar: where each piece begins and how wide it is, in percent of the whole."""

from dataclasses import dataclass

from chaoyang_pm.kit.figures import format_percent
from compounds.ledger.choices import Category, Mode
from compounds.ledger.selectors import Held

#: A narrower piece has no room for its name; the legend names every piece.
NAMED_FROM = 0.16


@dataclass(frozen=True)
class Piece:
    category: Category
    mode: Mode
    area_dm2: int
    households: int
    start: str
    width: str
    share: str
    is_wide: bool


def pieces(pockets: list[Held]) -> list[Piece]:
    whole = sum(pocket.area_dm2 for pocket in pockets)
    found, before = [], 0
    for pocket in pockets:
        part = pocket.area_dm2 / whole if whole else 0
        found.append(
            Piece(
                pocket.category, pocket.mode, pocket.area_dm2, pocket.households,
                f"{100 * before / whole if whole else 0:.3f}%", f"{100 * part:.3f}%", format_percent(part),
                part >= NAMED_FROM,
            )
        )  # fmt: skip
        before += pocket.area_dm2
    return found
