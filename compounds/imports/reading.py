"""From a file to rows: its sheets are recognised, their cells parsed, and nothing is written.

Every visible sheet with a header that fits is read, each with its own header, units and columns; the rows of all of
them are one import. What is no such workbook at all is one error for the whole file.
"""

import datetime
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.bulk import uncollected
from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.findings import Finding
from chaoyang_pm.kit.sheets.headers import Header, Skipped
from chaoyang_pm.kit.sheets.merging import fill_down
from chaoyang_pm.kit.sheets.reading import read_book
from chaoyang_pm.kit.sheets.rows import ParsedRow, RowReader, require
from chaoyang_pm.kit.sheets.table import Merge, Sheet
from compounds.imports.buildings import BuildingImport
from compounds.imports.choices import Workbook
from compounds.imports.columns import NUMBERING
from compounds.imports.entries import EntryImport
from compounds.imports.layouts import Chosen, layout_of
from compounds.imports.mappings import Memory
from compounds.imports.outcome import Outcome
from compounds.imports.parsers import parsers
from compounds.imports.places import Places
from compounds.imports.plausible import implausible
from compounds.imports.printed import is_guide
from compounds.imports.recognising import Found, Recogniser, rows_below
from compounds.imports.register import RegisterImport
from compounds.imports.rehearsal import Rehearsal, Work
from compounds.imports.reporting import ReportImport
from compounds.imports.rows import assign_keys
from compounds.imports.titles import Headings, Sections, default_of
from compounds.imports.vocabulary import unknown_words
from compounds.ledger import selectors as ledger
from compounds.ledger.choices import Kind

NAMING = {"code", "name", "county", "subdistrict", "community", "address"}


class NothingToRead(SheetError):
    """No sheet of the file is such a workbook; ``layouts`` says what its sheets are instead."""

    def __init__(self, message: str, layouts: list[dict[str, Any]]):
        super().__init__(message)
        self.layouts = layouts


@dataclass
class Table:
    """One sheet that is read."""

    sheet: Sheet
    header: Header
    reader: RowReader
    rows: list[ParsedRow]


@dataclass
class Import:
    """A workbook that has been read: what to apply, and where findings go."""

    workbook: Workbook
    path: Path
    filename: str
    tables: list[Table]
    found: list[Found]
    work: Work
    outcome: Outcome
    default_date: datetime.date
    rehearsal: Rehearsal | None = None

    def __post_init__(self) -> None:
        self._readers = {table.rows[0].sheet: table.reader for table in self.tables}

    def findings(self, row: ParsedRow) -> tuple[list[Finding], list[Finding]]:
        """A row's errors and warnings, each at its cell."""
        return self._readers[row.sheet].findings(row)

    def annotate(self, out: Path) -> None:
        """Write the user's own workbook with every finding at its cell."""
        from chaoyang_pm.kit.sheets import annotate as annotating  # slow to load, and needed here only

        summary: dict[str, Any] = {
            _("Rows"): self.outcome.rows,
            _("Errors"): len(self.outcome.errors),
            _("Warnings"): len(self.outcome.warnings),
            _("Skipped rows (subtotals, signatures)"): len(self.outcome.skipped),
        }
        findings = [*self.outcome.errors, *self.outcome.warnings]
        tables = [(found.sheet, None if found.reason else found.header) for found in self.found]
        if tables[0][0].kind == "xls":
            summary[_("Copy")] = _("made from the values of the .xls file, whose formats are lost")
        annotating.annotate(self.path.read_bytes(), tables, findings, out, summary)


