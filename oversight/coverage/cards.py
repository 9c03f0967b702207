"""What the pages of figures show: target cards, the category × mode matrix, children with totals, first steps."""

import datetime
from dataclasses import dataclass, replace

from chaoyang_pm.kit.dates import last_full_month_end
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.ledger.choices import Category, Kind, Mode
from compounds.register.models import Compound
from oversight.coverage.figures import Figures, Group
from oversight.coverage.flows import moved
from oversight.coverage.question import Question
from oversight.coverage.selectors import BY_DIMENSION, BY_LEVEL
from oversight.coverage.targets import TargetFigures, board, category_labels
from oversight.programme import selectors as programme

SORTS = ("name", "compounds", "total", "managed", "unmanaged", "rate", "households", "pending")
HEAT_STEPS = 5


@dataclass(frozen=True)
class TargetCard:
    """A target's figures with what moved them, so that a figure cannot be made by relabelling."""

    figures: TargetFigures
    categories: list[str]
    divisions: list[Division]
    flows: dict[Kind, int]
    corrections: int

    @property
    def is_fixed(self) -> bool:
        """Whether the document itself names the area; otherwise it is what the baseline holds."""
        return self.figures.version.required_dm2 is not None


def target_cards(question: Question, found: list[TargetFigures] | None = None) -> list[TargetCard]:
    """The targets that ask something of the question's division: of the city, all."""
    code = question.division.code
    seen = [each for each in (board(question) if found is None else found) if each.territory.touches(code)]
    cards = []
    for figures, what in zip(seen, moved(seen, question), strict=True):
        lapsed = what.newly_lapsed if figures.counts_area else None
        divisions = list(figures.target.divisions.all())
        own = replace(figures, newly_lapsed=lapsed)
        cards.append(TargetCard(own, category_labels(own.target), divisions, what.flows, what.corrections))
    return cards


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix. ``heat`` is 0 (nothing) to HEAT_STEPS, by area."""

    mode: Mode
    area: int
    heat: int


@dataclass(frozen=True)
class MatrixRow:
    category: Category
    cells: list[Cell]
    total: int


@dataclass(frozen=True)
class Matrix:
    modes: list[Mode]
    rows: list[MatrixRow]
    totals: list[int]
    total: int


def matrix(figures: Figures) -> Matrix:
    """小区类别 × 管理模式."""
    modes = [*(mode for mode in Mode if mode != Mode.NONE), Mode.NONE]
    areas = {(c, m): figures.area(categories=[c], modes=[m]) for c in Category for m in modes}
    most = max(areas.values(), default=0)

    def cell(mode: Mode, area: int) -> Cell:
        return Cell(mode, area, -(-area * HEAT_STEPS // most) if area > 0 else 0)

    rows = [MatrixRow(c, [cell(m, areas[c, m]) for m in modes], figures.area(categories=[c])) for c in Category]
    return Matrix(modes, rows, [figures.area(modes=[m]) for m in modes], figures.total)


def last_month_end(question: Question) -> datetime.date:
    """What “against last month” compares with: the end of the month before the question's."""
    return last_full_month_end(question.as_of.replace(day=1))


def groupings(division: Division) -> list[str]:
    """How a division's figures can be grouped: by the levels below it, nearest first, then by category and mode."""
    below = [level for level, length in BY_LEVEL.items() if length > len(division.code)]
    return [*below, *BY_DIMENSION]


def in_order(groups: list[Group], sort: str) -> list[Group]:
    """Groups by a column; a leading "-" turns the order. Nothing to divide by comes last."""
    name, turned = sort.removeprefix("-"), sort.startswith("-")
    known = [group for group in groups if _sort_key(group, name) is not None]
    unknown = [group for group in groups if _sort_key(group, name) is None]
    return sorted(known, key=lambda group: _sort_key(group, name), reverse=turned) + unknown


def _sort_key(group: Group, name: str):
    figures, counts = group.figures, group.figures.counts
    match name:
        case "compounds":
            return counts and counts.with_area
        case "pending":
            return counts and counts.area_pending
        case "households":
            return figures.households_rate
        case "name":
            return group.key
    return getattr(figures, name)


@dataclass(frozen=True)
class FirstSteps:
    """What an empty portal still lacks."""

    reference: bool
    compounds: bool
    entries: bool

    @property
    def done(self) -> bool:
        return self.reference and self.compounds and self.entries


def first_steps(height: int) -> FirstSteps:
    return FirstSteps(programme.current() is not None, Compound.objects.exists(), height > 0)


def is_community(division: Division) -> bool:
    return len(division.code) == CODE_LENGTH[Level.COMMUNITY]
