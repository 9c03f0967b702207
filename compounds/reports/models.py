"""上报: what communities report, how far each report is, every step it took, and the files that came with it.

Rows are written by ``compounds.reports.services``; steps and their comments are insert-only by triggers.
"""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.scoping import ScopedQuerySet
from communities.divisions.models import Division
from compounds.files.choices import AttachmentKind
from compounds.files.models import KeptFile
from compounds.imports.models import ImportRun
from compounds.ledger.choices import Category, Mode, Precision
from compounds.ledger.models import Entry
from compounds.register.models import Compound
from compounds.reports import clock
from compounds.reports.choices import UNDER_REVIEW, Office, Reporter, ReportKind, ReportState, Step


class ReportQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Reports of communities in the user's scope; a draft is seen by those who could go on writing it."""
        offices = [one.role for one in user.current_appointments]
        return super().visible_to(user).filter(
            ~Q(state=ReportState.DRAFT) | Q(created_by=user) | Q(reporter__in=offices)
        )  # fmt: skip

    def under_review(self) -> Self:
        """上报未审: somebody above the community is to look at them."""
        return self.filter(state__in=UNDER_REVIEW)


class Report(models.Model):
    """状态上报: one claim about one compound. Areas in 0.01 ㎡.

    ``whole``: the claim is about all that the pocket holds, whatever that is when it is approved; ``area_dm2`` is
    then what it held when the report was written. ``height`` is the version of the ledger that its author saw.
    ``revision`` rises with every step, so that nobody decides on what he has not seen.
    """

    scope_path = "community"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("What happened"), max_length=16, choices=ReportKind.choices)
    state = models.CharField(_("State"), max_length=12, choices=ReportState.choices, default=ReportState.DRAFT)
    revision = models.PositiveIntegerField(_("Revision"), default=1)
    community = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("Community"))
    compound = models.ForeignKey(
        Compound, models.PROTECT, null=True, blank=True, related_name="reports", verbose_name=_("Compound")
    )
    name = models.CharField(_("Compound name"), max_length=100, blank=True)
    address = models.CharField(_("Address"), max_length=200, blank=True)
    effective_on = models.DateField(_("Effective on"), null=True, blank=True)
    precision = models.CharField(_("Precision"), max_length=5, choices=Precision.choices, default=Precision.DAY)
    date_basis = models.CharField(_("Basis of the date"), max_length=60, blank=True)
    category = models.CharField(_("Category"), max_length=12, choices=Category.choices, blank=True)
    mode_from = models.CharField(_("Mode before"), max_length=12, choices=Mode.choices, blank=True)
    mode_to = models.CharField(_("Mode after"), max_length=12, choices=Mode.choices, blank=True)
    area_dm2 = models.BigIntegerField(_("Area (0.01 ㎡)"), null=True, blank=True)
    households = models.PositiveIntegerField(_("Households"), null=True, blank=True)
    whole = models.BooleanField(_("All of it"), default=False)
    provider_from = models.CharField(_("Provider before"), max_length=100, blank=True)
    provider_to = models.CharField(_("Provider"), max_length=100, blank=True)
    basis_type = models.CharField(_("Basis type"), max_length=60, blank=True)
    basis_name = models.CharField(_("Basis name"), max_length=200, blank=True)
    basis_no = models.CharField(_("Basis number"), max_length=100, blank=True)
    note = models.CharField(_("Note"), max_length=500, blank=True)
    late_reason = models.CharField(_("Reason for the late entry"), max_length=200, blank=True)
    height = models.BigIntegerField(_("Version when written"))
    reporter = models.CharField(_("Reported by"), max_length=12, choices=Reporter.choices)
    #: Given by the client: a form or request that is sent twice makes one report.
    key = models.CharField(max_length=120, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Written by")
    )
    created_at = models.DateTimeField(_("Written at"), default=clock.now)
    submitted_at = models.DateTimeField(_("Submitted at"), null=True, blank=True)
    #: Since when the report waits for whoever is to act on it now.
    waiting_since = models.DateTimeField(_("Waiting since"), default=clock.now)
    closed_at = models.DateTimeField(_("Ended at"), null=True, blank=True)
    entry = models.OneToOneField(
        Entry, models.PROTECT, null=True, blank=True, related_name="report", verbose_name=_("Entry")
    )
    instead_of = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="newer", verbose_name=_("Instead of")
    )
    #: The workbook that it was a row of, if it was.
    run = models.ForeignKey(
        ImportRun, models.PROTECT, null=True, blank=True, editable=False, related_name="reports",
        verbose_name=_("Workbook"),
    )  # fmt: skip

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "pk"]
        verbose_name = _("Report")
        verbose_name_plural = _("Reports")
        indexes = [
            models.Index(fields=["community", "state"], name="report_by_place"),
            models.Index(fields=["state", "waiting_since"], name="report_by_state"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["created_by", "key"], name="report_once_per_key"),
            models.CheckConstraint(condition=~Q(key=""), name="report_has_a_key"),
            models.CheckConstraint(
                condition=Q(kind=ReportKind.MISSING) | Q(compound__isnull=False), name="report_is_about_a_compound"
            ),
            models.CheckConstraint(
                condition=~Q(kind=ReportKind.MISSING) | ~Q(name=""), name="report_names_what_is_missing"
            ),
            models.CheckConstraint(
                condition=Q(area_dm2__isnull=True) | Q(area_dm2__gte=0), name="report_area_not_negative"
            ),
            models.CheckConstraint(
                condition=(
                    Q(state=ReportState.APPROVED, compound__isnull=False)
                    & (Q(entry__isnull=False) | Q(kind=ReportKind.MISSING))
                )
                | (~Q(state=ReportState.APPROVED) & Q(entry__isnull=True)),
                name="report_approved_is_posted",
            ),
            models.CheckConstraint(
                condition=Q(state=ReportState.DRAFT, submitted_at__isnull=True)
                | Q(state=ReportState.WITHDRAWN)
                | Q(state=ReportState.SUPERSEDED)
                | Q(submitted_at__isnull=False),
                name="report_is_submitted_first",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.subject_name} · {self.get_kind_display()}"

    @property
    def subject_name(self) -> str:
        """The compound's name, or that of what is missing."""
        return self.compound.name if self.compound else self.name

    @property
    def is_on_behalf(self) -> bool:
        """代报: by an office above the community."""
        return self.reporter != Reporter.COMMITTEE

    @property
    def proposal_key(self) -> str:
        """Under which the report's entry waits where a second person or the city must agree."""
        return f"report:{self.pk}"


class ReportStep(models.Model):
    """办理过程: one thing that a person did with a report. Insert-only."""

    scope_path = "report__community"

    report = models.ForeignKey(Report, models.PROTECT, related_name="steps", verbose_name=_("Report"))
    step = models.CharField(_("Step"), max_length=12, choices=Step.choices)
    from_state = models.CharField(_("From"), max_length=12, choices=ReportState.choices, blank=True)
    to_state = models.CharField(_("To"), max_length=12, choices=ReportState.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    at = models.DateTimeField(_("At"))
    reason = models.CharField(_("Reason"), max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("Step of a report")
        verbose_name_plural = _("Steps of reports")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_step_display()}"


class ReportComment(models.Model):
    """退回意见: what is to be put right at one field ("" for the report as a whole). Insert-only."""

    scope_path = "step__report__community"

    step = models.ForeignKey(ReportStep, models.PROTECT, related_name="comments", verbose_name=_("Step"))
    field = models.CharField(_("Field"), max_length=20, blank=True)
    text = models.CharField(_("Comment"), max_length=200)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("Comment on a report")
        verbose_name_plural = _("Comments on reports")
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="report_comment_says_something")]

    def __str__(self) -> str:
        return self.text


