"""Sessions that end, and what comes before anything else: a password of one's own, the second factor."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

Answer = Callable[[HttpRequest], HttpResponse]
#: The time of last use is written at most this often: not every page costs a write.
SEEN_EVERY = 60


class IdleSessions:
    """Ends a session that nobody used for ``SESSION_IDLE_SECONDS``, or that is older than ``SESSION_COOKIE_AGE``."""

    def __init__(self, get_response: Answer):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            began, seen = (request.session.setdefault(key, now) for key in ("began", "seen"))
            if now - seen > settings.SESSION_IDLE_SECONDS or now - began > settings.SESSION_COOKIE_AGE:
                logout(request)
                messages.info(request, _("You were logged out because the session was not used. Log in again."))
            elif now - seen >= SEEN_EVERY:
                request.session["seen"] = now
        return self.get_response(request)


def first_thing(user) -> str:
    """The page that a person must see before anything else; "" for most."""
    if user.second_factor_since and not user.is_verified():
        return "people:verify"
    return "people:password" if user.must_change_password else ""


class FirstThings:
    """Leads whoever has an initial password, or has not given the second factor, to that page and no other."""

    #: Pages that stay open meanwhile.
    OPEN = {"people:password", "people:verify", "people:logout", "people:login", "set_language"}

    def __init__(self, get_response: Answer):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or request.resolver_match.view_name in self.OPEN:
            return None
        if not getattr(view, "login_required", True):
            return None
        first = first_thing(user)
        if first == "people:verify":
            meant = {"next": request.get_full_path()} if request.method == "GET" else None
            return redirect(reverse(first, query=meant))
        return redirect(first) if first else None