@uncollected()
def read(
    *, workbook: Workbook, path: Path, filename: str, default_date: datetime.date, origin: str = "",
    scope: Scope = EVERYWHERE, known: Mapping[str, Memory] | None = None, chosen: Mapping[str, Chosen] | None = None,
) -> Import:  # fmt: skip
    """Read and parse a file; rows outside of ``scope`` are errors. Raises SheetError if it is no such workbook.

    ``known``: remembered columns by the header's signature; ``chosen``: what was said or found before, by sheet.
    """
    book = read_book(path, filename)
    recogniser = Recogniser(workbook, known or {}, chosen or {})
    sheets = [sheet for sheet in book.sheets if not is_guide(sheet)] or book.sheets
    found = [recogniser.look(sheet) for sheet in sheets]
    places = Places(scope)
    headings = Headings(places.gazetteer)
    tables = []
    for each in found:
        if each.header and not each.reason:
            name = "" if book.kind == "csv" else each.sheet.name
            sections = Sections(headings, default_of(places.gazetteer, name, each.header.titles))
            table = _table(each.sheet, each.header, recogniser, sections, several=len(found) > 1)
            if table.rows:
                tables.append(table)
                places.defaults[table.rows[0].sheet] = sections.said
            else:
                each.reason = _("The sheet “%(sheet)s” has a header but no rows of data.") % {"sheet": each.sheet.name}
    left_out = [each for each in found if each.reason]
    for each in left_out:  # a sheet of a county with headings that nobody knows is hardly a note
        each.blocks = each.blocks or (each.unknown and bool(default_of(places.gazetteer, each.sheet.name, ())))
    layouts = [_layout(each, tables, places, recogniser) for each in found]
    if not tables:
        raise NothingToRead(_nothing(left_out), layouts)
    rows = [row for table in tables for row in table.rows]
    for position, row in enumerate(rows):
        row.position = position
    outcome = Outcome(rows=len(rows), skipped=[skip.number for table in tables for skip in table.header.skipped])
    outcome.unknown_columns = [text for table in tables for _i, text in table.header.unknown if text not in NUMBERING]
    outcome.sheets, outcome.hidden = layouts, book.hidden
    for table in tables:
        outcome.warnings += _header_warnings(table, recogniser)
    for each in left_out:
        finding = Finding(each.sheet.name, None, None, None, each.sheet.name, _left_out(each), "warning")
        (outcome.errors if each.blocks else outcome.warnings).append(finding)
    work = _work(workbook, rows, recogniser, places, default_date, origin or filename)
    assign_keys(rows, {column.key for column in recogniser.vocabulary.columns})
    outcome.unknown_words = unknown_words(rows, workbook)
    return Import(workbook, path, filename, tables, found, work, outcome, default_date)


def _table(sheet: Sheet, header: Header, recogniser: Recogniser, sections: Sections, *, several: bool) -> Table:
    vocabulary = recogniser.vocabulary
    labels = {column.key: column.label for column in vocabulary.columns}
    amounts = fill_down(sheet, header, vocabulary.columns)
    reader = RowReader(sheet, header, parsers(recogniser.workbook, vocabulary, header), labels)
    rows = reader.read(sections.is_section)
    if recogniser.workbook != Workbook.REGISTER:
        header.skipped += [Skipped(row.number, "untouched") for row in rows if _is_untouched(row)]
        rows = [row for row in rows if not _is_untouched(row)]
    if several:
        for row in rows:
            row.sheet = sheet.name
    _refuse_shared(rows, amounts)
    return Table(sheet, header, reader, rows)


def _is_untouched(row: ParsedRow) -> bool:
    """Whether a row (not of a register) only says which compound it is about, as a prefilled template has it."""
    return not row.errors and row.values.keys() <= NAMING


def _refuse_shared(rows: list[ParsedRow], amounts: list[tuple[str, Merge]]) -> None:
    """One amount for several rows cannot be counted: how it divides among them has to be written."""
    numbers = [row.number for row in rows] if amounts else []
    message = _("The cell is merged over the rows %(first)s to %(last)s; write each row's own amount.")
    for key, merge in amounts:
        for row in rows[bisect_left(numbers, merge.first_row) : bisect_right(numbers, merge.last_row)]:
            row.values.pop(key, None)
            row.error(key, message % {"first": merge.first_row, "last": merge.last_row})


