"""Who comes with ``Authorization: Bearer …``, and how often one may.

Those who fail are counted by their address, and told to wait when it gets too much. A good token from there works all
the same: a whole office shares one address, and one forgotten program must not keep its colleagues out.
"""

from typing import Any

from axes.helpers import get_client_ip_address
from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.throttling import BaseThrottle

from chaoyang_pm.kit.rates import seconds_to_wait
from communities.people.models import User
from communities.tokens import keys
from communities.tokens.models import Token

SCHEME = b"bearer"


class Bearer(BaseAuthentication):
    """``request.user`` is the owner as the token lets him act, ``request.auth`` the token with its owner as he is."""

    def authenticate(self, request: Any) -> tuple[User, Token] | None:
        scheme, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower().encode("latin-1", "replace") != SCHEME:
            return None
        django_request = request._request
        address = get_client_ip_address(django_request)
        try:
            user, token = keys.owner_by(secret.strip())
        except keys.Unaccepted as unaccepted:
            if wait := seconds_to_wait(f"failed-token:{address}", most=settings.API_FAILURES):
                raise Throttled(wait) from None
            django_request.token_problem = unaccepted.code
            raise AuthenticationFailed(str(unaccepted), code=unaccepted.code) from None
        keys.note_use(token, address)
        django_request._cached_user = token.user  # the log names whose request it was
        return user, token

    def authenticate_header(self, request: Any) -> str:
        problem = getattr(request._request, "token_problem", "")
        more = f', error="invalid_token", error_description="{problem}"' if problem else ""
        return f'Bearer realm="chaoyang_pm"{more}'


class PerClient(BaseThrottle):
    """So many requests a minute of one token, or of one person with a session."""

    def allow_request(self, request: Any, view: Any) -> bool:
        client = f"token:{request.auth.pk}" if isinstance(request.auth, Token) else f"user:{request.user.pk}"
        self._wait = seconds_to_wait(client, most=settings.API_RATE)
        return not self._wait

    def wait(self) -> float:
        return self._wait
