"""Sessions that end, and what comes before anything else: a password of one's own, the second factor."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
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


class LoggedIn(LoginRequiredMiddleware):
    """Whoever must log in comes back to the page with the form, not to an address that only takes forms or parts."""

    def handle_no_permission(self, request: HttpRequest, view_func) -> HttpResponse:
        is_part = request.headers.get("HX-Request") == "true"
        if request.method == "GET" and not is_part:
            return super().handle_no_permission(request, view_func)
        is_page = request.method != "GET" and _has_page(view_func)
        place = request.get_full_path() if is_page else _came_from(request)
        answer = redirect_to_login(place, self.get_login_url(view_func), self.get_redirect_field_name(view_func))
        # A part of a page would show the page to log in within itself.
        return HttpResponse(headers={"HX-Redirect": answer["Location"]}) if is_part else answer


def _has_page(view) -> bool:
    view_class = getattr(view, "view_class", None)
    return hasattr(view_class, "get") and "get" in view_class.http_method_names


def _came_from(request: HttpRequest) -> str:
    """The page of the portal on which the form or part was; the first page if the browser does not say."""
    place = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(place, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    parts = urlsplit(place)
    return parts.path + (f"?{parts.query}" if parts.query else "")


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
