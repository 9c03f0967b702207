"""Jobs: long work that runs beside the pages. The row is the truth about a job; a message only wakes a worker."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.jobs.choices import ENDED, OPEN, JobState
from chaoyang_pm.kit.jobs.registry import Kind, kind_of
from chaoyang_pm.kit.scoping import ScopedQuerySet


class JobQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """One's own, and those about what lies in one's scope; all for whoever sees everything."""
        # An empty condition has no effect in an "or": who sees everything is asked by name.
        return self if user.scope.everything else self.filter(created_by=user) | super().visible_to(user)


class Job(models.Model):
    """One piece of work: what is to be done, who asked, how far it is, and what came of it.

    While it runs it is held under a lease: a token and a time. Whoever holds another token, or none, changes nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("Kind of job"), max_length=40)
    parameters = models.JSONField(_("Parameters"), default=dict)
    #: What the job is about: one open job at a time has it. Empty: nothing keeps jobs of this kind apart.
    key = models.CharField(_("Key"), max_length=80, blank=True)
    #: The business date of a job that is done once a day.
    due_on = models.DateField(_("Due on"), null=True, blank=True)
    language = models.CharField(_("Language"), max_length=12)
    state = models.CharField(_("State"), max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    done = models.PositiveIntegerField(_("Done so far"), default=0)
    total = models.PositiveIntegerField(_("Of"), null=True, blank=True)
    step = models.CharField(_("Step"), max_length=100, blank=True)
    result = models.JSONField(_("Result"), null=True, blank=True)
    message = models.TextField(_("Message"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("Started by")
    )
    #: A hierarchical code: whoever sees its subtree sees the job. None: only its owner, and who sees everything.
    scope_code = models.CharField(_("Scope"), max_length=12, null=True, blank=True)  # noqa: DJ001 — none is no code
    created_at = models.DateTimeField(_("Registered at"), auto_now_add=True)
    started_at = models.DateTimeField(_("Started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("Ended at"), null=True, blank=True)
    attempt = models.PositiveIntegerField(_("Attempts"), default=0)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(_("Held until"), null=True, blank=True)
    worker = models.CharField(_("Worker"), max_length=100, blank=True)
    cancel_requested = models.BooleanField(_("Cancelling asked for"), default=False)
    #: When a worker was last called; empty while the broker could not be reached.
    woken_at = models.DateTimeField(null=True, blank=True, editable=False)
    seen_at = models.DateTimeField(_("Seen at"), null=True, blank=True)

    scope_path = "scope_code"

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("Job")
        verbose_name_plural = _("Jobs")
        indexes = [
            models.Index(fields=["created_by", "-created_at"], name="job_by_owner"),
            models.Index(fields=["key", "-created_at"], name="job_by_key"),
            models.Index(fields=["state"], condition=Q(state__in=OPEN), name="job_open"),
            models.Index(
                fields=["created_by"], condition=Q(state__in=ENDED, seen_at__isnull=True), name="job_in_the_bell"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(state__in=OPEN) & ~Q(key=""), name="job_key_is_open_once"
            ),
            models.UniqueConstraint(fields=["kind", "due_on"], name="job_is_due_once"),
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=JobState.RUNNING, lease__isnull=False, lease_until__isnull=False)
                | (~Q(state=JobState.RUNNING) & Q(lease__isnull=True, lease_until__isnull=True)),
                name="job_runs_under_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ENDED, finished_at__isnull=False) | Q(state__in=OPEN, finished_at__isnull=True),
                name="job_ended_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(total__isnull=True) | Q(done__lte=F("total")), name="job_is_done_in_part_or_whole"
            ),
            models.CheckConstraint(
                condition=Q(seen_at__isnull=True) | Q(state__in=ENDED), name="job_is_seen_once_ended"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("jobs:job", args=[self.pk])

    @cached_property
    def declared(self) -> Kind | None:
        """What its kind declares; None if this version of the portal does not know the kind."""
        return kind_of(self.kind)

    @property
    def label(self) -> str:
        return str(self.declared.label) if self.declared else self.kind

    @property
    def look(self) -> str:
        return JobState(self.state).look

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def waits_for_broker(self) -> bool:
        """Registered, but no worker could be called yet."""
        return self.state == JobState.QUEUED and self.woken_at is None

    @property
    def may_start_again(self) -> bool:
        stopped = self.state in (JobState.FAILED, JobState.CANCELLED)
        return stopped and self.declared is not None and self.declared.redoable and self.due_on is None

    @property
    def share(self) -> str:
        """How much is done, for people: 300 / 4,000."""
        return f"{self.done:,} / {self.total:,}" if self.total is not None else ""

    @property
    def told(self) -> list[tuple[str, Any]]:
        """What of the result its kind has names for; a list by its length."""
        tells, result = (self.declared.tells if self.declared else {}), self.result or {}
        return [
            (str(label), len(value) if isinstance(value := result[name], list) else value)
            for name, label in tells.items()
            if name in result
        ]

    @property
    def page(self) -> str:
        """The page that shows what the job is about, if its kind names one."""
        return self.declared.page(self) if self.declared and self.declared.page else ""


class Sweep(models.Model):
    """When a worker last looked for jobs that were lost: one row, which also shows that workers are alive."""

    swept_at = models.DateTimeField(_("Swept at"))
    worker = models.CharField(_("Worker"), max_length=100)

    class Meta:
        verbose_name = _("Sweep")
        verbose_name_plural = _("Sweeps")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="sweep_is_one_row")]

    def __str__(self) -> str:
        return f"{self.worker} {self.swept_at}"
