"""县级方案 (P6.4): what each county plans, version by version, and what the bureau says to it.

Rows are written by ``oversight.plans.services``. Steps and comments are insert-only; the lines of a version are frozen
as soon as it is no draft any more (triggers, ``compounds.ledger.triggers.freeze``).
"""

import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaoyang_pm.kit.scoping import ScopedQuerySet
from communities.divisions.models import Division
from compounds.files.models import KeptFile
from compounds.ledger.choices import Category, Mode
from compounds.register.models import Compound
from compounds.reports import clock
from oversight.plans.choices import UNDECIDED, PlanState, PlanStepKind
from oversight.plans.columns import when
from oversight.programme.models import Programme

#: Ways of management that a plan can intend.
MODES = [(mode.value, mode.label) for mode in Mode if mode != Mode.NONE]


class PlanDeadline(models.Model):
    """报送期限 (P6.4): until when plans within a division are due; that of the smallest division counts.

    The row of the city is the deadline, one of a county its extension, with the document that grants it.
    """

    scope_path = "division"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="plan_deadlines", verbose_name=_("Programme"))
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("Division"))
    due_on = models.DateField(_("Due on"))
    document = models.CharField(_("Document"), max_length=200, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Set by")
    )
    set_at = models.DateTimeField(_("Set at"), auto_now=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["programme", "division"]
        verbose_name = _("Deadline of plans")
        verbose_name_plural = _("Deadlines of plans")
        constraints = [models.UniqueConstraint(fields=["programme", "division"], name="plan_deadline_once")]

    def __str__(self) -> str:
        return f"{self.division} {self.due_on}"


class PlanVersion(models.Model):
    """One version of a county's plan. ``is_late`` is judged on the day of its submission and stays.

    ``reason``: why an approved plan is amended. ``opinion``: what the bureau says to it as a whole. ``revision`` rises
    with every change of its lines, so that whoever writes on an older one is told.
    """

    scope_path = "county"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="plans", verbose_name=_("Programme"))
    county = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("County"))
    number = models.PositiveSmallIntegerField(pgettext_lazy("of a plan", "Version"))
    state = models.CharField(_("State"), max_length=12, choices=PlanState.choices, default=PlanState.DRAFT)
    revision = models.PositiveIntegerField(_("Revision"), default=1)
    reason = models.CharField(_("Reason of the amendment"), max_length=500, blank=True)
    document_no = models.CharField(_("Document number"), max_length=60, blank=True)
    signatory = models.CharField(_("Signed by"), max_length=60, blank=True)
    words = models.CharField(_("Words on warnings"), max_length=500, blank=True)
    opinion = models.CharField(_("Opinion"), max_length=1000, blank=True)
    is_late = models.BooleanField(_("Late"), default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Begun by")
    )
    created_at = models.DateTimeField(_("Begun at"), default=clock.now)
    submitted_on = models.DateField(_("Submitted on"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["programme", "county", "-number"]
        verbose_name = _("Plan of a county")
        verbose_name_plural = _("Plans of counties")
        constraints = [
            models.UniqueConstraint(fields=["programme", "county", "number"], name="plan_version_once"),
            models.UniqueConstraint(
                fields=["programme", "county"], condition=Q(state__in=UNDECIDED), name="plan_one_undecided"
            ),
            models.UniqueConstraint(
                fields=["programme", "county"], condition=Q(state=PlanState.APPROVED), name="plan_one_approved"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="plan_version_from_one"),
            models.CheckConstraint(
                condition=Q(state=PlanState.DRAFT, submitted_on__isnull=True)
                | (~Q(state=PlanState.DRAFT) & Q(submitted_on__isnull=False) & ~Q(document_no="") & ~Q(signatory="")),
                name="plan_submitted_with_its_paper",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.county} {self.number}"


class PlanLine(models.Model):
    """One line: a compound, or a community with an area where compounds are not listed yet (then ``name`` as written).

    ``due_on`` is the last day of the month or quarter that it is planned for. ``area_dm2`` (0.01 ㎡) and ``households``
    blank: all that is unmanaged; how much that was on the day of the submission stays in ``planned_dm2``. A draft may
    have holes (mode, time, place); the checks name them. ``revision``: that of the version when the line was written.
    """

    scope_path = "version__county"

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="lines", verbose_name=_("Plan of a county"))
    number = models.PositiveIntegerField(_("Line"))
    revision = models.PositiveIntegerField(_("Revision"), default=1)
    compound = models.ForeignKey(
        Compound, models.PROTECT, null=True, blank=True, related_name="plan_lines", verbose_name=_("Compound")
    )
    name = models.CharField(_("Name as written"), max_length=100, blank=True)
    community = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Community")
    )
    category = models.CharField(_("Category"), max_length=12, choices=Category.choices, blank=True)
    mode = models.CharField(_("Intended mode"), max_length=12, choices=MODES, blank=True)
    due_on = models.DateField(_("Planned for"), null=True, blank=True)
    by_quarter = models.BooleanField(_("Planned for a quarter"), default=False)
    area_dm2 = models.BigIntegerField(_("Area (0.01 ㎡)"), null=True, blank=True)
    households = models.PositiveIntegerField(_("Households"), null=True, blank=True)
    planned_dm2 = models.BigIntegerField(_("Planned area (0.01 ㎡)"), null=True, editable=False)
    planned_households = models.PositiveIntegerField(_("Planned households"), null=True, editable=False)
    leader = models.CharField(_("Responsible leader"), max_length=60, blank=True)
    person = models.CharField(_("Person in charge"), max_length=60, blank=True)
    phone = models.CharField(_("Telephone"), max_length=40, blank=True)
    unit = models.CharField(_("Responsible unit"), max_length=100, blank=True)
    is_pilot = models.BooleanField(_("Pilot"), default=False)
    note = models.CharField(_("Note"), max_length=500, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["version", "number"]
        verbose_name = _("Line of a plan")
        verbose_name_plural = _("Lines of plans")
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="plan_line_once"),
            models.CheckConstraint(condition=Q(area_dm2__isnull=True) | Q(area_dm2__gt=0), name="plan_line_has_area"),
            models.CheckConstraint(
                condition=Q(compound__isnull=False) | Q(community__isnull=False) | ~Q(name=""),
                name="plan_line_says_where",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} {self.compound or self.name or self.community}"

    @property
    def planned_for(self) -> str:
        """``2014Q3`` or ``2014-09``; empty where a draft says nothing yet."""
        day: datetime.date | None = self.due_on
        if day is None:
            return ""
        return self.quarter if self.by_quarter else f"{day:%Y-%m}"

    @property
    def when(self) -> str:
        """The same as people write it."""
        return when(self.due_on, self.by_quarter)

    @property
    def quarter(self) -> str:
        """``2014Q3``: the quarter that it is planned for, or that its month lies in."""
        return f"{self.due_on.year}Q{(self.due_on.month + 2) // 3}" if self.due_on else ""


class PlanTotal(models.Model):
    """One row of a summary that a county handed in: a place's numbers, or (``label``) a part 其中 of the row above.

    ``row`` is that of the workbook; what the summary leaves blank is None. ``area_dm2``: 0.01 ㎡.
    """

    scope_path = "version__county"

    version = models.ForeignKey(PlanVersion, models.CASCADE, related_name="totals", verbose_name=_("Plan of a county"))
    row = models.PositiveIntegerField(_("Row"))
    place = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("Division"))
    label = models.CharField(_("Part of the row above"), max_length=60, blank=True)
    compounds = models.PositiveIntegerField(_("Number of compounds"), null=True, blank=True)
    buildings = models.PositiveIntegerField(_("Buildings"), null=True, blank=True)
    households = models.PositiveIntegerField(_("Households"), null=True, blank=True)
    area_dm2 = models.BigIntegerField(_("Area (0.01 ㎡)"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["version", "row"]
        verbose_name = _("Total of a plan")
        verbose_name_plural = _("Totals of plans")
        constraints = [
            models.UniqueConstraint(fields=["version", "row"], name="plan_total_once"),
            models.CheckConstraint(
                condition=Q(area_dm2__isnull=True) | Q(area_dm2__gte=0), name="plan_total_not_negative"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.row} {self.place} {self.label}".strip()


class PlanStep(models.Model):
    """办理过程 of a plan. Insert-only."""

    scope_path = "version__county"

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="steps", verbose_name=_("Plan of a county"))
    step = models.CharField(_("Step"), max_length=12, choices=PlanStepKind.choices)
    from_state = models.CharField(_("From"), max_length=12, choices=PlanState.choices, blank=True)
    to_state = models.CharField(_("To"), max_length=12, choices=PlanState.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    at = models.DateTimeField(_("At"))
    reason = models.CharField(_("Reason"), max_length=1000, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("Step of a plan")
        verbose_name_plural = _("Steps of plans")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_step_display()}"


class PlanComment(models.Model):
    """退回意见 on one line (None: on the plan as a whole). Insert-only."""

    scope_path = "step__version__county"

    step = models.ForeignKey(PlanStep, models.PROTECT, related_name="comments", verbose_name=_("Step of a plan"))
    line = models.PositiveIntegerField(_("Line"), null=True, blank=True)
    text = models.CharField(_("Comment"), max_length=500)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = [F("line").asc(nulls_first=True), "pk"]
        verbose_name = _("Comment on a plan")
        verbose_name_plural = _("Comments on plans")

    def __str__(self) -> str:
        return self.text[:60]


class PlanRemark(models.Model):
    """逐条审核: what the bureau says to one line while it has the plan; those to be put right go back as comments."""

    scope_path = "version__county"

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="remarks", verbose_name=_("Plan of a county"))
    line = models.PositiveIntegerField(_("Line"))
    is_agreed = models.BooleanField(_("Agreed"), default=False)
    text = models.CharField(_("Comment"), max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("By"))
    at = models.DateTimeField(_("At"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["version", "line"]
        verbose_name = _("Remark on a line of a plan")
        verbose_name_plural = _("Remarks on lines of plans")
        constraints = [
            models.UniqueConstraint(fields=["version", "line"], name="plan_remark_once"),
            models.CheckConstraint(condition=Q(is_agreed=True) | ~Q(text=""), name="plan_remark_says_something"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.line} {self.text[:60]}"


class PlanWorkbook(models.Model):
    """方案原表: a workbook as a county handed it in, with what was wrong with it then; the same one is kept once.

    ``findings``: a list of [row, column, index, value, message, severity], as ``kit.sheets.findings.Finding`` has them.
    """

    scope_path = "version__county"

    version = models.ForeignKey(
        PlanVersion, models.PROTECT, related_name="workbooks", verbose_name=_("Plan of a county")
    )
    filename = models.CharField(_("File name"), max_length=200)
    file = models.FileField(_("File"), upload_to="plans/")
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    findings = models.JSONField(default=list)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Uploaded by")
    )
    uploaded_at = models.DateTimeField(_("Uploaded at"), default=clock.now, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("Workbook of a plan")
        verbose_name_plural = _("Workbooks of plans")
        constraints = [models.UniqueConstraint(fields=["version", "sha256"], name="plan_workbook_once")]

    def __str__(self) -> str:
        return self.filename


class PlanScan(KeptFile):
    """盖章扫描件 of a version; the newest one counts, earlier ones stay."""

    scope_path = "version__county"

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="scans", verbose_name=_("Plan of a county"))
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("Uploaded by")
    )
    uploaded_at = models.DateTimeField(_("Uploaded at"), default=clock.now, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("Sealed plan")
        verbose_name_plural = _("Sealed plans")
        constraints = [models.UniqueConstraint(fields=["version", "sha256"], name="plan_scan_once")]
