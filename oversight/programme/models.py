"""The programme (推进方案) as data: clauses, targets with versions, baseline, counting rules.

No code knows 302, 798 or 2014: the bureau edits these rows, and another city replaces them.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaoyang_pm.kit.scoping import ScopedQuerySet
from communities.divisions.models import Division
from compounds.ledger.choices import Category, Mode
from oversight.programme.choices import Unit


class Programme(models.Model):
    """推进方案. Figures of its targets start on ``starts_on``; there its baseline lies, too."""

    code = models.CharField(_("Code"), max_length=20, primary_key=True)
    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=100)
    city = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("City"))
    starts_on = models.DateField(_("Starts on"))
    baseline_on = models.DateField(_("Baseline date"))

    class Meta:
        verbose_name = _("Programme")
        verbose_name_plural = _("Programmes")

    def __str__(self) -> str:
        return self.name


class Clause(models.Model):
    """条款: a clause of the city's document, in its own words."""

    code = models.CharField(_("Code"), max_length=10, primary_key=True)
    programme = models.ForeignKey(Programme, models.CASCADE, related_name="clauses", verbose_name=_("Programme"))
    text = models.TextField(_("Text"))

    class Meta:
        ordering = ["code"]
        verbose_name = _("Clause")
        verbose_name_plural = _("Clauses")

    def __str__(self) -> str:
        return self.code


class Baseline(models.Model):
    """A locked baseline (基数锁定): the height at which the programme's start is measured from now on."""

    programme = models.OneToOneField(Programme, models.PROTECT, related_name="baseline", verbose_name=_("Programme"))
    height = models.BigIntegerField(_("Height"))
    locked_at = models.DateTimeField(_("Locked at"), auto_now_add=True)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Locked by")
    )

    class Meta:
        verbose_name = _("Locked baseline")
        verbose_name_plural = _("Locked baselines")
        constraints = [models.CheckConstraint(condition=Q(height__gte=1), name="baseline_has_entries")]

    def __str__(self) -> str:
        return f"{self.programme} {self.height}"


class Target(models.Model):
    """任务指标: area (or communities) of some divisions and categories to be managed by a deadline."""

    code = models.CharField(_("Code"), max_length=20, primary_key=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="targets", verbose_name=_("Programme"))
    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=100)
    clause = models.ForeignKey(Clause, models.PROTECT, related_name="targets", verbose_name=_("Clause"))
    unit = models.CharField(_("Unit"), max_length=12, choices=Unit.choices, default=Unit.AREA)
    divisions = models.ManyToManyField(Division, related_name="+", verbose_name=_("Divisions"))
    categories = models.JSONField(_("Categories"), default=list, blank=True)
    builds_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name=_("Builds on"))
    position = models.PositiveSmallIntegerField(_("Position"), default=0)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("Target")
        verbose_name_plural = _("Targets")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    def clean(self) -> None:
        from django.core.exceptions import ValidationError

        unknown = set(self.categories) - set(Category.values)
        if unknown:
            message = _("Unknown categories: %(unknown)s. Accepted: %(accepted)s.")
            facts = {"unknown": ", ".join(sorted(unknown)), "accepted": ", ".join(Category.values)}
            raise ValidationError({"categories": message % facts})


