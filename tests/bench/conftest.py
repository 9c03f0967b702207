"""The ``bench`` fixture: measurements that are printed at once, kept, and held against their bars."""

import pytest

from tests.bench.measure import Bench


@pytest.fixture
def bench(pytestconfig) -> Bench:
    # Not by capsys: a log that was set up meanwhile would write to a stream that is closed with the test.
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def say(line: str) -> None:
        with capture.global_and_fixture_disabled():
            print(f"\n{line}", end="", flush=True)

    return Bench(say)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """A missed bar fails its test once the test is through: the bars after it are measured all the same."""
    outcome = yield
    if isinstance(bench := getattr(item, "funcargs", {}).get("bench"), Bench):
        bench.settle()
    return outcome
