"""A summary by place, as bureaus send one in place of lines: 小区数, 楼栋数, 户数, 建筑面积 by subdistrict.

Rows of places become totals; 小计 and 合计 are added up and not kept; 其中 is a part of the row above it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_m2
from chaoyang_pm.kit.sheets import values as cells
from chaoyang_pm.kit.sheets import words
from chaoyang_pm.kit.sheets.datarows import data_rows
from chaoyang_pm.kit.sheets.errors import CellError, SheetError
from chaoyang_pm.kit.sheets.headers import Header, find_header
from chaoyang_pm.kit.sheets.rows import ParsedRow, Parser, RowReader
from chaoyang_pm.kit.sheets.table import Row, Sheet
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.divisions.selectors import Gazetteer, normalised
from oversight.plans.checks import Finding
from oversight.plans.columns import NAME, PARTS, PLACES, SUBTOTAL, TOTALS

if TYPE_CHECKING:
    from oversight.plans.workbook import Read

#: Where a row names its place, the widest first.
NAMED = (*PLACES, "place")
LEVELS = dict(zip(PLACES, (Level.COUNTY, Level.SUBDISTRICT, Level.COMMUNITY), strict=True))
AMOUNTS = ("compounds", "buildings", "households", "area")
LABELS = {column.key: column.label for column in TOTALS}
LABEL_LENGTH = 60
COLONS = ":\uff1a "
#: Half of the last digit of 万㎡ with two decimals (0.01 ㎡): by so much each number may be rounded.
ROUNDED = 50_00


def header_of(sheet: Sheet) -> Header | None:
    """The sheet's header if it is a summary: it counts compounds instead of naming them."""
    try:
        header = find_header(sheet, (*TOTALS, NAME))
    except SheetError:
        return None
    is_one = not set(header.missing) - {NAME.key} and NAME.key not in header.mapping
    return header if is_one and any(key in header.mapping for key in NAMED) else None


def is_summary(header: Header) -> bool:
    return "compounds" in header.mapping


def read_into(found: "Read", county: Division) -> None:
    """Reads the rows into ``found.totals``, what is wrong into its findings. Raises SheetError if there are none."""
    sheet, header = found.sheet, found.header
    list(data_rows(sheet, header))  # which fills ``skipped``
    left_out = {row.number for row in header.skipped if row.reason != "subtotal"}
    rows = [_parsed(row, header) for row in sheet.rows if row.number > header.last_row and row.number not in left_out]
    reading = _Reading(sheet, header, county)
    reading.run([row for row in rows if any(key in row.values or key in row.bad_columns() for key in AMOUNTS)])
    if not reading.kept:
        raise SheetError(reading.nothing())
    found.totals = [reading.total(entry) for entry in reading.kept]
    reader = RowReader(sheet, header, {}, LABELS)
    for entry in reading.entries:
        errors, warnings = reader.findings(entry.row)
        found.cells += [*errors, *warnings]
        found.checks.errors += [_told(entry.row, *one) for one in entry.row.errors]
        found.checks.warnings += [_told(entry.row, *one) for one in entry.row.warnings]
    message = _(
        "“%(sheet)s” is a summary: its %(rows)s rows are kept as the plan's totals, and its lines stay as they are. "
        "Break the totals down into lines, one for each compound."
    )
    facts = {"sheet": sheet.name, "rows": len(reading.kept)}
    found.checks.warnings.append(Finding(None, "totals", sheet.name, message % facts))


def _told(row: ParsedRow, column: str, value: Any, message: str) -> Finding:
    return Finding(row.number, column, "" if value is None else str(value), message)


def _parsed(source: Row, header: Header) -> ParsedRow:
    row = ParsedRow(source.number, {}, source=source, columns=header.mapping)
    counts: dict[str, Parser] = dict.fromkeys(AMOUNTS, cells.parse_int)
    parsers = counts | {"area": partial(cells.parse_area, unit=header.unit("area"))}
    for key, parse in parsers.items():
        if key not in header.mapping:
            continue
        try:
            value = parse(row.raw(key))
        except CellError as wrong:
            row.error(key, str(wrong))
            continue
        if value is not None and value < 0:
            row.error(key, _("“%(value)s” is negative; 0 or more is accepted.") % {"value": row.raw(key)})
        elif value is not None:
            row.values[key] = value
    return row


