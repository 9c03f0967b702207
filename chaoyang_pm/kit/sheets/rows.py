"""From cells to values: every column of a row is read, and every error of every row is kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets.datarows import IsSection, data_rows
from chaoyang_pm.kit.sheets.errors import CellError
from chaoyang_pm.kit.sheets.findings import Finding, Severity
from chaoyang_pm.kit.sheets.headers import Header
from chaoyang_pm.kit.sheets.reading import Row, Sheet
from chaoyang_pm.kit.sheets.values import ParsedDate

Parser = Callable[[Any], Any]
#: Told how many of how many rows are done, before each row; may raise to leave the rows here.
Step = Callable[[int, int], None]


T = TypeVar("T")


class Told:
    """Rows whose application says how far it is to whoever sets ``step``."""

    step: Step = staticmethod(lambda done, total: None)


def told(rows: Iterable[T], step: Step) -> Iterator[T]:
    """The rows, with word of each before it comes."""
    rows = list(rows)
    for done, row in enumerate(rows):
        step(done, len(rows))
        yield row


@dataclass(slots=True)
class ParsedRow:
    """One row: its values by column key (blanks left out) and what is wrong with it.

    ``number`` is what the spreadsheet shows; ``position`` counts from 0 over all sheets that are read together, and
    ``sheet`` names the row's own where there are several. ``source`` is the row as it was read, ``columns`` where in
    it each key stands.
    """

    number: int
    values: dict[str, Any]
    errors: list[tuple[str, Any, str]] = field(default_factory=list)
    warnings: list[tuple[str, Any, str]] = field(default_factory=list)
    source: Row | None = None
    columns: Mapping[str, int] = field(default_factory=dict)
    key: str = ""
    occurrence: int = 1
    position: int = 0
    sheet: str = ""

    def get(self, column: str, default: Any = None) -> Any:
        return self.values.get(column, default)

    def error(self, column: str, message: str) -> None:
        """One error per cell: what follows from the first is not said."""
        if not self.errors or column not in self.bad_columns():
            self.errors.append((column, self.raw(column), message))

    def reference(self, origin: str) -> str:
        """Where an entry comes from: the file, the sheet if there are several, and the row."""
        return f"{origin[:140]} {self.sheet} #{self.number}" if self.sheet else f"{origin[:180]} #{self.number}"

    def seen_from(self, other: "ParsedRow") -> str:
        """The row's number in a message at another row, with the sheet if it is another one."""
        return f"{self.number} ({self.sheet})" if self.sheet != other.sheet else str(self.number)

    def bad_columns(self) -> set[str]:
        return {column for column, _value, _message in self.errors}

    def warn(self, column: str, message: str) -> None:
        self.warnings.append((column, self.raw(column), message))

    def raw(self, column: str) -> Any:
        """The cell as it was read; None for a column that is not there."""
        index = self.columns.get(column)
        return None if index is None or self.source is None else self.source[index]


#: Cells of other types can equal one of these and mean something else: 1.0, True.
_REMEMBERED_TYPES = (str, int)
_REMEMBERED = 10_000


class _Reading:
    """A column's parser with a memory: words, years and dates come again and again."""

    __slots__ = ("column", "index", "known", "parser")

    def __init__(self, column: str, index: int, parser: Parser):
        self.column, self.index, self.parser = column, index, parser
        self.known: dict[str | int, Any] = {}

    def parse(self, cell: Any) -> Any:
        value = self.parser(cell)
        if type(cell) in _REMEMBERED_TYPES:
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            self.known[cell] = value
        return value


class RowReader:
    """Reads the rows of one sheet with one parser per column."""

    def __init__(self, sheet: Sheet, header: Header, parsers: dict[str, Parser], labels: dict[str, str]):
        self.sheet, self.header, self.parsers, self.labels = sheet, header, parsers, labels

    def read(self, is_section: IsSection = lambda number, text: False) -> list[ParsedRow]:
        columns = [_Reading(column, index, self.parsers[column]) for column, index in self.header.mapping.items()]
        width = max(self.header.mapping.values(), default=-1) + 1
        return [self._parse(row, columns, width) for row in data_rows(self.sheet, self.header, is_section)]

    def _parse(self, source: Row, columns: "list[_Reading]", width: int) -> ParsedRow:
        row = ParsedRow(source.number, {}, source=source, columns=self.header.mapping)
        values, cells, short = row.values, source.cells, len(source.cells) < width
        for reading in columns:
            column = reading.column
            cell: Any = source[reading.index] if short else cells[reading.index]
            if type(cell) in _REMEMBERED_TYPES and cell in reading.known:
                value = reading.known[cell]
            elif cell is None:
                if (source.number, reading.index) in self.sheet.uncomputed:
                    row.error(column, _("The cell holds a formula without a result; write the value itself."))
                continue
            else:
                try:
                    value = reading.parse(cell)
                except CellError as error:
                    row.error(column, str(error))
                    continue
            if type(value) is ParsedDate:
                values[column], values[f"{column}_precision"] = value
            elif value is not None:
                values[column] = value
        return row

    def findings(self, row: ParsedRow) -> tuple[list[Finding], list[Finding]]:
        """The row's errors and warnings, each at its cell."""
        return (
            [self._finding(row, *problem, "error") for problem in row.errors],
            [self._finding(row, *problem, "warning") for problem in row.warnings],
        )

    def _finding(self, row: ParsedRow, column: str, value: Any, message: str, severity: Severity) -> Finding:
        index = self.header.mapping.get(column)
        label = None
        if column:
            label = self.header.label(column) if index is not None else self.labels.get(column)
        return Finding(self.sheet.name, row.number, label, index, value, message, severity)


def require(row: ParsedRow, *columns: str, labels: dict[str, str]) -> None:
    """Columns that may not be blank in this row; a cell that could not be read has its own error already."""
    for column in columns:
        if column not in row.values:
            row.error(column, _("“%(column)s” may not be blank.") % {"column": labels[column]})
