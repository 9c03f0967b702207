"""Writes: tell people, mark as read, choose where notices go. ``notify`` is what other rooms call."""

import datetime
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from auditlog.context import set_actor
from django.db import transaction
from django.utils import timezone

from chaoyang_pm.kit.jobs import services as jobs
from chaoyang_pm.kit.permissions import require
from communities.notices import selectors
from communities.notices.channels import EMAIL, SMS
from communities.notices.choices import Mail
from communities.notices.kinds import Kind, kind_of, stored
from communities.notices.models import Choice, Message, Notice
from communities.notices.offices import in_charge
from communities.people.models import User

#: The job that sends what waits.
SEND = "notices.send"


@transaction.atomic
def notify(
    *, kind: Kind, key: str, by: User | None, users: Iterable[User] = (), offices: Iterable[tuple[str, Any]] = (),
    parameters: Mapping[str, Any] | None = None, link: str = "",
) -> int:  # fmt: skip
    """Tell people something, each once per kind and ``key``; returns how many are told by this call.

    ``users`` are told by name; ``offices`` are pairs of an action of the permission matrix and what it is about (a
    division, its code, or a row that lies in one): those who may do it, in the office nearest to it. Whoever causes it
    (``by``) and disabled accounts are not told. ``link`` is the page that it is about.

    ``parameters`` fill the kind's words: text, whole numbers, dates, lazy texts, ``kinds.Text``. They may leave the
    portal by e-mail: names and what the matter is called, no telephones and nothing that somebody wrote freely.

    It belongs into the transaction of what it tells of. Messages on other channels are rows of the same transaction and
    leave after the commit; what cannot be sent then is tried again by the workers' sweep.
    """
    if kind_of(kind.code) is not kind:
        raise LookupError(f"No room declares notices of the kind {kind.code}")
    if link and (not link.startswith("/") or link.startswith("//")):  # SQLite ignores its check with the conflicts
        raise ValueError(f"{kind.code}: a notice leads to a page of the portal, not to {link}")
    people = {user.pk: user for user in users}
    for action, row in offices:
        people |= {user.pk: user for user in in_charge(action, row)}
    if by is not None:
        people.pop(by.pk, None)
    known = set(Notice.objects.filter(kind=kind.code, key=key, user__in=people).values_list("user", flat=True))
    fresh = [user for user in people.values() if user.is_active and user.pk not in known]
    if not fresh:
        return 0
    ways = selectors.ways(fresh, kind.code)
    words = stored(parameters or {})
    Notice.objects.bulk_create(
        (
            Notice(
                user=user, kind=kind.code, key=key, parameters=words, link=link, by=by,
                for_digest=ways[user.pk].mail == Mail.DIGEST,
            )
            for user in fresh
        ),
        ignore_conflicts=True,  # somebody else tells the same at this moment
    )  # fmt: skip
    _put_out(kind, key, fresh, ways)
    return len(fresh)


def _put_out(kind: Kind, key: str, people: list[User], ways: Mapping[int, selectors.Way]) -> None:
    """Rows for what goes out at once."""
    wanted = {user.pk: _channels(ways[user.pk]) for user in people}
    if not any(wanted.values()):
        return
    notices = Notice.objects.filter(kind=kind.code, key=key, user__in=[who for who, any_ in wanted.items() if any_])
    messages = [
        Message(user_id=notice.user_id, channel=channel, notice=notice)
        for notice in notices
        for channel in wanted[notice.user_id]
    ]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    ask_to_send()


def _channels(way: selectors.Way) -> list[str]:
    return [EMAIL.code] * (way.mail == Mail.AT_ONCE) + [SMS.code] * way.sms


def ask_to_send() -> None:
    """Once the transaction is committed; if this process dies before, the sweep finds the rows."""
    transaction.on_commit(partial(jobs.request, kind=SEND), robust=True)


def settle(*, kind: Kind, keys: Iterable[str]) -> None:
    """The matter is done: nobody need read of it any more, and what has not left the portal does not leave it."""
    Notice.objects.filter(kind=kind.code, key__in=list(keys)).unread().update(read_at=timezone.now())


def mark_read(*, notice: Notice, by: User) -> None:
    Notice.objects.of(by).unread().filter(pk=notice.pk).update(read_at=timezone.now())


def mark_all_read(*, by: User) -> None:
    """Empty the bell: notices and ended jobs."""
    Notice.objects.of(by).unread().update(read_at=timezone.now())
    jobs.mark_all_seen(by=by)


@transaction.atomic
def choose(*, by: User, email: str, phone: str, language: str, ways: Mapping[str, selectors.Way]) -> None:
    """One's own addresses, the language of what is sent to them, and by kind where notices go."""
    require(by.may("people.self"))
    by.email, by.phone, by.language = email, phone, language
    by.save(update_fields=["email", "phone", "language"])
    Choice.objects.bulk_create(
        (Choice(user=by, kind=kind, mail=way.mail, sms=way.sms) for kind, way in ways.items()),
        update_conflicts=True, unique_fields=["user", "kind"], update_fields=["mail", "sms"],
    )  # fmt: skip


@transaction.atomic
def set_schedule(*, digest_at: datetime.time, days_before: list[int], keep_days: int, by: User) -> None:
    require(by.may("settings.edit"))
    schedule = selectors.schedule()
    schedule.digest_at, schedule.days_before, schedule.keep_days = digest_at, days_before, keep_days
    schedule.full_clean()
    with set_actor(by):
        schedule.save()


@transaction.atomic
def tidy() -> int:
    """Remove what was read before the period of the schedule, and daily e-mails of before; returns how many notices."""
    before = timezone.now() - datetime.timedelta(days=selectors.schedule().keep_days)
    old = Notice.objects.filter(read_at__lt=before)
    Message.objects.filter(notice__in=old).delete()
    Message.objects.filter(day__isnull=False, created_at__lt=before).delete()
    return old.delete()[0]
