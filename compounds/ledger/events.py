"""Events as the replay sees them: plain values keyed by compound codes, no database."""

import datetime
from dataclasses import dataclass
from typing import NamedTuple

from compounds.ledger.choices import Kind


class Pocket(NamedTuple):
    """面积分项 within a compound: where its area came from and how it is managed."""

    category: str
    mode: str


class Part(NamedTuple):
    """A part of a split: from one pocket of the split compound to ``compound`` (itself for what stays)."""

    compound: str
    category: str
    mode: str
    area_dm2: int | None
    households: int | None


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``height`` is its place in the ledger (0 while it is not recorded).

    Areas in 0.01 ㎡. ``area_dm2``/``households`` are None where the kind takes what is there, or, before
    ``Book.settle``, where the person left them blank. ``new_parts`` maps heights of splits to the parts
    that replace theirs.
    """

    kind: str
    effective_on: datetime.date
    compound: str
    height: int = 0
    community: str = ""
    category: str = ""
    mode_from: str = ""
    mode_to: str = ""
    new_category: str = ""
    target: str = ""
    area_dm2: int | None = None
    households: int | None = None
    parts: tuple[Part, ...] = ()
    reverses: int | None = None
    new_parts: tuple[tuple[int, tuple[Part, ...]], ...] = ()

    @property
    def order(self) -> tuple[datetime.date, int]:
        """Place in the replay."""
        return self.effective_on, self.height

    def source_pocket(self) -> Pocket:
        """The pocket that a move or resurvey takes from, or a registration adds to."""
        return Pocket(self.category, self.mode_to if self.kind == Kind.REGISTER else self.mode_from)

    def target_pocket(self) -> Pocket:
        """The pocket that a move adds to."""
        if self.kind == Kind.RECLASSIFY:
            return Pocket(self.new_category, self.mode_from)
        return Pocket(self.category, self.mode_to)

    def compounds(self) -> set[str]:
        """Codes of every compound that the event itself names."""
        if not (self.target or self.parts or self.new_parts):
            return {self.compound} if self.compound else set()
        named = {self.compound, self.target, *(part.compound for part in self.parts)}
        named.update(part.compound for _, parts in self.new_parts for part in parts)
        return named - {""}

    def at(self, height: int) -> "Event":
        """The same event at its height; ``replace`` would look at every field by name, for every row of an import."""
        return Event(
            self.kind, self.effective_on, self.compound, height, self.community, self.category, self.mode_from,
            self.mode_to, self.new_category, self.target, self.area_dm2, self.households, self.parts, self.reverses,
            self.new_parts,
        )  # fmt: skip


class Effect(NamedTuple):
    """What one event does to one pocket in a replay."""

    compound: str
    community: str
    category: str
    mode: str
    area_dm2: int
    households: int


class Change(NamedTuple):
    """A posting before it has database keys: what recording an entry changes in the effect of ``event``."""

    event: int
    kind: str
    effective_on: datetime.date
    effect: Effect
