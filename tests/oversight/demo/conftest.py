"""One demo city for the tests that only look at it, and a way to load another and forget it again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction

from chaoyang_pm.kit.portal import selectors as portal
from oversight.demo.services import Loaded, load_demo

SCALE = 0.15


@pytest.fixture(scope="module")
def demo_city(django_db_setup, django_db_blocker) -> Iterator[Loaded]:
    """The demo city at a small scale, loaded once for a module and rolled back behind it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_demo(scale=SCALE)
        transaction.set_rollback(True)


@pytest.fixture
def city(demo_city, db) -> Loaded:
    """The demo city for one test, and a portal that knows it is one."""
    portal.forget()
    return demo_city


@pytest.fixture
def forgotten(db) -> Callable:
    """Loads a demo city and takes it out of the database again at the end of a ``with``."""

    @contextmanager
    def load(**how):
        with transaction.atomic():
            yield load_demo(**how)
            transaction.set_rollback(True)
        portal.forget()

    return load
