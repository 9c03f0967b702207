"""What the API costs: a page of compounds against the same page by hand, an unchanged answer against a whole one."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from communities.tokens import services as tokens
from tests.bench.measure import Bench
from tests.bench.test_coverage import big, business_date  # noqa: F401 — fixtures
from tests.support import person

COUNTY = "211350"


@pytest.fixture(scope="module")
def keys(big) -> dict[str, str]:  # noqa: F811 — the fixture by its name
    """Tokens of a reader of the whole, and of one county."""
    readers = {"the whole": person("whole", "bureau", "2113"), "a county": person("part", "county", COUNTY)}
    scopes = ["register:read", "coverage:read"]
    return {who: tokens.make(user=user, name="bench", scopes=scopes, by=None)[1] for who, user in readers.items()}


@pytest.fixture
def ask(keys, settings):
    """Asks with one of the tokens, on 200,000 compounds with 2,000,000 postings."""
    settings.ROOT_URLCONF = "tests.bench.by_hand"
    settings.API_RATE = 10**6
    client = Client()

    def ask(address: str, who: str, **headers):
        answer = client.get(address, headers={"Authorization": f"Bearer {keys[who]}", **headers})
        assert answer.status_code in (200, 304), answer.content
        return answer

    return ask


@pytest.mark.bench
def test_a_page_of_compounds_against_one_by_hand(ask, bench: Bench):
    for who in ("the whole", "a county"):
        first = ask("/api/v1/compounds/", who).json()
        pages = {"first page": "/api/v1/compounds/", "second page": first["next"]}
        for which, address in pages.items():
            after = "" if which == "first page" else first["results"][-1]["code"]
            by_hand = f"/by-hand/?after={after}"
            assert ask(address, who).json()["results"] == ask(by_hand, who).json()["results"]
            bench.compare(
                f"API: {which} of 100 compounds of {who}", lambda a=address, w=who: ask(a, w),
                lambda a=by_hand, w=who: ask(a, w), at_most=2.5, runs=41, warm_up=3, against="SQL by hand",
            )  # fmt: skip
        assert parse_qs(urlsplit(first["next"]).query)["page"]


@pytest.mark.bench
def test_an_unchanged_answer(ask, bench: Bench):
    for who in ("the whole", "a county"):
        tag = ask("/api/v1/compounds/", who)["ETag"]
        with CaptureQueriesContext(connection) as queries:
            assert ask("/api/v1/compounds/", who, **{"If-None-Match": tag}).status_code == 304
        bench.judge(f"API: queries of an unchanged answer of {who}", len(queries), at_most=3, unit="queries")
        bench.compare(
            f"API: unchanged page of compounds of {who}",
            lambda w=who, t=tag: ask("/api/v1/compounds/", w, **{"If-None-Match": t}),
            lambda w=who: ask("/api/v1/compounds/", w), at_most=1, runs=21, warm_up=2, against="whole page",
        )  # fmt: skip
