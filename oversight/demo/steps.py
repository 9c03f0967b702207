"""Steps of the story: what is recorded, when, by whom, on which document. Values only; telling.py writes them."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from compounds.ledger.choices import Kind, Source
from oversight.demo.homes import Home
from oversight.demo.words import W


@dataclass(eq=False)
class Document:
    """A document's number, given out in the order in which documents are recorded."""

    county: str
    series: str
    year: int
    number: int = 0

    def __str__(self) -> str:
        return W.document_no.format(short=W.short[self.county], series=self.series, year=self.year, number=self.number)


@dataclass(eq=False)
class Step:
    """One record: an entry, a new line or an edit of the register (``kind`` is None), or both.

    ``fields`` are those of the event, with compounds as Home. ``facts`` are changes of descriptive facts.
    """

    at: datetime.datetime
    home: Home
    by: str
    kind: Kind | None = None
    on: datetime.date | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    source: Source = Source.PAGE
    recorded_for: str = ""
    creates: tuple[Home, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    retires: bool = False
    undoes: "Step | None" = None
    height: int = 0


def in_order(steps: list[Step]) -> list[Step]:
    """As they are recorded. Rows of one workbook share their moment and run by date; the rest keeps its order."""
    place = {id(step): index for index, step in enumerate(steps)}

    def key(step: Step):
        by_date = step.on if step.source == Source.ENTRY_IMPORT and step.on else datetime.date.min
        return step.at, by_date, place[id(step)]

    return sorted(steps, key=key)