@dataclass
class _Entry:
    """A row as what it is: of a ``place``, of a part of the row above (``label``), or a sum."""

    row: ParsedRow
    place: str = ""
    label: str = ""
    is_sum: bool = False
    of_group: bool = False
    parts: list["_Entry"] = field(default_factory=list)


class _Reading:
    def __init__(self, sheet: Sheet, header: Header, county: Division):
        self.sheet, self.header, self.county = sheet, header, county
        self.gazetteer = Gazetteer.load()
        self.entries: list[_Entry] = []
        self.first = min(header.mapping[key] for key in AMOUNTS if key in header.mapping)

    @property
    def kept(self) -> list[_Entry]:
        return [entry for entry in self.entries if entry.place and not entry.is_sum]

    def run(self, rows: Iterable[ParsedRow]) -> None:
        above: _Entry | None = None
        in_parts = False
        for row in rows:
            entry = self._entry(row, above, in_parts)
            self.entries.append(entry)
            in_parts = bool(entry.label)
            if entry.label and above:
                above.parts.append(entry)
            elif not entry.label:
                above = entry
        self._once()
        self._sums()
        for entry in self.entries:
            self._parts(entry)

    def total(self, entry: _Entry) -> dict[str, Any]:
        """The fields of a ``PlanTotal``."""
        get = entry.row.get
        return {
            "row": entry.row.number, "place": self.gazetteer.by_code[entry.place], "label": entry.label,
            "compounds": get("compounds"), "buildings": get("buildings"), "households": get("households"),
            "area_dm2": get("area"),
        }  # fmt: skip

    def nothing(self) -> str:
        """Why no row is kept: there are none, or they are of another county."""
        said = next((one for one in self.entries if one.row.errors), None)
        if said is None:
            return _("The sheet “%(sheet)s” has no row of a place with numbers.") % {"sheet": self.sheet.name}
        message = _("No row lies in %(county)s; is it the workbook of another county? Row %(row)s: %(why)s")
        return message % {"county": self.county, "row": said.row.number, "why": said.row.errors[0][2]}

    # --- what a row is -----------------------------------------------------------------------------------
    def _entry(self, row: ParsedRow, above: _Entry | None, in_parts: bool) -> _Entry:
        before = (row.source.cells if row.source else [])[: self.first]
        said = [cell.strip() for cell in before if isinstance(cell, str) and words.plain(cell) not in words.BLANKS]
        plain = [words.plain(text) for text in said]
        if any(text.startswith(PARTS) for text in plain):
            return self._part(row, above, said)
        if sums := [text for text in plain if words.is_subtotal(text)]:
            return _Entry(row, is_sum=True, of_group=SUBTOTAL in sums[0])
        is_numbered = any(str(cell).strip().isdigit() for cell in before)
        if in_parts and len(said) == 1 and not is_numbered and not self._found(row):
            return self._part(row, above, said)
        return _Entry(row, place=self._place(row))

    def _part(self, row: ParsedRow, above: _Entry | None, said: list[str]) -> _Entry:
        """其中:弃管小区, in one cell or in two."""
        texts = [text.removeprefix(PARTS).strip(COLONS) for text in said]
        label = next((text for text in reversed(texts) if text), PARTS)[:LABEL_LENGTH]
        if above is None:
            row.error(self._column(row), _("There is no row above of which it is a part."))
        return _Entry(row, place=above.place if above else "", label=label)

    # --- where it lies -----------------------------------------------------------------------------------
    def _named(self, row: ParsedRow) -> dict[str, str]:
        texts = {key: cells.parse_text(row.raw(key)) for key in NAMED if key in self.header.mapping}
        return {key: text for key, text in texts.items() if text}

    def _column(self, row: ParsedRow) -> str:
        """The narrowest column that names the row's place."""
        return next((key for key in reversed(NAMED) if key in self._named(row)), self._first_place)

    @property
    def _first_place(self) -> str:
        return next(key for key in NAMED if key in self.header.mapping)

    def _found(self, row: ParsedRow) -> list[Division]:
        """The divisions of the county that the row can mean, by the narrowest of its names."""
        named = self._named(row)
        within = self.county.code
        if (street := named.get("subdistrict")) and "community" in named:
            known = self.gazetteer.find(Level.SUBDISTRICT, street, within=within)
            within = known[0].code if len(known) == 1 else within
        column = self._column(row)
        text = named.get(column, "")
        found = [self.gazetteer.find(level, text, within=within) for level in LEVELS.values()]
        # 双塔区 and 双塔街道: the name in full goes before the level of the column, and that before the others.
        plain = normalised(text)
        in_full = [one for some in found for one in some if plain in (normalised(one.name), one.code)]
        by_column = self.gazetteer.find(LEVELS[column], text, within=within) if column in LEVELS else []
        return in_full or by_column or next((some for some in found if some), [])

    def _place(self, row: ParsedRow) -> str:
        found, column = self._found(row), self._column(row)
        if len(found) == 1:
            return found[0].code
        text = self._named(row).get(column, "")
        facts = {"name": text, "county": self.county.name}
        if not text:
            row.error(column, _("Name the place that the row is about."))
        elif found:
            choices = _(", ").join(self.gazetteer.path(one.code) for one in found)
            message = _("“%(name)s” can mean %(choices)s; name the subdistrict, too.")
            row.error(column, message % {"name": text, "choices": choices})
        else:
            message = _("%(county)s has no subdistrict or community “%(name)s”; check the name.")
            row.error(column, message % facts)
        return ""

    # --- whether it adds up --------------------------------------------------------------------------------
    def _once(self) -> None:
        first: dict[str, int] = {}
        for entry in self.kept:
            if not entry.label and first.setdefault(entry.place, entry.row.number) != entry.row.number:
                message = _("Row %(row)s is about this place already.")
                entry.row.error(self._column(entry.row), message % {"row": first[entry.place]})

    def _sums(self) -> None:
        """小计 is the sum of its group, 合计 of all above; a wider place's row is that of the places in it."""
        plain = [entry for entry in self.entries if not entry.label]
        for at, entry in enumerate(plain):
            if entry.is_sum and entry.of_group:
                self._adds_up(entry, self._group(plain, at))
            elif entry.is_sum:
                others = [one for one in plain if not one.is_sum]
                before = [one for one in plain[:at] if not one.is_sum]
                self._adds_up(entry, before or others)
            elif entry.place:
                below = [one for one in plain if one.place != entry.place and one.place.startswith(entry.place)]
                if below:
                    self._adds_up(entry, below)

    @staticmethod
    def _group(plain: list[_Entry], at: int) -> list[_Entry]:
        """The rows above a 小计 up to the sum before it; where it stands on top of its rows, those below it."""
        group: list[_Entry] = []
        for one in reversed(plain[:at]):
            if one.is_sum:
                break
            group.append(one)
        for one in plain[at + 1 :] if not group else ():
            if one.is_sum:
                break
            group.append(one)
        return group

    def _adds_up(self, entry: _Entry, rows: list[_Entry]) -> None:
        places = {one.place for one in rows if one.place}
        tops = [one for one in rows if not any(one.place != wide and one.place.startswith(wide) for wide in places)]
        for key in AMOUNTS:
            given = [value for one in tops if (value := one.row.get(key)) is not None]
            said = entry.row.get(key)
            if said is None or not given or said == sum(given):
                continue
            message = _("The rows that it sums up make %(sum)s, not %(said)s.")
            message %= {"sum": _shown(key, sum(given)), "said": _shown(key, said)}
            in_wan = key == "area" and self.header.unit("area") == words.TEN_THOUSAND_SQUARE_METRES
            if in_wan and abs(said - sum(given)) <= ROUNDED * (len(given) + 1):
                entry.row.warn(key, message)
            else:
                entry.row.error(key, message)

    def _parts(self, entry: _Entry) -> None:
        """What is named 其中 is no more than the whole."""
        for key in AMOUNTS:
            whole = entry.row.get(key)
            parts = [value for one in entry.parts if (value := one.row.get(key)) is not None]
            if whole is None or sum(parts) <= whole:
                continue
            message = _("The parts make %(sum)s, more than the %(whole)s of row %(row)s.")
            facts = {"sum": _shown(key, sum(parts)), "whole": _shown(key, whole), "row": entry.row.number}
            entry.parts[-1].row.error(key, message % facts)


def _shown(key: str, value: int) -> str:
    return f"{format_m2(value)} ㎡" if key == "area" else str(value)
