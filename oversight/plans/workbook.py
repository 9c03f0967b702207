"""A plan from a workbook: rows become lines by their row number, every error stands at its cell, which the line lacks.

Tolerant like the importers: title rows, 万㎡, subtotals, signatures, columns in any order and under other names.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from chaoyang_pm.kit import bulk
from chaoyang_pm.kit.scoping import Scope
from chaoyang_pm.kit.sheets import values as cells
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.findings import Finding as CellFinding
from chaoyang_pm.kit.sheets.findings import Severity
from chaoyang_pm.kit.sheets.headers import Header, find_header
from chaoyang_pm.kit.sheets.reading import Sheet, load, read_sheet
from chaoyang_pm.kit.sheets.rows import ParsedRow, Parser, RowReader, require
from chaoyang_pm.kit.sheets.words import SQUARE_METRES
from communities.divisions.models import Division
from communities.people.models import User
from compounds.imports.choices import Field, Workbook
from compounds.imports.places import CompoundIndex, Places, named_compound
from compounds.imports.vocabulary import Vocabulary
from compounds.ledger.choices import Mode
from compounds.register.models import Compound
from oversight.plans import checks, services, totals_workbook
from oversight.plans.checks import Checks, Finding
from oversight.plans.columns import COLUMNS, LABELS, NUMBERING, parse_when, parse_yes
from oversight.plans.models import PlanLine, PlanVersion
from oversight.plans.selectors import Unmanaged, unmanaged

#: A county has some hundreds of compounds; a longer list is none of one county.
MOST_ROWS = 20_000
#: Columns of the workbook that the checks call otherwise, and the other way round.
FIELDS = {"area": "area_m2"}
COLUMN_OF = {"area_m2": "area", "compound": "name"}
#: An area that becomes the ledger's when read as 万㎡, give or take.
WAN, NEAR = 10_000, (0.8, 1.25)


@dataclass
class Read:
    """A workbook that was read: its rows as lines, or a summary's as totals, and what is wrong with their cells."""

    sheet: Sheet
    header: Header
    #: What is unmanaged in the county, by the compound's code.
    there: dict[str, Unmanaged] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    totals: list[dict[str, Any]] = field(default_factory=list)
    checks: Checks = field(default_factory=Checks)
    cells: list[CellFinding] = field(default_factory=list)

    def with_checks(self, said: Checks) -> Checks:
        """What is wrong with the cells and, of lines without an error in that cell, what the checks say besides."""
        told = {(one.line, FIELDS.get(one.column, one.column)) for one in self.checks.errors}
        errors = [one for one in said.errors if one.line is None or (one.line, one.column) not in told]
        self.cells += [self._at_its_cell(one, "error") for one in errors]
        self.cells += [self._at_its_cell(one, "warning") for one in said.warnings]
        return Checks([*self.checks.errors, *errors], [*self.checks.warnings, *said.warnings])

    def _at_its_cell(self, one: Finding, severity: Severity) -> CellFinding:
        """On the sheet; without a line, of the sheet as a whole."""
        key = COLUMN_OF.get(one.column, one.column)
        index = self.header.mapping.get(key) if one.line is not None else None
        return CellFinding(self.sheet.name, one.line, LABELS.get(key), index, one.value, one.message, severity)


def annotate(
    content: bytes, sheet: Sheet, header: Header, findings: Sequence[CellFinding], out: str | PathLike
) -> None:  # fmt: skip
    """Write the county's own workbook with every finding at its cell."""
    from chaoyang_pm.kit.sheets import annotate as annotating  # slow to load, and needed here only

    errors = sum(one.severity == "error" for one in findings)
    summary = {_("Errors"): errors, _("Warnings"): len(findings) - errors}
    annotating.annotate(content, [(sheet, header)], findings, out, summary)


def table_of(content: bytes, filename: str) -> tuple[Sheet, Header]:
    """The sheet of a plan, or of its summary, and its header. Raises SheetError if it is no such workbook."""
    sheet = read_sheet(content, filename)
    if summary := totals_workbook.header_of(sheet):
        return sheet, summary
    header = find_header(sheet, COLUMNS)
    if header.missing:
        raise SheetError(header.lacking(LABELS))
    return sheet, header


def read(*, source: bytes | str | PathLike, filename: str, county: Division) -> Read:
    """Read a workbook as the plan of a county. Raises SheetError if it is no such workbook."""
    content = load(source)
    found = Read(*table_of(content, filename))
    if totals_workbook.is_summary(found.header):
        totals_workbook.read_into(found, county)
        return found
    reader = RowReader(found.sheet, found.header, parsers(area=found.header.unit("area")), LABELS)
    rows = reader.read()
    if not 0 < len(rows) <= MOST_ROWS:
        message = _("The sheet “%(sheet)s” has %(rows)s rows; 1 to %(most)s are accepted.")
        raise SheetError(message % {"sheet": found.sheet.name, "rows": len(rows), "most": MOST_ROWS})
    with bulk.uncollected():
        _Rows(rows, county).run(found)
    for row in rows:
        errors, warnings = reader.findings(row)
        found.cells += [*errors, *warnings]
        found.checks.errors += [_told(row, *one) for one in row.errors]
        found.checks.warnings += [_told(row, *one) for one in row.warnings]
    for index, text in found.header.unknown:
        if text not in NUMBERING:
            message = _("The column “%(column)s” is not known and was not read.") % {"column": text}
            found.checks.warnings.append(Finding(None, text, text, message))
            found.cells.append(
                CellFinding(found.sheet.name, found.header.row_number, text, index, text, message, "warning")
            )
    return found


