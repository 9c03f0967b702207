"""What every test stands on: its own data folder, a real database file, and ledger tables that can be emptied.

Only tests lift the ledger's triggers, and only to empty the tables of their own test database.
"""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.db import connection, connections
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck, settings

# No time limits: they depend on the machine. The same code gets the same examples; to look further:
# make test ARGS="--hypothesis-profile=explore"
settings.register_profile(
    "steady", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", parent=settings.get_profile("steady"), derandomize=False, max_examples=1000)
settings.load_profile("steady")


def pytest_addoption(parser):
    parser.addini("on_both_databases", "folders whose tests run on SQLite as well as PostgreSQL", type="args")
    parser.addoption(
        "--on-both-databases", action="store_true", help="only what must hold on SQLite as well as PostgreSQL"
    )


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--on-both-databases"):
        return
    folders = [config.rootpath / folder for folder in config.getini("on_both_databases")]

    def wanted(item):
        return item.get_closest_marker("both_databases") or any(item.path.is_relative_to(f) for f in folders)

    config.hook.pytest_deselected(items=[item for item in items if not wanted(item)])
    items[:] = [item for item in items if wanted(item)]


def pytest_collection_finish(session):
    """What is loaded by now stays: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory, django_db_modify_db_settings_parallel_suffix):
    """On SQLite a file, not memory: several connections and processes meet in it, as they do in a portal."""
    from django.conf import settings as django_settings

    database = django_settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def configured_database() -> str:
    """The name of the database that is not for tests."""
    return connection.settings_dict["NAME"]


@pytest.fixture(scope="session")
def django_db_setup(configured_database, django_db_setup, django_db_blocker):
    """A test database that holds the reference data, if a test wants one at all."""
    from tests import reference

    if connection.settings_dict["NAME"] != configured_database:
        with django_db_blocker.unblock():
            reference.store()


@pytest.fixture(scope="session")
def own_template(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[str]:
    """What databases of a test's own are copied from: migrated once, with the reference data."""
    from tests import own

    with django_db_blocker.unblock(), own.template(tmp_path_factory.mktemp("template")) as name:
        yield name


@pytest.fixture(autouse=True)
def no_reference_unasked(request):
    """A test that does not ask for the reference data finds a database without it."""
    from tests import reference

    database = {"db", "transactional_db"} & set(request.fixturenames)
    if request.node.get_closest_marker("django_db") or database:
        if not {"reference", "demo_city"} & set(request.fixturenames):
            request.getfixturevalue(max(database, default="db"))
            reference.remove()


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path, monkeypatch) -> Path:
    """Uploads, anchors, exports and messages of a test land in a folder of its own."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setitem(current_app.conf, "broker_url", "spool://localhost")
    monkeypatch.setitem(current_app.conf, "broker_transport_options", {"folder": str(tmp_path / "broker")})
    storages = settings.STORAGES
    settings.STORAGES = {
        **storages,
        "default": {**storages["default"], "OPTIONS": {"location": tmp_path / "files"}},
    }
    return tmp_path


@pytest.fixture(autouse=True)
def empty_cache():
    """What one test counted or noted is no matter of the next: keys come again with every database."""
    from django.core.cache import cache

    cache.clear()


@pytest.fixture(autouse=True)
def default_language():
    """A page that was asked for in English leaves English behind in its thread."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def no_demo():
    """The database of a test is no demonstration, unless the test makes one; asking it is left to tests with one."""
    from chaoyang_pm.kit.portal import selectors

    selectors.keep(selectors.About(), seconds=float("inf"))
    yield
    selectors.forget()


@pytest.fixture(autouse=True, scope="session")
def static_files_listed_once():
    """Every client has a WhiteNoise of its own, which would look for all static files anew."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    add_files = WhiteNoiseMiddleware.add_files_from_finders
    listed: dict[tuple, dict] = {}

    def remembered(self):
        key = (self.static_prefix, self.max_age)
        if key not in listed:
            others, self.files = self.files, {}
            add_files(self)
            listed[key], self.files = self.files, others
        self.files.update(listed[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", remembered)
        yield


@pytest.fixture(autouse=True, scope="session")
def ledger_tables_can_be_emptied():
    """A transactional test ends by emptying all tables, which the ledger's triggers refuse."""
    from compounds.ledger import triggers

    empty_tables = TransactionTestCase._fixture_teardown

    def lifted(self):
        for alias in self._databases_names(include_mirrors=False):
            triggers.lift(connections[alias])
        try:
            empty_tables(self)
        finally:
            for alias in self._databases_names(include_mirrors=False):
                triggers.install(connections[alias])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lifted)
        yield


@pytest.fixture(autouse=True)
def quick_hashes(settings):
    """The real hash is slow on purpose; tests make thousands of accounts."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture
def reference(db):
    """Divisions, programme, targets and counting rules as ``load_reference`` leaves them."""
    from tests.reference import load

    return load()


@pytest.fixture
def bureau(db):
    """A member of the bureau's staff."""
    from tests.support import person

    return person("wangfang", "bureau", "2113", password="a-long-password-1", display_name="王芳")


@pytest.fixture
def cast(reference):
    """One person per role: those of 双塔区 with its 前进街道 and 前进社区, their neighbours, and the city's.

    Names are ``bureau leader department county subdistrict committee auditor admin``, and ``neighbour_county
    neighbour_subdistrict neighbour_committee`` for the like elsewhere, ``nobody`` for an account without office.
    """
    from tests.cast import people

    return people()


@pytest.fixture
def admin_user(db):
    from communities.people.models import User

    return User.objects.create_superuser("root", password="a-long-password-2", display_name="管理员")


@pytest.fixture
def as_(client, cast):
    """The client of one of the cast: ``as_("county").get(…)``."""

    def log_in(name: str):
        client.force_login(cast[name])
        return client

    return log_in


@pytest.fixture
def page(client, bureau):
    """Opens a page as a member of the bureau's staff and returns the response."""
    client.force_login(bureau)
    return client.get


@pytest.fixture
def api(cast):
    """Asks the API as a person of the cast: ``api("coverage/?by=county", role="county")``, the path from /api/v1/.

    Every answer is held against the API's description.
    """
    from django.test import Client

    from tests.description import check_answer

    clients: dict[str, Client] = {}

    def ask(path: str, *, role: str = "bureau", **headers):
        if role not in clients:
            clients[role] = Client()
            clients[role].force_login(cast[role])
        address = path if path.startswith("/") else f"/api/v1/{path}"
        answer = clients[role].get(address, headers=headers)
        if address.startswith("/api/v1/"):
            check_answer(answer, "get", address)
        return answer

    return ask


@pytest.fixture
def example(cast):
    """The worked example of the ledger's definition, heights 1 to 20."""
    from tests.support import post_example

    post_example()
