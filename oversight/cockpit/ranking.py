"""排名: the parts of a division side by side, by completion rate where they have tasks, else by coverage rate."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chaoyang_pm.kit.figures import ratio
from oversight.cockpit.tasks import Task
from oversight.coverage.figures import Figures
from oversight.programme.choices import Progress


@dataclass(frozen=True)
class Row:
    """One part. ``task`` figures are None where nothing was given to it; ``before``: at the end of the month before."""

    code: str
    name: str
    figures: Figures
    before: Figures
    task: Task | None
    completed: int | None
    completed_before: int | None
    scheduled: int | None
    status: Progress | None
    taken_over: int
    newly_lapsed: int
    rank: int | None = None
    rank_before: int | None = None

    @property
    def required(self) -> int | None:
        return self.task.required if self.task else None

    @property
    def ratio(self) -> float | None:
        return _ratio(self.completed, self.required)

    @property
    def ratio_before(self) -> float | None:
        return _ratio(self.completed_before, self.required)

    @property
    def ahead(self) -> int | None:
        """超(欠)序时: completed − scheduled."""
        return None if self.completed is None or self.scheduled is None else self.completed - self.scheduled

    @property
    def rank_change(self) -> int | None:
        """Places gained (+) or lost (−) since the month before."""
        return None if self.rank is None or self.rank_before is None else self.rank_before - self.rank

    @property
    def rate_change(self) -> float | None:
        """Percentage points of coverage since the month before."""
        now, before = self.figures.rate, self.before.rate
        return None if now is None or before is None else (now - before) * 100


def _ratio(completed: int | None, required: int | None) -> float | None:
    return None if completed is None or required is None else ratio(completed, required)


@dataclass(frozen=True)
class Ranking:
    rows: list[Row]
    by_tasks: bool

    @property
    def with_task(self) -> list[Row]:
        return [row for row in self.rows if row.required is not None]

    @property
    def required(self) -> int | None:
        return sum(row.required or 0 for row in self.with_task) if self.with_task else None

    @property
    def completed(self) -> int | None:
        return sum(row.completed or 0 for row in self.with_task) if self.with_task else None

    @property
    def ratio(self) -> float | None:
        return _ratio(self.completed, self.required)

    @property
    def ahead(self) -> int | None:
        return sum(row.ahead or 0 for row in self.with_task) if self.with_task else None

    @property
    def taken_over(self) -> int:
        return sum(row.taken_over for row in self.rows)

    @property
    def newly_lapsed(self) -> int:
        return sum(row.newly_lapsed for row in self.rows)


def ranked(rows: list[Row]) -> Ranking:
    """The rows with their places, the best first; equal rates share a place, rows without a rate come last."""
    by_tasks = any(row.ratio is not None for row in rows)
    now = {row.code: row.ratio if by_tasks else row.figures.rate for row in rows}
    before = {row.code: row.ratio_before if by_tasks else row.before.rate for row in rows}
    places, earlier = _places(now), _places(before)
    placed = [replace(row, rank=places.get(row.code), rank_before=earlier.get(row.code)) for row in rows]
    return Ranking(sorted(placed, key=lambda row: (row.rank is None, row.rank or 0, row.code)), by_tasks)


def _places(rates: Mapping[str, float | None]) -> dict[str, int]:
    known = {code: rate for code, rate in rates.items() if rate is not None}
    return {code: 1 + sum(other > rate for other in known.values()) for code, rate in known.items()}
