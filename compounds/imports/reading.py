"""From a file to rows: the workbook is opened, its header found, its cells parsed, and nothing is written.

What is no such workbook at all is one error for the whole file.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.findings import Finding
from chaoyang_pm.kit.sheets.headers import Header, find_header
from chaoyang_pm.kit.sheets.reading import Sheet, read_sheet
from chaoyang_pm.kit.sheets.rows import ParsedRow, RowReader, require
from compounds.imports.choices import Workbook
from compounds.imports.columns import NUMBERING
from compounds.imports.entries import EntryImport
from compounds.imports.outcome import Outcome
from compounds.imports.parsers import parsers
from compounds.imports.places import Places
from compounds.imports.plausible import implausible
from compounds.imports.register import RegisterImport
from compounds.imports.rows import assign_keys
from compounds.imports.vocabulary import Vocabulary, unknown_words
from compounds.ledger import selectors as ledger
from compounds.ledger.choices import Kind


@dataclass
class Import:
    """A workbook that has been read: what to apply, and where findings go."""

    workbook: Workbook
    path: Path
    filename: str
    sheet: Sheet
    header: Header
    reader: RowReader
    work: RegisterImport | EntryImport
    outcome: Outcome
    default_date: datetime.date

    def findings(self, row: ParsedRow) -> tuple[list[Finding], list[Finding]]:
        """A row's errors and warnings, each at its cell."""
        return self.reader.findings(row)

    def annotate(self, out: Path) -> None:
        """Write the user's own workbook with every finding at its cell."""
        from chaoyang_pm.kit.sheets import annotate as annotating  # slow to load, and needed here only

        summary = {
            _("Rows"): self.outcome.rows,
            _("Errors"): len(self.outcome.errors),
            _("Warnings"): len(self.outcome.warnings),
            _("Skipped rows (subtotals, signatures)"): len(self.outcome.skipped),
        }
        findings = [*self.outcome.errors, *self.outcome.warnings]
        annotating.annotate(
            self.path.read_bytes(), self.filename, self.sheet, self.header, findings, out, summary
        )  # fmt: skip


def read(
    *, workbook: Workbook, path: Path, filename: str, default_date: datetime.date, origin: str = "",
    scope: Scope = EVERYWHERE,
) -> Import:  # fmt: skip
    """Read and parse a file; rows outside of ``scope`` are errors. Raises SheetError if it is no such workbook."""
    vocabulary = Vocabulary.load(workbook)
    sheet = read_sheet(path, filename)
    header = find_header(sheet, vocabulary.columns)
    labels = {column.key: column.label for column in vocabulary.columns}
    if header.missing:
        message = _("The header in row %(row)s lacks %(columns)s; these columns are needed.")
        missing = _(", ").join(f"“{labels[column]}”" for column in header.missing)
        raise SheetError(message % {"row": header.row_number, "columns": missing})
    reader = RowReader(sheet, header, parsers(workbook, vocabulary, header), labels)
    rows = reader.read()
    for position, row in enumerate(rows):
        row.position = position
    if not rows:
        raise SheetError(_("The sheet “%(sheet)s” has a header but no rows of data.") % {"sheet": sheet.name})
    outcome = Outcome(rows=len(rows), skipped=[skipped.number for skipped in header.skipped])
    outcome.unknown_columns = [text for _index, text in header.unknown if text not in NUMBERING]
    outcome.warnings += _header_warnings(sheet, header)
    places, origin = Places(scope), origin or filename
    work: RegisterImport | EntryImport
    if workbook == Workbook.REGISTER:
        for row in rows:
            require(row, "name", "community", labels=labels)
            implausible(row)
        work = RegisterImport(rows, places, default_date=default_date, origin=origin)
    else:
        for row in rows:
            needed = ["kind"] if row.get("kind") == Kind.REVERSAL else ["kind", "effective_on"]
            require(row, *needed, labels=labels)
        work = EntryImport(rows, places, origin=origin)
    assign_keys(rows, set(labels))
    outcome.unknown_words = unknown_words(rows, workbook)
    return Import(workbook, path, filename, sheet, header, reader, work, outcome, default_date)


def _header_warnings(sheet: Sheet, header: Header) -> list[Finding]:
    """What of the sheet is not read: unknown columns, a second column of the same meaning, other sheets."""
    found = []

    def column(index: int, text: str, message: str) -> None:
        found.append(Finding(sheet.name, header.row_number, text, index, text, message, "warning"))

    for index, text in header.unknown:
        if text not in NUMBERING:
            column(index, text, _("The column “%(column)s” is not known and is not read.") % {"column": text})
    for _key, (first, *more) in header.duplicates:
        message = _("The column “%(column)s” means the same as “%(first)s” and is not read.")
        for index in more:
            text = header.texts[index]
            column(index, text, message % {"column": text, "first": header.texts[first]})
    for name in sheet.other_sheets:
        message = _("Only the sheet “%(sheet)s” is read; “%(other)s” is not.") % {"sheet": sheet.name, "other": name}
        found.append(Finding(sheet.name, header.row_number, None, None, name, message, "warning"))
    return found


def read_or_refuse(**kwargs: Any) -> tuple[Import | None, Outcome]:
    """``read``, with a file that is no such workbook as an outcome of one error for the whole file."""
    try:
        imported = read(**kwargs)
    except SheetError as error:
        outcome = Outcome(height=ledger.newest().height, readable=False)
        outcome.errors.append(Finding("", None, None, None, kwargs["filename"], str(error)))
        return None, outcome
    return imported, imported.outcome
