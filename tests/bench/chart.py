"""The history of measurements as a picture and a table: ``docs/bench/history.svg`` and ``docs/bench/figures.md``.

Figures of different units share one picture because each is drawn as a part of its own bar: below 1 a bar is met.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pygal
from pygal.style import Style

from tests.bench.measure import RECORDED, read

SHOWN = 20  # recorded days
COLUMNS, LEGEND_LINE = 2, 18  # of the legend, in pixels
_STYLE = Style(
    background="transparent", plot_background="transparent", foreground="#767c86", foreground_strong="#767c86",
    foreground_subtle="#767c8655", guide_stroke_color="#767c8655", major_guide_stroke_color="#767c8688",
    font_family="sans-serif", label_font_size=10, legend_font_size=9,
    title_font_size=13,
)  # fmt: skip


def draw(history: Path, picture: Path) -> None:
    """One line per figure with a bar: its last value of every recorded day as a part of the bar."""
    lines = [line for line in read(history) if line["at_most"]]
    days = sorted({line["at"][:10] for line in lines})[-SHOWN:]
    titles = sorted({_title(line) for line in lines})
    legend = len(titles) // COLUMNS * LEGEND_LINE  # below the plot; without room for it pygal never ends
    chart = pygal.Line(
        style=_STYLE, js=[], width=900, height=480 + legend, legend_at_bottom=True, legend_at_bottom_columns=COLUMNS,
        truncate_legend=60, dots_size=2.5, title="Figures as parts of their bars (below 1: met)",
        y_title="figure / bar", no_prefix=True, include_x_axis=True, disable_xml_declaration=True,
    )  # fmt: skip
    chart.x_labels = days
    for title in titles:
        by_day = {line["at"][:10]: line["value"] / line["at_most"] for line in lines if _title(line) == title}
        chart.add(title, [by_day.get(day) for day in days])
    picture.write_text(chart.render(is_unicode=True) + "\n", encoding="utf-8")


def table(lines: Iterable[dict[str, Any]]) -> str:
    """The newest value of every figure, in Markdown."""
    newest = {_title(line): line for line in lines}
    rows = [
        f"| {title} | {line['value']:g} {line['unit']} | {_bar(line)} | {line['at'][:10]} | {line['commit']} |"
        for title, line in sorted(newest.items())
    ]
    head = ["| figure | value | bar | measured | commit |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


def publish(root: Path) -> None:
    """Draw picture and table anew beside the recorded history."""
    history = root / RECORDED
    if history.exists():
        draw(history, history.with_suffix(".svg"))
        (history.parent / "figures.md").write_text(
            "# Figures\n\nThe newest of each, as `make bench RECORD=1` found it.\n\n"
            f"![Figures as parts of their bars]({history.with_suffix('.svg').name})\n\n{table(read(history))}",
            encoding="utf-8",
        )


def _title(line: dict[str, Any]) -> str:
    return f"{line['name']} · {line['database']}"


def _bar(line: dict[str, Any]) -> str:
    if line["at_most"] is None:
        return "—"
    verdict = "met" if line["met"] else "missed"
    return f"{'aim ' if line['aim'] else ''}≤ {line['at_most']:g} {line['unit']}: {verdict}"
