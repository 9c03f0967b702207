"""县(市、区) as tiles: a schematic map drawn by ourselves, not a map of boundaries."""

from dataclasses import dataclass

from oversight.cockpit.ranking import Row

#: Where a county's tile lies: column, row, columns wide, rows high. Other divisions fall into rows.
PLACES = {
    "211322": (1, 1, 2, 2), "211321": (3, 1, 2, 1), "211302": (3, 2, 1, 1), "211303": (4, 2, 1, 1),
    "211381": (5, 1, 2, 2), "211382": (1, 3, 2, 2), "211324": (3, 3, 2, 2),
}  # fmt: skip
#: Rates from which a darker step begins.
STEPS = (0.5, 0.6, 0.7, 0.8)


@dataclass(frozen=True)
class Tile:
    """``step`` is 0 without a rate, else 1 (lightest) to 5; ``place`` are the classes of the grid, "" in a row."""

    row: Row
    step: int
    place: str


def step(rate: float | None) -> int:
    return 0 if rate is None else 1 + sum(rate >= each for each in STEPS)


def tiles(rows: list[Row]) -> list[Tile]:
    """The rows as tiles, in order of their codes: those with a place first."""
    found = [Tile(row, step(row.figures.rate), _classes(row.code)) for row in rows]
    return sorted(found, key=lambda tile: (not tile.place, tile.row.code))


def _classes(code: str) -> str:
    if code not in PLACES:
        return ""
    column, row, wide, high = PLACES[code]
    return f"at-{column}-{row} wide-{wide} high-{high}"
