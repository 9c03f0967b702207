"""Whether a takeover stands on the key evidence of its procedure, from the day on that the bureau asks for it."""

import datetime
from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from compounds.ledger.choices import Kind
from compounds.ledger.events import Event
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Problem, Refused
from compounds.modes.models import EvidenceRule, Procedure


class Takeover(NamedTuple):
    """What of a takeover matters here: whose, into which mode, when."""

    compound: str
    mode: str
    day: datetime.date


def takeover_of(event: Event) -> Takeover:
    return Takeover(event.compound, event.mode_to, event.effective_on)


class Rules:
    """The dated rows, read once."""

    def __init__(self) -> None:
        self.rows = list(EvidenceRule.objects.order_by("valid_from"))

    def asked_on(self, day: datetime.date) -> bool:
        """Whether a takeover of that day needs the key evidence, or a reason."""
        valid = [row for row in self.rows if row.valid_from <= day]
        return bool(valid) and valid[-1].is_asked


def missing(takeovers: Iterable[Takeover]) -> set[Takeover]:
    """Those that should have key evidence and have none; two queries, one where nothing is asked for yet."""
    rules = Rules()
    asked = {one for one in takeovers if rules.asked_on(one.day)}
    if not asked:
        return set()
    proven = Procedure.objects.filter(compound__code__in={one.compound for one in asked}, has_key=True)
    there = set(proven.values_list("compound__code", "mode"))
    return {one for one in asked if (one.compound, one.mode) not in there}


def lacking(entries: Iterable[Entry]) -> set[int]:
    """Heights of the takeovers that stand without the key evidence."""
    told = {
        one.height: Takeover(one.compound.code, one.mode_to, one.effective_on)
        for one in entries
        if one.kind == Kind.TAKEOVER
    }
    found = missing(told.values()) if told else set()
    return {height for height, takeover in told.items() if takeover in found}


def is_missing(event: Event) -> bool:
    """Whether the event is a takeover that should have key evidence and has none."""
    return event.kind == Kind.TAKEOVER and bool(missing([takeover_of(event)]))


def check(event: Event, reason: str) -> None:
    """A takeover without the key evidence says why. Raises Refused at the field of the reason."""
    if not reason.strip() and is_missing(event):
        raise Refused(Problem("reason", "", said()))


def said() -> str:
    return _(
        "The key evidence of this takeover's procedure is not recorded: record the step in the procedure, "
        "or give the reason here."
    )
