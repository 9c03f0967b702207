"""Notices 通知: what a person is told, once; and the messages by which it also leaves the portal."""

import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from communities.notices.choices import OPEN, Mail, MessageState
from communities.notices.kinds import fill, kind_of

if TYPE_CHECKING:
    from communities.people.models import User


def _person(label, **more) -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=label, **more)


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: "User") -> "NoticeQuerySet":
        """One's own; all for whoever reads the logs."""
        return self if user.may("people.logs") else self.of(user)

    def of(self, user: "User") -> "NoticeQuerySet":
        return self.filter(user=user)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """One thing that one person is told: a kind, and what the words of the kind are about.

    ``key`` says what it is about; of one kind and key a person is told once. ``link`` is a page of the portal.
    """

    user = _person(_("To"), related_name="notices")
    kind = models.CharField(_("Kind"), max_length=40)
    key = models.CharField(_("About"), max_length=160)
    parameters = models.JSONField(_("Parameters"), default=dict, blank=True)
    link = models.CharField(_("Page"), max_length=300, blank=True)
    by = _person(_("Caused by"), null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("When"), default=timezone.now)
    read_at = models.DateTimeField(_("Read at"), null=True, blank=True)
    #: Whether it belongs into a daily e-mail, and the day of the one that it went into.
    for_digest = models.BooleanField(_("For the daily e-mail"), default=False)
    digest_on = models.DateField(_("In the daily e-mail of"), null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("Notice")
        verbose_name_plural = _("Notices")
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_by_reader"),
            models.Index(fields=["user", "-id"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["kind", "key"], name="notice_by_key"),
            models.Index(
                fields=["user"], condition=Q(for_digest=True, digest_on__isnull=True), name="notice_for_digest"
            ),
            models.Index(fields=["read_at"], name="notice_by_reading"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "key"], name="notice_tells_once"),
            models.CheckConstraint(condition=~Q(kind="") & ~Q(key=""), name="notice_is_about_something"),
            models.CheckConstraint(
                condition=Q(link="") | (Q(link__startswith="/") & ~Q(link__startswith="//")),
                name="notice_leads_into_the_portal",
            ),
            models.CheckConstraint(
                condition=Q(digest_on__isnull=True) | Q(for_digest=True), name="notice_in_a_digest_was_for_it"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def title(self) -> str:
        """In the language that is active; the kind's code for one of another release."""
        kind = kind_of(self.kind)
        return fill(kind.title, self.parameters) if kind else self.kind

    @cached_property
    def body(self) -> str:
        kind = kind_of(self.kind)
        return fill(kind.body, self.parameters) if kind else ""

    @property
    def label(self) -> str:
        kind = kind_of(self.kind)
        return str(kind.label) if kind else self.kind


class Message(models.Model):
    """Something that leaves the portal by a channel: one notice, or a person's daily e-mail (``day``).

    It is sent at least once: a worker that dies between sending and writing so down leaves it to another one, which
    sends it with the same key. ``attempts`` also tells the attempts apart.
    """

    user = _person(_("To"), related_name="+")
    channel = models.CharField(_("Channel"), max_length=10)
    notice = models.ForeignKey(
        Notice, models.CASCADE, null=True, blank=True, related_name="messages", verbose_name=_("Notice")
    )
    day = models.DateField(_("Daily e-mail of"), null=True, blank=True)
    #: What a daily e-mail says is due, as it was when it was made.
    due = models.JSONField(_("What is due"), default=list, blank=True)
    state = models.CharField(
        _("State"), max_length=10, choices=MessageState.choices, default=MessageState.WAITING
    )  # fmt: skip
    attempts = models.PositiveIntegerField(_("Attempts"), default=0)
    created_at = models.DateTimeField(_("Made at"), default=timezone.now)
    next_at = models.DateTimeField(_("Next attempt"), default=timezone.now)
    sent_at = models.DateTimeField(_("Sent at"), null=True, blank=True)
    problem = models.CharField(_("Problem"), max_length=200, blank=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("Message")
        verbose_name_plural = _("Messages")
        indexes = [models.Index(fields=["next_at"], condition=Q(state__in=OPEN), name="message_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel"], condition=Q(notice__isnull=False), name="message_of_notice_once"
            ),
            models.UniqueConstraint(
                fields=["user", "channel", "day"], condition=Q(day__isnull=False), name="message_of_day_once"
            ),
            models.CheckConstraint(
                condition=Q(notice__isnull=False, day__isnull=True) | Q(notice__isnull=True, day__isnull=False),
                name="message_is_a_notice_or_a_day",
            ),
            models.CheckConstraint(condition=Q(state__in=MessageState.values), name="message_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=MessageState.SENT, sent_at__isnull=False)
                | (~Q(state=MessageState.SENT) & Q(sent_at__isnull=True)),
                name="message_sent_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.day or self.notice_id}"

    @property
    def key(self) -> str:
        """The same at every attempt: by it a channel, or the reader's mailbox, recognises what it has already."""
        return f"notice.{self.pk}.{self.created_at:%Y%m%d%H%M%S}"


class Choice(models.Model):
    """Where a person wants the notices of a kind to go, besides the portal."""

    user = _person(_("Whose"), related_name="+")
    kind = models.CharField(_("Kind"), max_length=40)
    mail = models.CharField(_("E-mail"), max_length=10, choices=Mail.choices)
    sms = models.BooleanField(_("Text message"), default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="choice_of_a_kind_once"),
            models.CheckConstraint(condition=Q(mail__in=Mail.values), name="choice_of_mail_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.mail}"


def _reminder_days() -> list[int]:
    return [7, 3, 1]


class Schedule(models.Model):
    """When the portal reminds and writes, and how long it keeps what was read: one row, set by the bureau."""

    digest_at = models.TimeField(_("Reminders and daily e-mail at"), default=datetime.time(7, 30))
    days_before = models.JSONField(_("Reminders so many days before"), default=_reminder_days)
    keep_days = models.PositiveSmallIntegerField(_("Read notices are kept for days"), default=180)

    class Meta:
        verbose_name = _("Schedule of notices")
        verbose_name_plural = _("Schedule of notices")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="schedule_is_one_row"),
            models.CheckConstraint(condition=Q(keep_days__gte=30), name="schedule_keeps_a_month"),
        ]

    def __str__(self) -> str:
        return str(_("Schedule of notices"))
