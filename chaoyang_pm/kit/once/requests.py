"""Requests of programs that count once: the header with their key, and the answer that they get each time."""

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from chaoyang_pm.kit.api import formats
from chaoyang_pm.kit.api.problems import problem
from chaoyang_pm.kit.once.services import Done, OtherRequest
from chaoyang_pm.kit.problems import Problem, bad

KEY = "Idempotency-Key"
MAX_KEY = 200
#: How the API describes it.
HEADERS = (
    {
        "name": KEY, "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY}, "example": "4711-2015-05",
        "description": "A value of your own, new for each change: a request that is sent again counts once.",
    },
)  # fmt: skip


def idempotency_key(request: Any) -> str:
    """The key by which a request is known when it comes again. Raises BadQuestion."""
    key = request.headers.get(KEY, "").strip()
    if not key:
        raise bad(KEY, "", _("Send the header Idempotency-Key with a value of your own, new for each change."))
    if len(key) > MAX_KEY or not (key.isascii() and key.isprintable()):
        message = _("A key has at most %(most)s letters, digits and signs of ASCII.")
        raise bad(KEY, key[:40], message % {"most": MAX_KEY})
    return key


def answered(request: Any, key: str, do: Callable[[], Done]) -> HttpResponseBase:
    """The answer to what is done once; 422 where its key was used for something else."""
    try:
        done = do()
    except OtherRequest:
        message = _("This key was used for another request; send a new one with a new key.")
        return problem(request._request, 422, message, errors=[Problem(KEY, key, message)])
    response = formats.as_json(done.body, done.status)
    if done.status != 200:
        response["Location"] = done.body["url"]
    if done.again:
        response["Idempotency-Replayed"] = "true"
    return response
