"""What the pages of targets show: progress by each version, base figures, the parts with what a reader may do."""

from dataclasses import dataclass

from communities.divisions.choices import Level
from communities.people.models import User
from oversight.coverage.cards import TargetCard
from oversight.coverage.flows import moved
from oversight.coverage.parts import Breakdown, PartFigures
from oversight.coverage.targets import Base, TargetBoard, TargetFigures, category_labels
from oversight.programme import selectors as programme
from oversight.programme.selectors import Holder


@dataclass(frozen=True)
class Row:
    """A target, and its progress by every version that stands, oldest first."""

    figures: TargetFigures
    versions: list[TargetFigures]
    base: Base | None

    @property
    def is_adjusted(self) -> bool:
        return len(self.versions) > 1


def row(board: TargetBoard, figures: TargetFigures) -> Row:
    versions = [board.of(figures.target, version) for version in programme.standing(figures.target)]
    base = board.base(figures.target, figures.version) if figures.counts_area else None
    return Row(figures, versions, base)


def card(board: TargetBoard, figures: TargetFigures) -> TargetCard | None:
    """The card of the page of figures; None of a target that counts communities."""
    if not figures.counts_area:
        return None
    [what] = moved([figures], board.question)
    return TargetCard(
        figures, category_labels(figures.target), list(figures.target.divisions.all()), what.flows, what.corrections
    )


@dataclass(frozen=True)
class Node:
    """A part in the tree, and whether the reader may break it down further."""

    figures: PartFigures
    divides: bool


def nodes(found: Breakdown, user: User) -> list[Node]:
    """The parts within the reader's scope, in the order of the tree."""
    target = found.whole.target
    return [
        Node(part, part.division.level != Level.COMMUNITY and bool(
            user.may("targets.divide", Holder(target, part.division, part.given, is_whole=False))
        ))
        for part in found.within(user.scope)
    ]  # fmt: skip
