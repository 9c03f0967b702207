"""The annotated copy: the user's own workbook with what was found written on it.

Only the places that say something are changed; formulas with their stored results, pictures, widths and
everything else stay byte for byte. Annotating an annotated copy first takes the earlier check away.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets import package
from chaoyang_pm.kit.sheets.copying import new_workbook
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.findings import Finding, Severity
from chaoyang_pm.kit.sheets.grid import GridRow, column_letters, scan
from chaoyang_pm.kit.sheets.headers import Header
from chaoyang_pm.kit.sheets.markup import Edit, encoded, prefix_at, spliced, tag_end, with_attribute
from chaoyang_pm.kit.sheets.notes import SEPARATOR, Note, comments_part, read_notes, shapes_part
from chaoyang_pm.kit.sheets.reading import Sheet
from chaoyang_pm.kit.sheets.styles import EMPTY, Styles
from chaoyang_pm.kit.sheets.summary import add_summary, text_cell
from chaoyang_pm.kit.sheets.words import is_own_note

STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
SHAPES_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"
DECLARED_SIZE = re.compile(rb"<(?:\w+:)?dimension\b[^<>]*/>")
SHAPES_LINK = re.compile(rb"""<(?:\w+:)?legacyDrawing\s[^<>]*:id\s*=\s*["']([^"']*)["'][^<>]*>""")
# What the order of a worksheet's elements puts behind the link to its shapes.
AFTER_SHAPES = re.compile(
    rb"<(?:\w+:)?(?:legacyDrawingHF|drawingHF|picture|oleObjects|controls|webPublishItems|tableParts|extLst)\b"
    rb"|<mc:AlternateContent\b|</(?:\w+:)?worksheet\s*>"
)

CellFindings = dict[tuple[int, int], list[Finding]]


def annotate(
    source_bytes: bytes,
    tables: Sequence[tuple[Sheet, Header | None]],
    findings: Sequence[Finding],
    out_path: str | PathLike,
    summary: Mapping[str, Any],
) -> None:
    """Write the annotated .xlsx copy of the file that the sheets were read from.

    Cells with findings get a comment and a fill, each row of data a cell in the column "Check result", and a
    last sheet lists ``summary`` (label → count) and all findings. ``tables`` are all sheets with data, each with the
    header that ``data_rows`` ran with; None if it was not read. An .xls file, a text table, and a workbook too odd
    to be edited, become a new workbook with the same values at the same places; other formats are lost.
    """
    content = None
    if tables[0][0].kind == "xlsx":
        # Reading asks less of a workbook than writing; better a plain copy than none.
        with suppress(SheetError, LookupError, ValueError, StopIteration):
            names = [sheet.name for sheet, _header in tables]
            content = _annotated(package.unpack(source_bytes), names, tables, findings, summary)
    if content is None:
        names, book = new_workbook([sheet for sheet, _header in tables])
        content = _annotated(package.unpack(book), names, tables, findings, summary)
    Path(out_path).write_bytes(content)


def _annotated(
    parts: package.Parts,
    names: Sequence[str],
    tables: Sequence[tuple[Sheet, Header | None]],
    findings: Sequence[Finding],
    summary: Mapping[str, Any],
) -> bytes:
    styles_part = _styles_part(parts)
    styles = Styles(parts[styles_part])
    by_sheet: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_sheet[finding.sheet].append(finding)
    for name, (sheet, header) in zip(names, tables, strict=True):
        part = next(found.part for found in package.worksheets(parts) if found.name == name)
        by_cell: CellFindings = defaultdict(list)
        for finding in by_sheet[sheet.name]:
            if finding.row is not None and finding.index is not None:
                by_cell[finding.row, finding.index].append(finding)
        results = _results(sheet, header, by_sheet[sheet.name])
        column = _result_column(sheet, header)
        marks = _Marks(by_cell, results, column, header.row_number if header else None, styles)
        parts[part] = marks.on(parts[part])
        _put_notes(parts, part, by_cell)
    add_summary(
        parts, dict(zip((sheet.name for sheet, _header in tables), names, strict=True)), findings, summary, styles
    )
    parts[styles_part] = styles.xml()
    return package.pack(parts)


def _styles_part(parts: package.Parts) -> str:
    for link in package.relationships(parts, package.WORKBOOK):
        if link.kind == "styles" and link.target in parts:
            return link.target
    name = package.unused_name(parts, "xl/stylesCheck%d.xml")
    parts[name] = EMPTY
    package.declare(parts, name, STYLES_TYPE)
    package.link(parts, package.WORKBOOK, "styles", name)
    return name


def _result_column(sheet: Sheet, header: Header | None) -> int:
    if header and header.result_index is not None:
        return header.result_index
    return max((len(row.cells) for row in sheet.rows), default=0)


def _results(sheet: Sheet, header: Header | None, findings: Sequence[Finding]) -> dict[int, str]:
    """What the column "Check result" says, by row number."""
    if header is None:
        return {}
    said: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.row is not None:
            said[finding.row].append(finding)
    skipped = {row.number for row in header.skipped}
    data = [row.number for row in sheet.rows if row.number > header.last_row and row.number not in skipped]
    results = {number: _messages(said[number], with_column=True) if number in said else _("OK") for number in data}
    return {header.row_number: _("Check result"), **results}


def _messages(findings: Iterable[Finding], with_column: bool = False, separator: str = "; ") -> str:
    said = []
    for finding in sorted(findings, key=lambda finding: (finding.severity, finding.index or 0)):
        message = finding.message
        if with_column and finding.column:
            message = f"{finding.column}: {message}"
        if finding.severity == "warning":
            message = _("Warning: %(message)s") % {"message": message}
        said.append(message)
    return separator.join(said)


class _Marks:
    """Fills and results, put into the XML of one worksheet."""

    def __init__(
        self, by_cell: CellFindings, results: dict[int, str], column: int, header_row: int | None, styles: Styles
    ):
        self._results = results
        self._column = column
        self._header_row = header_row
        self._styles = styles
        self._text = styles.text()
        self._severities: dict[int, dict[int, Severity]] = defaultdict(dict)
        for (row, index), found in by_cell.items():
            self._severities[row][index] = min(finding.severity for finding in found)  # "error" goes first
        self._edits: list[Edit] = []
        self._xml = b""

    def on(self, xml: bytes) -> bytes:
        self._xml, self._edits = xml, []
        scan(xml, self._row)
        # The declared size is a hint that would no longer be true.
        if size := DECLARED_SIZE.search(xml, 0, xml.find(b"sheetData")):
            self._edits.append(Edit(size.start(), size.end(), b""))
        return spliced(xml, self._edits)

    def _row(self, row: GridRow) -> None:
        if not row.cells:
            return
        severities = self._severities.get(row.number, {})
        missing = set(severities)
        for position, cell in enumerate(row.cells):
            missing.discard(cell.column)
            if cell.column == self._column and self._header_row is not None:
                following = row.cells[position + 1].start if position + 1 < len(row.cells) else row.close
                self._edits.append(Edit(cell.start, following, b""))
                continue
            style = cell.style
            if self._styles.coloured(style):
                style = self._styles.plain(style)
            if cell.column in severities:
                style = self._styles.filled(style, severities[cell.column])
            if style != cell.style:
                end = tag_end(self._xml, cell.start)
                tag = with_attribute(self._xml[cell.start : end], "s", str(style))
                self._edits.append(Edit(cell.start, end, tag))
        self._add_cells(row, {index: severities[index] for index in missing if index != self._column})

    def _add_cells(self, row: GridRow, empty: dict[int, Severity]) -> None:
        """Cells that the row does not have: empty ones with a finding, and the result."""
        prefix = prefix_at(self._xml, row.start)
        added = {
            index: f'<{prefix}c r="{column_letters(index)}{row.number}" s="{self._styles.filled(0, severity)}"/>'
            for index, severity in empty.items()
        }
        if row.number in self._results:
            style = self._text
            if row.number == self._header_row:
                style = row.cells[-1].style if not self._styles.coloured(row.cells[-1].style) else self._text
            reference = f"{column_letters(self._column)}{row.number}"
            added[self._column] = text_cell(reference, self._results[row.number], style, prefix)
        for index in sorted(added):
            place = next((cell.start for cell in row.cells if cell.column > index), row.close)
            self._edits.append(Edit(place, place, encoded(added[index])))
        if added:
            end = tag_end(self._xml, row.start)
            self._edits.append(Edit(row.start, end, with_attribute(self._xml[row.start : end], "spans", None)))


def _put_notes(parts: package.Parts, part: str, by_cell: CellFindings) -> None:
    """Comments for the findings, beside and before those that people wrote."""
    links = {link.kind: link for link in package.relationships(parts, part)}
    old = read_notes(parts[links["comments"].target]) if "comments" in links else []
    theirs: dict[str, Note] = {}
    for note in old:
        text = note.text.partition(SEPARATOR)[2] if is_own_note(note.author) else note.text
        if text:
            theirs[note.reference] = note._replace(text=text)
    notes = dict(theirs)
    for (row, index), found in sorted(by_cell.items()):
        reference = f"{column_letters(index)}{row}"
        text = _messages(found, separator="\n")
        if reference in theirs:
            text += SEPARATOR + theirs[reference].text
        notes[reference] = Note(reference, _("Import check"), text)
    if not notes and not old:
        return
    comments = links["comments"].target if "comments" in links else package.unused_name(parts, "xl/commentsCheck%d.xml")
    shapes = _shapes_name(parts, part)
    parts[comments] = comments_part(list(notes.values()))
    parts[shapes] = shapes_part(list(notes.values()), beside=parts.get(shapes, b""))
    package.declare(parts, comments, COMMENTS_TYPE)
    package.declare(parts, shapes, SHAPES_TYPE)
    package.link(parts, part, "comments", comments)
    # A conversation would contradict the note that stands for it in older programs.
    package.unlink(parts, part, "threadedComment")


def _shapes_name(parts: package.Parts, part: str) -> str:
    """The part with the shapes of comments, linked from the worksheet."""
    xml = parts[part]
    tail = xml.rfind(b"sheetData")
    if used := SHAPES_LINK.search(xml, tail):
        wanted = used[1].decode()
        return next(link.target for link in package.relationships(parts, part) if link.id == wanted)
    shapes = package.unused_name(parts, "xl/drawings/vmlDrawingCheck%d.vml")
    reference = package.link(parts, part, "vmlDrawing", shapes)
    place = next(AFTER_SHAPES.finditer(xml, tail)).start()
    prefix = prefix_at(xml, xml.index(b"<", tail - 10))
    tag = f'<{prefix}legacyDrawing xmlns:link="{package.RELATIONSHIPS_NAMESPACE}" link:id="{reference}"/>'
    parts[part] = spliced(xml, [Edit(place, place, encoded(tag))])
    return shapes
