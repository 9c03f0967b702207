"""What a sheet is: one of the workbooks, or something else that is told from them and explained.

Whoever sends a summary, a printed table or the other workbook reads what made the portal think so, and what to send.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets import words
from chaoyang_pm.kit.sheets.datarows import data_rows
from chaoyang_pm.kit.sheets.errors import SheetError
from chaoyang_pm.kit.sheets.guessing import guess, samples
from chaoyang_pm.kit.sheets.headers import Column, Header, NoHeader, find_header, header_at
from chaoyang_pm.kit.sheets.headings import candidates
from chaoyang_pm.kit.sheets.table import Sheet
from compounds.imports.choices import Workbook
from compounds.imports.columns import SHAPES
from compounds.imports.layouts import Chosen
from compounds.imports.mappings import Memory
from compounds.imports.parsers import parsers
from compounds.imports.printed import COUNTED, PRINTED, SHARES, SUMMARY_TITLES
from compounds.imports.vocabulary import KINDS, Vocabulary

#: Workbooks that are told by the kinds which their rows name.
KINDED = (Workbook.ENTRIES, Workbook.REPORTS)


@dataclass
class Found:
    """A sheet with its header, or the reason why it is not read.

    ``blocks``: rows for the ledger seem to be lost with it, so that it counts as an error. ``other``: which other
    workbook it is, if it is one.
    """

    sheet: Sheet
    header: Header | None = None
    reason: str = ""
    blocks: bool = False
    other: str = ""
    #: A header of which no column is known.
    unknown: bool = False


class Recogniser:
    """Looks at the sheets of one file. ``known``: remembered columns by signature; ``chosen``: by the sheet's name."""

    def __init__(self, workbook: Workbook, known: Mapping[str, Memory], chosen: Mapping[str, Chosen]):
        self.workbook, self.known, self.chosen = workbook, known, chosen
        self.meanings = {signature: memory.meanings for signature, memory in known.items()}
        self.vocabulary = Vocabulary.load(workbook)
        self._vocabularies = {workbook: self.vocabulary}

    def vocabulary_of(self, workbook: Workbook) -> Vocabulary:
        if workbook not in self._vocabularies:
            self._vocabularies[workbook] = Vocabulary.load(workbook)
        return self._vocabularies[workbook]

    def memory(self, header: Header | None) -> dict[str, Any] | None:
        """Whose memory of the header's shape was used, for the page."""
        used = self.known.get(header.signature) if header else None
        return used.as_dict() if used else None

    def look(self, sheet: Sheet) -> Found:
        columns = self.vocabulary.columns
        said = self.chosen.get(sheet.name)
        if said and said.reason:
            return Found(sheet, None, said.reason, blocks=said.blocks, other=said.other)
        try:
            header = _as_chosen(sheet, columns, said) if said else None
            if header is None:
                header = find_header(sheet, columns, self.meanings)
        except NoHeader as error:
            explained = self._explained(sheet, None) or self._as_other(sheet)
            any_header = _any_header(sheet, self)
            return explained or Found(sheet, any_header, str(error), unknown=any_header is not None)
        except SheetError as error:
            return Found(sheet, None, str(error), blocks=True)
        if header.by_hand and not header.mapping:
            return Found(sheet, header, _("Its columns are marked as not to be read."))
        if not header.by_hand and not said:
            if explained := self._as_other(sheet, header) or self._explained(sheet, header):
                return explained
            guess(sheet, header, columns, parsers(self.workbook, self.vocabulary, header), SHAPES)
        if header.missing:
            labels = {column.key: column.label for column in self.vocabulary.columns}
            return Found(sheet, header, header.lacking(labels), blocks=True)
        return Found(sheet, header)

    def _as_other(self, sheet: Sheet, header: Header | None = None) -> Found | None:
        """The sheet as another workbook, if it is one: changes have a kind and a date, buildings a number each."""
        if self.workbook in KINDED and header and not header.missing:
            if self._names_kinds(sheet, header, self.workbook):
                return None
        if self.workbook != Workbook.ENTRIES and (theirs := self._fits(sheet, Workbook.ENTRIES)):
            message = _(
                "The sheet “%(sheet)s” holds changes (变更): its column “%(column)s” names kinds of changes. It is "
                "imported as the workbook of changes."
            )
            facts = {"sheet": sheet.name, "column": theirs.label("kind")}
            return Found(sheet, header, message % facts, other=Workbook.ENTRIES)
        # Changes without their date are changes.
        undated = self.workbook == Workbook.ENTRIES and header is not None and "kind" in header.mapping
        if self.workbook != Workbook.REPORTS and not undated and (theirs := self._fits(sheet, Workbook.REPORTS)):
            message = _(
                "The sheet “%(sheet)s” holds reports (上报): its column “%(column)s” names what is reported. It is "
                "handed in on the page of reports, as a workbook for many compounds."
            )
            facts = {"sheet": sheet.name, "column": theirs.label("kind")}
            return Found(sheet, header, message % facts, other=Workbook.REPORTS)
        if self.workbook != Workbook.BUILDINGS and (theirs := self._fits(sheet, Workbook.BUILDINGS)):
            message = _(
                "The sheet “%(sheet)s” holds buildings (楼栋): its column “%(column)s” numbers the buildings of "
                "compounds. It is imported as the workbook of buildings."
            )
            facts = {"sheet": sheet.name, "column": theirs.label("building")}
            return Found(sheet, header, message % facts, other=Workbook.BUILDINGS)
        is_ours = self.workbook == Workbook.BUILDINGS and header and not header.missing
        if self.workbook == Workbook.REGISTER or is_ours or not self._fits(sheet, Workbook.REGISTER):
            return None
        message = _(
            "The sheet “%(sheet)s” is a register of compounds (小区台账): it names compounds, but no kinds of changes "
            "and no buildings. It is imported as the register."
        )
        return Found(sheet, header, message % {"sheet": sheet.name}, other=Workbook.REGISTER)

    def _fits(self, sheet: Sheet, workbook: Workbook) -> Header | None:
        """The sheet's header as one of the workbook, if it has all that is needed."""
        vocabulary = self.vocabulary_of(workbook)
        try:
            theirs = find_header(sheet, vocabulary.columns)
        except SheetError:
            return None
        if theirs.missing or (workbook in KINDED and not self._names_kinds(sheet, theirs, workbook)):
            return None
        return theirs

    def _names_kinds(self, sheet: Sheet, header: Header, workbook: Workbook) -> bool:
        """Whether at least half of what the kind column holds are its kinds; an empty one counts as such."""
        cells = samples(sheet, header, header.mapping["kind"])
        kinds = self.vocabulary_of(workbook).words[KINDS[workbook]]
        return 2 * sum(words.plain(str(cell)) in kinds for cell in cells) >= len(cells)

    def _explained(self, sheet: Sheet, header: Header | None) -> Found | None:
        """The sheet as a printed table of the portal, or as a summary."""
        headings = _headings(sheet, header)
        for title, marks, advice in PRINTED:
            if marks <= headings.keys():
                shown = _(", ").join(f"“{headings[mark]}”" for mark in sorted(marks))
                message = _(
                    "The sheet “%(sheet)s” is the table %(title)s (columns %(columns)s), not a workbook to import. "
                    "%(advice)s"
                )
                facts = {"sheet": sheet.name, "title": title, "columns": shown, "advice": advice()}
                return Found(sheet, header, message % facts)
        signs = _signs_of_a_summary(sheet, header, headings)
        if not signs:
            return None
        message = _(
            "The sheet “%(sheet)s” is a summary, not a register: %(signs)s. Import the register that it was made from, "
            "with one row for each compound (the template of the register shows the columns); the sums then follow by "
            "themselves. A plan's summary belongs to the county's plan."
        )
        return Found(sheet, header, message % {"sheet": sheet.name, "signs": _("; ").join(signs)})


