"""Writes the story through the ledger's own writer: entries in the order of recording, each at its own time."""

import datetime
from collections import defaultdict
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType

from chaoyang_pm.kit import bulk
from communities.people.models import User
from compounds.ledger import services as ledger
from compounds.ledger.choices import Kind
from compounds.ledger.events import Event, Part
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.register.services import named, numbered
from oversight.demo.homes import Home
from oversight.demo.office import BUREAU
from oversight.demo.plan import LOCKED_ON
from oversight.demo.reports import REPORTED_ON, busy_after, tell_reports
from oversight.demo.steps import Document, Step
from oversight.programme import selectors as programme
from oversight.programme.models import Baseline
from oversight.programme.services import lock_baseline

BATCH = 500


class Telling:
    """Writes steps in their order. ``users`` by log-in; who has none is written down as nobody."""

    def __init__(self, users: dict[str, User]):
        self.users = users
        self.compounds: dict[Home, Compound] = {}
        self._numbers: dict[str, int] = defaultdict(int)
        self._documents: dict[tuple[str, str, int], int] = defaultdict(int)
        self._edits: list[tuple[Step, int, Compound, dict[str, tuple[Any, Any]]]] = []

    def tell(self, steps: list[Step]) -> int:
        """Write the steps in one go; returns how many entries were posted."""
        now = [datetime.datetime.min]
        with ledger.writing([compound.code for compound in self.compounds.values()], clock=lambda: now[0]) as writer:
            for step in steps:
                now[0] = step.at
                self._tell(writer, step)
        return len(writer.entries)

    def _tell(self, writer: ledger.Writer, step: Step) -> None:
        for home in step.creates:
            writer.adopt(self._enter(home, step))
        compound = self.compounds[step.home]
        # Those of an earlier part of the story were loaded anew by this writer.
        compound = self.compounds[step.home] = writer.compounds.setdefault(compound.code, compound)
        self._edit(step, compound)
        if step.kind is None:
            return
        details = {name: self._text(value) for name, value in step.details.items()}
        how: dict[str, Any] = {"by": self.users.get(step.by), "source": step.source}
        if step.undoes:
            recorded = writer.reverse(step.undoes.height, details=details, recorded_for=step.recorded_for, **how)
        else:
            recorded = writer.record(ledger.Draft(self._event(step), details, step.recorded_for), **how)
        step.height = recorded.height

    def _enter(self, home: Home, step: Step) -> Compound:
        community, facts = home.entered
        self._numbers[community] += 1
        home.code = numbered(community, self._numbers[community])
        facts = {name: self._text(value) for name, value in facts.items()}
        compound = Compound(code=home.code, community_id=community, **named(home.name), **facts)
        self.compounds[home] = compound
        changes = {"code": (None, home.code), "name": (None, home.name)}
        self._edits.append((step, LogEntry.Action.CREATE, compound, changes))
        return compound

    def _edit(self, step: Step, compound: Compound) -> None:
        values = {name: self._text(value) for name, value in step.facts.items()}
        if step.retires:
            values["status"] = Status.RETIRED.value
        changes = {
            name: (getattr(compound, name), value)
            for name, value in values.items()
            if getattr(compound, name) != value
        }  # fmt: skip
        for name, (_before, value) in changes.items():
            setattr(compound, name, value)
        if changes:
            self._edits.append((step, LogEntry.Action.UPDATE, compound, changes))

    def _event(self, step: Step) -> Event:
        fields = dict(step.fields)
        if target := fields.pop("target", None):
            fields["target"] = target.code
        if parts := fields.pop("parts", None):
            fields["parts"] = tuple(Part(home.code, *rest) for home, *rest in parts)
        if step.kind in (Kind.MERGE, Kind.DEREGISTER, Kind.PROVIDER_CHANGE):
            fields.pop("area_dm2", None)
        assert step.kind  # noqa: S101 — only steps with a kind come here
        assert step.on  # noqa: S101 — and those have a date
        return Event(step.kind.value, step.on, step.home.code, **fields)

    def _text(self, value: Any) -> Any:
        """The number of a document is given out when it is first written down."""
        if not isinstance(value, Document):
            return value
        if not value.number:
            series = value.county, value.series, value.year
            self._documents[series] += 1
            value.number = self._documents[series]
        return str(value)

    # --- what lies around the ledger --------------------------------------------------------------------
    def finish(self) -> None:
        """Descriptive facts, their history, and the times of both, as the story has them."""
        stored = Compound.objects.in_bulk([compound.code for compound in self.compounds.values()], field_name="code")
        content_type = ContentType.objects.get_for_model(Compound)
        changed: dict[str, Compound] = {}
        fields = {"created_at", "updated_at"}
        for step, action, told, changes in self._edits:
            compound = changed.setdefault(told.code, stored[told.code])
            if action == LogEntry.Action.CREATE:
                compound.created_at = step.at
            compound.updated_at = step.at
            if action == LogEntry.Action.UPDATE:
                for name, (_before, value) in changes.items():
                    setattr(compound, name, value)
                    fields.add(name)
        bulk.update(list(changed.values()), sorted(fields))
        LogEntry.objects.bulk_create(
            [
                LogEntry(
                    content_type=content_type, object_pk=str(stored[told.code].pk), object_id=stored[told.code].pk,
                    object_repr=told.name, action=action, actor=self.users.get(step.by), timestamp=step.at,
                    changes={name: [_as_text(before), _as_text(after)] for name, (before, after) in changes.items()},
                )
                for step, action, told, changes in self._edits
            ],
            BATCH,
        )  # fmt: skip


def _as_text(value: Any) -> str:
    return "None" if value is None else str(value)


def tell(steps: list[Step], users: dict[str, User], *, today: datetime.date, whole: list[Step]) -> int:
    """Write the story up to ``today``: the baseline is locked where the register was complete, and reports follow
    where their October stands. ``whole`` is the story to its end. Returns how many entries there are.
    """
    telling = Telling(users)
    before = [step for step in steps if step.at.date() <= LOCKED_ON]
    until_reports = [step for step in steps[len(before) :] if step.at.date() <= REPORTED_ON]
    after = steps[len(before) + len(until_reports) :]
    entries = telling.tell(before)
    city = programme.current()
    if city and until_reports:
        baseline = lock_baseline(programme=city, by=users.get(BUREAU))
        locked_at = datetime.datetime.combine(LOCKED_ON, datetime.time(16, 30), before[-1].at.tzinfo)
        Baseline.objects.filter(pk=baseline.pk).update(locked_at=locked_at)
        LogEntry.objects.get_for_object(baseline).update(timestamp=locked_at)
    if until_reports:
        entries += telling.tell(until_reports)
    if today > REPORTED_ON:
        entries += tell_reports(today=today, users=users, busy={home.code for home in busy_after(whole)})
    if after:
        entries += telling.tell(after)
    telling.finish()
    return entries
