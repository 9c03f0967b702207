"""A portal of a test's own: database, broker, and workers that can be killed."""

import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis
from celery import current_app
from django.conf import settings as django_settings
from django.db import connection

from chaoyang_pm.kit.jobs.models import Job
from scripts.servers import redis_server
from tests.support import until

#: Short enough for tests, long enough for a busy machine.
LEASE, SWEEP = 3, 0.5


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with redis_server() as (url, _where):
        yield url


@dataclass
class Portal:
    """Its processes live in ``environment``; this process is one of them."""

    environment: dict[str, str]
    folder: Path
    lose_messages: Callable[[], None]
    workers: list[subprocess.Popen] = field(default_factory=list)

    def start_worker(self) -> subprocess.Popen:
        with (self.folder / "workers.log").open("a") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.kit.jobs.worker_process"],
                cwd=django_settings.BASE_DIR, env=self.environment, stdout=log, stderr=log,
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def ready(self, *workers: subprocess.Popen) -> None:
        """Once these workers take messages."""
        until(lambda: all((self.folder / f"worker-{worker.pid}.ready").exists() for worker in workers))

    def kill(self, worker: subprocess.Popen) -> None:
        worker.kill()
        assert worker.wait() == -signal.SIGKILL
        self.workers.remove(worker)

    def ended(self, job: Job) -> Job:
        """The job once it has ended."""

        def over() -> bool:
            job.refresh_from_db()
            return not job.is_open

        until(over, otherwise=lambda: f"{job.state}\n{(self.folder / 'workers.log').read_text()}")
        return job


@pytest.fixture
def portal(own_database, request, data_folder, django_db_blocker, monkeypatch, settings) -> Iterator[Portal]:
    """On SQLite the broker is a folder, on PostgreSQL Redis, each of this test's own."""
    environment = own_database | {"CHAOYANG_PM_JOBS_LEASE": str(LEASE), "CHAOYANG_PM_JOBS_SWEEP": str(SWEEP)}
    environment.pop("REDIS_URL", None)
    settings.JOBS_LEASE, settings.JOBS_SWEEP = (type(settings.JOBS_LEASE)(seconds=s) for s in (LEASE, SWEEP))
    if connection.vendor == "sqlite":
        folder = data_folder / "broker" / "jobs"

        def lose_messages() -> None:
            for path in folder.glob("*.msg"):
                path.unlink()
    else:
        url, prefix = request.getfixturevalue("redis_url"), f"test-{uuid.uuid4().hex}"
        environment |= {"REDIS_URL": url, "REDIS_PREFIX": prefix}
        monkeypatch.setitem(current_app.conf, "broker_url", url)
        monkeypatch.setitem(current_app.conf, "broker_transport_options", {"global_keyprefix": f"{prefix}:"})

        def lose_messages() -> None:
            with redis.Redis.from_url(url) as client:
                for key in client.scan_iter(f"{prefix}*"):
                    client.delete(key)

    with django_db_blocker.unblock():
        portal = Portal(environment, data_folder, lose_messages)
        try:
            yield portal
        finally:
            for worker in portal.workers:
                worker.kill()
                worker.wait()
            lose_messages()
