import pytest

from tests.compounds.imports.workbooks import Files
from tests.compounds.ledger.test_processes import own_database  # noqa: F401 — a fixture that tests ask for by name
from tests.support import day


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2016-12-31")


@pytest.fixture
def files(reference, tmp_path) -> Files:
    """A city with its reference data, and a folder for workbooks."""
    return Files(tmp_path)
