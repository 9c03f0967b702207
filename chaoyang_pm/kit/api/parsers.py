"""Bodies: JSON, up to the portal's limit."""

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
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            message = _("The body is not JSON: %(error)s.")
            raise ParseError(message % {"error": error}) from None
