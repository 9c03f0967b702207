"""Tokens 访问令牌: keys by which other systems use the API in the name of an account."""

import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from communities.divisions.models import Division, Succession
from communities.people.models import User
from communities.tokens.choices import TokenScope


class TokenQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "TokenQuerySet":
        """One's own, and those of the accounts that one may know of."""
        return self.filter(Q(user=user) | Q(user__in=User.objects.visible_to(user)))

    def unrevoked(self) -> "TokenQuerySet":
        return self.filter(revoked_at__isnull=True)


class Token(models.Model):
    """A key of a client. The secret itself is shown once and stored nowhere; ``digest`` is its SHA-256 in hex.

    ``scopes`` are names of ``TokenScope`` separated by spaces. ``division`` is what the token was limited to when it
    was made; None: all that the owner sees. Where divisions have followed it since, ``limits`` are those.
    ``last_used_at`` is exact to some minutes.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="tokens", verbose_name=_("Owner"))
    name = models.CharField(_("What for"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(_("Begins with"), max_length=12, editable=False)
    scopes = models.CharField(_("Scopes"), max_length=200)
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Limited to")
    )
    made_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Made by")
    )
    made_at = models.DateTimeField(_("Made at"), default=timezone.now)
    expires_at = models.DateTimeField(_("Expires at"))
    last_used_at = models.DateTimeField(_("Last used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("Revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("Revoked by")
    )

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        verbose_name = _("Token")
        verbose_name_plural = _("Tokens")
        constraints = [
            models.CheckConstraint(condition=Q(Exact(Length("digest"), 64)), name="token_digest_is_sha256"),
            models.CheckConstraint(condition=~Q(name=""), name="token_is_named"),
            models.CheckConstraint(condition=Q(scopes__contains=":"), name="token_has_a_scope"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="token_expires_after_it_is_made"),
            models.CheckConstraint(
                condition=Q(revoked_by__isnull=True) | Q(revoked_at__isnull=False), name="token_revoked_by_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["user", "name"], condition=Q(revoked_at__isnull=True), name="token_name_stands_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_names(self) -> list[str]:
        return self.scopes.split()

    @property
    def scope_labels(self) -> list[tuple[str, Any]]:
        """Each scope with what it means; one that an older release knew stands for itself."""
        return [(name, TokenScope(name).label if name in TokenScope.values else name) for name in self.scope_names]

    @property
    def limits(self) -> list[Division]:
        """The divisions that the token is limited to now; none: everything that the owner sees."""
        followed = [step.division for step in self.steps.all() if step.left_with_id is None]
        return sorted(followed, key=lambda one: one.code) or ([self.division] if self.division else [])

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and not self.is_expired

    @property
    def ends_soon(self) -> bool:
        return self.is_live and self.expires_at <= timezone.now() + datetime.timedelta(days=14)


class TokenStep(models.Model):
    """A division that a token came to by a change of divisions, until it leaves it by another one."""

    token = models.ForeignKey(Token, models.CASCADE, related_name="steps")
    division = models.ForeignKey(Division, models.PROTECT, related_name="+")
    came_with = models.ForeignKey(Succession, models.PROTECT, related_name="+")
    left_with = models.ForeignKey(Succession, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["token", "division"], condition=Q(left_with__isnull=True), name="token_step_stands_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.token_id} → {self.division_id}"


class TokenUse(models.Model):
    """A day on which a token was used from an address: what the log of log-ins says about clients."""

    token = models.ForeignKey(Token, models.PROTECT, related_name="uses")
    day = models.DateField()
    address = models.GenericIPAddressField()
    first_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "day", "address"], name="token_use_once")]
        indexes = [models.Index(fields=["first_at"], name="token_use_by_time")]

    def __str__(self) -> str:
        return f"{self.token_id} {self.day} {self.address}"
