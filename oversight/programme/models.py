"""The programme (推进方案) as data: clauses, targets with versions, baseline, counting rules.

No code knows 302, 798 or 2014: the bureau edits these rows, and another city replaces them.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from communities.divisions.models import Division
from compounds.ledger.choices import Category, Mode
from oversight.programme.choices import Unit


class Programme(models.Model):
    """推进方案. Figures of its targets start on ``starts_on``; there its baseline lies, too."""

    code = models.CharField(_("Code"), max_length=20, primary_key=True)
    name = models.CharField(_("Name"), max_length=100)
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
    name = models.CharField(_("Name"), max_length=100)
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


class TargetVersion(models.Model):
    """What a target asks for from a date on, by which document; progress by an older version can still be shown.

    ``required_dm2`` is None where the target is all area of its categories at the baseline (P3.2).
    """

    target = models.ForeignKey(Target, models.CASCADE, related_name="versions", verbose_name=_("Target"))
    valid_from = models.DateField(_("Valid from"))
    required_dm2 = models.BigIntegerField(_("Required area (0.01 ㎡)"), null=True, blank=True)
    deadline = models.DateField(_("Deadline"))
    document = models.CharField(_("Document"), max_length=200, blank=True)

    class Meta:
        ordering = ["target", "valid_from"]
        verbose_name = _("Target version")
        verbose_name_plural = _("Target versions")
        constraints = [
            models.UniqueConstraint(fields=["target", "valid_from"], name="target_version_once_per_day"),
            models.CheckConstraint(
                condition=Q(required_dm2__isnull=True) | Q(required_dm2__gte=0), name="target_version_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(deadline__gte=F("valid_from")), name="target_version_deadline_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_id} {self.valid_from}"


class CountingRule(models.Model):
    """口径: which modes count as managed, from a date on. ``standard`` counts all five."""

    code = models.CharField(_("Code"), max_length=20)
    name = models.CharField(_("Name"), max_length=60)
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
