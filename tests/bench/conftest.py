"""The ``bench`` fixture: measurements that are printed at once, kept, and held against their bars."""

import pytest

from tests.bench.measure import Bench


@pytest.fixture
def bench(capsys) -> Bench:
    def say(line: str) -> None:
        with capsys.disabled():
            print(f"\n{line}", end="", flush=True)

    return Bench(say)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A missed bar fails its test once the test is through: the bars after it are measured all the same."""
    outcome = yield
    if isinstance(bench := getattr(item, "funcargs", {}).get("bench"), Bench):
        bench.settle()
    return outcome
