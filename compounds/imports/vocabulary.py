"""What the words in a cell stand for: labels and codes of the choices, and the ``Synonym`` rows."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import models
from django.utils.translation import override

from chaoyang_pm.kit.sheets.headers import Column
from chaoyang_pm.kit.sheets.rows import ParsedRow
from chaoyang_pm.kit.sheets.values import normalise_key
from compounds.imports.choices import Field, Workbook
from compounds.imports.columns import BUILDINGS, ENTRIES, REGISTER, REPORTS
from compounds.imports.models import Synonym
from compounds.ledger.choices import Category, Kind, Mode
from compounds.register.choices import AreaSource, CompoundKind
from compounds.reports.choices import ReportKind

CHOICES: dict[str, type[models.TextChoices]] = {
    Field.CATEGORY: Category,
    Field.MODE: Mode,
    Field.KIND: Kind,
    Field.REPORT_KIND: ReportKind,
    Field.COMPOUND_KIND: CompoundKind,
    Field.AREA_SOURCE: AreaSource,
}
HEADERS = {
    Workbook.REGISTER: (Field.REGISTER_HEADER, REGISTER), Workbook.ENTRIES: (Field.ENTRIES_HEADER, ENTRIES),
    Workbook.BUILDINGS: (Field.BUILDINGS_HEADER, BUILDINGS), Workbook.REPORTS: (Field.REPORTS_HEADER, REPORTS),
}  # fmt: skip


@dataclass(frozen=True)
class Vocabulary:
    """``words[field]`` maps normalised words to codes; ``columns`` are those of the workbook with all their headers."""

    words: dict[str, dict[str, str]]
    columns: tuple[Column, ...]

    @classmethod
    def load(cls, workbook: Workbook) -> "Vocabulary":
        synonyms: dict[str, dict[str, str]] = defaultdict(dict)
        for field, word, meaning in Synonym.objects.filter(withdrawn_at=None).values_list("field", "word", "meaning"):
            synonyms[field][normalise_key(word)] = meaning
        words = {field: _of_choices(choices) | synonyms[field] for field, choices in CHOICES.items()}
        header_field, columns = HEADERS[workbook]
        more: dict[str, list[str]] = defaultdict(list)
        for word, key in synonyms[header_field].items():
            more[key].append(word)
        return cls(words, tuple(replace(c, synonyms=(*c.synonyms, *more[c.key])) for c in columns))


def meanings(field: str) -> list[tuple[str, str]]:
    """What the words of a field can stand for: (code, label)."""
    if field in CHOICES:
        return [(choice.value, str(choice.label)) for choice in CHOICES[field]]
    return [(column.key, column.label) for column in _columns_of(field)]


def built_in(field: str) -> dict[str, str]:
    """Normalised words that a field understands without any ``Synonym``, and their codes."""
    if field in CHOICES:
        return _of_choices(CHOICES[field])
    return {
        normalise_key(word): column.key
        for column in _columns_of(field)
        for word in (*column.synonyms, column.key, column.label)
    }  # fmt: skip


def _columns_of(header: str) -> list[Column]:
    """The columns of the workbook whose headers the field holds."""
    return [column for field, columns in HEADERS.values() if field == header for column in columns]


def _of_choices(choices: type[models.TextChoices]) -> dict[str, str]:
    """Labels in both languages and codes: what the portal itself shows and exports is always understood."""
    known: dict[str, str] = {}
    for language in ("zh-hans", "en"):
        with override(language):
            known |= {normalise_key(str(choice.label)): choice.value for choice in choices}
    return known | {normalise_key(choice.value): choice.value for choice in choices}


def load_synonyms(fixtures: Path) -> int:
    """Create the words of ``synonyms.json`` that are missing; return how many. Changed and withdrawn ones stay so."""
    data = json.loads((fixtures / "synonyms.json").read_text(encoding="utf-8"))
    known = set(Synonym.objects.values_list("field", "word"))
    missing = [
        Synonym(field=field, word=word, meaning=meaning)
        for field, meanings in data.items()
        for meaning, words in meanings.items()
        for word in words
        if (field, word) not in known
    ]
    Synonym.objects.bulk_create(missing, 500)
    return len(missing)


#: What the words in the kind column of each workbook stand for.
KINDS = {
    Workbook.REGISTER: Field.COMPOUND_KIND, Workbook.ENTRIES: Field.KIND, Workbook.REPORTS: Field.REPORT_KIND,
}  # fmt: skip
#: Columns whose words can be explained by a person, with the list that learns them.
_FIELD_OF = {
    "category": Field.CATEGORY, "new_category": Field.CATEGORY, "mode": Field.MODE, "mode_from": Field.MODE,
    "mode_to": Field.MODE, "area_source": Field.AREA_SOURCE,
}  # fmt: skip


def unknown_words(rows: Iterable[ParsedRow], workbook: Workbook) -> list[dict[str, str]]:
    """Words in cells that no list knows, each once."""
    fields = _FIELD_OF | ({"kind": KINDS[workbook]} if workbook in KINDS else {})
    found: dict[tuple[str, str], None] = {}
    for row in rows:
        for column, value, _message in row.errors:
            if column in fields and column not in row.values and isinstance(value, str) and value.strip():
                found[fields[column], value.strip()[:60]] = None
    return [{"field": str(field), "word": word} for field, word in found][:20]
