"""A portal process for the browser tests: a small demo city and one object of every kind, in a folder of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support import process_environment, until

ROOT = Path(__file__).resolve().parents[2]
SCALE = "0.05"
#: Names under which the system's Chromium goes.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser() -> str | None:
    """Where the system's Chromium is; ``CHROMIUM`` names another."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@dataclass(frozen=True)
class Portal:
    """``world``: arguments of addresses by kind of object, those of 双塔区. ``shown``: those with most to show."""

    address: str
    world: dict[str, list[Any]]
    shown: dict[str, list[Any]]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def environment(folder: Path) -> dict[str, str]:
    given = process_environment(f"sqlite:///{folder}/portal.sqlite3", folder)
    given.pop("REDIS_URL", None)
    return given | {"PORT": str(free_port()), "HOST": "127.0.0.1", "DJANGO_SETTINGS_MODULE": "chaoyang_pm.settings"}


@contextmanager
def running(folder: Path, *names: str, scale: str = SCALE) -> Iterator[Portal]:
    """Fill a database, start server and worker as ``make run`` does, and end them. ``names``: see ``fill``."""
    given = environment(folder)
    for step in (["manage.py", "migrate", "-v0"], ["manage.py", "demo", "--scale", scale]):
        subprocess.run([sys.executable, *step], cwd=ROOT, env=given, check=True, stdout=subprocess.DEVNULL)
    fill = [sys.executable, "-m", "tests.e2e.fill", *names]
    filled = subprocess.run(fill, cwd=ROOT, env=given, check=True, capture_output=True, text=True)
    log = folder / "run.log"
    with log.open("w") as lines:
        process = subprocess.Popen([sys.executable, "scripts/run.py"], cwd=ROOT, env=given, stdout=lines, stderr=lines)
    try:
        until(lambda: answers(int(given["PORT"])), otherwise=log.read_text)
        yield Portal(f"http://127.0.0.1:{given['PORT']}", **json.loads(filled.stdout.splitlines()[-1]))
    finally:
        process.terminate()
        process.wait(30)
