"""The API's description (OpenAPI 3.1), made from what each endpoint declares and enforces.

An endpoint says ``summary``, its docstring, ``parameters``, ``result`` (a serializer that describes the object, or a
row of a list; it never runs), ``result_more`` (of a list: what the answer says besides its rows), ``example``; where it
takes something, ``body`` (fields), ``body_examples`` (by what they show) and ``posted`` (status → serializer, example);
``upload``, the name of a file in a form, and of a kept file ``media_types``.
"""

import inspect
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson
from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser

from chaoyang_pm.kit.api import formats
from chaoyang_pm.kit.api.bodies import as_object
from chaoyang_pm.kit.api.problems import CONTENT_TYPE

#: What can go wrong anywhere, and what only a body can.
_ALWAYS = (400, 401, 403, 404, 405, 406, 429, 500, 503)
_WITH_BODY = (409, 413, 415, 422)
_HEADERS = {
    "ETag": {
        "description": "Label of the answer; sent back as `If-None-Match`, an unchanged answer is 304.",
        "schema": {"type": "string"},
    }
}
_TABLES: dict[str, dict[str, Any]] = {
    formats.CSV: {"type": "string", "description": "UTF-8 with byte order mark; columns as in the rows."},
    formats.XLSX: {"type": "string", "format": "binary"},
}


class FieldProblem(serializers.Serializer):
    field = serializers.CharField(help_text="Parameter, field of the body, or header.", allow_blank=True)
    value = serializers.CharField(help_text="What was sent.", allow_blank=True)
    message = serializers.CharField(help_text="What is wrong, and what is accepted.")


class ProblemDetails(serializers.Serializer):
    """Problem details (RFC 9457) in the reader's language."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(allow_blank=True)
    instance = serializers.CharField(help_text="Path of the request.")
    request = serializers.CharField(help_text="The request's number, as in the portal's log.", allow_blank=True)
    errors = FieldProblem(many=True)


class Schema(AutoSchema):
    """The description of one endpoint."""

    def get_operation_id(self) -> str:
        name = type(self.view).__name__
        return f"{self.method.lower()}_{''.join(f'_{c.lower()}' if c.isupper() else c for c in name).lstrip('_')}"

    def get_summary(self) -> str:
        return self.view.summary if self.method == "GET" else self.view.write_summary

    def get_description(self) -> str:
        """The docstring; of a write beside a read ``write_about``, or that of the class that says how it is done."""
        if self.method != "GET" and (said := getattr(self.view, "write_about", "")):
            return inspect.cleandoc(said)
        about = type(self.view)
        if self.method != "GET" and "GET" in self.view.allowed_methods:
            about = next(one for one in about.__mro__ if self.method.lower() in vars(one))
        return inspect.cleandoc(about.__doc__ or "")

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [{"token": []}, {"session": []}]

    def _get_parameters(self) -> list[dict[str, Any]]:
        names = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        described = [
            {"name": name, "in": "path", "required": True, **self.view.path_parameters[name]} for name in names
        ]  # fmt: skip
        if self.method == "GET":
            return [*described, *(parameter.as_openapi() for parameter in self.view.known)]
        headers = [header | {"in": "header", "required": True} for header in self.view.write_headers]
        return [*described, *headers]

    def _get_request_body(self, direction: str = "request") -> dict[str, Any] | None:
        if self.method == "GET":
            return None
        schema = as_object(self.view.body, self.view.body_required)
        if upload := getattr(self.view, "upload", None):
            schema["properties"][upload] = {"type": "string", "format": "binary"}
            schema["required"] = [*schema["required"], upload]
            return {"required": True, "content": {MultiPartParser.media_type: {"schema": schema}}}
        examples = {name: {"summary": name, "value": body} for name, body in self.view.body_examples.items()}
        content = {"schema": schema, "examples": examples}
        return {"required": bool(self.view.body_required), "content": {formats.MEDIA_TYPES[formats.JSON]: content}}

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        if self.method == "GET":
            found = {"200": self._read(), "304": {"description": "Nothing changed since the answer with this ETag."}}
            failing: tuple[int, ...] = _ALWAYS
        else:
            found = {str(status): self._json(status, *answer) for status, answer in self.view.posted.items()}
            failing = (*_ALWAYS, *_WITH_BODY)
        problem = {"schema": self._component(ProblemDetails)}
        for status in sorted(failing):
            found[str(status)] = {"description": HTTPStatus(status).phrase, "content": {CONTENT_TYPE: problem}}
        return found

    def _read(self) -> dict[str, Any]:
        view = self.view
        if media_types := getattr(view, "media_types", ()):
            kept = {"schema": {"type": "string", "format": "binary"}}
            return {"description": "The file.", "headers": _HEADERS, "content": dict.fromkeys(media_types, kept)}
        schema = self._component(view.result)
        if hasattr(view, "columns"):
            schema = {
                "type": "object",
                "properties": {
                    "results": {"type": "array", "items": schema},
                    "next": {
                        "type": ["string", "null"],
                        "description": "Address of the following page, relative to the server; null on the last.",
                    },
                },
                "required": ["results", "next"],
            }
            if view.result_more:
                schema = {"allOf": [schema, self._component(view.result_more)]}
        answer = self._json(200, schema, view.example)
        answer["headers"] = _HEADERS
        for form in view.formats:
            if form in _TABLES:
                answer["content"][formats.MEDIA_TYPES[form]] = {"schema": _TABLES[form]}
        return answer

    def _json(self, status: int, described: Any, example: Any) -> dict[str, Any]:
        schema = described if isinstance(described, dict) else self._component(described)
        content = {"schema": schema, "example": example}
        phrase = HTTPStatus(status).phrase
        return {"description": phrase, "content": {formats.MEDIA_TYPES[formats.JSON]: content}}

    def _component(self, serializer: type[serializers.Serializer]) -> dict[str, Any]:
        component: ResolvedComponent = self.resolve_serializer(serializer, "response")
        return component.ref


@lru_cache
def document() -> bytes:
    """The whole description as JSON: in English, the words' meanings in Chinese, whoever reads it."""
    with override("zh-hans"):
        return orjson.dumps(_plain(SchemaGenerator().get_schema(public=True)))


def _plain(part: Any) -> Any:
    """Without the generator's own marks."""
    if isinstance(part, dict):
        return {name: _plain(value) for name, value in part.items() if name != "x-spec-enum-id"}
    return [_plain(one) for one in part] if isinstance(part, list) else part
