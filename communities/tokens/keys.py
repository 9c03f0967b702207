"""Secrets of tokens, and who comes with one.

A secret is 256 random bits, so that a plain SHA-256 is as good as a slow hash: nobody can try what they cannot guess,
and the digest is an index that finds token, owner and offices in one query.
"""

import copy
import datetime
import hashlib
import secrets
from collections.abc import Iterable, Iterator

from django.db.models import FilteredRelation, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.rates import is_first
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.people.models import Appointment, User
from communities.tokens.choices import Limit
from communities.tokens.models import Token, TokenUse

#: By this a secret is recognised in a configuration file, and by those who look for leaked ones.
PREFIX = "cpm_"
#: Letters of a secret that stay readable, so that its owner can tell tokens apart.
HINT_LENGTH = 8
#: The time of last use is written at most this often: not every call costs a write.
USED_EVERY = datetime.timedelta(minutes=10)
#: No request without an address is expected; one over a socket has none.
NO_ADDRESS = "0.0.0.0"  # noqa: S104 — nothing is bound to it


class Unaccepted(Exception):
    """A token that opens nothing: ``code`` for programs, str() for people. Only its holder is told why."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


def new_secret() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def owner_by(secret: str) -> tuple[User, Token]:
    """The owner of a token as the token lets him act, and the token with its owner as he is. One query.

    The user's offices are narrowed to the token's divisions and his rights to its scopes, so that scope, matrix and
    selectors need to know nothing of tokens. Raises Unaccepted.
    """
    held = Q(user__appointments__since__lte=business_date()) & (
        Q(user__appointments__until__isnull=True) | Q(user__appointments__until__gte=business_date())
    )
    rows = list(
        Token.objects.filter(digest=digest_of(secret))
        .annotate(
            held=FilteredRelation("user__appointments", condition=held),
            step=FilteredRelation("steps", condition=Q(steps__left_with__isnull=True)),
        )
        .select_related(  # type: ignore[misc]  # as annotated
            "user", "division", "held__division", "held__department", "step__division"
        )
        .order_by()
    )
    if not rows:
        raise Unaccepted("unknown", _("There is no such token; check that it was copied as a whole."))
    token = rows[0]
    # Every office comes with every step.
    offices = list({row.held.pk: row.held for row in rows if hasattr(row, "held")}.values())
    followed = {row.step.pk: row.step.division for row in rows if hasattr(row, "step")}
    _check(token, offices)
    owner = copy.copy(token.user)
    owner.__dict__["current_appointments"] = narrowed(offices, list(followed.values()) or [token.division])
    owner.limit = Limit(frozenset(token.scope_names))
    return owner, token


def _check(token: Token, offices: list[Appointment]) -> None:
    if token.revoked_at:
        message = _("This token was revoked on %(day)s; make a new one in the portal.")
        raise Unaccepted("revoked", message % {"day": timezone.localdate(token.revoked_at).isoformat()})
    if token.is_expired:
        message = _("This token expired on %(day)s; make a new one in the portal.")
        raise Unaccepted("expired", message % {"day": timezone.localdate(token.expires_at).isoformat()})
    if not token.user.is_active:
        raise Unaccepted("owner_disabled", _("The account that this token belongs to is disabled."))
    if not offices:
        raise Unaccepted("owner_without_office", _("The account that this token belongs to holds no office now."))


def narrowed(offices: Iterable[Appointment], divisions: Iterable[Division | None]) -> list[Appointment]:
    """Offices as far as they reach into divisions (None: as they are), the highest first; not to be saved."""
    found = [office for division in divisions for office in _within(offices, division)]
    return sorted(found, key=lambda one: (len(one.division_id or ""), one.division_id or "", one.role))


def _within(offices: Iterable[Appointment], division: Division | None) -> Iterator[Appointment]:
    for office in offices:
        own, code = office.division_id or "", division.code if division else ""
        if code.startswith(own) or len(own) == CODE_LENGTH[Level.CITY]:
            office = copy.copy(office)
            if division:
                office.division = division
        elif not own.startswith(code):
            continue
        yield office


def note_use(token: Token, address: str | None) -> None:
    """Note that a token was used now, from an address; writes at most once in some minutes."""
    address, now = address or NO_ADDRESS, timezone.now()
    if not is_first(f"token:{token.pk}:{address}", seconds=USED_EVERY.total_seconds()):
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USED_EVERY)
    Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    use = TokenUse(token=token, day=timezone.localdate(now), address=address, first_at=now)
    TokenUse.objects.bulk_create([use], ignore_conflicts=True)
