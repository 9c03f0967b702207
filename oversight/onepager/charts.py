"""The two charts of 一页纸 as lines and rectangles, drawn by the server: no script, sharp on paper.

Coordinates are those of the drawing's own box, WIDTH across.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chaoyang_pm.kit.figures import DM2_PER_WAN, format_percent, format_wan
from oversight.coverage.figures import Month
from oversight.onepager.selectors import Row

WIDTH = 420
_BAR, _GAP, _NAMES, _VALUES = 13, 7, 94, 56
_LONGEST = 7
_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 200, 58, 14, 16, 24
_STEPS = 4


@dataclass(frozen=True)
class Bar:
    label: str
    shown: str
    y: float
    width: float
    #: Where texts stand.
    base: float
    value_x: float


@dataclass(frozen=True)
class Bars:
    height: float
    left: float
    room: float
    thickness: float
    bars: list[Bar]
    names_end: float = _NAMES - 6
    width: int = WIDTH


def coverage_bars(rows: Sequence[Row]) -> Bars:
    """物业覆盖率 by part: 100 % is the whole width."""
    room = WIDTH - _NAMES - _VALUES
    bars = []
    for number, row in enumerate(rows):
        y, width = number * (_BAR + _GAP) + _GAP, room * (row.rate or 0)
        bars.append(
            Bar(_short(row.name), format_percent(row.rate), y, round(width, 2), y + _BAR - 2, _NAMES + width + 6)
        )
    return Bars(len(rows) * (_BAR + _GAP) + _GAP, _NAMES, room, _BAR, bars)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


@dataclass(frozen=True)
class Tick:
    label: str
    at: float
    base: float = 0


@dataclass(frozen=True)
class Line:
    height: float
    left: float
    right: float
    bottom: float
    grid: list[Tick]
    months: list[Tick]
    points: str
    area: str
    dots: list[tuple[float, float]]
    last: Tick | None
    names_end: float = _LEFT - 6
    width: int = WIDTH


def managed_line(months: Sequence[Month]) -> Line:
    """已管面积 at each month's end, in 万㎡; the axis begins at 0, so that the slope does not flatter."""
    values = [month.figures.managed for month in months]
    top = nice_top(max(values, default=0))
    bottom, room, across = _HEIGHT - _BOTTOM, _HEIGHT - _BOTTOM - _TOP, WIDTH - _LEFT - _RIGHT
    step = across / max(1, len(values) - 1)
    places = [(round(_LEFT + n * step, 1), round(bottom - room * value / top, 1)) for n, value in enumerate(values)]
    points = " ".join(f"{x},{y}" for x, y in places)
    levels = [top * number // _STEPS for number in range(_STEPS + 1)]
    grid = [
        Tick(format_wan(level), y, y + 4) for level in levels for y in [round(bottom - room * level / top, 1)]
    ]  # fmt: skip
    every = max(1, -(-len(values) // 4))
    named = [Tick(month.month, places[n][0], _HEIGHT - 6) for n, month in enumerate(months) if n % every == 0]
    area = f"{_LEFT},{bottom} {points} {places[-1][0]},{bottom}" if places else ""
    last = Tick(format_wan(values[-1]), places[-1][0], max(12, places[-1][1] - 8)) if places else None
    return Line(_HEIGHT, _LEFT, WIDTH - _RIGHT, bottom, grid, named, points, area, places, last)


def nice_top(most: int) -> int:
    """The top of an axis for values up to ``most``, in 0.01 ㎡: 1, 2, 3 or 5 times a power of ten of 0.04 万㎡."""
    unit = DM2_PER_WAN // 25
    while True:
        for factor in (1, 2, 3, 5):
            if unit * factor >= most:
                return unit * factor
        unit *= 10
