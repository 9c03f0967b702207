"""Deadlines of targets and of the parts that counties were given: bureau and counties are reminded before."""

import datetime
from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from communities.divisions.choices import Level
from communities.notices.deadlines import Deadline
from communities.notices.kinds import Text
from oversight.programme import selectors
from oversight.programme.selectors import Holder

#: Who has the target, or the part of it, to see to.
ACTION = "targets.divide"


def of_targets(first: datetime.date, last: datetime.date) -> Iterator[Deadline]:
    programme = selectors.current()
    for target in selectors.targets(programme) if programme else ():
        link = reverse("programme:target", args=[target.code])
        version = selectors.version_on(target, first)
        whole = selectors.holder(target, "", first, known=())
        if whole and first <= version.deadline <= last:
            what = Text(_("Target %(target)s"), target=str(target))
            yield Deadline(
                key=f"target:{target.pk}", due_on=version.deadline, what=what, link=link, offices=((ACTION, whole),)
            )
        for given in selectors.parts(target, first):
            division = given.part.division
            if division.level != Level.COUNTY or not given.version.required:
                continue
            if first <= given.version.deadline <= last:
                what = Text(_("Target %(target)s, task of %(division)s"), target=str(target), division=str(division))
                yield Deadline(
                    key=f"target:{target.pk}:{division.pk}", due_on=given.version.deadline, what=what, link=link,
                    offices=((ACTION, Holder(target, division, given, is_whole=False)),),
                )  # fmt: skip
