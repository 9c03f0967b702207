"""What goes out, in the language that its reader has chosen. Nothing personal but names (``services.notify``)."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from communities.notices.channels import Letter
from communities.notices.kinds import shown
from communities.notices.models import Message, Notice
from communities.notices.reminders import NEAR


def compose(message: Message) -> Letter:
    """The text of a message, for its user, notice and day."""
    with translation.override(message.user.language or settings.LANGUAGE_CODE):
        subject, lines = _one(message.notice) if message.notice else _daily(message)
        text = "\n".join([_("%(name)s:") % {"name": message.user}, "", *lines, "", *_foot()])
        return Letter(subject, text + "\n")


def _one(notice: Notice) -> tuple[str, list[str]]:
    return notice.title, [notice.title, *filter(None, [notice.body, _address(notice.link)])]


def _daily(message: Message) -> tuple[str, list[str]]:
    """What is new, then what is due. What the list of what is due says anyway is not new once more."""
    day = message.day or datetime.date.min
    notices = list(Notice.objects.of(message.user).filter(digest_on=day).order_by("pk"))
    fresh = [notice for notice in notices if notice.kind != NEAR.code or not message.due]
    lines: list[str] = []
    if fresh:
        new = ngettext("%(number)s notice is new:", "%(number)s notices are new:", len(fresh))
        lines += [new % {"number": len(fresh)}, *_list((one.title, one.link) for one in fresh), ""]
    if message.due:
        lines += [_("Due soon:"), *_list((_due(row, day), row["link"]) for row in message.due), ""]
    subject = _("Property management portal, %(date)s: %(new)s new, %(due)s due soon")
    return subject % {"date": day.isoformat(), "new": len(fresh), "due": len(message.due)}, lines[:-1]


def _due(row: dict[str, Any], day: datetime.date) -> str:
    left = (datetime.date.fromisoformat(row["due_on"]) - day).days
    when = ngettext("%(days)s day left", "%(days)s days left", left) % {"days": left}
    return f"{shown(row['what'])} · {row['due_on']} · {when}"


def _list(rows: Iterable[tuple[str, str]]) -> list[str]:
    lines = []
    for title, link in rows:
        lines.append(f"- {title}")
        if address := _address(link):
            lines.append(f"  {address}")
    return lines


def _address(link: str) -> str:
    """The whole address of a page; "" where the portal was not told its own."""
    return f"{settings.PORTAL_ADDRESS}{link}" if link and settings.PORTAL_ADDRESS else ""


def _foot() -> list[str]:
    where = _("What is sent to you by e-mail is chosen in the portal under My account, What is sent to me.")
    return ["--", where, *filter(None, [_address(reverse("notices:choices"))])]
