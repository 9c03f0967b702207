import datetime

from django.core.paginator import Page, Paginator
from django.http import Http404
from django.utils.functional import cached_property

from communities.divisions.choices import Level
from oversight.coverage.views import FiguresPage
from oversight.programme import selectors as programme
from oversight.programme.choices import Unit
from oversight.tables import movements, sheets, summary
from oversight.tables.choices import Measure, Table
from oversight.tables.making import Made, make
from oversight.tables.movements import BY_COMPOUND
from oversight.tables.printed import EVERY_LINE, Printed

#: Lines of a table on one page of the screen; printed, it is whole.
LINES = 100


class TablePage(FiguresPage):
    """A printed table of a division, as it will look on paper."""

    template_name = "oversight/tables/table.html"
    extra_context = {"body_class": "across"}

    @cached_property
    def table(self) -> Table:
        if self.kwargs["table"] not in Table.values:
            raise Http404
        return Table(self.kwargs["table"])

    @cached_property
    def made(self) -> Made:
        return make(self.table, self.question, self.request.GET.dict(), self.request.user)

    def get_context_data(self, **kwargs):
        whole, number = self.request.GET.get("page") == "all", self.request.GET.get("page", "")
        asked = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 1
        printed, page = self.on_page(asked, whole)
        if page.number != asked and not whole:  # beyond the last one
            printed, page = self.on_page(page.number, whole)
        kwargs |= {"table": self.table}
        return super().get_context_data(
            printed=printed, asked=self.made.asked, page_obj=page, lines=[_drawn(printed, line) for line in page],
            total=_drawn(printed, printed.total), headings=_headings(printed), tables=Table, measures=Measure,
            levels=[(by, LEVELS[by]) for by in self.levels], targets=self.targets, is_whole=whole,
            year_end=self.question.as_of.replace(month=1, day=1) - datetime.timedelta(days=1), **kwargs,
        )  # fmt: skip

    def on_page(self, number: int, whole: bool) -> tuple[Printed, Page]:
        """The table, made for one page of the screen, and that page."""
        printed = self.made.printed(EVERY_LINE if whole else slice(max(0, number - 1) * LINES, number * LINES))
        size = max(1, len(printed.lines)) if whole else LINES
        return printed, Paginator(printed.lines, size).get_page(1 if whole else number)

    @property
    def levels(self) -> list[str]:
        if self.table == Table.MOVEMENTS:
            return movements.levels(self.question.division)
        return summary.levels(self.question.division) if self.table == Table.SUMMARY else []

    @property
    def targets(self) -> list:
        current = programme.current() if self.table == Table.MOVEMENTS else None
        if current is None:
            return []
        return [target for target in programme.targets(current) if target.unit == Unit.AREA]


LEVELS = {level.value: level.label for level in Level} | {BY_COMPOUND: Level.COMMUNITY.label}


class TableFile(TablePage):
    """The same table as a workbook in the printed shape, or as CSV."""

    def get(self, request, *args, **kwargs):
        printed = self.made.printed(EVERY_LINE)
        return sheets.download(printed, self.question, kwargs["format"])


def _drawn(printed: Printed, line) -> dict | None:
    """A line with its values as a reader sees them."""
    if line is None:
        return None
    if len(line.values) == 1:
        return {"role": line.role.value, "text": line.values[0]}
    cells = [
        (column.sort.shown(value), column.sort.is_number, line.link if number == line.link_at else None)
        for number, (column, value) in enumerate(zip(printed.columns, line.values, strict=True))
    ]
    return {"role": line.role.value, "cells": cells}


def _headings(printed: Printed) -> tuple[list[tuple], list[str]]:
    """Of the first row (label, columns, rows, is number), and the labels of the second."""
    first: list[tuple] = []
    second: list[str] = []
    rows = 2 if printed.has_groups else 1
    for column in printed.columns:
        if not column.group:
            first.append((column.label, 1, rows, column.sort.is_number))
            continue
        second.append(column.label)
        if first and first[-1][0] == column.group:
            first[-1] = (column.group, first[-1][1] + 1, 1, True)
        else:
            first.append((column.group, 1, 1, True))
    return first, second
