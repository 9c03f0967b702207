"""The rows of an export: registrations with the facts of their compounds, and the events that stand (ledger.md).

An event stands at a height if nobody had taken it back by then. Registrations that come before anything else that
happened to their compound are rows of the 台账, with the community of then; all other events are rows of the 变更, in
the order of the replay. So the two sheets, imported one after the other, are replayed as they were here.
"""

import calendar
import datetime
import heapq
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import islice

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import cached_property

from chaoyang_pm.kit.figures import masked
from chaoyang_pm.kit.sheets.writing import Cell
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.exports.columns import Words
from compounds.imports.standing import WITHOUT_ENTRY, mark_of
from compounds.ledger.choices import Kind, Precision
from compounds.ledger.models import Entry, EntryPart
from compounds.register.choices import Status
from compounds.register.models import Compound

CHUNK = 2_000
Row = tuple[Cell, ...]

FACTS = (
    "code", "name", "former_names", "community_id", "address", "kind", "built_year", "buildings",
    "residential_area_dm2", "area_source", "category_basis", "ownership", "original_owner", "developer",
    "renovated_year", "contract_term", "contract_filing_no", "fee", "collection_rate", "owners_committee",
    "committee_term_ends", "unmanaged_reason", "abandoned_since", "duty_person", "contact", "phone", "note",
)  # fmt: skip
REGISTRATION = (
    "height", "hash", "effective_on", "precision", "community_id", "category", "mode_to", "area_dm2", "households",
    "phase", "basis_name", "date_basis", "provider_to", "reporting_unit", "handler",
)  # fmt: skip
EVENT = (
    "height", "hash", "kind", "effective_on", "precision", "compound__code", "compound__name", "date_basis",
    "category", "mode_from", "mode_to", "new_category", "community_id", "target__code", "area_dm2", "households",
    "provider_from", "provider_to", "phase", "building_numbers", "reason", "basis_type", "basis_name", "basis_no",
    "late_reason", "reporting_unit", "handler", "reviewer", "phone", "note",
)  # fmt: skip


def standing(height: int) -> QuerySet[Entry]:
    """The events that stand at a height."""
    by_then = Q(reversed_by__isnull=True) | Q(reversed_by__height__gt=height)
    return Entry.objects.filter(by_then, height__lte=height).exclude(kind=Kind.REVERSAL).order_by()


def _before() -> Q:
    """Events that come before the outer one in the replay."""
    earlier = Q(effective_on__lt=OuterRef("effective_on"))
    return earlier | Q(effective_on=OuterRef("effective_on"), height__lt=OuterRef("height"))


def opening(height: int) -> QuerySet[Entry]:
    """Registrations that come before everything else that happened to their compound."""
    others = standing(height).exclude(kind=Kind.REGISTER).filter(_before())
    parts = EntryPart.objects.filter(compound=OuterRef("compound"), split__in=standing(height)).filter(
        Q(split__effective_on__lt=OuterRef("effective_on"))
        | Q(split__effective_on=OuterRef("effective_on"), split__lt=OuterRef("height"))
    )
    return standing(height).filter(
        ~Exists(others.filter(compound=OuterRef("compound"))), ~Exists(others.filter(target=OuterRef("compound"))),
        ~Exists(parts), kind=Kind.REGISTER,
    )  # fmt: skip


