"""Channels: ways by which a notice leaves the portal. In the portal itself it always stands.

A channel says whether it is on, where a person is reached by it, and sends. It returns once the message is taken,
raises ``Refused`` for one that will never be, and anything else where a later attempt may succeed. ``key`` is the same
at every attempt: a gateway that knows keys of its clients should be given it, so that what is sent twice arrives once.
"""

import smtplib
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from communities.people.models import User


class Refused(Exception):
    """The channel does not take this message, and will not later. str() is kept, without address or text."""


@dataclass(frozen=True)
class Letter:
    """What is sent; channels of few words send the subject only."""

    subject: str
    text: str


class Channel:
    code: str
    label: Any

    def is_on(self) -> bool:
        raise NotImplementedError  # each channel says it

    def address(self, user: User) -> str:
        """Where the person is reached; "" if nowhere."""
        raise NotImplementedError  # each channel says it

    def send(self, *, to: str, letter: Letter, key: str) -> None:
        raise NotImplementedError  # each channel says it


class EMail(Channel):
    """By Django's mail backend; on where ``EMAIL_URL`` names a server."""

    code, label = "email", _("E-mail")

    def is_on(self) -> bool:
        return bool(settings.EMAIL_HOST)

    def address(self, user: User) -> str:
        return user.email

    def send(self, *, to: str, letter: Letter, key: str) -> None:
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
        headers = {"Message-ID": f"<{key}@{domain}>", "Auto-Submitted": "auto-generated"}
        subject = " ".join(letter.subject.split())  # a header has one line
        try:
            EmailMessage(subject, letter.text, to=[to], headers=headers).send()
        except smtplib.SMTPRecipientsRefused as refused:
            if all(code >= 500 for code, _why in refused.recipients.values()):
                raise Refused("address refused") from refused
            raise


class Sms(Channel):
    """By the gateway that ``CHAOYANG_PM_SMS`` names (``sms.Gateway``); off without one."""

    code, label = "sms", _("Text message")

    def is_on(self) -> bool:
        return bool(settings.SMS_GATEWAY)

    def address(self, user: User) -> str:
        return user.phone

    def send(self, *, to: str, letter: Letter, key: str) -> None:
        import_string(settings.SMS_GATEWAY)().send(phone=to, text=letter.subject, key=key)


EMAIL, SMS = EMail(), Sms()
CHANNELS: dict[str, Channel] = {channel.code: channel for channel in (EMAIL, SMS)}


def codes_on() -> list[str]:
    return [code for code, channel in CHANNELS.items() if channel.is_on()]


def check_gateway() -> None:
    """Stops the start where the named class cannot be had, or is none."""
    from communities.notices.sms import Gateway

    name = settings.SMS_GATEWAY
    if not name:
        return
    try:
        found = import_string(name)
    except ImportError as error:
        raise ImproperlyConfigured(f"CHAOYANG_PM_SMS: expected a class that can be imported, not {name!r}") from error
    if not (isinstance(found, type) and issubclass(found, Gateway)):
        raise ImproperlyConfigured(f"CHAOYANG_PM_SMS: expected a class derived from {Gateway.__name__}, not {name!r}")
