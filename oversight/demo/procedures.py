"""The demo city's 推进程序 and 试点: compounds at every step, some of them stuck, some carried through before their
takeover, and a pilot in most urban communities. Rows of the story, at its own times."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

from communities.people.models import User
from compounds.ledger.choices import Kind, Mode
from compounds.ledger.models import Entry, Posting
from compounds.modes import selectors
from compounds.modes.choices import Act, Matter, ProcedureState
from compounds.modes.fact_models import FeeYear, ServicePoint, Tender, Vote, VoteRule
from compounds.modes.fact_selectors import vote_rule
from compounds.modes.models import EvidenceRule, Procedure, ProcedureKind, ProcedureStep, StepRecord
from compounds.pilots.choices import Result
from compounds.pilots.models import Pilot
from compounds.pilots.selectors import is_urban
from oversight.demo.calendar import office_time, working_day
from oversight.demo.office import BUREAU
from oversight.demo.words import W

#: Takeovers from this day on need the key evidence of their procedure; every so many-th has none all the same.
EVIDENCE_FROM, WITHOUT = datetime.date(2015, 7, 1), 9
#: Nothing begins before the register is complete.
FIRST = datetime.date(2014, 3, 17)
#: Shares: of unmanaged compounds on their way, of those that stand longer than they should, of those given up.
ON_THEIR_WAY, STUCK, GIVEN_UP = 0.3, 0.3, 0.06
#: Shares of urban communities with a pilot, and of pilots that failed.
WITH_PILOT, FAILED = 0.72, 0.06


@dataclass
class Held:
    """What the ledger says of a compound, as far as it matters here."""

    community: str = ""
    area: int = 0
    households: int = 0
    unmanaged: list[tuple[datetime.date, int]] = field(default_factory=list)
    mode: str = ""
    managed_on: datetime.date | None = None

    def unmanaged_on(self, day: datetime.date) -> int:
        return sum(area for on, area in self.unmanaged if on <= day)


def _held(today: datetime.date) -> dict[int, Held]:
    found: dict[int, Held] = defaultdict(Held)
    rows = Posting.objects.filter(effective_on__lte=today).order_by("effective_on", "entry", "pk")
    for compound, on, mode, area, homes, community in rows.values_list(
        "compound_id", "effective_on", "mode", "area_dm2", "households", "community_id"
    ):
        one = found[compound]
        one.area, one.households, one.community = one.area + area, one.households + homes, community
        if mode == Mode.NONE:
            one.unmanaged.append((on, area))
        elif area > 0 and not one.mode:
            one.mode, one.managed_on = mode, on
    return found


class Bringing:
    """Writes procedures and pilots up to a day. ``users`` by log-in; who has none is written down as nobody."""

    def __init__(self, today: datetime.date, users: Mapping[str, User], seed: int):
        self.today, self.users = today, users
        self.rng = Random(seed)  # noqa: S311 — a story, no secret
        self.kinds = {mode: kind for kind in selectors.kinds() for mode in kind.modes}
        self.held = _held(today)
        self.rules: dict[datetime.date, VoteRule | None] = {}

    def tell(self) -> None:
        if self.today >= EVIDENCE_FROM:
            rule = EvidenceRule.objects.bulk_create(
                [EvidenceRule(valid_from=EVIDENCE_FROM, document=W.evidence_rule, recorded_by=self.users.get(BUREAU))]
            )
            EvidenceRule.objects.filter(pk__in=[one.pk for one in rule]).update(recorded_at=self._at(EVIDENCE_FROM))
        carried = self._before_takeovers()
        for key, held in sorted(self.held.items()):
            if key not in carried and held.unmanaged_on(self.today) > 0 and self.rng.random() < ON_THEIR_WAY:
                self._on_its_way(key, held)
        self._pilots()

    # --- procedures -----------------------------------------------------------------------------------
    def _before_takeovers(self) -> set[int]:
        """Procedures of takeovers that need key evidence, all but a few of them."""
        entries = Entry.objects.filter(
            kind=Kind.TAKEOVER, effective_on__gte=EVIDENCE_FROM, effective_on__lte=self.today, reversed_by=None
        )  # fmt: skip
        carried: set[int] = set()
        for number, entry in enumerate(entries.order_by("height").select_related("compound"), 1):
            if number % WITHOUT and entry.compound_id not in carried:
                carried.add(entry.compound_id)
                self._carried_through(entry)
        return carried

    def _carried_through(self, entry: Entry) -> None:
        kind = self.kinds[entry.mode_to]
        steps = selectors.steps_of(kind)
        days = self._days(steps, entry.effective_on)
        procedure = self._procedure(
            entry.compound_id, kind, entry.mode_to, days, state=ProcedureState.FINISHED, ended_on=days[-1], has_key=True
        )
        self._history(procedure, steps, days)
        self._facts(procedure, days[-1])

    def _on_its_way(self, key: int, held: Held) -> None:
        mode = self.rng.choices(list(W.intended_modes), list(W.intended_modes.values()))[0]
        kind = self.kinds[mode]
        steps = selectors.steps_of(kind)
        done = self.rng.randrange(len(steps))
        present = steps[done]
        limit = selectors.limit_of(present)
        late = self.rng.random() < STUCK
        stands = limit + self.rng.randint(8, 120) if late else self.rng.randint(3, max(4, limit - 2))
        days = self._days(steps[:done], max(FIRST, self.today - datetime.timedelta(days=stands)))
        gives_up = self.rng.random() < GIVEN_UP and days[-1] < self.today
        how: dict[str, Any] = {"step": present}
        if gives_up:
            how = {"state": ProcedureState.ABANDONED, "ended_on": self.today - datetime.timedelta(days=1)}
        has_key = not gives_up and any(step.is_key for step in steps[:done])
        procedure = self._procedure(key, kind, mode, days, has_key=has_key, **how)
        self._history(procedure, steps[:done], days)
        if gives_up:
            ended = procedure.ended_on or self.today
            self._record(procedure, Act.ABANDONED, present, ended, self.rng.choice(W.given_up))

    def _days(self, steps: Iterable[ProcedureStep], last: datetime.date) -> list[datetime.date]:
        """The day on which a procedure begins, then that of each step; the last of them on ``last``."""
        days = [last]
        for step in reversed(list(steps)):
            days.insert(0, days[0] - datetime.timedelta(days=self.rng.randint(4, max(5, (step.days_limit or 30) // 2))))
        return [max(day, FIRST) for day in days]

    def _procedure(
        self, compound: int, kind: ProcedureKind, mode: str, days: list[datetime.date], **how: Any
    ) -> Procedure:
        return Procedure.objects.create(
            compound_id=compound, kind=kind, mode=mode, since=days[-1], started_on=days[0], **how
        )

    def _history(self, procedure: Procedure, steps: Iterable[ProcedureStep], days: list[datetime.date]) -> None:
        self._record(procedure, Act.START, None, days[0])
        for step, (before, day) in zip(steps, pairwise(days), strict=True):
            if step.matter:
                self._vote(procedure, step, before, day)
            self._record(procedure, Act.DONE, step, day)

    def _record(
        self, procedure: Procedure, act: Act, step: ProcedureStep | None, on: datetime.date, note: str = ""
    ) -> None:
        StepRecord.objects.create(
            procedure=procedure, act=act, step=step, on=on, note=note, recorded_at=self._at(on),
            recorded_by=self._by(procedure),
        )  # fmt: skip

    def _vote(self, procedure: Procedure, step: ProcedureStep, since: datetime.date, until: datetime.date) -> None:
        held = self.held[procedure.compound_id]
        on = max(since, until - datetime.timedelta(days=2))
        if on not in self.rules:
            self.rules[on] = vote_rule(Matter.ORDINARY, on)
        rule = self.rules[on]
        if rule is None or held.area <= 0 or held.households <= 0:
            return
        share = self.rng.uniform(0.56, 0.83)
        Vote.objects.create(
            procedure=procedure, step=step, rule=rule, held_on=on, area_dm2=held.area, heads=held.households,
            area_for_dm2=int(held.area * share), heads_for=min(held.households, int(held.households * share) + 1),
            passed=True, recorded_at=self._at(until), recorded_by=self._by(procedure),
        )  # fmt: skip

    def _facts(self, procedure: Procedure, on: datetime.date) -> None:
        """What the procedure keeps besides; written without the audit library, which knows no story."""
        match procedure.kind.facts:
            case "tender":
                bidders = self.rng.choice((2, 3, 3, 4, 5))
                awarded = on - datetime.timedelta(days=30)
                tender = Tender(
                    procedure=procedure, way="public", announced_on=awarded - datetime.timedelta(days=35),
                    bidders=bidders, panel=5, experts=4, awarded_on=awarded,
                    filed_on=awarded + datetime.timedelta(days=self.rng.choice((6, 9, 14, 21))),
                )  # fmt: skip
                Tender.objects.bulk_create([tender])
            case "fees":
                income = self.held[procedure.compound_id].area // 100 * 40 * 6
                FeeYear.objects.bulk_create(
                    [FeeYear(procedure=procedure, year=on.year, income_fen=income, cost_fen=income, price_fen=40)]
                )
            case "services":
                ServicePoint.objects.bulk_create(
                    [
                        ServicePoint(procedure=procedure, kind=kind, name=name, people=people, place=place, since=on)
                        for kind, name, people, place in W.service_points
                    ]
                )

    # --- pilots ---------------------------------------------------------------------------------------
    def _pilots(self) -> None:
        """The largest compound of a community that was unmanaged when the pilots began."""
        by_community: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for key, held in self.held.items():
            if is_urban(held.community) and (area := held.unmanaged_on(FIRST)):
                by_community[held.community].append((area, key))
        rows = []
        for community, compounds in sorted(by_community.items()):
            if self.rng.random() < WITH_PILOT:
                rows.append(self._pilot(community, max(compounds)[1]))
        Pilot.objects.bulk_create([row for row in rows if row.started_on <= self.today])
        for pilot in Pilot.objects.all():
            Pilot.objects.filter(pk=pilot.pk).update(recorded_at=self._at(pilot.started_on))

    def _pilot(self, community: str, key: int) -> Pilot:
        held, rng = self.held[key], self.rng
        latest = held.managed_on or datetime.date(2015, 6, 30)
        begun = FIRST + datetime.timedelta(days=rng.randint(10, 250))
        begun = min(begun, latest) if latest > FIRST else FIRST
        pilot = Pilot(
            community_id=community, compound_id=key, mode=held.mode or Mode.COMMUNITY, started_on=begun,
            recorded_by=self.users.get(f"county_{community[:6]}"),
        )  # fmt: skip
        ended = max(begun, latest) + datetime.timedelta(days=rng.randint(60, 150))
        if held.mode and ended <= self.today:
            pilot.result, pilot.ended_on = Result.SUCCEEDED, ended
            pilot.lessons, pilot.rollout = rng.choice(W.pilot_lessons), rng.choice(W.pilot_rollouts)
        elif rng.random() < FAILED and ended <= self.today:
            pilot.result, pilot.ended_on, pilot.lessons = Result.FAILED, ended, rng.choice(W.pilot_failures)
        return pilot

    def _at(self, day: datetime.date) -> datetime.datetime:
        """Within office hours of the day or the next working one, never after today."""
        works = working_day(day)
        return office_time(self.rng, works if works <= self.today else day)

    def _by(self, procedure: Procedure) -> User | None:
        return self.users.get(f"county_{self.held[procedure.compound_id].community[:6]}")


def bring_on(*, today: datetime.date, users: Mapping[str, User], seed: int) -> None:
    """Everything about procedures and pilots that had happened by ``today``."""
    if today > FIRST:
        Bringing(today, users, seed).tell()
