"""The rows of an export: registrations with the facts of their compounds, and the events that stand (ledger.md).

An event stands at a height if nobody had taken it back by then. Registrations that come before anything else that
happened to their compound are rows of the 台账, with the community of then; all other events are rows of the 变更, in
the order of the replay. So the two sheets, imported one after the other, are replayed as they were here.
"""

import calendar
import datetime
import heapq
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from operator import itemgetter
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import cached_property

from chaoyang_pm.kit.figures import masked
from chaoyang_pm.kit.scoping import EVERYWHERE, Scope, next_code
from chaoyang_pm.kit.sheets.writing import Cell
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from compounds.exports.border import Told, inside
from compounds.exports.columns import MONTH, Words
from compounds.imports.standing import WITHOUT_ENTRY, mark_of
from compounds.ledger.choices import Kind, Precision
from compounds.ledger.events import Event, Pocket
from compounds.ledger.loading import chunks, load_events, with_linked
from compounds.ledger.models import Entry, EntryPart, Posting
from compounds.register.choices import Status
from compounds.register.models import Building, Compound

CHUNK = 2_000
FEW = 5_000
Row = tuple[Cell, ...]
Order = tuple[datetime.date, int]
#: Kind, category, mode before and after, new category, new community, target, area in 0.01 ㎡, households.
Change = tuple[str, str, str, str, str, str | None, str | None, int | None, int | None]

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
    "late_reason", "reporting_unit", "handler", "reviewer", "phone", "note", "compound__community_id",
)  # fmt: skip


def standing(height: int) -> QuerySet[Entry]:
    """The events that stand at a height."""
    by_then = Q(reversed_by__isnull=True) | Q(reversed_by__height__gt=height)
    return Entry.objects.filter(by_then, height__lte=height).exclude(kind=Kind.REVERSAL).order_by()


def _before() -> Q:
    """Events that come before the outer one in the replay."""
    earlier = Q(effective_on__lt=OuterRef("effective_on"))
    return earlier | Q(effective_on=OuterRef("effective_on"), height__lt=OuterRef("height"))


def following(height: int) -> QuerySet[Entry]:
    """Registrations that come after something else that happened to their compound."""
    others = standing(height).exclude(kind=Kind.REGISTER).filter(_before())
    parts = EntryPart.objects.filter(compound=OuterRef("compound"), split__in=standing(height)).filter(
        Q(split__effective_on__lt=OuterRef("effective_on"))
        | Q(split__effective_on=OuterRef("effective_on"), split__lt=OuterRef("height"))
    )
    return standing(height).filter(
        Exists(others.filter(compound=OuterRef("compound"))) | Exists(others.filter(target=OuterRef("compound")))
        | Exists(parts), kind=Kind.REGISTER,
    )  # fmt: skip


