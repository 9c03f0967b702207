"""One at a time: migrations, backups and restores of one database wait for each other."""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections

#: "chaoyang" read as a number: no other program's advisory lock.
KEY = int.from_bytes(b"chaoyang")
_own = threading.local()


@contextmanager
def exclusive(using: str, *, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock of a database; ``waiting`` is called once if somebody else holds it. May be taken again within.

    PostgreSQL: an advisory lock of the session, on any machine. SQLite: a lock on a file beside the database. Both
    end with the process, however it ends.
    """
    held = _own.__dict__.setdefault("held", set())
    if using in held:
        yield
        return
    lock = _advisory if connections[using].vendor == "postgresql" else _beside_the_file
    with lock(using, waiting):
        held.add(using)
        try:
            yield
        finally:
            held.discard(using)


@contextmanager
def _advisory(using: str, waiting: Callable[[], None]) -> Iterator[None]:
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [KEY])
        if not cursor.fetchone()[0]:
            waiting()
            cursor.execute("SELECT current_setting('lock_timeout')")
            (usual,) = cursor.fetchone()
            cursor.execute("SELECT set_config('lock_timeout', '0', false)")
            cursor.execute("SELECT pg_advisory_lock(%s)", [KEY])
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [usual])
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [KEY])


@contextmanager
def _beside_the_file(using: str, waiting: Callable[[], None]) -> Iterator[None]:
    name = str(connections[using].settings_dict["NAME"])
    if ":memory:" in name or "mode=memory" in name:
        yield
        return
    path = Path(name).with_name(f"{Path(name).name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
