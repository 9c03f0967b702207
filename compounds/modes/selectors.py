"""Reads on procedures: where each stands, for how long, what of it is done, and which are stuck."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from django.db.models import Count, Q, QuerySet

from chaoyang_pm.kit.dates import business_date
from communities.people.models import User
from compounds.files.models import Attachment
from compounds.modes.choices import STUCK_AFTER, Act, ProcedureState
from compounds.modes.fact_models import Vote
from compounds.modes.models import Procedure, ProcedureKind, ProcedureStep, StepRecord
from compounds.register.models import Compound


def kinds() -> QuerySet[ProcedureKind]:
    return ProcedureKind.objects.prefetch_related("steps")


def steps_of(kind: ProcedureKind) -> list[ProcedureStep]:
    """The steps that are asked for, in order."""
    return [step for step in kind.steps.all() if not step.is_retired]


def standing(records: Iterable[StepRecord]) -> list[StepRecord]:
    """The acts that were not taken back, oldest first."""
    found: list[StepRecord] = []
    for record in records:
        if record.act == Act.UNDONE:
            found.pop()
        else:
            found.append(record)
    return found


def has_key(procedure: Procedure) -> bool:
    """Whether every step of key evidence is done; of a procedure that has none, whether it is carried through."""
    if procedure.state == ProcedureState.ABANDONED:
        return False
    keys = {step.pk for step in steps_of(procedure.kind) if step.is_key}
    done = {record.step_id for record in standing(procedure.records.all()) if record.act == Act.DONE}
    return procedure.state == ProcedureState.FINISHED or bool(keys and keys <= done)


def days_since(day: datetime.date) -> int:
    return (business_date() - day).days


def limit_of(step: ProcedureStep) -> int:
    """Days after which a compound counts as stuck at a step."""
    return STUCK_AFTER if step.days_limit is None else step.days_limit


def days_at(procedure: Procedure) -> int:
    """Days at the present step; of an ended procedure, from its beginning to its end."""
    return (procedure.ended_on - procedure.started_on).days if procedure.ended_on else days_since(procedure.since)


def is_stuck(procedure: Procedure) -> bool:
    return procedure.step is not None and days_since(procedure.since) > limit_of(procedure.step)


@dataclass(frozen=True)
class Stage:
    """One step of a compound's procedure: done (``record``), present, or to come."""

    step: ProcedureStep
    record: StepRecord | None
    is_present: bool
    days: int | None
    votes: list[Vote] = field(default_factory=list)
    scans: list[Attachment] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.days is not None and self.step.days_limit is not None and self.days > self.step.days_limit

    @property
    def days_over(self) -> int:
        return (self.days or 0) - (self.step.days_limit or 0)


def stages(procedure: Procedure, *, user: User) -> list[Stage]:
    """Every step in order, with what was recorded of it; scans as far as ``user`` may see them."""
    records = standing(history(procedure))
    done = {record.step_id: record for record in records if record.act == Act.DONE}
    began = _began(records)
    votes: dict[int, list[Vote]] = {}
    for vote in procedure.votes.select_related("rule", "step"):
        votes.setdefault(vote.step_id, []).append(vote)
    seen = scans_of(done.values(), user=user)
    found = []
    for step in procedure.kind.steps.all():
        if step.is_retired and step.pk not in done and step.pk != procedure.step_id:
            continue
        record, present, days = done.get(step.pk), step.pk == procedure.step_id, None
        if record:
            days = (record.on - began[record.pk]).days
        elif present:
            days = days_since(procedure.since)
        scans = seen.get(record.pk, []) if record else []
        found.append(Stage(step, record, present, days, votes.get(step.pk, []), scans))
    return found


def _began(records: Sequence[StepRecord]) -> dict[int, datetime.date]:
    """Record → the day on which what it ends began."""
    return {record.pk: before.on for before, record in pairwise(records)}


