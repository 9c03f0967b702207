"""How a bar is measured: subject and baseline by turns in one run, their medians, and the ratio against the bar.

A ratio says more than seconds do: both sides meet the same machine, the same database and the same neighbours. Every
result is a line of JSON in a history (``docs/bench/history.jsonl`` where ``RECORD=1`` asks for it, else
``bench/history.jsonl`` of the data folder, so that measuring leaves the tree as it was).
"""

import gc
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings

RECORDED = Path("docs/bench/history.jsonl")
MIB = 1024 * 1024


def interleave(
    subjects: Mapping[str, Callable[[], object]],
    *,
    runs: int = 7,
    warm_up: int = 1,
    before: Callable[[], object] | None = None,
) -> dict[str, float]:
    """Median seconds of each subject, ``runs`` rounds in which all take their turn, every other round backwards.

    ``warm_up`` rounds before them are not counted. ``before`` is called, outside the clock, ahead of every turn.
    """
    took: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(warm_up + runs):
        names = list(subjects)
        for name in reversed(names) if number % 2 else names:
            if before is not None:
                before()
            gc.collect()
            began = time.perf_counter()
            subjects[name]()
            seconds = time.perf_counter() - began
            if number >= warm_up:
                took[name].append(seconds)
    return {name: median(seconds) for name, seconds in took.items()}


def peak_memory(environment: Mapping[str, str], *command: str) -> float:
    """Run Python with ``command`` in a process of its own; the MiB that it held at its fullest.

    The peak counts from the start of that process, with all it imports; what this process holds does not show in it.
    """
    probe = (
        "import os, resource, subprocess, sys\n"
        "code = subprocess.call(sys.argv[1:], stdout=sys.stderr)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, sys.executable, *command], cwd=settings.BASE_DIR, env=dict(environment),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr)
    kilobytes = 1 if sys.platform == "darwin" else 1024
    return int(done.stdout) * kilobytes / MIB


@dataclass(frozen=True)
class Result:
    """One figure against its bar. ``unit`` is ``×`` for a ratio to the baseline, else ``s``, ``ms``, ``MiB`` …

    ``aim``: missing the bar is worth knowing and fails nothing. ``medians`` are seconds.
    """

    name: str
    database: str
    value: float
    at_most: float | None
    unit: str = "×"
    aim: bool = False
    medians: Mapping[str, float] | None = None
    runs: int = 1

    @property
    def met(self) -> bool:
        return self.at_most is None or self.value <= self.at_most

    def __str__(self) -> str:
        line = f"{self.name} [{self.database}]: {_figure(self.value, self.unit)}"
        if self.at_most is not None:
            verdict = "met" if self.met else "missed" if self.aim else "MISSED"
            line += f", {'aim' if self.aim else 'bar'} ≤ {_figure(self.at_most, self.unit)}: {verdict}"
        if self.medians:
            seconds = " · ".join(f"{name} {_seconds(took)}" for name, took in self.medians.items())
            line += f"   ({seconds}; medians of {self.runs})"
        return line


class Bench:
    """Takes the measurements of one test; :meth:`settle` fails where a bar was missed."""

    def __init__(self, say: Callable[[str], None], history: Path | None = None) -> None:
        self.say, self.history = say, history or history_file()
        self.missed: list[Result] = []

    def compare(
        self,
        name: str,
        subject: Callable[[], object],
        baseline: Callable[[], object],
        *,
        at_most: float | None,
        runs: int = 7,
        warm_up: int = 1,
        before: Callable[[], object] | None = None,
        aim: bool = False,
        database: str = "",
        against: str = "baseline",
    ) -> Result:
        """The subject's median over the baseline's, by turns; ``against`` is what the baseline is called in print."""
        medians = interleave({"subject": subject, against: baseline}, runs=runs, warm_up=warm_up, before=before)
        return self.judge(
            name, medians["subject"] / medians[against], at_most=at_most, medians=medians, runs=runs, aim=aim,
            database=database,
        )  # fmt: skip

    def judge(
        self,
        name: str,
        value: float,
        *,
        at_most: float | None,
        unit: str = "×",
        aim: bool = False,
        medians: Mapping[str, float] | None = None,
        runs: int = 1,
        database: str = "",
    ) -> Result:
        """Print, keep and hold against its bar a figure measured elsewhere (see :func:`interleave`)."""
        result = Result(name, database or database_name(), value, at_most, unit, aim, medians, runs)
        self.say(str(result))
        append(self.history, result)
        if not result.met and not aim:
            self.missed.append(result)
        return result

    def settle(self) -> None:
        """Called when the test is over, so that one missed bar does not hide the next."""
        if self.missed:
            raise AssertionError("missed: " + "; ".join(map(str, self.missed)))


def append(history: Path, result: Result) -> None:
    """Add a line to the history: what was measured, when, of which commit, on how busy a machine."""
    history.parent.mkdir(parents=True, exist_ok=True)
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit(), "database": result.database,
        "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2), "name": result.name,
        "value": _round(result.value), "unit": result.unit, "at_most": result.at_most, "aim": result.aim,
        "met": result.met, "runs": result.runs,
        "medians": {name: _round(seconds) for name, seconds in (result.medians or {}).items()},
    }  # fmt: skip
    with history.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")


def read(history: Path) -> list[dict[str, Any]]:
    """The lines of a history, oldest first."""
    if not history.exists():
        return []
    return [json.loads(line) for line in history.read_text(encoding="utf-8").splitlines() if line]


def history_file() -> Path:
    if os.environ.get("RECORD", "") not in ("", "0"):
        return settings.BASE_DIR / RECORDED
    return Path(os.environ.get("CHAOYANG_PM_DATA_DIR") or settings.BASE_DIR / "var") / "bench" / RECORDED.name


def database_name() -> str:
    engine = settings.DATABASES["default"]["ENGINE"]
    return "SQLite" if engine.endswith("sqlite3") else "PostgreSQL"


def commit() -> str:
    """The commit that is measured, with a + where the tree differs from it, or "" outside a repository."""
    try:
        head, changed = (
            subprocess.run(
                ["git", *words], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
            ).stdout.strip()
            for words in (["rev-parse", "--short=10", "HEAD"], ["status", "--porcelain", "--", ".", ":!docs/bench"])
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{head}+" if changed else head


def _round(value: float) -> float:
    """Four digits that count."""
    return value if value == 0 else round(value, 3 - math.floor(math.log10(abs(value))))


def _figure(value: float, unit: str) -> str:
    digits = 3 if abs(value) < 1 else 2 if abs(value) < 100 else 0
    text = f"{value:,.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {unit}"


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"
