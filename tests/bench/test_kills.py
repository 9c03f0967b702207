"""The bar for nothing lost and nothing twice: two hundred kills on SQLite with a folder, on PostgreSQL with Redis."""

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings as django_settings

from scripts.servers import redis_server
from scripts.test import local_postgres, postgres_from_wheel

KILLS = int(os.environ.get("KILLS", "200"))


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
    environment = {key: value for key, value in os.environ.items() if key != "REDIS_URL"} | {
        "CHAOYANG_PM_DATA_DIR": str(folder), "CHAOYANG_PM_JOBS_LEASE": "3", "CHAOYANG_PM_JOBS_SWEEP": "0.5",
        "CHAOYANG_PM_JOBS_ATTEMPTS": "1000",
    }  # fmt: skip
    if name == "SQLite with a folder":
        yield environment | {"DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}"}
    else:
        with postgres() as url, redis_server() as (redis, _where):
            yield environment | {"DATABASE_URL": url, "REDIS_URL": redis, "REDIS_PREFIX": f"kills-{uuid.uuid4().hex}"}


def portal(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=django_settings.BASE_DIR, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.bench
@pytest.mark.parametrize("name", ["SQLite with a folder", "PostgreSQL with Redis"])
def test_kills(name, tmp_path, capsys):
    with engine(name, tmp_path) as environment:
        portal(environment, "manage.py", "migrate", "--verbosity=0")
        portal(environment, "manage.py", "load_reference")
        began = time.monotonic()
        result = json.loads(portal(environment, "-m", "tests.kit.jobs.killing", str(KILLS), "2015").splitlines()[-1])
        took = time.monotonic() - began
        with capsys.disabled():
            print(
                f"\n{name}: {result['kills']} kills, {result['lost']} lost, {result['doubled']} doubled "
                f"({result['worker']} workers, {result['web']} web processes, {result['import']} imports; "
                f"{result['jobs']} jobs, {result['cut_off']} of them begun more than once; "
                f"{result['entries']} entries, chain {'intact' if result['ledger'] else 'BROKEN'}; {took:.0f} s)"
            )
    assert (result["kills"], result["lost"], result["doubled"], result["failures"]) == (KILLS, 0, 0, 0)
    assert result["ledger"]
