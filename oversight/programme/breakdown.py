"""Writes on what targets ask for: new versions, 任务分解, and taking either back. Nothing is ever overwritten."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from auditlog.context import set_actor
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.problems import Problem
from communities.divisions.models import Division
from communities.people.models import User
from oversight.programme.models import Milestone, PartVersion, Programme, Target, TargetPart, TargetVersion

Milestones = tuple[tuple[datetime.date, int], ...]


class TargetRefused(Exception):
    """A version or part that cannot be; nothing was written. Each problem names its field ("" for the whole)."""

    def __init__(self, problems: list[Problem]):
        super().__init__(" ".join(problem.message for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Asked:
    """What is asked of a target or part: ``required`` and ``base`` in its unit, by ``deadline``, on the way there."""

    required: int | None
    deadline: datetime.date
    base: int | None = None
    milestones: Milestones = ()


@dataclass(frozen=True)
class Paper:
    """By which document, from which day on, and why."""

    document: str
    valid_from: datetime.date
    reason: str = ""


@dataclass(frozen=True)
class PartGiven:
    """What one division is given."""

    division: Division
    asked: Asked


@transaction.atomic
def add_version(
    *, target: Target, asked: Asked, paper: Paper, by: User | None, at: datetime.datetime | None = None
) -> TargetVersion:
    """A further version of a target. Raises TargetRefused. ``at``: when it was entered, if not now."""
    target = _locked(target)
    check_version(target=target, asked=asked, paper=paper)
    with set_actor(by):
        version = TargetVersion.objects.create(
            target=target, required_dm2=asked.required, base_dm2=asked.base, deadline=asked.deadline,
            **_signed(paper, by, at),
        )  # fmt: skip
        for day, required in asked.milestones:
            Milestone.objects.create(target_version=version, due_on=day, required=required)
    return version


@transaction.atomic
def divide(
    *, target: Target, parts: Iterable[PartGiven], paper: Paper, by: User | None, at: datetime.datetime | None = None
) -> list[PartVersion]:
    """任务分解: give parts of a target to divisions, or change what they were given. All or nothing.

    Raises TargetRefused; a problem's field is ``code/name`` of the division's row where it is about one.
    """
    target, parts = _locked(target), list(parts)
    check_division(target=target, parts=parts, paper=paper)
    with set_actor(by):
        return [_give(target, given, paper, by, at) for given in parts]


def check_version(*, target: Target, asked: Asked, paper: Paper) -> None:
    """Raises TargetRefused if it could not be added. A target's first version is no adjustment and needs no reason."""
    problems = [*_of_paper(paper), *_of_asked(target, asked, paper)]
    if target.versions.filter(withdrawn_at=None, valid_from=paper.valid_from).exists():
        problems.append(_taken(paper))
    if not paper.reason.strip() and target.versions.exists():
        problems.append(Problem("reason", "", _("Say why the target is adjusted.")))
    if problems:
        raise TargetRefused(problems)


def of_first_version(*, programme: Programme, asked: Asked, paper: Paper) -> list[Problem]:
    """What stands against the first version of a target that is not there yet."""
    return [*_of_paper(paper), *_of_asked(Target(programme=programme), asked, paper)]


def check_division(*, target: Target, parts: list[PartGiven], paper: Paper) -> None:
    """Raises TargetRefused if the parts could not be given."""
    tops = tuple(target.divisions.values_list("code", flat=True))
    taken = set(
        PartVersion.objects.filter(
            part__target=target, withdrawn_at=None, valid_from=paper.valid_from,
            part__division__in=[each.division.code for each in parts],
        ).values_list("part__division", flat=True)
    )  # fmt: skip
    problems = _of_paper(paper)
    if not parts:
        problems.append(Problem("", "", _("Nothing was given to anybody, or nothing differs from what is in force.")))
    for given in parts:
        code = given.division.code
        found = _of_asked(target, given.asked, paper)
        if not code.startswith(tops):
            message = _("%(target)s asks nothing of %(division)s.")
            found.append(Problem("required", code, message % {"target": target, "division": given.division}))
        if given.asked.required is None:
            found.append(Problem("required", "", _("Give an amount, or 0 where nothing is asked any more.")))
        if code in taken:
            found.append(_taken(paper))
        problems += [Problem(f"{code}/{each.field}", each.value, each.message) for each in found]
    if problems:
        raise TargetRefused(problems)


