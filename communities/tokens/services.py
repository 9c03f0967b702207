"""Writes on tokens. ``by=None`` is the command line."""

import datetime
from collections.abc import Iterable, Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.permissions import require
from communities.divisions.models import Division, Succession
from communities.people.initial import AGAIN
from communities.people.models import User
from communities.people.services import Unusable, note
from communities.tokens import selectors
from communities.tokens.choices import DEFAULT_DAYS, MAX_DAYS, TokenScope
from communities.tokens.keys import HINT_LENGTH, digest_of, new_secret
from communities.tokens.models import Token, TokenStep, TokenUse

#: How many live tokens one account may have: more are a sign of a program that makes them.
MOST = 20
#: How long the log of log-ins tells of uses.
KEPT = datetime.timedelta(days=180)


@transaction.atomic
def make(
    *, user: User, name: str, scopes: Iterable[str], by: User | None, division: Division | None = None,
    days: int = DEFAULT_DAYS,
) -> tuple[Token, str]:  # fmt: skip
    """A token of ``user``, and its secret, which is shown once. People make their own only.

    Any scope that exists may be given: what it opens is the owner's right of the day. Raises PermissionDenied, or
    Unusable with every problem of the input.
    """
    if by:
        require(by.may("tokens.make"))
        if by != user:
            raise PermissionDenied(_("One makes tokens for oneself only."))
    user = User.objects.select_for_update().get(pk=user.pk)
    name, scopes, now = " ".join(name.split()), list(dict.fromkeys(scopes)), timezone.now()
    for expired in user.tokens.unrevoked().filter(expires_at__lte=now, name=name):
        _revoke(expired, by)  # its successor takes the name
    if problems := _problems(user, name, scopes, division, days):
        raise Unusable(problems)
    secret = new_secret()
    token = Token.objects.create(
        user=user, name=name, digest=digest_of(secret), hint=secret[:HINT_LENGTH], scopes=" ".join(scopes),
        division=division, made_by=by, made_at=now, expires_at=now + datetime.timedelta(days=days),
    )  # fmt: skip
    note(user, by, {"token_made": ["", said(token)]})
    return token, secret


@transaction.atomic
def secret_anew(*, token: Token, by: User) -> str | None:
    """Another secret for one's own token, made just now and not used yet, whose form came twice: of both answers a
    browser shows the last, so that one has to hold. None where it is too late."""
    token = Token.objects.select_for_update().get(pk=token.pk)
    if by != token.user or token.revoked_at or token.last_used_at or token.made_at < timezone.now() - AGAIN:
        return None
    secret = new_secret()
    token.digest, token.hint = digest_of(secret), secret[:HINT_LENGTH]
    token.save(update_fields=["digest", "hint"])
    note(token.user, by, {"token_secret": ["", token.name]})
    return secret


def free_name(user: User) -> str:
    """What a token made on the command line is called unless it is given a name."""
    taken = set(user.tokens.unrevoked().values_list("name", flat=True))
    base, number = _("Command line"), 1
    while (name := base if number == 1 else f"{base} {number}") in taken:
        number += 1
    return name


def said(token: Token) -> str:
    """A token in the history of rights: what for, which scopes, where, and how long."""
    facts = [token.name, token.scopes.replace(" ", ", "), _(", ").join(map(str, token.limits))]
    until = _("until %(day)s") % {"day": timezone.localdate(token.expires_at).isoformat()}
    return " · ".join(part for part in [*facts, until] if part)


def _problems(user: User, name: str, scopes: list[str], division: Division | None, days: int) -> dict[str, str]:
    problems = {}
    if not 0 < len(name) <= 60:
        problems["name"] = _("Say what the token is for, in at most 60 characters.")
    elif user.tokens.unrevoked().filter(name=name).exists():
        problems["name"] = _("There is a token of this name already; revoke it, or choose another name.")
    elif user.tokens.unrevoked().filter(expires_at__gt=timezone.now()).count() >= MOST:
        problems["name"] = _("An account has at most %(most)s tokens; revoke one first.") % {"most": MOST}
    unknown = [scope for scope in scopes if scope not in TokenScope.values]
    if unknown or not scopes:
        message = _("There is no scope “%(scope)s”; accepted: %(accepted)s.")
        accepted = ", ".join(TokenScope.values)
        problems["scopes"] = message % {"scope": _(", ").join(unknown), "accepted": accepted}
    if not 1 <= days <= MAX_DAYS:
        problems["days"] = _("A token lives from 1 to %(most)s days.") % {"most": MAX_DAYS}
    if division and not user.scope.covers(division.code):
        message = _("%(division)s lies outside of what the account sees.")
        problems["division"] = message % {"division": division}
    return problems