def scans_of(records: Iterable[StepRecord], *, user: User) -> dict[int, list[Attachment]]:
    """Record → its scans that ``user`` may see."""
    keys = [record.pk for record in records]
    if not keys:
        return {}
    links = StepRecord.scans.through.objects.filter(steprecord__in=keys).values_list("steprecord", "attachment")
    seen = Attachment.objects.visible_to(user).in_bulk([attachment for _record, attachment in links])
    found: dict[int, list[Attachment]] = {}
    for record, attachment in links:
        if attachment in seen:
            found.setdefault(record, []).append(seen[attachment])
    return found


def history(procedure: Procedure) -> list[StepRecord]:
    """Everything that was recorded, oldest first."""
    return list(procedure.records.select_related("step", "recorded_by").order_by("pk"))


def listed(user: User) -> QuerySet[Procedure]:
    """Procedures as lists show them, those that have stood longest first."""
    related = ("compound__community", "kind", "step")
    return Procedure.objects.visible_to(user).select_related(*related).order_by("since", "pk")


@dataclass(frozen=True)
class OnItsWay:
    """A procedure as the page of its compound shows it; ``at`` is the place of the present step, counted from 1."""

    procedure: Procedure
    labels: list[str]
    at: int

    @property
    def is_running(self) -> bool:
        return self.procedure.step is not None

    @property
    def days(self) -> int:
        return days_at(self.procedure)

    @property
    def is_stuck(self) -> bool:
        return is_stuck(self.procedure)


def of_compound(compound: Compound) -> list[OnItsWay]:
    """What is under way first, then what ended, newest first."""
    rows = (
        Procedure.objects.filter(compound=compound).select_related("kind", "step")
        .prefetch_related("kind__steps").order_by("-started_on", "-pk")
    )  # fmt: skip
    found = []
    for one in sorted(rows, key=lambda one: one.state != ProcedureState.RUNNING):
        steps = [step for step in one.kind.steps.all() if not step.is_retired or step.pk == one.step_id]
        at = next((place for place, step in enumerate(steps, 1) if step.pk == one.step_id), len(steps) + 1)
        found.append(OnItsWay(one, [step.name for step in steps], at))
    return found


def longer_than(days: int) -> Q:
    """Under way, and at the same step for more than so many days."""
    until = business_date() - datetime.timedelta(days=days)
    return Q(state=ProcedureState.RUNNING, since__lt=until)


@dataclass(frozen=True)
class Standing:
    """Where the procedure of a compound stands today, and for how many days."""

    procedure: int
    compound: str
    name: str
    community: str
    mode: str
    step: str
    days: int
    limit: int

    @property
    def days_over(self) -> int:
        return self.days - self.limit


def standing_within(code: str) -> dict[str, Standing]:
    """Of a division, by compound, those that have stood longest first; one query."""
    rows = Procedure.objects.within(code).filter(state=ProcedureState.RUNNING).order_by("since", "pk")
    fields = (
        "pk", "compound__code", "compound__name", "compound__community_id", "mode", "step__name", "step__days_limit",
        "since",
    )  # fmt: skip
    return {
        compound: Standing(
            key, compound, name, community, mode, step, days_since(since), STUCK_AFTER if limit is None else limit
        )
        for key, compound, name, community, mode, step, limit, since in rows.values_list(*fields)
    }


@dataclass(frozen=True)
class Number:
    """How many procedures stand at a step."""

    step: ProcedureStep
    number: int


def by_step(rows: QuerySet[Procedure]) -> list[Number]:
    """Of procedures under way, how many stand where."""
    counted = (
        rows.filter(state=ProcedureState.RUNNING).order_by().values_list("step").annotate(number=Count("pk"))
    )  # fmt: skip
    numbers = dict(counted)
    steps = ProcedureStep.objects.filter(pk__in=numbers).select_related("kind").order_by("kind__position", "position")
    return [Number(step, numbers[step.pk]) for step in steps]
