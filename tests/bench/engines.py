"""Portals of a measurement's own on both databases, whatever ``DATABASE_URL`` says."""

import os
import subprocess
import sys
import tempfile
import uuid
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg2
from django.conf import settings as django_settings

from scripts.servers import redis_server
from scripts.test import local_postgres, postgres_from_wheel

SQLITE, POSTGRES = "SQLite with a folder", "PostgreSQL with Redis"


@contextmanager
def postgres():
    """The address of a database of this run's own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = local_postgres() or stack.enter_context(postgres_from_wheel(folder))
        server, name = url.rpartition("/")[0], f"kills_{uuid.uuid4().hex[:12]}"
        connection = psycopg2.connect(f"{server}/postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name}")
            try:
                yield f"{server}/{name}"
            finally:
                cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
                connection.close()


@contextmanager
def engine(name: str, folder: Path):
    """The environment of a migrated portal with its reference data."""
    with _environment(name, folder) as environment:
        portal(environment, "manage.py", "migrate", "--verbosity=0")
        portal(environment, "manage.py", "load_reference")
        yield environment


@contextmanager
def _environment(name: str, folder: Path):
    environment = {key: value for key, value in os.environ.items() if key != "REDIS_URL"} | {
        "CHAOYANG_PM_DATA_DIR": str(folder), "CHAOYANG_PM_JOBS_LEASE": "3", "CHAOYANG_PM_JOBS_SWEEP": "0.5",
        "CHAOYANG_PM_JOBS_ATTEMPTS": "1000",
    }  # fmt: skip
    if name == SQLITE:
        yield environment | {"DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}"}
    else:
        with postgres() as url, redis_server() as (redis, _where):
            yield environment | {"DATABASE_URL": url, "REDIS_URL": redis, "REDIS_PREFIX": f"kills-{uuid.uuid4().hex}"}


def portal(environment: dict[str, str], *command: str) -> str:
    """Run a command in the portal's environment and return what it prints."""
    done = subprocess.run(
        [sys.executable, *command], cwd=django_settings.BASE_DIR, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