class Version(models.Model):
    """What was asked by which document, from which day on. Rows are added and withdrawn, never edited.

    ``valid_from`` is the day it counts from, ``recorded_at`` when it was entered (None: with the reference data).
    """

    valid_from = models.DateField(_("Valid from"))
    deadline = models.DateField(_("Deadline"))
    document = models.CharField(_("Document"), max_length=200, blank=True)
    reason = models.CharField(_("Reason"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("Recorded at"), null=True, blank=True, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("Recorded by"),
    )  # fmt: skip
    withdrawn_at = models.DateTimeField(_("Withdrawn at"), null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("Withdrawn by"),
    )  # fmt: skip
    withdrawn_reason = models.CharField(_("Why it was withdrawn"), max_length=200, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None


def _withdrawn_with_a_reason(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(withdrawn_at__isnull=True, withdrawn_reason="")
        | (Q(withdrawn_at__isnull=False) & ~Q(withdrawn_reason="")),
        name=name,
    )


class TargetVersion(Version):
    """What a target asks for from a date on; progress by an older version can still be shown.

    ``required_dm2`` is None where the target is all area of its categories at the baseline (P3.2). ``base_dm2`` is
    文件底数: how much area of these categories there is by the document (None: it does not say).
    """

    target = models.ForeignKey(Target, models.CASCADE, related_name="versions", verbose_name=_("Target"))
    required_dm2 = models.BigIntegerField(_("Required area (0.01 ㎡)"), null=True, blank=True)
    base_dm2 = models.BigIntegerField(_("Base figure by the document (0.01 ㎡)"), null=True, blank=True)

    class Meta:
        ordering = ["target", "valid_from", "pk"]
        verbose_name = _("Target version")
        verbose_name_plural = _("Target versions")
        constraints = [
            models.UniqueConstraint(
                fields=["target", "valid_from"], name="target_version_once_per_day", condition=Q(withdrawn_at=None)
            ),
            models.CheckConstraint(
                condition=Q(required_dm2__isnull=True) | Q(required_dm2__gte=0), name="target_version_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(base_dm2__isnull=True) | Q(base_dm2__gte=0), name="target_version_base_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(deadline__gte=F("valid_from")), name="target_version_deadline_after_start"
            ),
            _withdrawn_with_a_reason("target_version_withdrawn_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.target_id} {self.valid_from}"

    @property
    def required(self) -> int | None:
        """In the target's unit, as ``PartVersion.required``."""
        return self.required_dm2

    @property
    def base(self) -> int | None:
        return self.base_dm2


class TargetPart(models.Model):
    """任务分解: the part of a target that one division was given. What is asked of it stands in its versions.

    Parts form a tree by the codes of their divisions: a county's part is broken down by those of its subdistricts.
    """

    scope_path = "division"

    target = models.ForeignKey(Target, models.CASCADE, related_name="parts", verbose_name=_("Target"))
    division = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("Division"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["target", "division"]
        verbose_name = _("Part of a target")
        verbose_name_plural = _("Parts of targets")
        constraints = [models.UniqueConstraint(fields=["target", "division"], name="target_part_once")]

    def __str__(self) -> str:
        return f"{self.target_id} {self.division}"


class PartVersion(Version):
    """What a part asks for from a date on: ``required`` and ``base`` (文件底数) in the target's unit.

    Units: 0.01 ㎡, or communities. A part of 0 is asked of nobody any more.
    """

    scope_path = "part__division"

    part = models.ForeignKey(TargetPart, models.CASCADE, related_name="versions", verbose_name=_("Part of a target"))
    required = models.BigIntegerField(_("Required"))
    base = models.BigIntegerField(_("Base figure by the document"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["part", "valid_from", "pk"]
        verbose_name = _("Version of a part")
        verbose_name_plural = _("Versions of parts")
        constraints = [
            models.UniqueConstraint(
                fields=["part", "valid_from"], name="part_version_once_per_day", condition=Q(withdrawn_at=None)
            ),
            models.CheckConstraint(condition=Q(required__gte=0), name="part_version_not_negative"),
            models.CheckConstraint(
                condition=Q(base__isnull=True) | Q(base__gte=0), name="part_version_base_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(deadline__gte=F("valid_from")), name="part_version_deadline_after_start"
            ),
            models.CheckConstraint(condition=~Q(document=""), name="part_version_names_a_document"),
            _withdrawn_with_a_reason("part_version_withdrawn_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.valid_from}"


class Milestone(models.Model):
    """节点: how much of a version's requirement is due by a day, in all since the programme's start."""

    target_version = models.ForeignKey(TargetVersion, models.CASCADE, null=True, blank=True, related_name="milestones")
    part_version = models.ForeignKey(PartVersion, models.CASCADE, null=True, blank=True, related_name="milestones")
    due_on = models.DateField(_("Due on"))
    required = models.BigIntegerField(_("Required"))

    class Meta:
        ordering = ["due_on"]
        verbose_name = _("Milestone")
        verbose_name_plural = _("Milestones")
        constraints = [
            models.UniqueConstraint(
                fields=["target_version", "due_on"], name="milestone_of_target_once_per_day",
                condition=Q(target_version__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["part_version", "due_on"], name="milestone_of_part_once_per_day",
                condition=Q(part_version__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(target_version__isnull=False, part_version__isnull=True)
                | Q(target_version__isnull=True, part_version__isnull=False),
                name="milestone_of_one_version",
            ),
            models.CheckConstraint(condition=Q(required__gte=0), name="milestone_not_negative"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.due_on} {self.required}"


class CountingRule(models.Model):
    """口径: which modes count as managed, from a date on. ``standard`` counts all five."""

    code = models.CharField(_("Code"), max_length=20)
    name = models.CharField(pgettext_lazy("of a thing", "Name"), max_length=60)
    modes = models.JSONField(_("Modes that count"))
    valid_from = models.DateField(_("Valid from"))

    class Meta:
        ordering = ["code", "valid_from"]
        verbose_name = _("Counting rule")
        verbose_name_plural = _("Counting rules")
        constraints = [models.UniqueConstraint(fields=["code", "valid_from"], name="counting_rule_once_per_day")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        from django.core.exceptions import ValidationError

        countable = set(Mode.values) - {Mode.NONE}
        if not self.modes or set(self.modes) - countable:
            message = _("Choose among the managed modes: %(accepted)s.")
            raise ValidationError({"modes": message % {"accepted": ", ".join(sorted(countable))}})
