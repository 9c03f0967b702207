"""Each page costs at most 25 queries, whoever opens it, with nothing kept from a reading before."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import access
from tests.support import undone
from tests.test_access import sees
from tests.world import make_world

MOST = 25


@pytest.fixture
def world(cast):
    return make_world(cast)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["bureau", "county", "subdistrict", "committee", "auditor", "admin"])
def test_every_page(role, cast, world):
    client, found = Client(), {}
    client.force_login(cast[role])
    client.get("/accounts/me/")  # a session notes once a minute that it was used
    for name, row in access.ROWS.items():
        if row.is_open or row.get is None or role not in row.get or row.about == "apart":
            continue
        if row.about and not sees(role, "own", row.about):
            continue
        address = reverse(name, args=[*world["own"].get(row.about, ()), *row.args])
        cache.clear()
        with undone(), CaptureQueriesContext(connection) as queries:
            answer = client.get(address, row.query)
        assert answer.status_code < 400, address
        found[address] = len(queries)
    assert {address: number for address, number in found.items() if number > MOST} == {}


HEAVY = [
    ("bureau", "/"), ("bureau", "/divisions/2113/one-page/"), ("bureau", "/divisions/2113/missing/"),
    ("county", "/divisions/211302/"), ("county", "/divisions/211302/one-page/"), ("county", "/compounds/"),
    ("committee", "/divisions/211302003001/"),
]  # fmt: skip
ASKED = [
    "", "as_of=2014-04-15", "as_of=2014-04-15&height=2", "by=mode&sort=-total", "by=subdistrict", "by=community",
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(("role", "address"), HEAVY)
def test_whatever_is_asked_of_the_heaviest(role, address, asked, cast, world):
    client = Client()
    client.force_login(cast[role])
    client.get("/accounts/me/")
    cache.clear()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"{address}?{asked}")
    # A community is not broken down by what lies above it.
    refused = role == "committee" and asked in ("by=subdistrict", "by=community")
    assert answer.status_code == (400 if refused else 200)
    assert len(queries) <= MOST, "\n".join(query["sql"] for query in queries.captured_queries)
