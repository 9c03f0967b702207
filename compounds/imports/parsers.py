"""How the cells of the workbooks are read: one parser per column."""

from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.sheets import values as cells
from chaoyang_pm.kit.sheets.errors import CellError
from chaoyang_pm.kit.sheets.headers import Header
from chaoyang_pm.kit.sheets.rows import Parser
from compounds.imports.choices import Field, Workbook
from compounds.imports.standing import parse_mark
from compounds.imports.vocabulary import Vocabulary
from compounds.ledger.models import Entry
from compounds.register import names
from compounds.register.models import Building, Compound
from compounds.reports.models import Report

#: More floors or staircases no house has.
MOST_FLOORS = 200
#: The most that the database's column holds.
MOST_HOUSEHOLDS = 2**31 - 1
BUILDING_NAME = Building._meta.get_field("name").max_length


def parsers(workbook: Workbook, vocabulary: Vocabulary, header: Header) -> dict[str, Parser]:
    """One parser per column: areas in the column's unit, words by the vocabulary, texts no longer than their field."""
    words = vocabulary.words

    def choice(field: str, label: str) -> Parser:
        return partial(cells.parse_choice, choices=words[field], label=label)

    def area(column: str) -> Parser:
        return partial(cells.parse_area, unit=header.unit(column))

    found: dict[str, Parser] = {column.key: _text(column.key, workbook) for column in vocabulary.columns}
    found["name"] = _name(found["name"])
    if workbook == Workbook.BUILDINGS:
        count = _not_negative(cells.parse_int)
        return found | {
            "area": _not_negative(area("area")), "households": count, "floors": _at_most(count, MOST_FLOORS),
            "units": _at_most(count, MOST_FLOORS), "built_year": cells.parse_year,
        }  # fmt: skip
    category, mode = choice(Field.CATEGORY, _("Category")), choice(Field.MODE, _("Mode"))
    if workbook == Workbook.REPORTS:
        households = _at_most(_not_negative(cells.parse_int), MOST_HOUSEHOLDS)
        return found | {
            "area": _not_negative(area("area")), "households": households,
            "kind": choice(Field.REPORT_KIND, _("What happened")), "effective_on": _past_date, "category": category,
            "mode_from": mode, "mode_to": mode,
        }  # fmt: skip
    found["mark"], found["phone"] = parse_mark, _unmasked(found["phone"])
    found |= {"area": _not_negative(area("area")), "households": _not_negative(cells.parse_int), "category": category}
    if workbook == Workbook.REGISTER:
        kind, source = choice(Field.COMPOUND_KIND, _("Compound kind")), choice(Field.AREA_SOURCE, _("Area source"))
        found |= {
            "mode": mode, "kind": kind, "area_source": source, "buildings": _not_negative(cells.parse_int),
            "residential_area": _not_negative(area("residential_area")), "built_year": cells.parse_year,
            "renovated_year": cells.parse_year, "registered_on": _past_date, "taken_over_on": _past_date,
            "committee_term_ends": cells.parse_date, "collection_rate": _percent,
        }  # fmt: skip
    else:
        found |= {
            "area": area("area"), "households": cells.parse_int, "kind": choice(Field.KIND, _("Kind of change")),
            "effective_on": _past_date, "mode_from": mode, "mode_to": mode, "new_category": category,
            "reverses": cells.parse_int,
        }  # fmt: skip
    return found


def _not_negative(parser: Parser) -> Parser:
    def parse(cell: Any) -> Any:
        value = parser(cell)
        if value is not None and value < 0:
            raise CellError(_("“%(value)s” is negative; 0 or more is accepted.") % {"value": cells.shown(cell)})
        return value

    return parse


def _at_most(parser: Parser, most: int) -> Parser:
    def parse(cell: Any) -> Any:
        value = parser(cell)
        if value is not None and value > most:
            message = _("“%(value)s” is larger than %(limit)s; check the number.")
            raise CellError(message % {"value": cells.shown(cell), "limit": most})
        return value

    return parse


def _unmasked(parser: Parser) -> Parser:
    """A telephone number; one that an export has masked says nothing."""

    def parse(cell: Any) -> Any:
        text = parser(cell)
        return None if text and "****" in text else text

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
    tables = {
        Workbook.REGISTER: (Entry, Compound), Workbook.ENTRIES: (Compound, Entry), Workbook.BUILDINGS: (Compound,),
        Workbook.REPORTS: (Compound, Report),
    }[workbook]  # fmt: skip
    fields: dict[str, models.Field] = {f.name: f for model in tables for f in model._meta.concrete_fields}
    limit = BUILDING_NAME if column == "building" else getattr(fields.get(name), "max_length", None)
    return partial(cells.parse_text, limit=limit)
