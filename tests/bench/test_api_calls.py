"""The bar for surprises: at least 5,000 random calls of the API, no 500, no answer that is not described."""

import os

import pytest

from tests.api_calls import call_at_random

CALLS = int(os.environ.get("CALLS", "5000"))


@pytest.mark.bench
@pytest.mark.django_db
def test_random_calls(cast, example, settings, bench):
    settings.API_RATE = settings.API_FAILURES = 10**9
    told = call_at_random(cast, at_least=CALLS, number=2015)
    of_each = ", ".join(f"{status}: {number}" for status, number in sorted(told.statuses.items()))
    bench.say(f"{told.total} random calls of {len(told.calls)} operations ({of_each})")
    assert told.total >= CALLS
    bench.judge("random API calls answered otherwise than described", len(told.wrong), at_most=0, unit="calls")
    assert told.wrong == []
