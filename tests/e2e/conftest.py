"""One browser and one portal for each worker; without a browser all of these tests are skipped in one line."""

import os
from collections.abc import Iterator

import pytest

from tests.e2e.people import Browsers
from tests.e2e.portal import Portal, browser, running

WITHOUT_A_BROWSER = "browser tests: no Chromium on this machine (apt-get install chromium, or CHROMIUM=/path/to/it)"


@pytest.fixture(scope="session")
def chromium() -> str:
    path = browser()
    if path is None and os.environ.get("CI"):
        pytest.fail(WITHOUT_A_BROWSER)
    if path is None:
        pytest.skip(WITHOUT_A_BROWSER)
    return path


@pytest.fixture(scope="session")
def portal(chromium, tmp_path_factory) -> Iterator[Portal]:
    with running(tmp_path_factory.mktemp("portal")) as started:
        yield started


@pytest.fixture(scope="session")
def browsers(chromium, portal) -> Iterator[Browsers]:
    """Opens pages as a demo account: ``browsers.of("bureau")``."""
    # Playwright runs an event loop in this thread; later tests of this worker ask the database from no async code.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with Browsers.started(chromium, portal.address) as started:
        yield started
