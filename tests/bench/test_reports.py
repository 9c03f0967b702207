"""Two thousand reports of two hundred committees over the API, from a draft to the ledger, by several processes."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from tests.bench.engines import POSTGRES, SQLITE, engine, portal
from tests.support import until

COMMITTEES, EACH = int(os.environ.get("COMMITTEES", "200")), 10
CLIENTS, SERVERS = 4, 2
PROCESS = ("-m", "tests.bench.reports_process")


@contextmanager
def web_server(environment: dict[str, str], log: Path):
    """The portal's web server, several processes of it, in an environment; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "chaoyang_pm.wsgi:application", "--interface", "wsgi", "--host", "127.0.0.1",
        "--port", str(port), "--workers", str(SERVERS), "--blocking-threads", "4", "--log-level", "warning",
    ]  # fmt: skip
    environment = environment | {"CHAOYANG_PM_API_RATE": "600000"}
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            urllib.request.urlopen(f"{url}/api/v1/divisions/", timeout=30)
        except urllib.error.HTTPError as stranger:
            return stranger.code == 401
        except OSError:
            pass
        return False

    with log.open("w") as said:
        server = subprocess.Popen(
            command, cwd=django_settings.BASE_DIR, env=environment, stdout=said, stderr=subprocess.STDOUT
        )
    try:
        until(answers, seconds=300, otherwise=lambda: f"no answer from {url}: {log.read_text()}")
        yield url
    finally:
        server.terminate()
        server.wait()


@pytest.mark.bench
@pytest.mark.parametrize("name", [POSTGRES, SQLITE])
def test_reports_of_many_committees_are_neither_lost_nor_doubled(name, bench, tmp_path):
    people, requests = tmp_path / "people.json", 4 * COMMITTEES * EACH
    with engine(name, tmp_path) as environment:
        portal(environment, *PROCESS, "prepare", str(COMMITTEES), str(people))
        with web_server(environment, tmp_path / "web.log") as url:
            clients = [
                subprocess.Popen(
                    [sys.executable, *PROCESS, "drive", url, str(people), str(part), str(CLIENTS), str(EACH)],
                    cwd=django_settings.BASE_DIR, env=environment, text=True, bufsize=1, stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                )
                for part in range(CLIENTS)
            ]  # fmt: skip
            try:
                for client in clients:
                    assert client.stdout.readline() == "ready\n", client.stdout.read()
                began = time.monotonic()
                for client in clients:
                    client.stdin.write("\n")
                    client.stdin.flush()
                said = [client.communicate()[0] for client in clients]
                took = time.monotonic() - began
            finally:
                for client in clients:
                    client.kill()
            assert [client.returncode for client in clients] == [0] * CLIENTS, said
        told = [json.loads(one) for one in said]
        state = json.loads(portal(environment, *PROCESS, "state"))
        bare = json.loads(portal(environment, *PROCESS, "bare"))
    reports = COMMITTEES * EACH
    assert state == {
        "reports": reports, "approved": reports, "entries": reports, "linked": reports, "chain": True,
        "steps": dict.fromkeys(["draft", "submit", "verify", "approve"], reports),
    }  # fmt: skip
    assert len({pk for one in told for pk in one["ids"]}) == reports
    heights = sorted(height for one in told for height in one["heights"])
    assert heights == list(range(COMMITTEES + 1, COMMITTEES + 1 + reports))
    statuses = sum((Counter(one["statuses"]) for one in told), Counter())
    assert set(statuses) == {"200", "201"}, statuses
    assert bare["requests"] == requests
    medians = {"reports": took, "inserts": bare["seconds"]}
    engine_name = name.split()[0]
    bench.judge("reports over the API", took / bare["seconds"], at_most=None, medians=medians, database=engine_name)
    bench.say(
        f"{engine_name}: {reports} reports of {COMMITTEES} committees by {CLIENTS} clients, {SERVERS} web processes: "
        f"0 lost, 0 doubled, chain intact, {took:.0f} s, {reports / took:.0f} reports/s, {requests / took:.0f} "
        f"requests/s; bare inserts of the same rows {bare['seconds']:.1f} s"
    )
