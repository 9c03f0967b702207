"""Deadlines and milestones of targets and of the tasks of counties: bureau and counties are reminded before."""

import datetime
from collections.abc import Iterator
from typing import NamedTuple

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities.divisions.choices import Level
from communities.notices.deadlines import Deadline
from communities.notices.kinds import Text
from oversight.coverage.parts import breakdown
from oversight.coverage.question import resolve
from oversight.coverage.targets import TargetBoard
from oversight.programme import selectors
from oversight.programme.models import PartVersion, Target, TargetVersion
from oversight.programme.selectors import Given, Holder

#: Who has the target, or the part of it, to see to.
ACTION = "targets.divide"


class Due(NamedTuple):
    """What is to be reached by a day: all of it, or a milestone on the way."""

    on: datetime.date
    required: int
    is_milestone: bool


def of_targets(first: datetime.date, last: datetime.date) -> Iterator[Deadline]:
    """What is due in between and not reached yet; figures are read only where something is due at all."""
    programme = selectors.current()
    if programme is None:
        return
    board = None
    for target in selectors.targets(programme):
        version = selectors.version_on(target, first)
        counties = [given for given in selectors.parts(target, first) if given.part.division.level == Level.COUNTY]
        versions: list[TargetVersion | PartVersion] = [version, *(given.version for given in counties)]
        if not any(_due(each, 0, first, last) for each in versions):
            continue
        board = board or TargetBoard(resolve(), programme, versions_on=first, counts_lapsed=False)
        found = breakdown(board, target, counties)
        if holder := selectors.holder(target, "", first, known=()):
            for due in _due(version, found.whole.required, first, last):
                if found.whole.completed < due.required:
                    yield _of_whole(holder, due)
        for part in found.parts:
            for due in _due(part.version, part.required, first, last):
                if part.completed < due.required:
                    yield _of_part(target, part.given, due)


def _due(version: TargetVersion | PartVersion, required: int, first: datetime.date, last: datetime.date) -> list[Due]:
    days = [Due(day, amount, True) for day, amount in selectors.milestones(version)]
    days.append(Due(version.deadline, required, False))
    return [due for due in days if first <= due.on <= last]


def _of_whole(holder: Holder, due: Due) -> Deadline:
    target = holder.target
    said = _("Milestone of target %(target)s") if due.is_milestone else _("Target %(target)s")
    return Deadline(
        key=_key(f"target:{target.pk}", due), due_on=due.on, what=Text(said, target=str(target)),
        link=reverse("programme:target", args=[target.code]), offices=((ACTION, holder),),
    )  # fmt: skip


def _of_part(target: Target, given: Given, due: Due) -> Deadline:
    division = given.part.division
    said = (
        _("Milestone of target %(target)s, task of %(division)s") if due.is_milestone
        else _("Target %(target)s, task of %(division)s")
    )  # fmt: skip
    return Deadline(
        key=_key(f"target:{target.pk}:{division.pk}", due), due_on=due.on,
        what=Text(said, target=str(target), division=str(division)),
        link=reverse("programme:target", args=[target.code]),
        offices=((ACTION, Holder(target, division, given, is_whole=False)),),
    )  # fmt: skip


def _key(about: str, due: Due) -> str:
    return f"{about}:milestone" if due.is_milestone else about
