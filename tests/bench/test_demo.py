"""How long the demo city of full scale takes to load, and what it holds."""

import time

import pytest

from compounds.ledger.verify import verify
from oversight.demo.services import load_demo

SECONDS = 60


@pytest.mark.bench
@pytest.mark.django_db
def test_the_demo_city_loads_in_a_minute():
    began = time.perf_counter()
    loaded = load_demo()
    seconds = time.perf_counter() - began
    print(f"\nDemo city: {loaded.compounds} compounds, {loaded.entries} entries in {seconds:.1f} s")
    assert verify().findings == []
    assert seconds < SECONDS
