"""``make bench``: the measurements on PostgreSQL, then on SQLite those marked ``both_databases``.

``DATABASE_URL`` names one database to measure on, and only that; unset, PostgreSQL is found as ``make test`` finds it.
``RECORD=1`` adds the results to docs/bench/history.jsonl and draws its chart anew; else they go to bench/history.jsonl
of the data folder.
Arguments go to pytest.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from scripts.servers import redis_server
from scripts.test import NO_TESTS, ROOT, local_postgres, postgres_from_wheel


def run(url: str, marks: str, arguments: list[str]) -> int:
    command = [sys.executable, "-m", "pytest", "tests/bench", "-q", "-s", "-p", "no:xdist", "-m", marks, *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


def main(arguments: list[str]) -> int:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaoyang_pm_bench_")))
        if url := os.environ.get("DATABASE_URL"):
            codes = {run(url, "bench", arguments)}
        else:
            url = local_postgres() or stack.enter_context(postgres_from_wheel(folder))
            os.environ["TEST_REDIS_URL"], _where = stack.enter_context(redis_server())
            codes = {
                run(url, "bench", arguments),
                run(f"sqlite:///{folder / 'portal.sqlite3'}", "bench and both_databases", arguments),
            }
    if os.environ.get("RECORD", "") not in ("", "0"):
        from tests.bench import chart

        chart.publish(ROOT)
    return 0 if codes <= {0, NO_TESTS} and 0 in codes else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
