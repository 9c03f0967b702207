import tests.kit.jobs.kinds  # noqa: F401 — importing declares them
from tests.compounds.ledger.test_processes import own_database  # noqa: F401 — a fixture that tests ask for by name
from tests.kit.jobs.portal import portal, redis_url  # noqa: F401 — likewise
