"""Every morning: reminders of what is due soon, and the daily e-mails. Once more on the same day changes nothing."""

import datetime
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from communities.notices import selectors, services
from communities.notices.channels import EMAIL
from communities.notices.choices import Mail
from communities.notices.deadlines import Deadline, between
from communities.notices.kinds import Kind, declare, stored
from communities.notices.models import Message, Notice
from communities.people.models import User

NEAR = declare(Kind("deadlines.near", _("Deadlines"), title=_("%(what)s: due on %(due)s")))


@dataclass
class Due:
    """What a person has due soon."""

    user: User
    deadlines: list[Deadline] = field(default_factory=list)


def remind(day: datetime.date) -> int:
    """Remind of deadlines: for each number of days of the schedule once, when so many days are left or fewer.

    Where no worker ran for some days only the nearest one is made up for: with two days left that of three days before,
    not that of seven. A later reminder takes the place of an earlier one that was not read. Returns how many were told.
    """
    days = sorted(selectors.schedule().days_before)
    if not days:
        return 0
    told = 0
    for deadline in between(day, day + datetime.timedelta(days=days[-1])):
        left = (deadline.due_on - day).days
        step = next(number for number in days if number >= left)
        with transaction.atomic():
            services.settle(kind=NEAR, keys=[_key(deadline, number) for number in days if number > step])
            told += services.notify(
                kind=NEAR, key=_key(deadline, step), by=None, users=deadline.users, offices=deadline.offices,
                parameters={"what": deadline.what, "due": deadline.due_on}, link=deadline.link,
            )  # fmt: skip
    return told


def _key(deadline: Deadline, days: int) -> str:
    """A deadline that was put off is another one."""
    return f"{deadline.key}:{deadline.due_on}:{days}"


def write_digests(day: datetime.date) -> int:
    """A daily e-mail for each person for whom something is new, with what is due soon; returns how many were made.

    One per person and day: what comes up later goes into that of the next day.
    """
    if not EMAIL.is_on():
        return 0
    fresh = Notice.objects.unread().filter(for_digest=True, digest_on=None)
    people = User.objects.filter(pk__in=fresh.order_by().values("user"), is_active=True).exclude(email="")
    due = _due(day) if people else {}
    ways = selectors.ways(people, NEAR.code)
    made = 0
    for user in people:
        rows = due[user.pk].deadlines if user.pk in due and ways[user.pk].mail != Mail.NONE else []
        said = [{"what": stored(one.what), "due_on": one.due_on.isoformat(), "link": one.link} for one in rows]
        with transaction.atomic():
            _message, new = Message.objects.get_or_create(
                user=user, channel=EMAIL.code, day=day, defaults={"due": said}
            )  # fmt: skip
            if new:
                fresh.of(user).update(digest_on=day)
                made += 1
    services.ask_to_send()
    return made


def _due(day: datetime.date) -> dict[int, Due]:
    """By person, what is due within the days of the schedule."""
    found: dict[int, Due] = {}
    days = max(selectors.schedule().days_before, default=0)
    for deadline in between(day, day + datetime.timedelta(days=days)):
        for key, user in deadline.people().items():
            found.setdefault(key, Due(user)).deadlines.append(deadline)
    return found
