"""推进程序 (P4.2): what the steps of each way of management are, and how far each compound is with them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.scoping import ScopedQuerySet, next_code
from compounds.files.models import Attachment
from compounds.ledger.choices import Mode
from compounds.modes.choices import Act, Facts, Matter, ProcedureState
from compounds.register.models import Compound


class ProcedureQuerySet(ScopedQuerySet):
    def within(self, code: str) -> "ProcedureQuerySet":
        """Those of compounds that lie in the subtree of a division now."""
        return self.filter(compound__community__gte=code, compound__community__lt=next_code(code))


class ProcedureKind(models.Model):
    """One procedure of P4.2 as data: the modes that it leads to, and what it keeps besides its steps."""

    code = models.CharField(_("Code"), max_length=12, primary_key=True)
    name = models.CharField(_("Name"), max_length=60)
    modes = models.JSONField(_("Leads to the modes"), default=list)
    facts = models.CharField(_("Keeps besides its steps"), max_length=10, choices=Facts.choices, blank=True)
    position = models.PositiveSmallIntegerField(_("Position"), default=0)

    class Meta:
        ordering = ["position", "code"]
        verbose_name = _("Procedure of P4.2")
        verbose_name_plural = _("Procedures of P4.2")
        constraints = [
            models.CheckConstraint(condition=~Q(code="") & ~Q(name=""), name="procedure_kind_is_named"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ProcedureStep(models.Model):
    """One step: who does it, what proves it, on which basis, within how many days.

    ``is_key``: its evidence is what a takeover stands on. ``matter``: owners vote on it. A step that is no longer
    asked for is retired; what was recorded of it stays.
    """

    kind = models.ForeignKey(ProcedureKind, models.PROTECT, related_name="steps", verbose_name=_("Procedure"))
    position = models.PositiveSmallIntegerField(_("Position"))
    name = models.CharField(_("Step"), max_length=60)
    done_by = models.CharField(_("Done by"), max_length=100, blank=True)
    evidence = models.CharField(_("Evidence asked for"), max_length=200, blank=True)
    legal_basis = models.CharField(_("Legal basis"), max_length=200, blank=True)
    days_limit = models.PositiveSmallIntegerField(_("Time limit (days)"), null=True, blank=True)
    is_key = models.BooleanField(_("Key evidence of the takeover"), default=False)
    matter = models.CharField(_("Owners vote on"), max_length=10, choices=Matter.choices, blank=True)
    is_retired = models.BooleanField(_("No longer asked for"), default=False)

    class Meta:
        ordering = ["kind", "position"]
        verbose_name = _("Step of a procedure")
        verbose_name_plural = _("Steps of procedures")
        constraints = [
            models.UniqueConstraint(fields=["kind", "position"], name="procedure_step_has_its_place"),
            models.CheckConstraint(condition=~Q(name=""), name="procedure_step_is_named"),
        ]

    def __str__(self) -> str:
        return self.name


class Procedure(models.Model):
    """A compound on its way to being managed: one that is under way at a time.

    ``step`` is where it stands since ``since``; none once it has ended. ``has_key``: its key evidence is there.
    These follow the history (``StepRecord``), which only grows.
    """

    scope_path = "compound__community"

    compound = models.ForeignKey(Compound, models.PROTECT, related_name="procedures", verbose_name=_("Compound"))
    kind = models.ForeignKey(ProcedureKind, models.PROTECT, related_name="+", verbose_name=_("Procedure"))
    mode = models.CharField(_("Intended mode"), max_length=12, choices=Mode.choices)
    state = models.CharField(_("State"), max_length=10, choices=ProcedureState.choices, default=ProcedureState.RUNNING)
    step = models.ForeignKey(
        ProcedureStep, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Present step")
    )
    since = models.DateField(_("At this step since"))
    started_on = models.DateField(_("Begun on"))
    ended_on = models.DateField(_("Ended on"), null=True, blank=True)
    has_key = models.BooleanField(_("Key evidence is there"), default=False)

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        ordering = ["since", "pk"]
        verbose_name = _("Procedure")
        verbose_name_plural = _("Procedures")
        indexes = [models.Index(fields=["state", "since"], name="procedure_by_age")]
        constraints = [
            models.UniqueConstraint(
                fields=["compound"], condition=Q(state=ProcedureState.RUNNING), name="procedure_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state=ProcedureState.RUNNING, step__isnull=False, ended_on__isnull=True)
                | (~Q(state=ProcedureState.RUNNING) & Q(step__isnull=True, ended_on__isnull=False)),
                name="procedure_stands_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=Mode.values) & ~Q(mode=Mode.NONE), name="procedure_leads_to_a_mode"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.compound} {self.kind_id}"


class StepRecord(models.Model):
    """One line of a procedure's history: what was done on which day, with its evidence. Never changed."""

    scope_path = "procedure__compound__community"

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="records", verbose_name=_("Procedure"))
    act = models.CharField(_("What"), max_length=10, choices=Act.choices)
    step = models.ForeignKey(
        ProcedureStep, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Step")
    )
    on = models.DateField(_("On"))
    note = models.CharField(_("Note"), max_length=500, blank=True)
    scans = models.ManyToManyField(Attachment, related_name="+", blank=True, verbose_name=_("Evidence"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Recorded by"),
    )  # fmt: skip
    recorded_at = models.DateTimeField(_("Recorded at"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["procedure", "pk"]
        verbose_name = _("Record of a procedure")
        verbose_name_plural = _("Records of procedures")
        constraints = [
            models.CheckConstraint(
                condition=Q(act=Act.START) | Q(step__isnull=False), name="step_record_names_its_step"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.get_act_display()}"


class EvidenceRule(models.Model):
    """From a day of takeover on, whether a takeover without the key evidence of its procedure needs a reason."""

    valid_from = models.DateField(_("Takeovers from"), unique=True)
    is_asked = models.BooleanField(_("Key evidence is asked for"), default=True)
    document = models.CharField(_("Document"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Recorded by"),
    )  # fmt: skip
    recorded_at = models.DateTimeField(_("Recorded at"), auto_now_add=True)

    class Meta:
        ordering = ["valid_from"]
        verbose_name = _("Rule of the key evidence")
        verbose_name_plural = _("Rules of the key evidence")

    def __str__(self) -> str:
        return self.valid_from.isoformat()
