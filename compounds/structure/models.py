"""What people said about compounds that look alike."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.scoping import ScopedQuerySet
from compounds.register.models import Compound


class KnownApartQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> "KnownApartQuerySet":
        """Pairs of which both lie in the user's scope."""
        return self.filter(user.scope.q("first__community"), user.scope.q("second__community"))


class KnownApart(models.Model):
    """非同一小区: somebody looked at two compounds that look alike and said that they are not the same.

    ``first`` has the smaller key, so that a pair is remembered once, whoever names it and in which order.
    """

    scope_path = "first__community"

    first = models.ForeignKey(Compound, models.CASCADE, related_name="apart_from_later", verbose_name=_("Compound"))
    second = models.ForeignKey(
        Compound, models.CASCADE, related_name="apart_from_earlier", verbose_name=_("Other compound")
    )
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, to_field="username", related_name="+", verbose_name=_("Said by")
    )
    said_at = models.DateTimeField(_("Said at"), auto_now_add=True)

    objects = KnownApartQuerySet.as_manager()

    class Meta:
        ordering = ["-said_at", "-pk"]
        verbose_name = _("Pair that is not the same")
        verbose_name_plural = _("Pairs that are not the same")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="known_apart_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="known_apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"
