"""Below /api/ everything that goes wrong is told as problem details, also what no endpoint has answered."""

import pytest
from django.db import OperationalError
from django.test import Client

from chaoyang_pm.kit.operations import maintenance
from communities.divisions.api import Divisions
from tests.description import check

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast):
    client = Client(raise_request_exception=False)
    client.force_login(cast["bureau"])
    return client


def told(answer, status: int) -> dict:
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    body = answer.json()
    check(body, {"$ref": "#/components/schemas/ProblemDetails"})
    assert body["status"] == status
    assert body["request"] == answer["X-Request-ID"]
    assert answer["Cache-Control"] == "no-store"
    return body


@pytest.mark.parametrize(("error", "status"), [(RuntimeError("secret"), 500), (OperationalError("away"), 503)])
def test_what_nobody_foresaw(client, monkeypatch, error, status):
    def fail(*args):
        raise error

    monkeypatch.setattr(Divisions, "rows", fail)
    answer = client.get("/api/v1/divisions/")
    told(answer, status)
    assert str(error) not in answer.content.decode()


def test_unknown_addresses(client):
    for path in ("/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/divisions/"):
        told(client.get(path), 404)
    assert client.get("/nothing/")["Content-Type"].startswith("text/html")


def test_a_closed_portal(client):
    with maintenance.closed():
        told(client.get("/api/v1/divisions/"), 503)


def test_the_address_itself_may_be_anything(client):
    for path in ("compounds/%00/", "compounds/%C3%28/", "compounds/" + "x" * 300 + "/", "compounds/..%2f/ledger/"):
        assert told(client.get(f"/api/v1/{path}"), 404)


def test_head_is_get_without_its_body(client):
    answer = client.head("/api/v1/divisions/?level=county")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["ETag"] == client.get("/api/v1/divisions/?level=county")["ETag"]
