"""The API's description: valid, complete, with an example of everything, and true of every answer."""

import pytest
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.validation import validate_schema

from tests.description import check, description

EVERY = [
    "divisions/", "divisions/?level=community&page_size=3", "compounds/", "compounds/?page_size=1", "compounds/A/",
    "compounds/D/", "compounds/A/ledger/", "coverage/", "coverage/?by=county", "coverage/?by=category",
    "coverage/series/", "movements/", "restatement/?from=3", "targets/", "ledger/entries/",
    "targets/T1/", "targets/T4/", "targets/T1/parts/", "tables/movements/?from=2014-06-30", "tables/summary/",
    "tables/unmanaged/", "tables/restatement/?from_height=3", "tables/movements/?division=211302001003",
    "procedures/", "procedures/?kind=P4.2a&days=30&state=running&division=2113", "pilots/", "pilots/?result=failed",
    "ledger/entries/?after=18", "ledger/entries/19/",
]  # fmt: skip


def operations():
    for path, methods in description()["paths"].items():
        for method, operation in methods.items():
            yield pytest.param(path, method, operation, id=f"{method} {path}")


def test_it_is_valid_and_of_version_3_1():
    assert description()["openapi"].startswith("3.1")
    validate_schema(description())


def test_every_address_of_the_api_is_described():
    names = {pattern.name for pattern in _patterns(get_resolver()) if getattr(pattern.callback, "cls", None)}
    assert len(description()["paths"]) == len(names - {"schema"})


def _patterns(resolver):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _patterns(pattern)
        else:
            yield pattern


def _is_file(schema: dict) -> bool:
    """A file, alone or in a form: what is in it no example can show."""
    return schema.get("format") == "binary" or any(map(_is_file, schema.get("properties", {}).values()))


@pytest.mark.parametrize(("path", "method", "operation"), list(operations()))
def test_every_operation_is_told_with_examples_that_fit(path, method, operation):
    assert operation["summary"]
    assert operation["description"]
    for parameter in operation.get("parameters", []):
        assert parameter["description"]
        assert "example" in parameter, parameter["name"]
        check(parameter["example"], parameter["schema"])
    contents = [operation.get("requestBody", {}).get("content", {})]
    good = [status for status in operation["responses"] if status.startswith("2")]
    assert good
    contents += [operation["responses"][status]["content"] for status in good]
    for content in contents:
        if content and not all(_is_file(of["schema"]) for of in content.values()):
            shown = content["application/json"]
            examples = [each["value"] for each in shown.get("examples", {}).values()] or [shown["example"]]
            for each in examples:
                check(each, shown["schema"])
    for status in ("400", "401", "403", "404", "429"):
        assert "application/problem+json" in operation["responses"][status]["content"]


@pytest.mark.parametrize("path", EVERY)
@pytest.mark.django_db
def test_answers_are_as_described(example, api, path):
    assert api(path).status_code == 200  # the fixture holds every answer against the description


@pytest.mark.django_db
def test_the_description_is_given_to_whoever_logs_in_or_has_a_token(cast, api):
    answer = api("/api/schema/")
    assert answer.json() == description()
    assert api("/api/schema/", **{"If-None-Match": answer["ETag"]}).status_code == 304
    assert Client().get("/api/schema/").status_code == 401


@pytest.mark.django_db
def test_the_page_loads_nothing_from_elsewhere_and_says_nothing_inline(cast, api):
    page = api("/api/docs/")
    body = page.content.decode()
    assert 'data-schema="/api/schema"' in body
    assert "http://" not in body
    assert "https://" not in body
    assert "<style" not in body
    assert "unsafe" not in page["Content-Security-Policy"]
    assert Client().get("/api/docs/").url.startswith("/accounts/login/")
