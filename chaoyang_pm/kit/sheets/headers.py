"""Finding the table in a sheet: its header below title rows, its units, and the rows that are data.

Headers are compared as clerks write them: ``normalise_header`` drops white space, full width, brackets,
stars and colons; a header may stand in two rows (a group above, its columns below).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets import words
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.reading import CellValue, Row, Sheet

FilledCells = list[tuple[int, CellValue]]
HEADER_WITHIN = 20  # rows that hold something
_UNIT_AT_END = re.compile(r"(?:单位)?(万?(?:m2|平方米|平米))$")
_UNIT_IN_TITLE = re.compile(r"单位[:为是]?\|?((?:(?!单位)[^|])+)")
_SIGNATURE = re.compile(r"([^:]{1,12}?):(.*)", re.DOTALL)
_UNITS = words.AREA_UNITS.keys() | words.FOREIGN_AREA_UNITS | words.OTHER_UNITS


@dataclass(frozen=True)
class Column:
    """One known column.

    ``label`` is the header people expect, ``synonyms`` what else they write; the key itself is accepted too.
    ``dimension`` "area" gives the column a unit; ``names_row`` marks the column that tells rows apart, where
    words such as 合计 stand for a subtotal.
    """

    key: str
    label: str
    synonyms: Sequence[str] = ()
    required: bool = False
    dimension: str | None = None
    names_row: bool = False


class Skipped(NamedTuple):
    """A row that is no data: its number and why: "subtotal", "signature", "header" or "empty"."""

    number: int
    reason: str


@dataclass
class Header:
    """Where the known columns are.

    ``row_number`` is the (lower) header row, ``last_row`` the last row that belongs to it (units, column
    numbers); columns count from 0. ``unknown`` and ``duplicates`` are for the importer to name; a key that
    occurs twice is mapped to its first column. ``result_index`` is the annotator's own column of an earlier
    check. ``skipped`` fills while ``data_rows`` runs.
    """

    row_number: int
    last_row: int
    mapping: dict[str, int]
    texts: dict[int, str]
    units: dict[str, str] = field(default_factory=dict)
    unknown: list[tuple[int, str]] = field(default_factory=list)
    duplicates: list[tuple[str, list[int]]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    result_index: int | None = None
    names: set[int] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    skipped: list[Skipped] = field(default_factory=list)

    def unit(self, key: str) -> str:
        """The unit of an area column: as stated by header, unit row or title, else ㎡."""
        return self.units.get(key, words.SQUARE_METRES)

    def label(self, key: str) -> str:
        """The header as the sheet writes it; the key itself for a column that is not there."""
        return self.texts[self.mapping[key]] if key in self.mapping else key


def normalise_header(text: str) -> str:
    """A header reduced to the letters and digits that tell it from others, without what stands in brackets."""
    return words.letters_only(words.without_brackets(text))


def find_header(sheet: Sheet, columns: Sequence[Column]) -> Header:
    """The header among the first rows: the row, or pair of rows, that names most known columns.

    Raises SheetError if none names at least two of them, or if an area column has a unit that cannot be used.
    """
    names = _Names(columns)
    rows = sheet.rows[:HEADER_WITHIN]
    least = min(2, len(columns))
    best: tuple[tuple[int, int, int, int], int, int, dict[int, str]] | None = None
    for position in range(len(rows)):
        for height in (1, 2):
            texts = _texts(rows[position : position + height], names, height)
            keys = {names.key(text) for text in texts.values()} - {None}
            # A title or unit row above adds nothing to a header and is none.
            score = (len(keys), len(keys & names.required), -height, -position)
            if len(keys) >= least and (best is None or score > best[0]):
                best = score, position, height, texts
    if best is None:
        raise _no_header(sheet, columns)
    _score, position, height, texts = best
    header = _header(rows[position + height - 1].number, texts, names, columns)
    header.titles = {text for row in rows[:position] for text in _filled_texts(row)}
    header.result_index = next((i for i, text in texts.items() if words.is_result_header(text)), None)
    header.unknown = [(i, text) for i, text in header.unknown if i != header.result_index]
    below = rows[position + height :]
    unit_rows = [row for row in below[:2] if _is_unit_row(row)]
    for row in below[:2]:
        if not (_is_unit_row(row) or _is_numbering(row, len(texts))):
            break
        header.last_row = row.number
    _set_units(header, columns, unit_rows[:1], rows[:position])
    return header


def data_rows(sheet: Sheet, header: Header) -> Iterator[tuple[Row, dict[str, CellValue]]]:
    """Each row of data with its raw value for every mapped key.

    Subtotals, repeated headers, signatures, footnotes and rows without a value in any known column are
    left out and listed in ``header.skipped``.
    """
    header.skipped.clear()
    for row in sheet.rows:
        if row.number <= header.last_row:
            continue
        reason = _reason_to_skip(row, header)
        if reason:
            header.skipped.append(Skipped(row.number, reason))
        else:
            yield row, {key: row[index] for key, index in header.mapping.items()}


class _Names:
    """Look-up of a column's key by whatever its header may be; what a column says itself goes before what is left
    of it without brackets."""

    def __init__(self, columns: Sequence[Column]):
        self.required = {column.key for column in columns if column.required}
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


def _texts(rows: list[Row], names: _Names, height: int) -> dict[int, str]:
    """Header texts by column, from one row or from two rows read together; {} if the rows cannot be a header."""
    if len(rows) < height:
        return {}
    upper = _text_cells(rows[0])
    if height == 1:
        return upper
    if rows[1].number != rows[0].number + 1:
        return {}
    lower = _text_cells(rows[1])
    texts: dict[int, str] = {}
    group, groups = "", 0
    for index in range(max(len(row.cells) for row in rows)):
        above, below = upper.get(index, ""), lower.get(index, "")
        group = above or group
        if not below:
            choice = above
        elif names.key(group + below):
            choice, groups = group + below, groups + 1
        elif names.key(below):
            choice, groups = below, groups + 1
        elif above and names.key(above):
            if words.plain(below) not in words.AREA_UNITS.keys() | words.SUBTOTALS:
                return {}  # a value below a complete header: the lower row is data
            choice = above
        else:
            choice = below
        if choice:
            texts[index] = choice
    return texts if groups else {}


def _text_cells(row: Row) -> dict[int, str]:
    return {i: " ".join(cell.split()) for i, cell in enumerate(row.cells) if isinstance(cell, str) and cell.strip()}


def _filled_texts(row: Row) -> list[str]:
    return [words.plain(str(cell)) for cell in row.cells if cell is not None and words.plain(str(cell))]


def _header(row_number: int, texts: dict[int, str], names: _Names, columns: Sequence[Column]) -> Header:
    places: dict[str, list[int]] = {}
    unknown = []
    for index, text in texts.items():
        key = names.key(text)
        if key:
            places.setdefault(key, []).append(index)
        else:
            unknown.append((index, text))
    mapping = {column.key: places[column.key][0] for column in columns if column.key in places}
    return Header(
        row_number=row_number,
        last_row=row_number,
        mapping=mapping,
        texts=texts,
        unknown=unknown,
        duplicates=[(key, indexes) for key, indexes in places.items() if len(indexes) > 1],
        missing=[column.key for column in columns if column.required and column.key not in places],
        names={mapping[column.key] for column in columns if column.names_row and column.key in mapping},
    )


def _set_units(header: Header, columns: Sequence[Column], unit_rows: list[Row], titles: list[Row]) -> None:
    general = _title_units(titles)
    for column in columns:
        if column.dimension != "area" or column.key not in header.mapping:
            continue
        index = header.mapping[column.key]
        text = header.texts[index]
        candidates = words.bracketed(text) + _UNIT_AT_END.findall(words.without_brackets(text))
        candidates += [words.plain(str(row[index] or "")).strip("()[]") for row in unit_rows]
        unit = next((found for stated in candidates if (found := _area_unit(stated, text))), None)
        if unit is None and len(general) > 1:
            raise SheetError(
                _("The title names several units of area (%(units)s); write the unit into the header “%(header)s”.")
                % {"units": ", ".join(sorted(general)), "header": text}
            )
        if unit or general:
            header.units[column.key] = unit or next(iter(general))


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


def _is_unit_row(row: Row) -> bool:
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


def _reason_to_skip(row: Row, header: Header) -> str | None:
    own = header.result_index
    filled: FilledCells = [
        (i, cell)
        for i, cell in enumerate(row.cells)
        if cell is not None and i != own and (not isinstance(cell, str) or words.plain(cell))
    ]
    known = set(header.mapping.values())
    if not any(index in known and words.plain(str(cell)) not in words.BLANKS for index, cell in filled):
        return "signature" if _is_signature(filled) else "empty"
    if _is_subtotal(filled, header):
        return "subtotal"
    if _is_repeated_header(filled, header) or _is_unit_row(row):
        return "header"
    return "signature" if _is_signature(filled) else None


def _is_subtotal(filled: FilledCells, header: Header) -> bool:
    places = {index for index, _cell in filled[:2]} | header.names
    for index, cell in filled:
        if index in places and isinstance(cell, str):
            text = words.without_brackets(cell)
            if words.letters_only(text) in words.SUBTOTALS or text.startswith("其中:"):
                return True
    return False


def _is_repeated_header(filled: FilledCells, header: Header) -> bool:
    texts = [(i, cell) for i, cell in filled if isinstance(cell, str) and i in header.texts]
    same = [i for i, cell in texts if words.plain(cell) == words.plain(header.texts[i])]
    titled = len(filled) == 1 and words.plain(str(filled[0][1])) in header.titles
    return titled or (len(same) >= 2 and 2 * len(same) >= len(filled))


def _is_signature(filled: FilledCells) -> bool:
    """Whether the row consists of labels such as 负责人: and their values, or is a note such as 注:…"""
    follows_label = False
    for position, (_index, cell) in enumerate(filled):
        match = _SIGNATURE.match(words.plain(cell)) if isinstance(cell, str) else None
        if match and words.letters_only(words.without_brackets(match[1])) in words.SIGNATURES:
            follows_label = not words.plain(str(cell)).rpartition(":")[2]
        elif position and follows_label:
            follows_label = False
        else:
            return False
    return bool(filled)


def _no_header(sheet: Sheet, columns: Sequence[Column]) -> SheetError:
    needed = [column.label for column in columns if column.required] or [column.label for column in columns]
    beginning = next((text for row in sheet.rows for text in _filled_texts(row)), "")
    return SheetError(
        _(
            "No header was found in the first rows of the sheet “%(sheet)s”, which begins with “%(beginning)s”. "
            "A row with the columns %(columns)s is needed."
        )
        % {"sheet": sheet.name, "beginning": beginning[:40], "columns": ", ".join(needed[:12])}
    )
