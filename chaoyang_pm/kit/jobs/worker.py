"""What a Celery worker does here besides taking messages: the sweep, on a schedule of its own.

Jobs run in threads. Nothing is ever forked off a process that has database connections open, and a worker that dies
dies whole: its leases run out, and the sweep of another one, or of its successor, takes over.
"""

import logging
import threading
from typing import Any

from celery import bootsteps, signals
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from chaoyang_pm.kit.jobs import running
from chaoyang_pm.kit.jobs.sweeping import sweep

log = logging.getLogger(__name__)


class SweepStep(bootsteps.StartStopStep):
    """A thread that sweeps at the worker's start and then at every interval."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **kwargs: Any):
        super().__init__(parent, **kwargs)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._sweep_until_over, name="sweep", daemon=True)

    def start(self, parent: Any) -> None:
        if not parent.pool_cls.__module__.endswith(".thread"):
            raise ImproperlyConfigured("The worker runs its jobs in threads; start it with --pool=threads")
        self.thread.start()

    def stop(self, parent: Any) -> None:
        self.over.set()
        if self.thread.is_alive():
            self.thread.join()

    terminate = stop

    def _sweep_until_over(self) -> None:
        while True:
            try:
                sweep()
            except Exception:  # a database that is away or busy: the next sweep is due in seconds
                log.exception("The sweep failed")
            finally:
                connections.close_all()
            if self.over.wait(settings.JOBS_SWEEP.total_seconds()):
                return


@signals.worker_shutting_down.connect
def _stop_between_two_steps(**kwargs: Any) -> None:
    running.stopping.set()
