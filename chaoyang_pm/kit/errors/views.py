"""Pages for what went wrong. They ask neither the database nor the session, so that nothing about them can fail."""

import sys

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.views.decorators.csrf import requires_csrf_token

#: What browsers and front servers are told to wait before they ask again.
RETRY_SECONDS = 30


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return page(request, 413)
    return page(request, 400)


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
    """A page of ``templates/errors``; if even that cannot be made, the bare number."""
    number = getattr(request, "request_id", "")
    try:
        context = {"request_id": number, "path": request.path, "language": get_language()}
        content = str(render_to_string(f"errors/{name or status}.html", context))
    except Exception:  # whatever it is, there must be an answer
        content = f"{status} {number}"
    response = HttpResponse(content, status=status)
    response["Cache-Control"] = "no-store"
    return response
