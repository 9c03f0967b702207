"""``make run``: one supervisor, a web server and a worker; none of them outlives it."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from tests.support import until

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Running:
    """A portal that was started by the script, in a data folder of its own."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        environment = os.environ | {
            "CHAOYANG_PM_DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
            "PORT": str(self.port), "DEMO": "0",
        }  # fmt: skip
        environment.pop("REDIS_URL", None)
        self.log = folder / "run.log"
        with self.log.open("w") as log:
            self.supervisor = subprocess.Popen(
                [sys.executable, "scripts/run.py"],
                cwd=django_settings.BASE_DIR,
                env=environment,
                stdout=log,
                stderr=log,
            )

    def processes(self, word: str = "") -> set[int]:
        """Living processes of this portal whose command line holds the word."""
        mark, found = f"CHAOYANG_PM_DATA_DIR={self.folder}".encode(), set()
        for path in Path("/proc").glob("[0-9]*"):
            try:
                ours = mark in (path / "environ").read_bytes()
                if ours and word.encode() in (path / "cmdline").read_bytes():
                    found.add(int(path.name))
            except OSError:
                continue
        return found

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/accounts/login/", timeout=5) as response:
                return response.status == 200
        except OSError:
            return False

    def said(self) -> str:
        """What the portal printed, and what of it is alive."""
        alive = (Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ") for pid in self.processes())
        return "\n".join([self.log.read_text(), *alive])


@pytest.fixture
def portal(tmp_path):
    portal = Running(tmp_path)
    yield portal
    for pid in portal.processes():
        os.kill(pid, signal.SIGKILL)
    portal.supervisor.kill()
    portal.supervisor.wait()


def test_both_are_started_again_when_they_die_and_end_with_the_supervisor(portal):
    until(lambda: "The portal is at" in portal.said(), otherwise=portal.said)
    assert portal.answers()
    (worker,) = until(lambda: portal.processes("django\0worker"), otherwise=portal.said)
    os.kill(worker, signal.SIGKILL)
    assert until(lambda: portal.processes("django\0worker") - {worker}, otherwise=portal.said)
    servers = portal.processes("granian")
    for server in servers:
        os.kill(server, signal.SIGKILL)
    until(lambda: portal.processes("granian") - servers and portal.answers(), otherwise=portal.said)
    portal.supervisor.terminate()
    assert portal.supervisor.wait(60) == 0
    assert portal.processes() == set()


def test_a_killed_supervisor_leaves_nothing_behind(portal):
    until(lambda: "The portal is at" in portal.said(), otherwise=portal.said)
    until(lambda: portal.processes("django\0worker"), otherwise=portal.said)
    portal.supervisor.kill()
    portal.supervisor.wait()
    until(lambda: not portal.processes(), otherwise=portal.said)
