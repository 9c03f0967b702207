"""Jobs that tests run, here and in workers of their own. An effect is a group by the name given; each run adds one."""

import datetime
import threading
import uuid
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import OperationalError, transaction

from chaoyang_pm.kit.jobs.registry import job
from chaoyang_pm.kit.jobs.running import Failed, Progress


def effects(name: str) -> int:
    return Group.objects.filter(name__startswith=f"{name} ").count()


def _act(progress: Progress, name: str) -> None:
    with transaction.atomic():
        Group.objects.create(name=f"{name} {uuid.uuid4()}")
        progress.finishing({"name": name})


def _wait_at(progress: Progress, gate: str) -> None:
    """Say that the job is here (``gate``.here), and stay until ``gate`` exists, step by step."""
    path, number = Path(gate), 0
    path.with_suffix(".here").touch()
    while not path.exists():
        number += 1
        progress.advance(number, step="waiting")
        threading.Event().wait(0.02)


@job("test.effect", label="Effect", redoable=True)
def effect(progress: Progress, name: str) -> None:
    _act(progress, name)


@job("test.sum", label="Sum", redoable=True)
def add(progress: Progress, numbers: list[int]) -> dict[str, int]:
    """Only a computation: its end is written afterwards."""
    for done, _number in enumerate(numbers):
        progress.advance(done, len(numbers), "adding")
    return {"sum": sum(numbers)}


@job("test.gate", label="Gate", redoable=True)
def gated(progress: Progress, name: str, gate: str) -> None:
    _wait_at(progress, gate)
    _act(progress, name)


@job("test.once", label="Once", redoable=False, check_first="Look whether the letter went out.")
def once(progress: Progress, name: str, gate: str) -> None:
    _wait_at(progress, gate)
    _act(progress, name)


@job("test.daily", label="Daily", redoable=True, daily=datetime.time(0))
def daily(progress: Progress) -> None:
    _act(progress, "daily")


@job("test.refused", label="Refused", redoable=True)
def refused(progress: Progress) -> None:
    raise Failed("The file is gone; upload it again.", {"rows": 0})


@job("test.error", label="Error", redoable=True)
def wrong(progress: Progress, error: str = "") -> None:
    if error == "disk":
        raise OSError(28, "No space left on device")
    if error == "database":
        raise OperationalError("server closed the connection unexpectedly")
    raise ZeroDivisionError


@job("test.steps", label="Steps", redoable=True)
def steps(progress: Progress, name: str) -> None:
    """Long enough to be killed in, and twice as wrong if it happens twice."""
    for number in range(20):
        progress.advance(number, 20)
        threading.Event().wait(0.02)
    _act(progress, name)
