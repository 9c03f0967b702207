"""试点 (P4.1): one compound of each urban community with unmanaged area tries a way of management first."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.scoping import ScopedQuerySet, next_code
from communities.divisions.models import Division
from compounds.ledger.choices import Mode
from compounds.pilots.choices import Result
from compounds.register.models import Compound


class PilotQuerySet(ScopedQuerySet):
    def standing(self) -> "PilotQuerySet":
        """Not withdrawn."""
        return self.filter(withdrawn_at__isnull=True)

    def within(self, code: str) -> "PilotQuerySet":
        """Those of the subtree of a division."""
        return self.filter(community__gte=code, community__lt=next_code(code))


class Pilot(models.Model):
    """A community's pilot compound, the mode tried there, and what came of it.

    ``community`` is the one in which the compound lay when the pilot began. One that failed makes room for another;
    one that was entered by mistake is withdrawn.
    """

    scope_path = "community"

    community = models.ForeignKey(Division, models.PROTECT, related_name="+", verbose_name=_("Community"))
    compound = models.ForeignKey(Compound, models.PROTECT, related_name="pilots", verbose_name=_("Pilot compound"))
    mode = models.CharField(_("Mode tried"), max_length=12, choices=Mode.choices)
    started_on = models.DateField(_("Begun on"))
    ended_on = models.DateField(_("Ended on"), null=True, blank=True)
    result = models.CharField(_("Result"), max_length=10, choices=Result.choices, default=Result.UNDER_WAY)
    lessons = models.TextField(_("Lessons"), max_length=2000, blank=True)
    rollout = models.TextField(_("Roll-out"), max_length=2000, blank=True)
    document = models.CharField(_("Document"), max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("Recorded by"),
    )  # fmt: skip
    recorded_at = models.DateTimeField(_("Recorded at"), auto_now_add=True)
    withdrawn_at = models.DateTimeField(_("Withdrawn at"), null=True, blank=True)
    withdrawn_reason = models.CharField(_("Reason for the withdrawal"), max_length=200, blank=True)

    objects = PilotQuerySet.as_manager()

    class Meta:
        ordering = ["community", "-started_on"]
        verbose_name = _("Pilot")
        verbose_name_plural = _("Pilots")
        constraints = [
            models.UniqueConstraint(
                fields=["community"], condition=Q(withdrawn_at__isnull=True) & ~Q(result=Result.FAILED),
                name="pilot_one_per_community",
            ),
            models.CheckConstraint(
                condition=Q(result=Result.UNDER_WAY, ended_on__isnull=True)
                | (~Q(result=Result.UNDER_WAY) & Q(ended_on__gte=F("started_on"))),
                name="pilot_ends_with_its_result",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=Mode.values) & ~Q(mode=Mode.NONE), name="pilot_tries_a_mode"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | ~Q(withdrawn_reason=""), name="pilot_withdrawn_with_reason"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return str(self.compound)
