"""Databases of a test's own, which other processes can reach: copies of one that is migrated once."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, connections


@contextmanager
def template(folder: Path) -> Iterator[str]:
    """The name of a migrated database with the reference data, to which nobody is connected."""
    from oversight.programme.services import load_reference

    with _new(folder) as name:
        with as_default(name):
            call_command("migrate", verbosity=0)
            load_reference()
        yield name


@contextmanager
def database(folder: Path, copy_of: str) -> Iterator[tuple[str, str]]:
    """A copy of the template: its URL for other processes, its name for this one."""
    configured = connections.settings["default"]
    with _new(folder, copy_of) as name:
        if connection.vendor == "sqlite":
            yield f"sqlite:///{name}", name
        else:
            password = f":{configured['PASSWORD']}" if configured["PASSWORD"] else ""
            place = f"{configured['USER']}{password}@{configured['HOST']}:{configured['PORT'] or 5432}"
            yield f"postgres://{place}/{name}", name


@contextmanager
def as_default(name: str) -> Iterator[None]:
    """While the block runs it is this process's default database."""
    connection.close()
    ContentType.objects.clear_cache()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", name)
        try:
            yield
        finally:
            connection.close()
            ContentType.objects.clear_cache()


@contextmanager
def _new(folder: Path, copy_of: str = "") -> Iterator[str]:
    """A file in ``folder``, or a database on the server, which is gone afterwards."""
    if connection.vendor == "sqlite":
        name = str(folder / "portal.sqlite3")
        if copy_of:
            shutil.copyfile(copy_of, name)
        yield name
        return
    name = f"chaoyang_pm_own_{uuid.uuid4().hex[:12]}"
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{copy_of}"' if copy_of else ""))
    try:
        yield name
    finally:
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