@transaction.atomic
def take(*, version: PlanVersion, found: Read, by: User, revision: int | None = None) -> Checks:
    """The rows become the lines of a draft, in place of those it had (or a summary's its totals; then the lines stay).

    Answers with what the checks say besides.
    """
    if found.totals:
        version = services.write_totals(version=version, totals=found.totals, by=by, revision=revision)
        said = checks.check(version)
        return Checks([*found.checks.errors, *said.errors], [*found.checks.warnings, *said.warnings])
    put = services.replace_lines(version=version, lines=found.lines, by=by, revision=revision)
    return found.with_checks(checks.check(put.version, found.there, put.lines))


def _told(row: ParsedRow, column: str, value: Any, message: str) -> Finding:
    return Finding(row.number, column, "" if value is None else str(value), message)


def parsers(keys: Container[str] = tuple(LABELS), area: str = SQUARE_METRES) -> dict[str, Parser]:
    """The parser of each column; ``area``: the unit that its header names."""
    fields: dict[str, Any] = {field.name: field for field in PlanLine._meta.concrete_fields}
    found: dict[str, Parser] = {}
    for column in COLUMNS:
        limit = getattr(fields.get(column.key), "max_length", None) or 200
        found[column.key] = partial(cells.parse_text, limit=limit)
    if "category" in keys or "mode" in keys:
        words = Vocabulary.load(Workbook.REGISTER).words
        found["category"] = partial(cells.parse_choice, choices=words[Field.CATEGORY], label=_("Category"))
        found["mode"] = partial(cells.parse_choice, choices=words[Field.MODE], label=_("Intended mode"))
    return found | {
        "planned_for": parse_when, "area": partial(cells.parse_area, unit=area), "households": cells.parse_int,
        "is_pilot": parse_yes,
    }  # fmt: skip


class _Rows:
    def __init__(self, rows: list[ParsedRow], county: Division):
        self.rows, self.county = rows, county
        self.places = Places(Scope.of([county.code]))
        self.there: dict[str, Unmanaged] = {}

    def run(self, found: Read) -> None:
        for row in self.rows:
            require(row, "name", "community", "mode", "planned_for", "person", labels=LABELS)
            if row.get("community"):
                row.values["community"] = self.places.community(row, within="")
        self._of_this_county()
        index = CompoundIndex.named_by(self.rows, self.places.scope)
        self.there = found.there = unmanaged(self.county.code, index.by_code.values())
        for row in self.rows:
            self._numbers(row)
            compound = self._compound(row, index)
            if compound or row.get("community") or row.get("name"):
                found.lines.append(self._line(row, compound))

    def _of_this_county(self) -> None:
        """Refuses a workbook of which nothing lies in the county: it is another one's."""
        if not any(row.get("community") for row in self.rows) and len(self.rows) > 1:
            said = next((row for row in self.rows if "community" in row.bad_columns()), self.rows[0])
            message = _("No row lies in %(county)s; is it the workbook of another county? Row %(row)s: %(why)s")
            why = said.errors[0][2] if said.errors else "—"
            raise SheetError(message % {"county": self.county, "row": said.number, "why": why})

    def _numbers(self, row: ParsedRow) -> None:
        for column in ("area", "households"):
            value = row.get(column)
            if value is not None and (value < 0 or (column == "area" and value == 0)):
                row.error(column, _("“%(value)s” is negative; 0 or more is accepted.") % {"value": row.raw(column)})
        if row.get("mode") == Mode.NONE:
            row.error("mode", _("A plan says how it is to be managed; “not managed” is no plan."))

    def _compound(self, row: ParsedRow, index: CompoundIndex) -> Compound | None:
        """The compound of the row; None where it is not listed yet and the row plans a community's area."""
        if not row.get("code") and row.get("community") and not index.matching(row) and row.get("area"):
            message = _("“%(name)s” is not in the register; the row stands for area of its community.")
            row.warn("name", message % {"name": row.get("name")})
            return None
        compound = named_compound(
            row, index, unknown=_(
                "There is no “%(name)s” in this community; check the name, or give the area that the row stands for."
            ) % {"name": row.get("name")},
        )  # fmt: skip
        if compound and row.get("area") and (there := self.there.get(compound.code)):
            least, most = NEAR
            if least <= row.get("area") * WAN / there.area_dm2 <= most:
                message = _(
                    "%(value)s reads as ㎡, and %(there)s ㎡ are unmanaged: is it in 万㎡? Then say so in the header."
                )
                row.error("area", message % {"value": row.raw("area"), "there": there.area_dm2 // 100})
        return compound

    def _line(self, row: ParsedRow, compound: Compound | None) -> dict[str, Any]:
        """What could be read; a cell with an error is blank."""
        wrong = row.bad_columns()
        due_on, by_quarter = row.get("planned_for") or (None, False)
        community = compound.community_id if compound else row.get("community")
        return {
            "number": row.number, "compound": compound, "name": "" if compound else row.get("name") or "",
            "community": self.places.gazetteer.by_code[community] if community else None,
            "category": row.get("category") or "", "mode": "" if "mode" in wrong else row.get("mode") or "",
            "due_on": due_on, "by_quarter": by_quarter, "area_dm2": None if "area" in wrong else row.get("area"),
            "households": None if "households" in wrong else row.get("households"),
            "is_pilot": bool(row.get("is_pilot")),
            **{name: row.get(name) or "" for name in ("leader", "person", "phone", "unit", "note")},
        }  # fmt: skip
