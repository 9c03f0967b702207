"""Pages for what went wrong, and problem details below /api/.

They ask neither the database nor the session, so that nothing about them can fail.
"""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import page_not_found, permission_denied

from chaoyang_pm.kit.api import problems

#: What browsers and front servers are told to wait before they ask again.
RETRY_SECONDS = 30


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return page(request, 413)
    return page(request, 400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 404) if problems.is_api(request) else page_not_found(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(request, 403) if problems.is_api(request) else permission_denied(request, exception)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open for too long, or in a browser without cookies; its content is still in the browser."""
    return page(request, 403, "403_csrf")


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Something unforeseen; or a database that is away, which is nobody's mistake and passes."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return unavailable(request)
    return page(request, 500)


def unavailable(request: HttpRequest, name: str = "503") -> HttpResponse:
    response = page(request, 503, name)
    response["Retry-After"] = str(RETRY_SECONDS)
    return response


def page(request: HttpRequest, status: int, name: str = "") -> HttpResponse:
    """A page of ``templates/errors``; if even that cannot be made, the bare number. Programs get problem details."""
    if problems.is_api(request):
        return problems.problem(request, status)
    number = getattr(request, "request_id", "")
    try:
        context = {"request_id": number, "path": request.path, "language": get_language()}
        content = str(render_to_string(f"errors/{name or status}.html", context))
    except Exception:  # whatever it is, there must be an answer
        content = f"{status} {number}"
    response = HttpResponse(content, status=status)
    response["Cache-Control"] = "no-store"
    return response
