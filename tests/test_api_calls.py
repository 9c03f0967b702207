"""Random calls of the API; ``make bench`` makes more than 5,000 of them."""

import pytest

from tests.api_calls import call_at_random


@pytest.mark.both_databases
@pytest.mark.django_db
def test_random_calls_are_answered_as_described(cast, example, settings):
    settings.API_RATE = settings.API_FAILURES = 10**6
    told = call_at_random(cast, at_least=300, by=["bureau", "county", "committee", "nobody"])
    assert told.total >= 300
    assert told.wrong == []
    assert {200, 400, 401, 403, 404} <= set(told.statuses), told.statuses
    assert {201, 409, 422} & set(told.statuses), "no call came as far as the ledger"
