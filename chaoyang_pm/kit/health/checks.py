"""Whether the portal can do its work: one check per thing that can be away, provided by the room that knows it.

A check returns nothing, or raises ``Failing`` with a word for whoever watches; it is quick, and tells nothing secret.
"""

import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from chaoyang_pm.kit.jobs import sweeping
from chaoyang_pm.kit.operations import maintenance


class Failing(Exception):
    """What is wrong, in a word or two."""


Check = Callable[[], str | None]
_checks: dict[str, tuple[Check, bool]] = {}


def provide(name: str, check: Check, *, asks_database: bool = False) -> None:
    """``check`` may return a detail to show. One that asks the database is left out while that is away."""
    _checks[name] = check, asks_database


def results() -> dict[str, tuple[bool, str]]:
    """(fine, what to show) of every check, in the order in which they were provided."""
    found: dict[str, tuple[bool, str]] = {}
    for name, (check, asks_database) in _checks.items():
        if asks_database and not found["database"][0]:
            found[name] = False, "not asked"
            continue
        try:
            found[name] = True, check() or "ok"
        except Failing as failing:
            found[name] = False, str(failing)
        except Exception as error:  # the kind says enough; the text could name hosts, users or files
            found[name] = False, type(error).__name__
    return found


def database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migrations() -> None:
    missing = _known_migrations() - set(MigrationRecorder(connection).applied_migrations())
    if missing:
        raise Failing(f"{len(missing)} not applied")


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Those of this release; they do not change while it runs."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.nodes)


def broker() -> None:
    if settings.REDIS_URL:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1) as server:
            server.ping()
        return
    folder = Path(str(settings.CELERY_BROKER_TRANSPORT_OPTIONS["folder"]))
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / f"health-{uuid.uuid4().hex}"
    try:
        probe.touch()
    finally:
        with suppress(OSError):
            probe.unlink()


def worker() -> str:
    """A worker sweeps at every interval: how long ago one did."""
    last = sweeping.last_sweep()
    if last is None:
        raise Failing("never seen")
    seconds = max(0, int((timezone.now() - last).total_seconds()))
    if not sweeping.is_anybody_working():
        raise Failing(f"last seen {seconds} s ago")
    return f"ok, {seconds} s ago"


def open_to_people() -> None:
    if maintenance.is_on():
        raise Failing("closed")


def provide_own() -> None:
    provide("database", database)
    provide("migrations", migrations, asks_database=True)
    provide("broker", broker)
    provide("worker", worker, asks_database=True)
    provide("maintenance", open_to_people)