class Content:
    """What a whole export holds at a height; rows come as they are asked for, in the columns of the importers.

    ``compounds`` are those to export (None: all), ``phones`` says whether telephones are given in full.
    """

    def __init__(self, compounds: QuerySet[Compound] | None, *, height: int, phones: bool):
        self.compounds = Compound.objects.all() if compounds is None else compounds
        self.height = height
        self.phone: Callable[[str], str] = str if phones else masked
        self.words = Words()
        #: What keeps entries to the compounds; nothing where all are meant.
        self._inside = {} if compounds is None else {"compound__in": compounds.order_by().values("pk")}

    @cached_property
    def places(self) -> dict[str, tuple[str | None, str | None, str]]:
        """Communities by code: county, subdistrict, and name with code."""
        names = dict(Division.objects.values_list("code", "name"))
        county, street = CODE_LENGTH[Level.COUNTY], CODE_LENGTH[Level.SUBDISTRICT]
        return {
            code: (names.get(code[:county]), names.get(code[:street]), f"{name} {code}")
            for code, name in names.items()
            if len(code) == CODE_LENGTH[Level.COMMUNITY]
        }

    def count(self) -> int:
        """About as many rows as there will be; parts of splits are not counted one by one."""
        return self.compounds.count() + standing(self.height).filter(**self._inside).count()

    # --- 台账 ----------------------------------------------------------------------------------------
    def register(self) -> Iterator[Row]:
        """By code of the compound: its first registrations; one row without area if it has none."""
        first = opening(self.height).filter(**self._inside)
        names = (*(f"compound__{name}" for name in FACTS), *REGISTRATION)
        registered = first.order_by("compound__code", "effective_on", "height").values_list(*names)
        registrations = standing(self.height).filter(compound=OuterRef("pk"), kind=Kind.REGISTER)
        earliest = registrations.order_by("effective_on", "height").values("community")[:1]
        others = (
            self.compounds.exclude(pk__in=first.values("compound"))
            .filter(Q(status=Status.ACTIVE) | Exists(standing(self.height).filter(compound=OuterRef("pk")))
                    | Exists(EntryPart.objects.filter(compound=OuterRef("pk"), split__in=standing(self.height))))
            .annotate(placed=Subquery(earliest, output_field=CharField()))
            .order_by("code").values_list(*FACTS, "placed")
        )  # fmt: skip
        split = len(FACTS)
        rows = heapq.merge(
            ((row[:split], row[split:]) for row in registered.iterator(CHUNK)),
            ((row[:split], (row[split],)) for row in others.iterator(CHUNK)),
            key=lambda pair: pair[0][0],
        )
        for facts, entry in rows:
            yield self._register_row(facts, entry)

    def _register_row(self, facts: tuple, entry: tuple) -> Row:
        (code, name, former_names, lies_in, address, kind, built_year, buildings, residential, area_source,
         category_basis, ownership, original_owner, developer, renovated_year, contract_term, filing_no, fee,
         collection_rate, committee, committee_ends, unmanaged_reason, abandoned_since, duty_person, contact, phone,
         note) = facts  # fmt: skip
        if len(entry) > 1:
            (height, checksum, on, precision, community, category, mode, area, households, phase, basis, date_basis,
             provider, reporting_unit, handler) = entry  # fmt: skip
            day, mark = date_cell(on, precision), mark_of(height, checksum)
        else:
            (community,) = entry
            category = mode = area = households = phase = basis = date_basis = provider = None
            reporting_unit = handler = day = None
            mark = WITHOUT_ENTRY
        words = self.words
        return (
            code, name, former_names, *self.places[community or lies_in], address, words.compound_kind[kind],
            built_year, buildings, households, area_cell(area), area_cell(residential), words.area_source[area_source],
            words.category[category], category_basis or basis, ownership, original_owner, developer, renovated_year,
            phase, day, words.mode[mode], None, date_basis, provider, contract_term, filing_no, fee,
            percent_cell(collection_rate), committee, committee_ends, unmanaged_reason, abandoned_since, duty_person,
            contact, phone and self.phone(phone), reporting_unit, handler, note, mark,
        )  # fmt: skip

    # --- 变更 ----------------------------------------------------------------------------------------
    def entries(self) -> Iterator[Row]:
        """In the order of the replay: standing events that are no rows of the 台账; a row per part of a split."""
        first = opening(self.height).values("height")
        rows = standing(self.height).filter(**self._inside).exclude(height__in=first)
        ordered = rows.order_by("effective_on", "height").values_list(*EVENT).iterator(CHUNK)
        while chunk := list(islice(ordered, CHUNK)):
            parts = self._parts([row[0] for row in chunk if row[2] == Kind.SPLIT])
            for row in chunk:
                yield from self._event_rows(row, parts)

    def _parts(self, splits: list[int]) -> dict[int, list[tuple]]:
        """The parts of splits as they count: those of the split itself, or the newest that a late entry brought."""
        found: dict[int, dict[int, list[tuple]]] = {}
        if not splits:
            return {}
        rows = EntryPart.objects.filter(split__in=splits, entry__in=standing(self.height)).order_by("id")
        columns = ("split_id", "entry_id", "compound__code", "category", "mode", "area_dm2", "households")
        for split, entry, *part in rows.values_list(*columns):
            found.setdefault(split, {}).setdefault(entry, []).append(tuple(part))
        return {split: brought[max(brought)] for split, brought in found.items()}

    def _event_rows(self, row: tuple, parts: dict[int, list[tuple]]) -> Iterator[Row]:
        (height, checksum, kind, on, precision, code, name, date_basis, category, mode_from, mode_to, new_category,
         community, target, area, households, provider_from, provider_to, phase, building_numbers, reason, basis_type,
         basis_name, basis_no, late_reason, reporting_unit, handler, reviewer, phone, note) = row  # fmt: skip
        words = self.words
        quantities = [(target, category, mode_from, area, households)]
        if kind == Kind.SPLIT:
            quantities = [part for part in parts.get(height, ()) if part[0] != code and (part[3] or part[4])]
        place = self.places[community][2] if kind == Kind.RELOCATE else None
        for target, category, mode_from, area, households in quantities:
            yield (
                code, name, words.kind[kind], date_cell(on, precision), date_basis, words.category[category],
                words.mode[mode_from], words.mode[mode_to], words.category[new_category], place, target,
                area_cell(area), households, provider_from, provider_to, phase, building_numbers, reason, basis_type,
                basis_name, basis_no, late_reason, reporting_unit, handler, reviewer, phone and self.phone(phone),
                note, mark_of(height, checksum),
            )  # fmt: skip


def date_cell(on: datetime.date, precision: str) -> Cell:
    """A date; where only the month is known, the month as text."""
    if precision == Precision.MONTH and on.day == calendar.monthrange(on.year, on.month)[1]:
        return f"{on.year}年{on.month}月"
    return on


def area_cell(area_dm2: int | None) -> Cell:
    """㎡; a float holds two decimals of any area exactly enough to be read back."""
    return None if area_dm2 is None else area_dm2 / 100


def percent_cell(percent: Decimal | None) -> Cell:
    """With its sign: without it 0.5 would be half of everything."""
    return None if percent is None else f"{percent}%"
