"""Holds answers of the API against its own description."""

import json
import re
from functools import lru_cache
from typing import Any

import jsonschema

from chaoyang_pm.kit.api.schema import document


@lru_cache
def description() -> dict:
    return json.loads(document())


def check(instance: Any, schema: dict) -> None:
    """Fails with what does not fit; references are looked up in the description."""
    root = {"components": description()["components"], **schema}
    validator = jsonschema.Draft202012Validator(root, format_checker=jsonschema.FormatChecker())
    wrong = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(instance)]
    assert wrong == []


def check_answer(answer: Any, method: str, path: str) -> None:
    """An answer of an address of the API has a status, a content type and a content that are described."""
    status, content_type = str(answer.status_code), answer.headers.get("Content-Type", "").partition(";")[0]
    operation = _operation(method, path.partition("?")[0])
    if operation is None:
        assert status in ("404", "405"), path
        check(answer.json(), {"$ref": "#/components/schemas/ProblemDetails"})
        return
    response = operation["responses"][status]
    if "content" not in response:
        assert answer.content == b""
        return
    schema = response["content"][content_type]["schema"]
    if content_type.endswith("json"):
        check(answer.json(), schema)


def _operation(method: str, path: str) -> dict | None:
    for known, methods in description()["paths"].items():
        pattern = re.sub(r"\{\w+\}", "[^/]+", known.rstrip("/"))
        if re.fullmatch(pattern, path.rstrip("/")):
            return methods.get(method)
    return None
