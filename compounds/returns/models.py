"""月报: what each community and county hands in every month, until when, and how far it is.

Rows are written by ``compounds.returns.services``; steps are insert-only by triggers.
"""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.scoping import ScopedQuerySet
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.people.choices import Role
from compounds.files.models import KeptFile
from compounds.reports import clock
from compounds.reports.choices import Reporter
from compounds.returns.choices import IN, ReturnState, ReturnStepKind

#: Levels that hand in returns.
LEVELS = [(level.value, level.label) for level in (Level.COMMUNITY, Level.COUNTY)]


class ReturnDeadline(models.Model):
    """截止日: until which day returns of a level within a division are due. That of the smallest division counts.

    ``day`` 31 is the last day of any month; ``months_after`` 0 is the month that is reported itself, 1 the next one.
    """

    scope_path = "division"

    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("Division"))
    level = models.CharField(_("Returns of"), max_length=12, choices=LEVELS)
    day = models.PositiveSmallIntegerField(_("Day of the month"))
    months_after = models.PositiveSmallIntegerField(_("Months later"), default=0)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Set by")
    )
    set_at = models.DateTimeField(_("Set at"), auto_now=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["division", "level"]
        verbose_name = _("Cut-off day")
        verbose_name_plural = _("Cut-off days")
        constraints = [
            models.UniqueConstraint(fields=["division", "level"], name="return_deadline_once"),
            models.CheckConstraint(condition=Q(day__gte=1, day__lte=31), name="return_deadline_is_a_day"),
            models.CheckConstraint(condition=Q(months_after__lte=1), name="return_deadline_is_near"),
        ]

    def __str__(self) -> str:
        return f"{self.division} · {self.get_level_display()}"

    @property
    def said(self) -> str:
        """The day in words."""
        if self.months_after:
            return gettext("day %(day)s of the next month") % {"day": self.day}
        return gettext("day %(day)s of the same month") % {"day": self.day}


class ExtensionRight(models.Model):
    """延期权限: which office may grant returns of a level how many days beyond the cut-off day."""

    role = models.CharField(_("Role"), max_length=12, choices=Role.choices)
    level = models.CharField(_("Returns of"), max_length=12, choices=LEVELS)
    most_days = models.PositiveSmallIntegerField(_("Days at most"))

    class Meta:
        ordering = ["level", "role"]
        verbose_name = _("Right to extend")
        verbose_name_plural = _("Rights to extend")
        constraints = [models.UniqueConstraint(fields=["role", "level"], name="extension_right_once")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.get_level_display()}"


class ReturnQuerySet(ScopedQuerySet):
    def overdue(self) -> "ReturnQuerySet":
        """逾期: not handed in, and the day is over."""
        today = business_date()
        late = Q(extended_to__isnull=True, due_on__lt=today) | Q(extended_to__lt=today)
        return self.exclude(state__in=IN).filter(late)


class Return(models.Model):
    """月报 of a community or county for a month. ``month`` is its first day.

    ``height`` is the version of the ledger that a county's tables were made of; they are computed from it, and kept
    nowhere. ``no_change``: a community had nothing to report.
    """

    scope_path = "division"

    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("Unit"))
    level = models.CharField(_("Level"), max_length=12, choices=LEVELS)
    month = models.DateField(_("Month"))
    due_on = models.DateField(_("Due on"))
    extended_to = models.DateField(_("Extended to"), null=True, blank=True)
    state = models.CharField(_("State"), max_length=12, choices=ReturnState.choices, default=ReturnState.DUE)
    no_change = models.BooleanField(_("No change"), default=False)
    height = models.BigIntegerField(_("Version"), null=True, blank=True)
    document_no = models.CharField(_("Document number"), max_length=60, blank=True)
    signatory = models.CharField(_("Signed by"), max_length=60, blank=True)
    reporter = models.CharField(_("Handed in by"), max_length=12, choices=Reporter.choices, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Submitted by"),
    )  # fmt: skip
    submitted_at = models.DateTimeField(_("Submitted at"), null=True, blank=True)
    submitted_on = models.DateField(_("Submitted on"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Accepted by"),
    )  # fmt: skip
    accepted_at = models.DateTimeField(_("Accepted at"), null=True, blank=True)

    objects = ReturnQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "division"]
        verbose_name = _("Monthly return")
        verbose_name_plural = _("Monthly returns")
        indexes = [models.Index(fields=["month", "level", "division"], name="return_by_month")]
        constraints = [
            models.UniqueConstraint(fields=["division", "month"], name="return_once_a_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="return_month_is_its_first_day"),
            models.CheckConstraint(
                condition=Q(extended_to__isnull=True) | Q(extended_to__gt=F("due_on")), name="return_extended_beyond"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=IN)
                | Q(submitted_at__isnull=False, submitted_on__isnull=False, submitted_by__isnull=False),
                name="return_in_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(level=Level.COMMUNITY, state__in=(ReturnState.DUE, *IN[:1], ReturnState.RETURNED))
                | (Q(level=Level.COUNTY) & (Q(state=ReturnState.DUE) | Q(height__isnull=False))),
                name="return_way_of_its_level",
            ),
            models.CheckConstraint(
                condition=Q(state=ReturnState.ACCEPTED, accepted_by__isnull=False, accepted_at__isnull=False)
                | (~Q(state=ReturnState.ACCEPTED) & Q(accepted_by__isnull=True, accepted_at__isnull=True)),
                name="return_accepted_by_somebody",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.division} {self.month:%Y-%m}"

    @property
    def due(self) -> datetime.date:
        """The day until which it is to be in, with its extension."""
        return self.extended_to or self.due_on

    @property
    def is_in(self) -> bool:
        return self.state in IN

    @property
    def is_overdue(self) -> bool:
        return not self.is_in and self.due < business_date()

    @property
    def was_late(self) -> bool:
        return self.submitted_on is not None and self.submitted_on > self.due

    @property
    def is_on_behalf(self) -> bool:
        """代报: handed in by an office above."""
        return bool(self.reporter) and self.reporter != {
            Level.COMMUNITY.value: Reporter.COMMITTEE.value, Level.COUNTY.value: Reporter.COUNTY.value,
        }[self.level]  # fmt: skip

    @property
    def days_left(self) -> int:
        """Days until it is due; negative when it is over."""
        return (self.due - business_date()).days


class ReturnStep(models.Model):
    """办理过程 of a return. Insert-only."""

    scope_path = "of__division"

    of = models.ForeignKey(Return, models.PROTECT, related_name="steps", verbose_name=_("Return"))
    step = models.CharField(_("Step"), max_length=12, choices=ReturnStepKind.choices)
    from_state = models.CharField(_("From"), max_length=12, choices=ReturnState.choices)
    to_state = models.CharField(_("To"), max_length=12, choices=ReturnState.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    at = models.DateTimeField(_("At"))
    reason = models.CharField(_("Reason"), max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("Step of a return")
        verbose_name_plural = _("Steps of returns")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_step_display()}"


class ReturnScan(KeptFile):
    """盖章扫描件 of a county's return; the newest one counts, earlier ones stay."""

    scope_path = "of__division"

    of = models.ForeignKey(Return, models.PROTECT, related_name="scans", verbose_name=_("Return"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Uploaded by")
    )
    uploaded_at = models.DateTimeField(_("Uploaded at"), default=clock.now, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("Sealed copy")
        verbose_name_plural = _("Sealed copies")
        constraints = [models.UniqueConstraint(fields=["of", "sha256"], name="return_scan_once")]