def _give(target: Target, given: PartGiven, paper: Paper, by: User | None, at) -> PartVersion:
    required = given.asked.required
    assert required is not None  # noqa: S101 — check_division saw to that
    part, _new = TargetPart.objects.get_or_create(target=target, division=given.division)
    version = PartVersion.objects.create(
        part=part, required=required, base=given.asked.base, deadline=given.asked.deadline,
        **_signed(paper, by, at),
    )  # fmt: skip
    for day, required in given.asked.milestones:
        Milestone.objects.create(part_version=version, due_on=day, required=required)
    return version


@transaction.atomic
def withdraw_version(*, version: TargetVersion, reason: str, by: User | None) -> None:
    """Take back a version that was entered wrongly; it stays in the history. The last one standing cannot go."""
    target = _locked(version.target)
    if target.versions.filter(withdrawn_at=None).exclude(pk=version.pk).exists():
        _withdraw(TargetVersion.objects.get(pk=version.pk), reason, by)
        return
    message = _("This is the only version of %(target)s; add the right one first.")
    raise TargetRefused([Problem("", "", message % {"target": target})])


@transaction.atomic
def withdraw_part(*, version: PartVersion, reason: str, by: User | None) -> None:
    """Take back what a division was given; what it was given before is in force again."""
    _locked(version.part.target)
    _withdraw(PartVersion.objects.get(pk=version.pk), reason, by)


def _withdraw(version: TargetVersion | PartVersion, reason: str, by: User | None) -> None:
    if not version.stands:
        raise TargetRefused([Problem("", "", _("This version was withdrawn already."))])
    if not reason.strip():
        raise TargetRefused([Problem("reason", "", _("Say why it is withdrawn."))])
    version.withdrawn_at, version.withdrawn_by, version.withdrawn_reason = timezone.now(), by, reason.strip()
    with set_actor(by):
        version.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])


# --- what cannot be ------------------------------------------------------------------------------------
def _locked(target: Target) -> Target:
    """Two who adjust the same target do so one after the other."""
    return Target.objects.select_for_update(of=("self",)).select_related("programme").get(pk=target.pk)


def _signed(paper: Paper, by: User | None, at: datetime.datetime | None) -> dict:
    return {
        "valid_from": paper.valid_from, "document": paper.document.strip(), "reason": paper.reason.strip(),
        "recorded_by": by, "recorded_at": at or timezone.now(),
    }  # fmt: skip


def _of_paper(paper: Paper) -> list[Problem]:
    return [] if paper.document.strip() else [Problem("document", "", _("Name the document that says so."))]


def _taken(paper: Paper) -> Problem:
    message = _("There is a version from %(date)s already; choose another day, or withdraw that one first.")
    return Problem("valid_from", paper.valid_from.isoformat(), message % {"date": paper.valid_from.isoformat()})


def _of_asked(target: Target, asked: Asked, paper: Paper) -> list[Problem]:
    """What cannot be asked: before it begins, or with milestones that do not lead to it."""
    problems: list[Problem] = []
    for name, amount in (("required", asked.required), ("base", asked.base)):
        if amount is not None and not 0 <= amount < 10**15:
            problems.append(Problem(name, str(amount), _("This amount is not possible.")))
    if asked.deadline < paper.valid_from:
        message = _("The deadline %(deadline)s lies before the day from which this counts, %(date)s.")
        facts = {"deadline": asked.deadline.isoformat(), "date": paper.valid_from.isoformat()}
        problems.append(Problem("deadline", asked.deadline.isoformat(), message % facts))
    start = target.programme.starts_on
    before, reached = start, 0
    for day, required in asked.milestones:
        if not before < day < asked.deadline:
            message = _("The milestone %(date)s must lie after %(before)s and before the deadline %(deadline)s.")
            facts = {"date": day.isoformat(), "before": before.isoformat(), "deadline": asked.deadline.isoformat()}
            problems.append(Problem("milestones", day.isoformat(), message % facts))
        elif required < reached or (asked.required is not None and required > asked.required):
            message = _(
                "Milestones count what is due in all: that of %(date)s is less than the one before, or too much."
            )
            problems.append(Problem("milestones", day.isoformat(), message % {"date": day.isoformat()}))
        before, reached = day, required
    return problems
