"""Imports from file to ledger: read, check everything outside the transaction, then post in one short one.

``--skip-bad-rows`` posts the rows without errors; otherwise one error keeps the whole file out.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.scoping import EVERYWHERE, Scope
from chaoyang_pm.kit.sheets import values as cells
from chaoyang_pm.kit.sheets.errors import CellError, SheetError
from chaoyang_pm.kit.sheets.findings import Finding
from chaoyang_pm.kit.sheets.headers import Header, find_header
from chaoyang_pm.kit.sheets.reading import Sheet, read_sheet
from chaoyang_pm.kit.sheets.rows import Parser, RowReader, require
from communities.people.models import User
from communities.people.permissions import office_of
from compounds.approvals.needs import asks_city
from compounds.imports import store, trail
from compounds.imports.choices import Field, RunState, Workbook
from compounds.imports.columns import NUMBERING
from compounds.imports.entries import EntryImport
from compounds.imports.facts import FACTS, Changes
from compounds.imports.models import ImportRun
from compounds.imports.outcome import Applied, Outcome
from compounds.imports.places import Places
from compounds.imports.plausible import implausible
from compounds.imports.register import RegisterImport
from compounds.imports.rows import assign_keys
from compounds.imports.vocabulary import Vocabulary, unknown_words
from compounds.ledger import selectors as ledger
from compounds.ledger.choices import Kind, Mode
from compounds.ledger.models import Entry
from compounds.ledger.services import Recorder, live_keys, writing
from compounds.register import names
from compounds.register.models import Compound

BATCH = 500


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
    reader = RowReader(sheet, header, _parsers(workbook, vocabulary, header), labels)
    rows = reader.read()
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


def check(imported: Import, *, by: User | None) -> set[int]:
    """Rehearse the import outside any transaction; fills the outcome, returns the numbers of rows to post."""
    work, outcome = imported.work, imported.outcome
    codes = work.codes()
    compounds = {compound.code: compound for compound in Compound.objects.filter(code__in=codes)}
    newest = ledger.newest()
    rehearsal = Recorder(compounds, newest.height)
    applied = work.apply(rehearsal, live_keys(work.keys()), only=None, by=by)
    for row in work.rows:
        errors, warnings = imported.reader.findings(row)
        outcome.errors += errors
        outcome.warnings += warnings
    _count(outcome, applied, newest.height)
    outcome.asks_city = asks_city(rehearsal.events)
    outcome.adds_total = sum(change.effect.area_dm2 for change in rehearsal.changes)
    outcome.adds_managed = sum(c.effect.area_dm2 for c in rehearsal.changes if c.effect.mode != Mode.NONE)
    return applied.accepted_rows


class NeedsApproval(Exception):
    """A county's workbook relabels area that counts towards a target, and the city has not approved it."""


class _Stale(Exception):
    """Something was recorded between the check and the lock that this file does not go with."""


def post(
    imported: Import, accepted: set[int], *, by: User | None, run: ImportRun,
    finishing: Callable[[Outcome], None] = lambda outcome: None,
) -> Outcome:  # fmt: skip
    """Post the checked rows, all or none; checked again under the lock, because others may have recorded since.

    ``run`` keeps what was done, and ``finishing`` is called, in the same transaction. Raises store.AlreadyPosted.
    """
    work, outcome = imported.work, imported.outcome
    applied: Applied | None = None
    try:
        while applied is None:
            codes = work.codes()
            with transaction.atomic():
                store.lock(run)
                with writing(codes) as writer:
                    if not work.codes() <= codes:
                        continue  # a compound of these rows was created while we waited: lock that one, too
                    lay = {code: each.community_id for code, each in writer.compounds.items() if not each.has_area}
                    applied = work.apply(writer, live_keys(work.keys()), only=accepted, by=by)
                    if any(row.errors for row in work.rows if row.number in accepted):
                        raise _Stale
                    _store_facts(applied, writer.compounds)
                _log(applied, writer.compounds, lay, by, run)
                _count(outcome, applied, writer.height)
                outcome.run = str(run.pk)
                store.posted(run, outcome, [entry.height for entry in writer.entries])
                finishing(outcome)
    except _Stale:
        for row in work.rows:
            if row.number in accepted:
                outcome.errors += imported.reader.findings(row)[0]
        return outcome.refused()
    return outcome