def _as_chosen(sheet: Sheet, columns: Sequence[Column], said: Chosen) -> Header | None:
    return header_at(sheet, columns, said.first_row, said.last_row, said.columns, said.how, by_hand=said.by_hand)


def _headings(sheet: Sheet, header: Header | None) -> dict[str, str]:
    """Headings near the top, reduced to their letters, with how they are written."""
    found = header.headings.values() if header else (h for each in candidates(sheet) for h in each.headings.values())
    return {words.letters_only(words.without_brackets(text)): text for heading in found for text in heading}


def _signs_of_a_summary(sheet: Sheet, header: Header | None, headings: Mapping[str, str]) -> list[str]:
    """What makes the sheet look like a summary; nothing where it names compounds."""
    named = header.mapping.get("name") if header else None
    counted = [text for mark, text in headings.items() if mark in COUNTED]
    if header is not None and named is not None:
        if not _are_numbers(samples(sheet, header, named)):
            return []
        counted.append(header.texts[named])
    signs = []
    if counted:
        columns = _(", ").join(f"“{text}”" for text in dict.fromkeys(counted))
        signs.append(_("it counts compounds (column %(columns)s) instead of naming them") % {"columns": columns})
    shares = [text for mark, text in headings.items() if mark in SHARES]
    if shares:
        columns = _(", ").join(f"“{text}”" for text in shares[:3])
        signs.append(_("it gives shares (column %(columns)s)") % {"columns": columns})
    titles = [sheet.name, *(header.titles if header else ())]
    if title := next((title for title in titles if any(word in title for word in SUMMARY_TITLES)), ""):
        signs.append(_("it is called “%(title)s”") % {"title": title[:40]})
    if not signs:
        return []
    if subtotals := _subtotals(sheet, header):
        signs.append(_("it has rows such as “%(row)s” (%(number)s)") % {"number": len(subtotals), "row": subtotals[0]})
    return signs


def _subtotals(sheet: Sheet, header: Header | None) -> list[str]:
    found = []
    for row in sheet.rows:
        if header and row.number <= header.last_row:
            continue
        for cell in row.cells[:3]:
            if isinstance(cell, str) and words.is_subtotal(cell):
                found.append(cell.strip()[:20])
                break
    return found


def _are_numbers(cells: Iterable[Any]) -> bool:
    cells = list(cells)
    return bool(cells) and all(isinstance(cell, int | float) or str(cell).strip().isdigit() for cell in cells)


def _any_header(sheet: Sheet, recogniser: Recogniser) -> Header | None:
    """The row that a person may mean by the header of a sheet in which no name is known: most texts, rows below it."""
    texts = {
        row.number: sum(isinstance(cell, str) and bool(cell.strip()) for cell in row.cells) for row in sheet.rows[:20]
    }
    widest = max(sheet.rows[:20], key=lambda row: (texts[row.number], -row.number))
    if texts[widest.number] < 3:
        return None
    if widest.number == sheet.rows[-1].number:
        return None
    try:
        return header_at(sheet, recogniser.vocabulary.columns, widest.number, widest.number, {}, {}, by_hand=False)
    except SheetError:
        return None


def rows_below(sheet: Sheet, header: Header) -> int:
    """How many rows of data a header has."""
    below = data_rows(sheet, header) if header.mapping else (row for row in sheet.rows if row.number > header.last_row)
    return sum(1 for _row in below)
