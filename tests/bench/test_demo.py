"""How long the demo city of full scale takes to load, and what it holds."""

import time

import pytest

from compounds.ledger.verify import verify
from oversight.demo.services import load_demo


@pytest.mark.bench
@pytest.mark.both_databases
@pytest.mark.django_db
def test_the_demo_city_loads_in_a_minute(bench):
    began = time.perf_counter()
    loaded = load_demo()
    seconds = time.perf_counter() - began
    assert verify().findings == []
    print(f"\n{loaded.compounds:,} compounds, {loaded.entries:,} entries")
    bench.judge("demo city of full scale loads", seconds, at_most=60, unit="s")
