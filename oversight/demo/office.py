"""A county's housing office: when it learns of something, how it records it, and on which paper."""

import datetime
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from compounds.ledger.choices import Kind, Mode, Precision, Source
from oversight.demo import plan
from oversight.demo.calendar import office_time, working_day
from oversight.demo.facts import Facts
from oversight.demo.homes import Home
from oversight.demo.names import phone
from oversight.demo.steps import Document, Step
from oversight.demo.words import W

#: Counties whose office has an account; those that send the bureau a workbook each month; for the rest it is told.
WITH_ACCOUNT = frozenset({"211302", "211303", "211322"})
BY_WORKBOOK = frozenset({"211381", "211382"})
BUREAU = "bureau"
CUT_OFF_DAY = 25
#: From this many days on, an entry says why it is late.
LATE_DAYS = 26


@dataclass(frozen=True)
class Event:
    """Something that happens to a compound, before anybody has recorded it."""

    home: Home
    kind: Kind
    on: datetime.date
    fields: dict[str, Any]
    details: dict[str, Any]
    facts: dict[str, Any]
    creates: tuple[Home, ...] = ()


class Office:
    def __init__(self, county: str, rng: Random, facts: Facts):
        self.county, self.rng, self.facts = county, rng, facts
        self.by = f"county_{county}" if county in WITH_ACCOUNT else BUREAU
        self.steps: list[Step] = []
        self._late_at_the_deadline = False
        self._workbooks: dict[tuple[int, int], datetime.datetime] = {}
        self._register_at = [
            office_time(rng, working_day(datetime.date(2014, 1, 20) + datetime.timedelta(days=rng.randrange(30))))
            for _ in range(2)
        ]

    # --- the register of early 2014 -------------------------------------------------------------------
    def enter(self, home: Home, row: int) -> None:
        """The line of the county's own workbook: a compound with its registrations, or without area yet."""
        rng = self.rng
        home.enters()
        at, later = sorted(self._register_at)
        at = at if rng.random() < 0.8 else later
        reference = f"{W.register_file.format(county=self.facts.divisions[self.county])} #{row}"
        details = {
            "reporting_unit": self.facts.street_office(home.community), "handler": rng.choice(self.facts.clerks),
            "phone": phone(rng), "basis_name": home.facts["category_basis"], "source_ref": reference,
        }  # fmt: skip
        registrations = home.phases or [
            ("", pocket, area, households) for pocket, (area, households) in home.pockets.items()
        ]
        common: dict[str, Any] = {"source": Source.REGISTER_IMPORT, "by": self.by, "at": at}
        if not registrations:
            self.steps.append(Step(home=home, creates=(home,), **common))
        for number, (phase, (category, mode), area, households) in enumerate(registrations):
            fields = {
                "community": home.community, "category": category, "mode_to": mode, "area_dm2": area,
                "households": households,
            }  # fmt: skip
            provider = home.provider if mode != Mode.NONE else ""
            step = Step(
                home=home, kind=Kind.REGISTER, on=plan.START, fields=fields,
                details=details | {"phase": phase, "provider_to": provider}, creates=() if number else (home,),
                **common,
            )  # fmt: skip
            self.steps.append(step)
            if rng.random() < 0.012 and area > 5_000_00 and len(registrations) == 1:
                self._correct_registration(step)
        home.known_at = at

    def _correct_registration(self, step: Step) -> None:
        """A wrong area, found when the register was gone through before the baseline was locked."""
        right = dict(step.fields)
        # Half of what it is: a page of the list was left out.
        wrong = right["area_dm2"] // 2_00 * 1_00
        step.fields |= {"area_dm2": wrong, "households": right["households"] // 2}
        day = working_day(datetime.date(2014, 3, 3) + datetime.timedelta(days=self.rng.randrange(9)))
        at = office_time(self.rng, day)
        reason = W.correction_reasons["register"]
        self.steps += [
            self._reversal(step, at, reason),
            replace(
                step, at=at, fields=right, source=Source.PAGE, creates=(),
                details=step.details | {"source_ref": "", "handler": self.rng.choice(self.facts.clerks)},
            ),
        ]  # fmt: skip

    # --- what happens afterwards -----------------------------------------------------------------------
    def record(self, event: Event) -> None:
        """Write an event down some days after it happened; now and then wrongly first."""
        rng, home = self.rng, event.home
        at, source = self._moment(event)
        details = self._details(event, at)
        home_at = at
        right = Step(
            at=at, home=home, by=self.by, kind=event.kind, on=event.on, fields=event.fields, details=details,
            source=source, creates=event.creates, facts=event.facts,
            recorded_for=self._on_behalf_of(home, source),
        )  # fmt: skip
        if source == Source.ENTRY_IMPORT:
            details["source_ref"] = W.changes_file.format(
                county=self.facts.divisions[self.county], year=at.year, month=at.month
            )
        wrong = self._slip(event, right) if rng.random() < plan.WRONG else None
        if wrong:
            home_at = office_time(rng, working_day(at.date() + datetime.timedelta(days=rng.randint(4, 55))))
            step, reason = wrong
            self.steps += [step, self._reversal(step, home_at, reason)]
            right = replace(right, at=home_at, source=Source.PAGE, facts={}, creates=(), details=dict(right.details))
            right.details.pop("source_ref", None)
        self.steps.append(right)
        for created in event.creates:
            created.enters()
        home.facts = home.facts | event.facts
        self._follow(event, home_at)

    def record_in_vain(self, event: Event, withdrawn_on: datetime.date) -> None:
        """A takeover that never took place, withdrawn when somebody went and looked."""
        at, source = self._moment(event)
        step = Step(
            at=at, home=event.home, by=self.by, kind=event.kind, on=event.on, fields=event.fields,
            details=self._details(event, at), source=source,
        )  # fmt: skip
        found = office_time(self.rng, working_day(max(withdrawn_on, at.date() + datetime.timedelta(days=9))))
        self.steps += [step, self._reversal(step, found, W.correction_reasons["void"], by=BUREAU)]
        event.home.last_on, event.home.known_at = found.date(), found

    def edit(self, home: Home, on: datetime.date, facts: dict[str, Any]) -> None:
        """A change of descriptive facts only."""
        at = self._after(home, office_time(self.rng, working_day(on)))
        self.steps.append(Step(at=at, home=home, by=self.by, facts=facts))
        home.facts = home.facts | facts

    def retire(self, home: Home, on: datetime.date) -> None:
        at = self._after(home, office_time(self.rng, working_day(on)))
        self.steps.append(Step(at=at, home=home, by=self.by, retires=True))
        home.gone = True

    def document(self, series: str, on: datetime.date) -> Document | str:
        return Document(self.county, series, on.year) if series else ""

    # --- how ------------------------------------------------------------------------------------------
    def _moment(self, event: Event) -> tuple[datetime.datetime, Source]:
        rng, on = self.rng, event.on
        at_the_deadline = (on.year, on.month) == (plan.T1_DEADLINE.year, plan.T1_DEADLINE.month)
        late = rng.random() < (plan.LATE_AT_THE_DEADLINE if at_the_deadline else plan.LATE)
        if at_the_deadline and event.kind == Kind.TAKEOVER and not self._late_at_the_deadline:
            # At least one takeover of the last month is heard of after New Year's Eve.
            late = self._late_at_the_deadline = True
        delay = rng.randint(28, 75) if late else rng.randint(2, 12)
        learned = on + datetime.timedelta(days=delay)
        known = max([home.known_at for home in self._involved(event) if home.known_at], default=None)
        if known and learned <= known.date():
            learned = known.date() + datetime.timedelta(days=1)
        learned = max(learned, plan.LOCKED_ON + datetime.timedelta(days=3))
        if self.county in BY_WORKBOOK and event.kind not in (Kind.MERGE, Kind.SPLIT, Kind.RELOCATE):
            return self._workbook(learned), Source.ENTRY_IMPORT
        return office_time(rng, working_day(learned)), Source.PAGE

    def _workbook(self, learned: datetime.date) -> datetime.datetime:
        """When the workbook with what was learned by a day is imported: on the next cut-off day."""
        year, month = learned.year, learned.month
        if learned.day > CUT_OFF_DAY:
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        if (year, month) not in self._workbooks:
            day = working_day(datetime.date(year, month, CUT_OFF_DAY + 1))
            self._workbooks[year, month] = office_time(self.rng, day)
        return self._workbooks[year, month]

    def _after(self, home: Home, at: datetime.datetime) -> datetime.datetime:
        if home.known_at and at <= home.known_at:
            at = office_time(self.rng, working_day(home.known_at.date() + datetime.timedelta(days=1)))
        home.known_at = at
        return at

    @staticmethod
    def _involved(event: Event) -> list[Home]:
        target = event.fields.get("target")
        return [event.home, target] if target else [event.home]

    def _follow(self, event: Event, at: datetime.datetime) -> None:
        for home in (*self._involved(event), *event.creates):
            home.last_on, home.known_at = event.on, at

    def _on_behalf_of(self, home: Home, source: Source) -> str:
        """代报: the bureau records for a county without an account, a county for a community without staff."""
        if self.by == BUREAU:
            return self.county if source == Source.PAGE else ""
        return home.community if self.rng.random() < plan.ON_BEHALF else ""

    def _details(self, event: Event, at: datetime.datetime) -> dict[str, Any]:
        rng, facts, home = self.rng, self.facts, event.home
        unit = rng.choices((facts.committee_of(home.community), facts.street_office(home.community)), (7, 3))[0]
        if event.kind in (Kind.RECLASSIFY, Kind.RESURVEY, Kind.MERGE, Kind.SPLIT, Kind.RELOCATE, Kind.DEREGISTER):
            unit = facts.county_office()
        handler, reviewer = rng.sample(facts.clerks, 2)
        details = {"reporting_unit": unit, "handler": handler, "reviewer": reviewer, "phone": phone(rng)}
        if rng.random() < 0.25:
            details["note"] = rng.choice(W.notes)
        details |= event.details
        # A monthly workbook is no late one.
        usual = LATE_DAYS if self.county not in BY_WORKBOOK else LATE_DAYS + 14
        if (at.date() - event.on).days >= usual and at.date().month != event.on.month:
            of_management = event.kind in (Kind.TAKEOVER, Kind.PROVIDER_CHANGE, Kind.MODE_CHANGE)
            why = "management" if of_management else event.kind.value if event.kind == Kind.RESURVEY else "other"
            details["late_reason"] = rng.choice(W.late_reasons[why])
        return details

    def _reversal(self, step: Step, at: datetime.datetime, reason: str, by: str = "") -> Step:
        return Step(
            at=at, home=step.home, by=by or self.by, kind=Kind.REVERSAL, on=step.on, undoes=step,
            details={"reason": reason, "handler": self.rng.choice(self.facts.clerks)},
        )  # fmt: skip

    def _slip(self, event: Event, right: Step) -> tuple[Step, str] | None:
        """The same step as it was first recorded, wrongly, and why it is put right; None where nothing fits."""
        rng, fields, details = self.rng, dict(event.fields), dict(right.details)
        reasons, on = W.correction_reasons, event.on
        match event.kind:
            case Kind.TAKEOVER if rng.random() < 0.5:
                fields["area_dm2"] = event.fields["area_dm2"] * rng.randint(55, 80) // 10000 * 100 or 100
                fields["households"] = event.fields["households"] * 2 // 3
                reason = reasons["area"]
            case Kind.PROVIDER_CHANGE:
                others = [name for name in self.facts.enterprises if name != details["provider_to"]]
                details["provider_to"] = rng.choice(others)
                reason = reasons["provider"]
            case Kind.TAKEOVER if fields["mode_to"] != Mode.COMMUNITY:
                fields["mode_to"] = Mode.COMMUNITY.value
                reason = reasons["mode"]
            case Kind.LAPSE | Kind.TAKEOVER:
                earlier = on - datetime.timedelta(days=rng.randint(6, 24))
                if earlier <= event.home.last_on or details.get("precision") == Precision.MONTH:
                    return None
                on, reason = earlier, reasons["date"]
            case _:
                return None
        return replace(right, on=on, fields=fields, details=details), reason