@transaction.atomic
def revoke(*, token: Token, by: User | None) -> Token:
    """End a token at once: one's own, or one of an account that one looks after. Again changes nothing."""
    if by and by != token.user:
        require(by.may("people.manage", token.user))
    token = Token.objects.select_for_update(of=("self",)).select_related("user", "division").get(pk=token.pk)
    if token.revoked_at is None:
        _revoke(token, by)
        note(token.user, by, {"token_revoked": [token.name, ""]})
    return token


def revoke_all(*, user: User, by: User | None) -> int:
    """End all tokens of an account, with its password: whoever knew that one could have made them."""
    live = list(user.tokens.unrevoked())
    for token in live:
        revoke(token=token, by=by)
    return len(live)


def end_all() -> int:
    """End every token there is: nobody knows which of them should live. Returns how many."""
    live = list(selectors.live_tokens())
    for token in live:
        revoke(token=token, by=None)
    return len(live)


@transaction.atomic
def follow_succession(*, succession: Succession, followers: Mapping[str, Iterable[str]], by: User | None) -> None:
    """Tokens limited to a division that ends are limited to its successors, as offices go along.

    ``followers`` are the successors' codes by the code of the division that ends (``people.follow_succession``).
    """
    stands = TokenStep.objects.filter(left_with__isnull=True, division__in=list(followers))
    limited = Q(division__in=list(followers)) | Q(pk__in=stands.values("token"))
    for token in _with_limits(Token.objects.unrevoked().filter(limited)):
        ended = {division.code for division in token.limits if division.code in followers}
        kept = {division.code for division in token.limits} - ended
        if ended:
            token.steps.filter(left_with__isnull=True, division__in=ended).update(left_with=succession)
            coming = {code for division in ended for code in followers[division]} - kept
            TokenStep.objects.bulk_create(
                TokenStep(token=token, division_id=code, came_with=succession) for code in sorted(coming)
            )
            _note_step(token, by)


@transaction.atomic
def undo_succession(*, succession: Succession, followers: Mapping[str, Iterable[str]], by: User | None) -> None:
    """Tokens go back to where they came from; those made since in a division that never was, to what it was made of.

    ``followers`` are the codes of what a division was made of, by its code.
    """
    came, left = TokenStep.objects.filter(came_with=succession), TokenStep.objects.filter(left_with=succession)
    moved = list(came.values_list("token", flat=True).distinct())
    came.delete()
    left.update(left_with=None)
    for token in Token.objects.unrevoked().filter(pk__in=moved):
        _note_step(token, by)
    follow_succession(succession=succession, followers=followers, by=by)


def _with_limits(tokens: QuerySet[Token]) -> QuerySet[Token]:
    return tokens.select_related("user", "division").prefetch_related("steps__division").order_by("pk")


def _note_step(token: Token, by: User | None) -> None:
    token = _with_limits(Token.objects.filter(pk=token.pk)).get()
    places = _(", ").join(f"{division} {division.code}" for division in token.limits)
    note(token.user, by, {"token_followed": ["", f"{token.name} · {places}"]})


def _revoke(token: Token, by: User | None) -> None:
    token.revoked_at, token.revoked_by = timezone.now(), by
    token.save(update_fields=["revoked_at", "revoked_by"])


def tidy() -> int:
    """Remove what the log of log-ins says about uses of long ago; returns how many lines."""
    removed, _by_model = TokenUse.objects.filter(first_at__lt=timezone.now() - KEPT).delete()
    return removed
