"""Every request has a number, which stands in its answer, in every line of the log, and on the page of an error."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from chaoyang_pm.kit.logs.context import bind

log = logging.getLogger("chaoyang_pm.requests")

HEADER = "X-Request-ID"
#: What a front server may send: nothing that could be mistaken for something else in a log.
_WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestLog:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        number = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        request.request_id = number  # type: ignore[attr-defined]  # read by the pages of errors
        started = time.perf_counter()
        with bind(request=number):
            response = self.get_response(request)
            self._note(request, response, 1000 * (time.perf_counter() - started))
        response[HEADER] = number
        return response

    @staticmethod
    def _note(request: HttpRequest, response: HttpResponse, milliseconds: float) -> None:
        match = request.resolver_match
        if match is None and response.status_code < 400:
            return  # a static file
        user = getattr(request, "_cached_user", None)  # asking request.user would ask the database
        fields = {
            "method": request.method,
            "route": match.view_name if match and match.view_name else "-",
            "status": response.status_code,
            "ms": round(milliseconds),
            "user": user.pk if user is not None else None,
        }
        level = logging.DEBUG if fields["route"] == "healthz" and response.status_code < 400 else logging.INFO
        log.log(level, "request", extra=fields)