class Content:
    """What an export holds at a height; rows come as they are asked for, in the columns of the importers.

    ``division`` is a code ("" for everything): compounds that lie there or once lay there, with what happened there.
    Telephones are given in full where ``phones`` covers the compound's community.
    """

    def __init__(self, division: str = "", *, height: int, phones: Scope = EVERYWHERE):
        self.division, self.height, self.phones = division, height, phones
        self.words = Words()

    # --- which compounds -----------------------------------------------------------------------------
    @cached_property
    def compounds(self) -> QuerySet[Compound]:
        """All that the division has to do with."""
        if not self.division:
            return Compound.objects.order_by()
        postings = Posting.objects.filter(community__gte=self.division, community__lt=next_code(self.division))
        pending = Compound.objects.within(self.division).filter(has_area=False).values("pk")
        lay = postings.filter(entry__lte=self.height).order_by().values("compound")
        return Compound.objects.filter(Q(pk__in=lay) | Q(pk__in=pending)).order_by()

    @cached_property
    def border(self) -> tuple[list[Told], dict[str, str], list[int]]:
        """What the division knows of compounds that crossed its border and of those linked to them; their keys."""
        if not self.division:
            return [], {}, []
        elsewhere = Posting.objects.filter(compound=OuterRef("pk"), entry__lte=self.height).exclude(
            community__gte=self.division, community__lt=next_code(self.division)
        )
        crossed = self.compounds.filter(Exists(elsewhere)).values_list("code", flat=True)
        events: list[Event] = []
        keys: list[int] = []
        for codes in chunks(with_linked(crossed) if crossed else []):
            events += load_events(standing(self.height).filter(compound__code__in=codes))
            keys += Compound.objects.filter(code__in=codes).values_list("pk", flat=True)
        return (*inside(events, self.division), keys)

    @cached_property
    def _following(self) -> Iterable[int]:
        """Heights of registrations that are rows of the 变更: few, as a rule, and then looked for once."""
        found = following(self.height).filter(**self._own).values_list("height", flat=True)
        few = list(found[: FEW + 1])
        return few if len(few) <= FEW else found

    @property
    def _own(self) -> dict[str, Any]:
        """What keeps entries to compounds that never left the division; nothing where everything is meant."""
        if not self.division:
            return {}
        return {"compound__in": self.compounds.exclude(pk__in=self.border[2]).values("pk")}

    def count(self) -> int:
        """About as many rows as there will be; parts of splits are not counted one by one."""
        return self.compounds.count() + standing(self.height).filter(**self._own).count() + len(self.border[0])

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

    # --- 楼栋 ----------------------------------------------------------------------------------------
    @property
    def building_rows(self) -> QuerySet[Building]:
        """The buildings of the active compounds that lie in the division."""
        lying = Building.objects.filter(is_removed=False, compound__status=Status.ACTIVE)
        if not self.division:
            return lying
        return lying.filter(Scope.of([self.division]).q("compound__community"))

    def buildings(self) -> Iterator[Row]:
        """By code of the compound."""
        facts = ("compound__code", "compound__name", "compound__community_id", "name", "floors", "units", "households")
        rows = self.building_rows.order_by("compound__code", "pk").values_list(*facts, "area_dm2", "built_year")
        for code, name, community, building, floors, units, households, area, year in rows.iterator(CHUNK):
            yield (code, name, *self.places[community], building, floors, units, households, area_cell(area), year)

    # --- 台账 ----------------------------------------------------------------------------------------
    def register(self) -> Iterator[Row]:
        """By code of the compound: its first registrations; one row without area if it has none."""
        first = standing(self.height).filter(**self._own, kind=Kind.REGISTER).exclude(height__in=self._following)
        names = (*(f"compound__{name}" for name in FACTS), *REGISTRATION)
        registered = first.order_by("compound__code", "effective_on", "height").values_list(*names)
        events = standing(self.height).filter(compound=OuterRef("pk"))
        parts = EntryPart.objects.filter(compound=OuterRef("pk"), split__in=standing(self.height))
        _told, placed, crossed = self.border
        others = (
            self.compounds.exclude(pk__in=first.values("compound"))
            .filter(Q(status=Status.ACTIVE) | Exists(events) | Exists(parts))
            .filter(~Q(pk__in=crossed) | Q(code__in=placed))
        )
        earliest = events.filter(kind=Kind.REGISTER).order_by("effective_on", "height").values("community")[:1]
        rest = others.annotate(placed=Subquery(earliest, output_field=CharField()))
        split = len(FACTS)
        rows = heapq.merge(
            ((row[:split], row[split:]) for row in registered.iterator(CHUNK)),
            ((row[:split], (placed.get(row[0], row[split]),)) for row in
             rest.order_by("code").values_list(*FACTS, "placed").iterator(CHUNK)),
            key=lambda pair: pair[0][0],
        )  # fmt: skip
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
            contact, phone and self._phone(phone, lies_in), reporting_unit, handler, note, mark,
        )  # fmt: skip

    # --- 变更 ----------------------------------------------------------------------------------------
    def entries(self) -> Iterator[Row]:
        """In the order of the replay: standing events that are no rows of the 台账; a row per part of a split."""
        here = ~Q(kind=Kind.REGISTER) | Q(height__in=self._following)
        own = self._ordered(standing(self.height).filter(here, **self._own))
        lines = heapq.merge(own, self._across(), key=itemgetter(0)) if self.border[0] else own
        for _order, line in lines:
            yield line

    def _ordered(self, entries: QuerySet[Entry]) -> Iterator[tuple[Order, Row]]:
        rows = entries.order_by("effective_on", "height").values_list(*EVENT).iterator(CHUNK)
        while chunk := list(islice(rows, CHUNK)):
            parts = self._parts([row[0] for row in chunk if row[2] == Kind.SPLIT])
            for row in chunk:
                order = (row[3], row[0])
                for change in self._changes(row, parts.get(row[0], ())):
                    yield order, self._entry_row(row, *change)

    def _across(self) -> Iterator[tuple[Order, Row]]:
        """What happened inside to compounds that crossed the border."""
        told = self.border[0]
        rows: dict[int, tuple] = {}
        for heights in chunks({each.event.height for each in told}):
            rows |= {row[0]: row for row in Entry.objects.filter(height__in=heights).order_by().values_list(*EVENT)}
        for each in told:
            row = rows[each.event.height]
            for change in self._across_changes(row, each):
                yield each.order, self._entry_row(row, *change)

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

    def _changes(self, row: tuple, parts: Iterable[tuple]) -> list[Change]:
        """What a row of the 变更 says of an event: one change, or one per part of a split."""
        kind, code = row[2], row[5]
        category, mode_from, mode_to, new_category, community, target, area, households = row[8:16]
        if kind == Kind.SPLIT:
            return [
                (kind, part[1], part[2], "", "", None, part[0], part[3], part[4])
                for part in parts
                if part[0] != code and (part[3] or part[4])
            ]
        place = self.places[community][2] if kind == Kind.RELOCATE else None
        return [(kind, category, mode_from, mode_to, new_category, place, target, area, households)]

    def _across_changes(self, row: tuple, told: Told) -> list[Change]:
        if told.came is not None:
            place = self.places[told.moved_to][2] if told.moved_to else None
            return [
                *([(Kind.RELOCATE, "", "", "", "", place, None, None, None)] if place else []),
                *((Kind.REGISTER, *_pocket(pocket, brings=True), "", None, None, *held)
                  for pocket, held in told.came.items()),
            ]  # fmt: skip
        if told.left is not None:
            return [
                (Kind.RESURVEY, *_pocket(pocket, brings=False), "", None, None, -area, -households)
                for pocket, (area, households) in told.left.items()
            ]
        return self._changes(row, told.parts)

    def _entry_row(
        self, row: tuple, kind: str, category: str, mode_from: str, mode_to: str, new_category: str,
        place: str | None, target: str | None, area: int | None, households: int | None,
    ) -> Row:  # fmt: skip
        (height, checksum, own_kind, on, precision, code, name, date_basis, _c, _f, _t, _n, _p, _m, _a, _h,
         provider_from, provider_to, phase, building_numbers, reason, basis_type, basis_name, basis_no, late_reason,
         reporting_unit, handler, reviewer, phone, note, lies_in) = row  # fmt: skip
        words = self.words
        if kind == Kind.RESURVEY and own_kind == Kind.RELOCATE:
            basis_name = basis_name or basis_type or basis_no or words.kind[own_kind]
        return (
            code, name, words.kind[kind], date_cell(on, precision), date_basis, words.category[category],
            words.mode[mode_from], words.mode[mode_to], words.category[new_category], place, target, area_cell(area),
            households, provider_from, provider_to, phase, building_numbers, reason, basis_type, basis_name, basis_no,
            late_reason, reporting_unit, handler, reviewer, phone and self._phone(phone, lies_in), note,
            mark_of(height, checksum),
        )  # fmt: skip

    def _phone(self, phone: str, community: str) -> str:
        return phone if self.phones.covers(community) else masked(phone)


