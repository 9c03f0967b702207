"""Bodies: JSON, up to the portal's limit."""

import json
from decimal import Decimal
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class JsonBody(BaseParser):
    """A JSON body; 413 above ``DATA_UPLOAD_MAX_MEMORY_SIZE``, whatever length it claims."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        try:
            claimed = int(stream.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            claimed = 0
        if claimed > most:
            raise RequestDataTooBig
        body = stream.read(most + 1)
        if len(body) > most:
            raise RequestDataTooBig
        try:
            return self.loads(body)
        except (ValueError, ArithmeticError, RecursionError) as error:
            message = _("The body is not JSON: %(error)s.")
            raise ParseError(message % {"error": error}) from None

    def loads(self, body: bytes) -> Any:
        return orjson.loads(body)


class ExactJsonBody(JsonBody):
    """A JSON body whose numbers come as int and Decimal, digit by digit as they were sent; no name stands twice."""

    def loads(self, body: bytes) -> Any:
        return json.loads(
            body.decode(), parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_each_name_once
        )


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} stands twice")
    return found