def run(
    imported: Import, *, by: User | None, dry_run: bool = False, skip_bad_rows: bool = False,
    kept: ImportRun | None = None, finishing: Callable[[Outcome], None] = lambda outcome: None, approved: bool = False,
) -> Outcome:  # fmt: skip
    """Check, and unless it is a dry run post. With errors nothing is written unless bad rows are to be skipped.

    ``kept`` is the import if its file is stored already; else the file is stored for one that posts. Raises
    NeedsApproval for what ``by`` may not post alone, unless it is ``approved``.
    """
    accepted = check(imported, by=by)
    outcome = imported.outcome
    if by and outcome.asks_city and not (approved or dry_run) and office_of(by, "imports.upload"):
        raise NeedsApproval
    if dry_run:
        return outcome
    if outcome.errors and not (skip_bad_rows and accepted):
        return outcome.refused()
    if kept:
        return post(imported, accepted, by=by, run=kept, finishing=finishing)
    kept = store.keep_path(
        path=imported.path, workbook=imported.workbook, filename=imported.filename, default_date=imported.default_date,
        by=by,
    )  # fmt: skip
    try:
        return post(imported, accepted, by=by, run=kept)
    finally:
        if kept.state != RunState.POSTED:
            store.discard(kept)


def _count(outcome: Outcome, applied: Applied, height: int) -> None:
    outcome.created, outcome.posted = len(applied.created), applied.posted
    outcome.updated, outcome.unchanged = len(applied.updated_rows), len(applied.unchanged_rows)
    outcome.area_pending, outcome.accepted = len(applied.pending), len(applied.accepted_rows)
    outcome.height = height


def _store_facts(applied: Applied, compounds: dict[str, Compound]) -> None:
    """Update descriptive facts in bulk."""
    fields = sorted({fact for changes in applied.updated.values() for fact in changes})
    if not fields:
        return
    stored = [compounds[code] for code in sorted(applied.updated) if compounds[code].pk]
    now = timezone.now()
    for compound in stored:
        compound.updated_at = now
    Compound.objects.bulk_update(stored, [*fields, "updated_at"], BATCH)


def _log(
    applied: Applied, compounds: dict[str, Compound], lay: dict[str, str], by: User | None, run: ImportRun
) -> None:  # fmt: skip
    """The history that the audit library would have written one by one, under the import's name.

    ``lay`` is where compounds without area were registered: the ledger moves them with their first entry.
    """
    created = {compound.code for compound in applied.created}
    updated = dict(applied.updated)
    for code, before in lay.items():
        if before != (now := compounds[code].community_id):
            updated[code] = updated.get(code, {}) | {"community_id": (before, now)}
    trail.write(
        created=[(compound, _first_facts(compound)) for compound in applied.created],
        updated=[(compounds[code], changes) for code, changes in sorted(updated.items()) if code not in created],
        cid=trail.cid_of(run.pk), by=by,
    )  # fmt: skip


def _first_facts(compound: Compound) -> Changes:
    """What a new compound was entered with: field → (None, value)."""
    given = {name: getattr(compound, name) for name in ("code", "name", "community_id", *FACTS.values())}
    return {name: (None, value) for name, value in given.items() if value not in ("", None)}


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


