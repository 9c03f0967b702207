"""Figures of the demo city by district and category, in 0.01 ㎡."""

from oversight.coverage import selectors
from oversight.coverage.question import resolve

FIRST = ("abandoned", "renovated")
UNMANAGED = (*FIRST, "unserved")
DISTRICTS = ("211302", "211303")


def figures(division: str, on: str, height: int | None = None) -> selectors.Figures:
    return selectors.coverage(resolve(division=division, as_of=on, height=str(height or ""), rule=""))


def managed(on: str, categories=FIRST, districts=DISTRICTS, height: int | None = None) -> int:
    found = [figures(district, on, height) for district in districts]
    return sum(each.area(categories=categories, modes=each.modes) for each in found)
