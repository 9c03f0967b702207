"""Calls workers. The message says no more than which row to look at; a lost one costs at most a sweep's interval."""

import logging
import uuid
from collections.abc import Iterable

from celery import current_app
from django.utils import timezone

from chaoyang_pm.kit.jobs.choices import JobState
from chaoyang_pm.kit.jobs.models import Job

log = logging.getLogger(__name__)

TASK = "jobs.run"
#: A page does not wait for a broker that is down: one attempt, with short time-outs.
HASTE = {"socket_connect_timeout": 1, "socket_timeout": 2, "retry_on_timeout": False, "max_retries": 0}


def wake(jobs: Iterable[uuid.UUID]) -> bool:
    """Call a worker for each of these jobs; False if the broker cannot be reached. Raises nothing."""
    called = []
    try:
        with (
            current_app.connection_for_write(transport_options=HASTE) as connection,
            current_app.amqp.Producer(connection) as producer,
        ):
            for job in jobs:
                current_app.send_task(TASK, [str(job)], producer=producer, retry=False, ignore_result=True)
                called.append(job)
    except Exception as error:  # whatever a broker answers: the row stands, and the sweep calls again
        log.warning("The broker cannot be reached, jobs wait: %s", error)
        return False
    finally:
        Job.objects.filter(pk__in=called, state=JobState.QUEUED).update(woken_at=timezone.now())
    return True
