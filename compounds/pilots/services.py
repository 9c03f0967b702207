"""Writes on pilots: chosen, told how it went, withdrawn."""

import datetime
from collections.abc import Mapping
from typing import Any

from auditlog.context import set_actor
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.permissions import require
from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger.choices import Mode
from compounds.ledger.refusals import refuse
from compounds.ledger.selectors import book_of
from compounds.pilots.choices import Result
from compounds.pilots.models import Pilot
from compounds.register.models import Compound


@transaction.atomic
def choose(*, compound: Compound, mode: Mode, on: datetime.date, by: User, document: str = "") -> Pilot:
    """A compound with unmanaged area becomes the pilot of the community in which it lies that day. Raises Refused."""
    require(by.may("pilots.work", compound))
    _up_to_today("started_on", on)
    community = _community(compound, on)
    if not community.is_urban:
        message = _("%(community)s is no urban community; pilots are asked of urban ones (P4.1).")
        raise refuse("compound", compound.code, message % {"community": community})
    Division.objects.select_for_update().get(pk=community.pk)
    _only_one(community)
    with set_actor(by):
        return Pilot.objects.create(
            community=community, compound=compound, mode=mode, started_on=on, document=document.strip(),
            recorded_by=by,
        )  # fmt: skip


def _community(compound: Compound, on: datetime.date) -> Division:
    """Where the compound lay when the pilot began, with unmanaged area on that day or the day before."""
    book = book_of(compound)
    for day in (on, on - datetime.timedelta(days=1)):
        holding = book.holding(compound.code, day)
        if any(area > 0 and pocket.mode == Mode.NONE for pocket, (area, _households) in holding.pockets.items()):
            return Division.objects.get(pk=holding.community)
    message = _("On %(date)s no area of %(compound)s was unmanaged; a pilot begins with such area.")
    raise refuse("compound", compound.code, message % {"date": on.isoformat(), "compound": compound})


def _only_one(community: Division, besides: Pilot | None = None) -> None:
    others = Pilot.objects.standing().filter(community=community).exclude(result=Result.FAILED)
    if other := others.exclude(pk=besides.pk if besides else None).first():
        message = _("%(community)s has a pilot already: %(compound)s. It makes room when it has failed.")
        raise refuse("compound", other.compound.code, message % {"community": community, "compound": other.compound})


@transaction.atomic
def tell(*, pilot: Pilot, values: Mapping[str, Any], by: User) -> Pilot:
    """How a pilot goes: mode, result with its day, lessons, roll-out, document. Raises Refused."""
    require(by.may("pilots.work", pilot))
    Division.objects.select_for_update().get(pk=pilot.community_id)
    pilot = Pilot.objects.select_for_update().get(pk=pilot.pk)
    if pilot.withdrawn_at:
        raise refuse("result", pilot.result, _("This pilot has been withdrawn."))
    for name, value in values.items():
        setattr(pilot, name, value)
    if pilot.result == Result.UNDER_WAY and pilot.ended_on:
        raise refuse("result", pilot.result, _("A pilot that has ended has a result: succeeded or failed."))
    if pilot.result != Result.UNDER_WAY:
        if pilot.ended_on is None:
            raise refuse("ended_on", "", _("Say on which day it ended."))
        _up_to_today("ended_on", pilot.ended_on)
        if pilot.ended_on < pilot.started_on:
            raise refuse("ended_on", pilot.ended_on.isoformat(), _("It ends before it begins."))
    if pilot.result != Result.FAILED:
        _only_one(pilot.community, besides=pilot)
    with set_actor(by):
        pilot.save()
    return pilot


@transaction.atomic
def withdraw(*, pilot: Pilot, reason: str, by: User) -> Pilot:
    """Entered by mistake: it counts no more, and stays in the history. Raises Refused."""
    require(by.may("pilots.work", pilot))
    pilot = Pilot.objects.select_for_update().get(pk=pilot.pk)
    if pilot.withdrawn_at:
        raise refuse("reason", reason, _("This pilot has been withdrawn."))
    if not reason.strip():
        raise refuse("reason", reason, _("Say why the pilot is withdrawn."))
    pilot.withdrawn_at, pilot.withdrawn_reason = timezone.now(), reason.strip()
    with set_actor(by):
        pilot.save()
    return pilot


def _up_to_today(field: str, day: datetime.date) -> None:
    today = business_date()
    if day > today:
        message = _("%(date)s lies after the business date; dates up to %(today)s are accepted.")
        raise refuse(field, day.isoformat(), message % {"date": day.isoformat(), "today": today.isoformat()})