def _parsers(workbook: Workbook, vocabulary: Vocabulary, header: Header) -> dict[str, Parser]:
    """One parser per column: areas in the column's unit, words by the vocabulary, texts no longer than their field."""
    words = vocabulary.words

    def choice(field: str, label: str) -> Parser:
        return partial(cells.parse_choice, choices=words[field], label=label)

    def area(column: str) -> Parser:
        return partial(cells.parse_area, unit=header.unit(column))

    parsers: dict[str, Parser] = {column.key: _text(column.key, workbook) for column in vocabulary.columns}
    parsers["name"] = _name(parsers["name"])
    category, mode = choice(Field.CATEGORY, _("Category")), choice(Field.MODE, _("Mode"))
    parsers |= {"area": _not_negative(area("area")), "households": _not_negative(cells.parse_int), "category": category}
    if workbook == Workbook.REGISTER:
        kind, source = choice(Field.COMPOUND_KIND, _("Compound kind")), choice(Field.AREA_SOURCE, _("Area source"))
        parsers |= {
            "mode": mode, "kind": kind, "area_source": source, "buildings": _not_negative(cells.parse_int),
            "residential_area": _not_negative(area("residential_area")), "built_year": cells.parse_year,
            "renovated_year": cells.parse_year, "registered_on": _past_date, "taken_over_on": _past_date,
            "committee_term_ends": cells.parse_date, "collection_rate": _percent,
        }  # fmt: skip
    else:
        parsers |= {
            "area": area("area"), "households": cells.parse_int, "kind": choice(Field.KIND, _("Kind of change")),
            "effective_on": _past_date, "mode_from": mode, "mode_to": mode, "new_category": category,
            "reverses": cells.parse_int,
        }  # fmt: skip
    return parsers


def _not_negative(parser: Parser) -> Parser:
    def parse(cell: Any) -> Any:
        value = parser(cell)
        if value is not None and value < 0:
            raise CellError(_("“%(value)s” is negative; 0 or more is accepted.") % {"value": cells.shown(cell)})
        return value

    return parse


def _past_date(cell: Any) -> cells.ParsedDate | None:
    parsed = cells.parse_date(cell)
    if parsed and parsed.date > (today := business_date()):
        message = _("%(date)s lies after the business date; dates up to %(today)s are accepted.")
        raise CellError(message % {"date": parsed.date.isoformat(), "today": today.isoformat()})
    return parsed


def _percent(cell: Any) -> Decimal | None:
    """A percentage with the two decimals that are kept."""
    percent = cells.parse_percent(cell)
    return None if percent is None else percent.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _name(parser: Parser) -> Parser:
    """A name that leaves something to compare by, and no more of it than its field holds."""
    limit = Compound._meta.get_field("normalised_name").max_length or 0

    def parse(cell: Any) -> Any:
        text = parser(cell)
        if text and not 0 < len(names.normalise(text)) <= limit:
            raise CellError(_("“%(value)s” is no name.") % {"value": cells.shown(cell)})
        return text

    return parse


#: Columns whose field is called otherwise or that belong to no field.
_FIELD_OF = {
    "target": "name", "county": "name", "subdistrict": "name", "community": "name", "new_community": "name",
    "reporter": "handler", "provider": "provider_to",
}  # fmt: skip


def _text(column: str, workbook: Workbook) -> Parser:
    """Text no longer than the field it fills, in the table that the workbook is about before the other one."""
    name = _FIELD_OF.get(column, column)
    tables = (Entry, Compound) if workbook == Workbook.REGISTER else (Compound, Entry)
    fields: dict[str, models.Field] = {f.name: f for model in tables for f in model._meta.concrete_fields}
    limit = getattr(fields.get(name), "max_length", None)

    def parse(cell: Any) -> str | None:
        text = None if cells.is_blank(cell) else cells.clean_text(cell)
        if text and limit and len(text) > limit:
            raise CellError(_("The text is longer than %(limit)s characters.") % {"limit": limit})
        return text

    return parse


def read_or_refuse(**kwargs: Any) -> tuple[Import | None, Outcome]:
    """``read``, with a file that is no such workbook as an outcome of one error for the whole file."""
    try:
        imported = read(**kwargs)
    except SheetError as error:
        outcome = Outcome(height=ledger.newest().height, readable=False)
        outcome.errors.append(Finding("", None, None, None, kwargs["filename"], str(error)))
        return None, outcome
    return imported, imported.outcome
