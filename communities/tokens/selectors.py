"""Reads on tokens."""

from django.db.models import QuerySet
from django.utils import timezone

from communities.people.models import User
from communities.tokens.choices import ACTIONS, BESIDES, TokenScope
from communities.tokens.models import Token, TokenQuerySet


def own_tokens(user: User) -> QuerySet[Token]:
    """The user's tokens that were not revoked, the newest first."""
    return user.tokens.unrevoked().select_related("division").prefetch_related("steps__division")


def tokens_of_others(user: User) -> TokenQuerySet:
    """The tokens, not revoked, of other accounts that the user may know of."""
    if not user.may("people.read"):
        return Token.objects.none()
    related = ("user", "division")
    found = Token.objects.visible_to(user).unrevoked().exclude(user=user).select_related(*related)
    return found.prefetch_related("user__appointments", "steps__division")


def live_tokens() -> QuerySet[Token]:
    """Every token that opens something if its owner may come in."""
    return Token.objects.unrevoked().filter(expires_at__gt=timezone.now())


def useful_scopes(user: User) -> list[TokenScope]:
    """The scopes that would open something that the user may do somewhere."""
    return [
        scope for scope, actions in ACTIONS.items() if any(user.may(action) for action in actions - BESIDES or actions)
    ]
