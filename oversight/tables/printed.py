"""A printed table as data: what page, xlsx and CSV draw, each in its own way and all in the same shape."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import DM2_PER_M2, DM2_PER_WAN, format_m2, format_percent, format_wan
from oversight.coverage.question import Question
from oversight.tables.choices import Table

Value = str | int | float | None
#: Of a table that is shown whole.
EVERY_LINE = slice(None)
TYPEFACE = "宋体"


class Sort(StrEnum):
    """What a column holds: text, areas of 0.01 ㎡ shown as 万㎡ or ㎡, whole numbers, rates."""

    TEXT = "text"
    WAN = "wan"
    M2 = "m2"
    COUNT = "count"
    RATE = "rate"

    @property
    def is_number(self) -> bool:
        return self != Sort.TEXT

    def shown(self, value: Value) -> str:
        """As a reader sees it; "—" for what there is none of, blank text stays blank."""
        if isinstance(value, str):
            return value
        if value is None:
            return "—"
        return self._formatted(value).replace("-", "−")

    def _formatted(self, value: int | float) -> str:
        if self == Sort.RATE:
            return format_percent(value)
        if self == Sort.COUNT:
            return f"{value:,}"
        return format_wan(int(value)) if self == Sort.WAN else format_m2(int(value))

    def number(self, value: Value) -> int | float | Decimal | None:
        """As a spreadsheet holds it, in the column's unit; None for what there is none of."""
        if value is None or isinstance(value, str):
            return None
        if self == Sort.WAN:
            return Decimal(int(value)) / DM2_PER_WAN
        return Decimal(int(value)) / DM2_PER_M2 if self == Sort.M2 else value


@dataclass(frozen=True)
class Column:
    """``group`` is the heading over several columns, "" for none. ``width`` in characters."""

    label: str
    sort: Sort = Sort.TEXT
    group: str = ""
    width: int = 12


class Role(StrEnum):
    ROW = "row"
    HEADING = "heading"
    SUBTOTAL = "subtotal"
    TOTAL = "total"


@dataclass(frozen=True)
class Line:
    """Values, one a column; of a heading its text alone. ``link`` is (name of a URL, argument) of the cell there."""

    values: tuple[Value, ...]
    role: Role = Role.ROW
    link: tuple[str, str] | None = None
    link_at: int = 0


@dataclass(frozen=True)
class Printed:
    """The whole table with its frame. ``lines`` without the total, which stands apart."""

    table: Table
    question: Question
    title: str
    unit: str
    period: str
    columns: list[Column]
    lines: list[Line]
    total: Line | None
    notes: list[str] = field(default_factory=list)

    @property
    def has_groups(self) -> bool:
        return any(column.group for column in self.columns)

    @property
    def everything(self) -> list[Line]:
        return [*self.lines, self.total] if self.total else self.lines

    @property
    def rows(self) -> int:
        return sum(line.role == Role.ROW for line in self.lines)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """单位, 数据截止日, 口径, 填报单位(章), as they stand above the table."""
        return [
            (_("Reporting unit (seal)"), str(self.question.division)),
            (_("Data as of"), self.period),
            (_("Counting rule"), str(self.question.rule)),
            (_("Unit of the figures"), self.unit),
        ]

    @property
    def signatures(self) -> list[str]:
        """Who signs below it; the places are left blank for the pen."""
        return [_("Responsible"), _("Checked by"), _("Filled in by"), _("Phone"), _("Date")]
