"""Finding the table in a sheet: its header below title rows, its units, and which column is which.

Headers are compared as clerks write them: ``normalise_header`` drops white space, full width, brackets,
stars and colons; a header may stand in up to three rows (``headings``).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets import words
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.headings import (
    Candidate,
    Heading,
    candidate,
    candidates,
    joined,
    plain_heading,
    signature,
)
from chaoyang_pm.kit.sheets.table import Row, Sheet

_UNIT_AT_END = re.compile(r"(?:单位)?(万?(?:m2|平方米|平米))$")
_UNIT_IN_TITLE = re.compile(r"单位[:为是]?\|?((?:(?!单位)[^|])+)")
_UNITS = words.AREA_UNITS.keys() | words.FOREIGN_AREA_UNITS | words.OTHER_UNITS

#: How a column came to its key: by its name, by likeness, or from memory.
How = Literal["named", "guessed", "remembered"]
#: What columns mean, by ``plain_heading``: one key for each column of that name, None for one that is not read.
Meanings = Mapping[str, Sequence[str | None]]


@dataclass(frozen=True)
class Column:
    """One known column.

    ``label`` is the header people expect, ``synonyms`` what else they write; the key itself is accepted too.
    ``dimension`` "area" gives the column a unit; ``names_row`` marks the column that tells rows apart, where
    words such as 合计 stand for a subtotal; what ``adds_up`` is an amount, of which merged cells hold one for
    all their rows.
    """

    key: str
    label: str
    synonyms: Sequence[str] = ()
    required: bool = False
    dimension: str | None = None
    names_row: bool = False
    adds_up: bool = False


class NoHeader(SheetError):
    """No row names enough of the columns."""


class Skipped(NamedTuple):
    """A row that is no data: its number and why: "subtotal", "signature", "header", "section" or "empty"."""

    number: int
    reason: str


@dataclass
class Header:
    """Where the known columns are.

    ``first_row`` to ``row_number`` are its rows, ``last_row`` the last row that belongs to it (units, column
    numbers); columns count from 0. ``unknown`` and ``duplicates`` are for the importer to name; a key that
    occurs twice is mapped to its first column. ``result_index`` is the annotator's own column of an earlier
    check. ``skipped`` fills while ``data_rows`` runs.
    """

    first_row: int
    row_number: int
    last_row: int
    headings: dict[int, Heading]
    texts: dict[int, str]
    mapping: dict[str, int] = field(default_factory=dict)
    how: dict[int, How] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    duplicates: list[tuple[str, list[int]]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    result_index: int | None = None
    names: set[int] = field(default_factory=set)
    titles: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    #: Whether a person said which column is which, now or earlier; then what is not named is not meant to be read.
    by_hand: bool = False

    def unit(self, key: str) -> str:
        """The unit of an area column: as stated by header, unit row or title, else ㎡."""
        return self.units.get(key, words.SQUARE_METRES)

    def label(self, key: str) -> str:
        """The header as the sheet writes it; the key itself for a column that is not there."""
        return self.texts[self.mapping[key]] if key in self.mapping else key

    def lacking(self, labels: Mapping[str, str]) -> str:
        """Which needed columns are missing, in words."""
        message = _("The header in row %(row)s lacks %(columns)s; these columns are needed.")
        missing = _(", ").join(f"“{labels[column]}”" for column in self.missing)
        return message % {"row": self.row_number, "columns": missing}

    @property
    def signature(self) -> str:
        return signature(self.headings.values())


def normalise_header(text: str) -> str:
    """A header reduced to the letters and digits that tell it from others, without what stands in brackets."""
    return words.letters_only(words.without_brackets(text))


def find_header(sheet: Sheet, columns: Sequence[Column], known: Mapping[str, Meanings] | None = None) -> Header:
    """The header among the first rows: the rows, up to three of them, that name most known columns.

    ``known``: what the columns of a header with that signature mean; it goes before the names.
    Raises NoHeader if none names at least two columns, SheetError if an area column has a unit that cannot be used.
    """
    names = Names(columns)
    least = min(2, len(columns))
    best: tuple[tuple[int, int, int, int], Candidate] | None = None
    for found in candidates(sheet):
        if known and (meanings := known.get(signature(found.headings.values()))):
            header = _header(sheet, found, names, columns, _as_meant(found.headings, meanings), "remembered")
            header.by_hand = True
            return header
        if not _holds_together(found, names):
            continue
        keys = {names.resolved(heading)[1] for heading in found.headings.values()} - {None}
        # A title or unit row above adds nothing to a header and is none.
        score = (len(keys), len(keys & names.required), -len(found.rows), -found.position)
        if len(keys) >= least and (best is None or score > best[0]):
            best = score, found
    if best is None:
        raise _no_header(sheet, columns)
    assigned = {index: names.resolved(heading)[1] for index, heading in best[1].headings.items()}
    return _header(sheet, best[1], names, columns, assigned, "named")


def header_at(
    sheet: Sheet, columns: Sequence[Column], first_row: int, last_row: int, assigned: Mapping[int, str | None],
    how: Mapping[int, How], *, by_hand: bool,
) -> Header | None:  # fmt: skip
    """The header in these rows with these columns as somebody said; None if the sheet has no such rows."""
    rows = [row for row in sheet.rows if first_row <= row.number <= last_row]
    if not rows or rows[0].number != first_row:
        return None
    position = next(at for at, row in enumerate(sheet.rows) if row.number == first_row)
    found = candidate(position, rows, sheet.merged)
    header = _header(sheet, found, Names(columns), columns, {i: assigned.get(i) for i in found.headings}, "named")
    header.how = {index: how[index] for index in header.mapping.values() if index in how}
    header.by_hand = by_hand
    return header


def assign(header: Header, columns: Sequence[Column], assigned: Mapping[int, str | None], how: How) -> None:
    """Say which column is which, by index; those that are not named stay unknown."""
    places: dict[str, list[int]] = {}
    for index in header.headings:
        if (key := assigned.get(index)) and index != header.result_index:
            places.setdefault(key, []).append(index)
    header.mapping = {column.key: places[column.key][0] for column in columns if column.key in places}
    taken = {index for indexes in places.values() for index in indexes}
    header.unknown = [(i, text) for i, text in header.texts.items() if i not in taken and i != header.result_index]
    header.duplicates = [(key, indexes) for key, indexes in places.items() if len(indexes) > 1]
    header.missing = [column.key for column in columns if column.required and column.key not in places]
    header.names = {header.mapping[c.key] for c in columns if c.names_row and c.key in header.mapping}
    header.how = {index: header.how.get(index, how) for index in header.mapping.values()}


class Names:
    """Look-up of a column's key by whatever its header may be; what a column says itself goes before what is left
    of it without brackets."""

    def __init__(self, columns: Sequence[Column]):
        self.required = {column.key for column in columns if column.required}
        self._resolved: dict[Heading, tuple[str, str | None]] = {}
        self._exact: dict[str, str] = {}
        self._loose: dict[str, str] = {}
        for column in columns:
            for text in (column.label, column.key, *column.synonyms):
                self._exact.setdefault(words.letters_only(words.plain(text)), column.key)
                self._loose.setdefault(normalise_header(text), column.key)

    def key(self, text: str) -> str | None:
        exact = words.letters_only(words.plain(text))
        loose = normalise_header(text)
        unitless = words.letters_only(_UNIT_AT_END.sub("", words.without_brackets(text)))
        tries = ((self._exact, exact), (self._exact, loose), (self._loose, loose), (self._loose, unitless))
        return next((known[sought] for known, sought in tries if sought and sought in known), None)

    def resolved(self, heading: Heading) -> tuple[str, str | None]:
        """The text that names the column under a heading, and the key it is known by (None if nobody knows it)."""
        if heading not in self._resolved:
            self._resolved[heading] = self._resolve(heading)
        return self._resolved[heading]

    def _resolve(self, heading: Heading) -> tuple[str, str | None]:
        for text in joined(heading):
            if key := self.key(text):
                return text, key
        if len(heading) > 1 and _says_no_more(heading[-1]):
            return self.resolved(heading[:-1])
        return heading[-1], None


def _says_no_more(text: str) -> bool:
    """Whether a column is what its group says: 建筑面积 over 合计, or over ㎡."""
    return words.plain(text) in words.AREA_UNITS.keys() | words.SUBTOTALS


def _holds_together(found: Candidate, names: Names) -> bool:
    """Whether the rows below the first add to it; a value below a complete header is data."""
    if len(found.rows) == 1:
        return True
    for above, below in found.pairs:
        if names.key(above) and not _says_no_more(below) and not names.resolved((above, below))[1]:
            return False
    return any(len(heading) > 1 and names.resolved(heading)[1] for heading in found.headings.values())


def _as_meant(headings: Mapping[int, Heading], meanings: Meanings) -> dict[int, str | None]:
    """Keys by column; several columns of one name are told apart by their order."""
    seen: dict[str, int] = {}
    assigned: dict[int, str | None] = {}
    for index, heading in headings.items():
        name = plain_heading(heading)
        keys, occurrence = meanings.get(name, ()), seen.get(name, 0)
        assigned[index] = keys[occurrence] if occurrence < len(keys) else None
        seen[name] = occurrence + 1
    return assigned


def _header(
    sheet: Sheet, found: Candidate, names: Names, columns: Sequence[Column], assigned: Mapping[int, str | None],
    how: How,
) -> Header:  # fmt: skip
    texts = {index: names.resolved(heading)[0] for index, heading in found.headings.items()}
    first, last = found.rows[0].number, found.rows[-1].number
    header = Header(first, last, last, found.headings, texts)
    above = sheet.rows[: found.position]
    header.titles = [text for row in above for text in _filled_texts(row)]
    header.result_index = next((i for i, text in texts.items() if words.is_result_header(text)), None)
    assign(header, columns, assigned, how)
    below = sheet.rows[found.position + len(found.rows) :]
    unit_rows = [row for row in below[:2] if is_unit_row(row)]
    for row in below[:2]:
        if not (is_unit_row(row) or _is_numbering(row, len(texts))):
            break
        header.last_row = row.number
    header.units = _units(header, columns, unit_rows[:1], above)
    return header


def _filled_texts(row: Row) -> list[str]:
    return [words.plain(str(cell)) for cell in row.cells if cell is not None and words.plain(str(cell))]


def _units(header: Header, columns: Sequence[Column], unit_rows: list[Row], titles: list[Row]) -> dict[str, str]:
    units: dict[str, str] = {}
    general = _title_units(titles)
    for column in columns:
        if column.dimension != "area" or column.key not in header.mapping:
            continue
        index = header.mapping[column.key]
        text = header.texts[index]
        stated_by = [*reversed(header.headings[index])]
        candidates = [unit for said in stated_by for unit in words.bracketed(said)]
        candidates += [unit for said in stated_by for unit in _UNIT_AT_END.findall(words.without_brackets(said))]
        candidates += [words.plain(str(row[index] or "")).strip("()[]") for row in unit_rows]
        unit = next((found for stated in candidates if (found := _area_unit(stated, text))), None)
        if unit is None and len(general) > 1:
            raise SheetError(
                _("The title names several units of area (%(units)s); write the unit into the header “%(header)s”.")
                % {"units": _(", ").join(sorted(general)), "header": text}
            )
        if unit or general:
            units[column.key] = unit or next(iter(general))
    return units


def _area_unit(stated: str, header: str) -> str | None:
    """㎡, 万㎡, or None for what is no unit of area."""
    word = re.sub(r"^(?:计量)?单位[:为]?", "", stated)
    if word in words.FOREIGN_AREA_UNITS:
        raise SheetError(
            _("The unit %(unit)s of “%(header)s” is not accepted; give areas in %(accepted)s.")
            % {"unit": word, "header": header, "accepted": f"{words.SQUARE_METRES}, {words.TEN_THOUSAND_SQUARE_METRES}"}
        )
    return words.AREA_UNITS.get(word)


def _title_units(titles: list[Row]) -> set[str]:
    """Units of area named in the rows above the header: 单位:万平方米 in one cell or in two, or (万平方米)."""
    found = set()
    for row in titles:
        texts = _filled_texts(row)
        stated = [piece for text in texts for piece in words.bracketed(text)]
        stated += _UNIT_IN_TITLE.findall("|".join(texts))
        for piece in (piece for text in stated for piece in re.split(r"[、,;:|()\[\]]", text)):
            prices = "元" in piece  # 元/平方米 says nothing about areas
            for word in [] if prices else piece.split("/"):
                if unit := _area_unit(word.removeprefix("面积"), piece):
                    found.add(unit)
    return found


def is_unit_row(row: Row) -> bool:
    says_a_unit = False
    for cell in row.cells:
        text = "" if cell is None else words.plain(str(cell)).strip("()[]").removeprefix("单位:")
        if text not in words.BLANKS:
            if text not in _UNITS:
                return False
            says_a_unit = True
    return says_a_unit


def _is_numbering(row: Row, width: int) -> bool:
    """A row that numbers the columns 1, 2, 3, … below a header of ``width`` columns; the first may be 甲 or blank."""
    texts = [text.strip("()") for text in _filled_texts(row)]
    counted = texts if texts[:1] == ["1"] else texts[1:]
    return len(counted) >= max(3, width - 1) and counted == [str(n) for n in range(1, len(counted) + 1)]


def _no_header(sheet: Sheet, columns: Sequence[Column]) -> NoHeader:
    needed = [column.label for column in columns if column.required] or [column.label for column in columns]
    beginning = next((text for row in sheet.rows for text in _filled_texts(row)), "")
    return NoHeader(
        _(
            "No header was found in the first rows of the sheet “%(sheet)s”, which begins with “%(beginning)s”. "
            "A row with the columns %(columns)s is needed."
        )
        % {"sheet": sheet.name, "beginning": beginning[:40], "columns": _(", ").join(needed[:12])}
    )