def _pocket(pocket: Pocket, *, brings: bool) -> tuple[str, str, str]:
    """(category, mode before, mode after) of a row that brings a pocket, or takes from it."""
    return (pocket.category, "", pocket.mode) if brings else (pocket.category, pocket.mode, "")


def to_fill_in(division: str) -> Iterator[dict[str, str]]:
    """Active compounds of a division for a workbook of changes or buildings: code, name and where they lie."""
    places = Content(height=0).places
    active = Compound.objects.within(division).filter(status=Status.ACTIVE).order_by("community", "code")
    for code, name, community in active.values_list("code", "name", "community_id"):
        county, subdistrict, written = places[community]
        above = {"county": county or "", "subdistrict": subdistrict or ""}
        yield {"code": code, "name": name, "community": written} | above


def date_cell(on: datetime.date, precision: str) -> Cell:
    """A date; where only the month is known, the month as text."""
    if precision == Precision.MONTH and on.day == calendar.monthrange(on.year, on.month)[1]:
        return MONTH.format(on)
    return on


def area_cell(area_dm2: int | None) -> Cell:
    """㎡; a float holds two decimals of any area exactly enough to be read back."""
    return None if area_dm2 is None else area_dm2 / 100


def percent_cell(percent: Decimal | None) -> Cell:
    """With its sign: without it 0.5 would be half of everything."""
    return None if percent is None else f"{percent}%"
