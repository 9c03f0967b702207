"""What went wrong, as problem details (RFC 9457) in the reader's language.

``{type, title, status, detail, instance, request, errors: [{field, value, message}]}``; ``request`` is the number that
stands in the log, ``errors`` names each unusable field.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions

from chaoyang_pm.kit.problems import BadQuestion, Problem

CONTENT_TYPE = "application/problem+json"
#: Everything below this path is answered in this form, also what no endpoint has answered.
PREFIX = "/api/"

TITLES: dict[int, Any] = {
    400: gettext_lazy("Unusable request"),
    401: gettext_lazy("Not logged in"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Method not possible here"),
    406: gettext_lazy("Format not available"),
    409: gettext_lazy("In conflict with another request"),
    413: gettext_lazy("Too large"),
    415: gettext_lazy("Content type not accepted"),
    422: gettext_lazy("Refused"),
    429: gettext_lazy("Too many requests"),
    500: gettext_lazy("Something went wrong"),
    503: gettext_lazy("Not available at the moment"),
}
DETAILS: dict[int, Any] = {
    400: gettext_lazy("The request cannot be read."),
    401: gettext_lazy("Log in to the portal, or send a token: “Authorization: Bearer …”."),
    403: gettext_lazy("You may not do this."),
    404: gettext_lazy("There is nothing at this address, or it lies outside of what you may see."),
    413: gettext_lazy("The request is larger than what is accepted."),
    500: gettext_lazy(
        "Nothing was written. Try again; if it happens again, tell the administrator the request's number."
    ),
    503: gettext_lazy("The portal is closed for a moment. Try again later."),
}  # fmt: skip


class Unacceptable(BadQuestion):
    """Nothing of what the request accepts can be given (406)."""


class NotFound(Http404):
    """A row named by a parameter or in a body that there is not, or not for this reader (404); says which field."""

    def __init__(self, field: str, value: Any):
        super().__init__(field)
        message = _("There is no “%(value)s” here, or it lies outside of what you may see.")
        self.problems = [Problem(field, str(value), message % {"value": value})]


class Forbidden(PermissionDenied):
    """What a field asks for is not this reader's to ask (403); says which field, and why."""

    def __init__(self, field: str, value: Any, reason: str):
        super().__init__(reason)
        self.problems = [Problem(field, str(value), reason)]


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith(PREFIX)


def problem(
    request: HttpRequest, status: int, detail: str | Promise = "", *, errors: Iterable[Problem] = (),
    headers: Mapping[str, str] | None = None, more: Mapping[str, Any] | None = None,
) -> HttpResponse:  # fmt: skip
    """One problem as an answer, with ``more`` members of its own. Asks neither the database nor the session."""
    body = {
        "type": "about:blank",
        "title": str(TITLES.get(status) or HTTPStatus(status).phrase),
        "status": status,
        "detail": _sayable(detail or DETAILS.get(status, "")),
        "instance": request.path,
        "request": getattr(request, "request_id", ""),
        "errors": [
            {"field": _sayable(one.field), "value": _sayable(one.value), "message": _sayable(one.message)}
            for one in errors
        ],
        **(more or {}),
    }
    response = HttpResponse(orjson.dumps(body, default=str), content_type=CONTENT_TYPE, status=status)
    for name, value in {"Cache-Control": "no-store", **(headers or {})}.items():
        response[name] = value
    return response


def _sayable(text: Any) -> str:
    """A text with whatever was sent in it: halves of characters, which JSON can escape, are no UTF-8."""
    return str(text).encode(errors="replace").decode()


def handle(exception: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """The answer to an exception of an endpoint; None for the unforeseen: Django logs it, ``handler500`` answers."""
    request = context["request"]._request
    match exception:
        case BadQuestion():
            status = 406 if isinstance(exception, Unacceptable) else 400
            return problem(request, status, str(exception), errors=exception.problems)
        case NotFound():
            return problem(request, 404, exception.problems[0].message, errors=exception.problems)
        case Http404():
            return problem(request, 404)
        case Forbidden():
            return problem(request, 403, str(exception), errors=exception.problems)
        case PermissionDenied():
            return problem(request, 403, str(exception))
        case RequestDataTooBig():
            return problem(request, 413)
        case SuspiciousOperation():
            return problem(request, 400)
        case exceptions.APIException():
            return _of_framework(request, exception, context["view"])
    return None


def _of_framework(request: HttpRequest, exception: exceptions.APIException, view: Any) -> HttpResponse:
    """Errors that the framework raises itself; its English texts are replaced by ours."""
    headers = {}
    if challenge := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    detail: str | Promise = str(exception.detail)
    match exception:
        case exceptions.NotAuthenticated():
            detail = ""
        case exceptions.MethodNotAllowed():
            message = _("%(method)s is not possible at this address.")
            detail = message % {"method": request.method}
        case exceptions.UnsupportedMediaType():
            message = _("“%(value)s” is not accepted; send %(accepted)s.")
            accepted = ", ".join(parser.media_type for parser in view.parser_classes)
            detail = message % {"value": request.content_type or "—", "accepted": accepted}
        case exceptions.Throttled():
            wait = max(1, round(exception.wait or 1))
            headers["Retry-After"] = str(wait)
            detail = _("Too many requests; try again in %(seconds)s seconds.") % {"seconds": wait}
        case exceptions.ParseError() if not str(exception.detail):
            detail = ""
    return problem(request, exception.status_code, detail, headers=headers)