class ReportFile(KeptFile):
    """佐证材料: a photo or scan that came with a report; filed with the entry when it posts.

    Its author takes it back while the report is his; the files lie in the store of all attachments.
    """

    scope_path = "report__community"

    report = models.ForeignKey(Report, models.PROTECT, related_name="files", verbose_name=_("Report"))
    kind = models.CharField(_("Kind of file"), max_length=8, choices=AttachmentKind.choices)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Uploaded by")
    )
    uploaded_at = models.DateTimeField(_("Uploaded at"), default=clock.now, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("Photo or scan of a report")
        verbose_name_plural = _("Photos and scans of reports")
        constraints = [models.UniqueConstraint(fields=["report", "sha256"], name="report_file_once")]


class SkippedLevel(models.Model):
    """免街道核实: whether reports of this kind of office within a division need no word of the street.

    Of several rows that hold for a community, that of the smallest division counts.
    """

    scope_path = "division"

    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("Division"))
    reporter = models.CharField(_("Reports by"), max_length=12, choices=Reporter.choices)
    is_skipped = models.BooleanField(_("The street is skipped"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Set by")
    )
    set_at = models.DateTimeField(_("Set at"), auto_now=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["division", "reporter"]
        verbose_name = _("Level that is skipped")
        verbose_name_plural = _("Levels that are skipped")
        constraints = [
            models.UniqueConstraint(fields=["division", "reporter"], name="skipped_level_once"),
        ]

    def __str__(self) -> str:
        return f"{self.division} · {self.get_reporter_display()}"


class ReviewDays(models.Model):
    """审核时限: how many calendar days an office within a division has for a report.

    Of several rows that hold for a community, that of the smallest division counts.
    """

    scope_path = "division"

    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("Division"))
    office = models.CharField(_("Deciding office"), max_length=12, choices=Office.choices)
    days = models.PositiveSmallIntegerField(_("Days"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Set by")
    )
    set_at = models.DateTimeField(_("Set at"), auto_now=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["division", "office"]
        verbose_name = _("Days for a review")
        verbose_name_plural = _("Days for reviews")
        constraints = [
            models.UniqueConstraint(fields=["division", "office"], name="review_days_once"),
            models.CheckConstraint(condition=Q(days__gte=1, days__lte=60), name="review_days_are_some"),
        ]

    def __str__(self) -> str:
        return f"{self.division} · {self.get_office_display()} · {self.days}"
