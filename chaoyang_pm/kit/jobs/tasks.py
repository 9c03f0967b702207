"""The one Celery task: look at a job's row, and run it if it waits."""

from celery import shared_task

from chaoyang_pm.kit.jobs import running
from chaoyang_pm.kit.jobs.waking import TASK


@shared_task(name=TASK, ignore_result=True)
def run(job: str) -> None:
    running.run(job)