def _work(
    workbook: Workbook, rows: list[ParsedRow], recogniser: Recogniser, places: Places, default_date: datetime.date,
    origin: str,
) -> Work:  # fmt: skip
    labels = {column.key: column.label for column in recogniser.vocabulary.columns}
    if workbook == Workbook.REGISTER:
        for row in rows:
            require(row, "name", "community", labels=labels)
            if not row.get("mark"):  # what stood in another ledger was asked there
                implausible(row)
        return RegisterImport(rows, places, default_date=default_date, origin=origin)
    if workbook == Workbook.BUILDINGS:
        for row in rows:
            require(row, "building", *([] if row.get("code") else ["name", "community"]), labels=labels)
        return BuildingImport(rows, places)
    if workbook == Workbook.REPORTS:
        for row in rows:
            require(row, "kind", *([] if row.get("code") else ["name", "community"]), labels=labels)
        return ReportImport(rows, places)
    for row in rows:
        needed = ["kind"] if row.get("kind") == Kind.REVERSAL else ["kind", "effective_on"]
        require(row, *needed, labels=labels)
    return EntryImport(rows, places, origin=origin)


def _layout(found: Found, tables: list[Table], places: Places, recogniser: Recogniser) -> dict[str, Any]:
    sheet, header = found.sheet, found.header
    memory = recogniser.memory(header)
    for table in tables:
        if table.sheet is sheet:
            said = dict.fromkeys(place.name for _after, place in places.defaults[table.rows[0].sheet])
            return layout_of(sheet, header, rows=len(table.rows), place=_(", ").join(said), memory=memory)
    rows = rows_below(sheet, header) if header else len(sheet.rows)
    return layout_of(
        sheet, header, rows=rows, reason=found.reason, blocks=found.blocks, other=found.other, memory=memory
    )


def _nothing(left_out: list[Found]) -> str:
    """Why no sheet can be read: of several, each with its reason."""
    if len(left_out) == 1:
        return left_out[0].reason
    reasons = [f"{each.sheet.name}: {each.reason}" for each in left_out[:10]]
    return _("None of the %(number)s sheets can be read.") % {"number": len(left_out)} + " " + " ".join(reasons)


def _left_out(found: Found) -> str:
    message = _("The sheet “%(sheet)s” is not read: %(reason)s")
    return message % {"sheet": found.sheet.name, "reason": found.reason}


def _header_warnings(table: Table, recogniser: Recogniser) -> list[Finding]:
    """What of the sheet is not read, and what was guessed: unknown columns, a second column of the same meaning."""
    sheet, header = table.sheet, table.header
    labels = {column.key: column.label for column in recogniser.vocabulary.columns}
    found = []

    def column(index: int, message: str, **facts: str) -> None:
        text = header.texts[index]
        said = message % (facts | {"column": text})
        found.append(Finding(sheet.name, header.row_number, text, index, text, said, "warning"))

    for index, text in header.unknown:
        if text not in NUMBERING and not header.by_hand:
            column(index, _("The column “%(column)s” is not known and is not read."))
    for _key, (first, *more) in header.duplicates:
        for index in more:
            message = _("The column “%(column)s” means the same as “%(first)s” and is not read.")
            column(index, message, first=header.texts[first])
    for key, index in header.mapping.items():
        if header.how.get(index) == "guessed":
            message = _("The column “%(column)s” is taken for “%(label)s” by its name or by what it holds; check it.")
            column(index, message, label=labels[key])
    return found


def read_or_refuse(**kwargs: Any) -> tuple[Import | None, Outcome]:
    """``read``, with a file that is no such workbook as an outcome of one error for the whole file."""
    try:
        imported = read(**kwargs)
    except SheetError as error:
        outcome = Outcome(height=ledger.newest().height, readable=False)
        outcome.errors.append(Finding("", None, None, None, kwargs["filename"], str(error)))
        outcome.sheets = error.layouts if isinstance(error, NothingToRead) else []
        return None, outcome
    return imported, imported.outcome
