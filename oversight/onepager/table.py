"""The one table of 一页纸, as page and document draw it: headings, rows, total, all as read."""

from dataclasses import dataclass
from itertools import zip_longest

from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_percent, format_wan
from chaoyang_pm.kit.templatetags.figures import signed_wan
from oversight.onepager.selectors import OnePage, Row, Task


@dataclass(frozen=True)
class Line:
    """A row as read: name, total, managed, rate, its change, change of managed area, task where there are any."""

    row: Row
    cells: list[str]

    @property
    def explained(self) -> list[tuple[str, str]]:
        """The cells, each with the name of the figure that it shows; "" where none explains itself."""
        figures = ("", "total", "managed", "rate", "rate", "managed")
        return list(zip_longest(self.cells, figures, fillvalue=""))


def headings(page: OnePage) -> list[str]:
    name = _("Compound") if page.level is None else str(page.level.label)
    plain = [
        name, _("Total area"), _("Managed"), _("Coverage rate"), _("Points against last month"), _("Managed, change"),
    ]  # fmt: skip
    return [*plain, _("Task: completed / required"), _("Completion rate")] if page.has_tasks else plain


def lines(page: OnePage) -> list[Line]:
    return [_line(page, row) for row in page.rows]


def total(page: OnePage) -> Line:
    line = _line(page, page.whole)
    return Line(page.whole, [_("Total"), *line.cells[1:]])


def signed_points(change: float | None) -> str:
    """+1.21, −0.30, 0.00; "—" where two rates cannot be compared."""
    if change is None:
        return "—"
    shown = f"{abs(change):.2f}"
    return shown if float(shown) == 0 else f"{'+' if change > 0 else '−'}{shown}"


def _line(page: OnePage, row: Row) -> Line:
    cells = [
        row.name, format_wan(row.total), format_wan(row.managed), format_percent(row.rate),
        signed_points(row.rate_change), signed_wan(row.managed_change),
    ]  # fmt: skip
    return Line(row, [*cells, *_task(row.task)] if page.has_tasks else cells)


def _task(task: Task | None) -> list[str]:
    if task is None:
        return ["—", "—"]
    return [f"{format_wan(task.completed)} / {format_wan(task.required)}", format_percent(task.ratio)]
