"""The 台账 importer: rows become compounds, their descriptive facts, and registrations with takeovers."""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.figures import format_m2
from communities.people.models import User
from compounds.imports.places import CompoundIndex, Places
from compounds.imports.rows import ParsedRow
from compounds.ledger.choices import OPEN_CATEGORIES, Category, Kind, Mode, Source
from compounds.ledger.events import Event
from compounds.ledger.loading import chunks
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.ledger.services import Draft, Recorder
from compounds.register import services as register
from compounds.register.choices import Status
from compounds.register.models import Compound

#: Columns that are facts of the compound, with the field each one fills.
FACTS = {
    "former_names": "former_names", "address": "address", "kind": "kind", "built_year": "built_year",
    "buildings": "buildings", "residential_area": "residential_area_dm2", "area_source": "area_source",
    "category_basis": "category_basis", "ownership": "ownership", "original_owner": "original_owner",
    "developer": "developer", "renovated_year": "renovated_year", "contract_term": "contract_term",
    "contract_filing_no": "contract_filing_no", "fee": "fee", "collection_rate": "collection_rate",
    "owners_committee": "owners_committee", "committee_term_ends": "committee_term_ends",
    "unmanaged_reason": "unmanaged_reason", "abandoned_since": "abandoned_since", "duty_person": "duty_person",
    "contact": "contact", "phone": "phone", "note": "note",
}  # fmt: skip

#: Where a refusal of the ledger belongs in this workbook.
COLUMN_OF = {
    "area_dm2": "area", "households": "households", "category": "category", "mode_to": "mode", "mode_from": "mode",
    "community": "community", "compound": "code",
}  # fmt: skip


@dataclass
class Applied:
    """What the rows would do, or did: per row one of the sets; facts before and after of updated compounds."""

    created: list[Compound] = field(default_factory=list)
    updated: dict[str, dict[str, tuple[Any, Any]]] = field(default_factory=dict)
    updated_rows: set[int] = field(default_factory=set)
    unchanged_rows: set[int] = field(default_factory=set)
    accepted_rows: set[int] = field(default_factory=set)
    pending: set[str] = field(default_factory=set)
    posted: int = 0


class RegisterImport:
    """Applies parsed rows to a recorder: a rehearsal outside the transaction, the writer inside it."""

    source = Source.REGISTER_IMPORT

    def __init__(self, rows: list[ParsedRow], places: Places, *, default_date: datetime.date, origin: str):
        self.rows, self.default_date, self.origin = rows, default_date, origin
        for row in rows:
            row.values["community"] = places.community(row)
            row.values.setdefault("registered_on", default_date)

    def codes(self) -> set[str]:
        """Codes of compounds that the rows may touch, as far as the index knows them."""
        index = self.index()
        found = {row.get("code") for row in self.rows if row.get("code") in index.by_code}
        for row in self.rows:
            if row.get("name") and row.get("community"):
                found |= {compound.code for compound in index.named(row.get("community"), row.get("name"))}
        return found - {None}

    def index(self) -> CompoundIndex:
        return CompoundIndex(
            codes={row.get("code") for row in self.rows if row.get("code")},
            communities={row.get("community") for row in self.rows if row.get("community")},
        )

    def apply(self, recorder: Recorder, live_keys: set[str], *, only: set[int] | None, by: User | None) -> Applied:
        """Record the rows without errors (of those numbered in ``only``, if given). Adds errors to the others."""
        return _Application(self, recorder, live_keys, by).run(
            [row for row in self.rows if not row.errors and (only is None or row.number in only)]
        )


class _Application:
    """One pass over the rows; holds what earlier rows of the file did."""

    def __init__(self, work: RegisterImport, recorder: Recorder, live_keys: set[str], by: User | None):
        self.work, self.recorder, self.live_keys, self.by = work, recorder, live_keys, by
        self.index = work.index()
        # The recorder's compounds are the locked ones: one object per compound.
        for compound in recorder.compounds.values():
            self.index.by_code[compound.code] = compound
        self.done = Applied()
        self.phases = self._recorded_phases()

    def _recorded_phases(self) -> dict[str, dict[tuple[str, str], int]]:
        """Registered area by compound and (phase, category), from live registrations and resurveys with a phase."""
        found: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
        for chunk in chunks(compound.pk for compound in self.recorder.compounds.values() if compound.pk):
            rows = Entry.objects.filter(
                kind__in=[Kind.REGISTER, Kind.RESURVEY], reversed_by__isnull=True, compound__in=chunk
            )
            for code, phase, category, area in rows.values_list("compound__code", "phase", "category", "area_dm2"):
                found[code][phase, category] += area
        return found

    def run(self, rows: list[ParsedRow]) -> Applied:
        groups: dict[tuple, set[str]] = defaultdict(set)
        for row in rows:
            groups[self._identity(row)].add(row.get("category") or Category.UNDETERMINED.value)
        for row in rows:
            self._row(row, several_categories=len(groups[self._identity(row)]) > 1)
        return self.done

    def _identity(self, row: ParsedRow) -> tuple:
        """Rows of one compound in this file."""
        code = row.get("code")
        if code:
            return ("code", code)
        named = self.index.named(row.get("community"), row.get("name"))
        return ("code", named[0].code) if len(named) == 1 else ("name", row.get("community"), row.get("name"))

    def _row(self, row: ParsedRow, *, several_categories: bool) -> None:
        if any(f"{row.key}-{step}" in self.live_keys for step in (1, 2)):
            self.done.unchanged_rows.add(row.number)
            self.done.accepted_rows.add(row.number)
            return
        compound, is_new = self._compound(row)
        if compound is None:
            return
        further = not is_new and self._is_further_registration(row, compound, several_categories)
        registered = bool(self.recorder.book.holding(compound.code).community)
        drafts: list[Draft] = []
        if row.get("area") is not None and (not registered or further):
            drafts = self._drafts(row, compound)
        elif registered:
            self._compare(row, compound)
        elif row.get("category") or row.get("mode"):
            row.warn(
                "area",
                _("Without an area the compound is entered as 面积待核; category and mode are taken with the area."),
            )
        changes = {} if is_new or row.errors else self._changes(row, compound, registered)
        if row.errors or not self._record(row, compound, drafts):
            if is_new:
                self._withdraw(compound)
            return
        self._keep(row, compound, is_new=is_new, changes=changes, drafts=drafts)

    # --- which compound ------------------------------------------------------------------------------
    def _compound(self, row: ParsedRow) -> tuple[Compound | None, bool]:
        code, name, community = row.get("code"), row.get("name"), row.get("community")
        named = self.index.named(community, name)
        if code and code in self.index.by_code:
            return self._existing(row, self.index.by_code[code]), False
        if code and named:
            message = _("There is no compound %(code)s, but “%(name)s” exists in this community as %(existing)s.")
            facts = {"code": code, "name": name, "existing": ", ".join(c.code for c in named)}
            row.error("code", message % facts)
            return None, False
        if len(named) > 1:
            message = _("“%(name)s” can mean %(codes)s in this community; give the compound code.")
            row.error("name", message % {"name": name, "codes": ", ".join(sorted(c.code for c in named))})
            return None, False
        if named:
            return self._existing(row, named[0]), False
        compound = self.index.create(community=community, name=name, code=code or "")
        for column, fact in FACTS.items():
            if column in row.values:
                setattr(compound, fact, row.get(column))
        alike = self.index.alike(compound)
        if alike:
            others = ", ".join(f"{other.name} {other.code}" for other in alike[:3])
            row.warn("name", _("Possibly the same compound as %(others)s; check before posting.") % {"others": others})
        self.recorder.adopt(compound)
        return compound, True

    def _existing(self, row: ParsedRow, compound: Compound) -> Compound | None:
        compound = self.recorder.compounds.setdefault(compound.code, compound)
        if compound.status == Status.ACTIVE:
            return compound
        message = _("%(compound)s is no longer active (%(status)s)%(into)s.")
        into = _("; use %(name)s %(code)s") % {
            "name": compound.merged_into.name, "code": compound.merged_into.code,
        } if compound.merged_into else ""  # fmt: skip
        facts = {"compound": f"{compound.name} {compound.code}", "status": compound.get_status_display(), "into": into}
        row.error("code" if row.get("code") else "name", message % facts)
        return None

    def _withdraw(self, compound: Compound) -> None:
        self.index.forget(compound)
        self.recorder.compounds.pop(compound.code, None)

    # --- registering ---------------------------------------------------------------------------------
    def _is_further_registration(self, row: ParsedRow, compound: Compound, several_categories: bool) -> bool:
        """A new phase, or a further category of a compound with several categories in this file."""
        recorded = self.phases[compound.code]
        if not recorded:
            return False
        phase = row.get("phase") or ""
        if phase and phase not in {known for known, _category in recorded}:
            return True
        category = row.get("category")
        if not (several_categories and category):
            return False
        held = {pocket.category for pocket in self.recorder.book.holding(compound.code).pockets}
        same_phase = {known for other, known in recorded if other == phase}
        return category not in held | same_phase

    def _drafts(self, row: ParsedRow, compound: Compound) -> list[Draft]:
        category = row.get("category") or Category.UNDETERMINED.value
        mode, taken_over_on = row.get("mode") or "", row.get("taken_over_on")
        managed = mode not in ("", Mode.NONE)
        takeover = managed and category in OPEN_CATEGORIES
        if takeover and taken_over_on is None:
            message = _("%(category)s with a mode needs the date of the takeover.")
            row.error("taken_over_on", message % {"category": Category(category).label})
            return []
        if taken_over_on is not None and not managed:
            row.error("mode", _("There is a date of takeover, but no mode; name the mode or leave the date blank."))
            return []
        registration = Event(
            Kind.REGISTER, row.get("registered_on"), compound.code, community=row.get("community"),
            category=category, mode_to=Mode.NONE.value if takeover else mode or Mode.NONE.value,
            area_dm2=row.get("area"), households=row.get("households"),
        )  # fmt: skip
        details = {
            "phase": row.get("phase"), "basis_name": row.get("category_basis"),
            "reporting_unit": row.get("reporting_unit"), "handler": row.get("reporter"),
            "source_ref": f"{self.work.origin} #{row.number}", "provider_to": "" if takeover else row.get("provider"),
            "date_basis": "" if takeover else row.get("date_basis"), "source_key": f"{row.key}-1",
            "precision": row.get("registered_on_precision"),
        }  # fmt: skip
        drafts = [Draft(registration, details)]
        if takeover:
            event = Event(
                Kind.TAKEOVER, taken_over_on, compound.code, category=category, mode_to=mode,
                area_dm2=row.get("area"), households=row.get("households"),
            )  # fmt: skip
            more = {
                "provider_to": row.get("provider"), "date_basis": row.get("date_basis"), "basis_name": "",
                "precision": row.get("taken_over_on_precision"), "source_key": f"{row.key}-2",
            }  # fmt: skip
            drafts.append(Draft(event, details | more))
        return drafts

    def _record(self, row: ParsedRow, compound: Compound, drafts: list[Draft]) -> bool:
        """All events of a row or none; a refusal becomes errors on the row's cells."""
        recorded: list[Event] = []
        for draft in drafts:
            try:
                recorded.append(self.recorder.record(draft, by=self.by, source=self.work.source))
            except Refused as refused:
                for event in reversed(recorded):
                    self.recorder.withdraw(event)
                date_column = "taken_over_on" if draft.event.kind == Kind.TAKEOVER else "registered_on"
                for problem in refused.problems:
                    row.error(COLUMN_OF.get(problem.field, date_column), problem.message)
                return False
        for draft in drafts[:1]:
            event = draft.event
            self.phases[compound.code][draft.details["phase"] or "", event.category] += event.area_dm2 or 0
        self.done.posted += len(drafts)
        return True

    # --- comparing -----------------------------------------------------------------------------------
    def _compare(self, row: ParsedRow, compound: Compound) -> None:
        """Filled cells against the ledger; a difference is an error that points to 变更."""
        holding = self.recorder.book.holding(compound.code)
        category, mode, phase = row.get("category"), row.get("mode"), row.get("phase") or ""
        pockets = {pocket: area for pocket, (area, _households) in holding.pockets.items() if area}
        if row.get("area") is not None:
            held = self._held_area(compound, pockets, phase, category)
            if held != row.get("area"):
                message = _(
                    "The ledger has %(held)s ㎡, the cell %(given)s ㎡. Areas change by a “%(kind)s” with its basis "
                    "in the workbook of changes."
                )
                facts = {
                    "held": format_m2(held), "given": format_m2(row.get("area")), "kind": Kind.RESURVEY.label,
                }  # fmt: skip
                row.error("area", message % facts)
        if category and category not in {pocket.category for pocket in pockets}:
            message = _("The ledger has %(held)s. Categories change by a “%(kind)s” in the workbook of changes.")
            held_labels = ", ".join(sorted({str(Category(p.category).label) for p in pockets})) or "—"
            row.error("category", message % {"held": held_labels, "kind": Kind.RECLASSIFY.label})
        if mode and mode not in {pocket.mode for pocket in pockets}:
            message = _("The ledger has %(held)s. Modes change by %(kinds)s in the workbook of changes.")
            held_labels = ", ".join(sorted({str(Mode(p.mode).label) for p in pockets})) or "—"
            kinds = ", ".join(str(kind.label) for kind in (Kind.TAKEOVER, Kind.MODE_CHANGE, Kind.LAPSE))
            row.error("mode", message % {"held": held_labels, "kinds": kinds})

    def _held_area(self, compound: Compound, pockets: dict, phase: str, category: str | None) -> int:
        """The compound's total, or that of the phase and category that the row names."""
        recorded = self.phases[compound.code]
        if phase and phase in {known for known, _category in recorded}:
            in_phase = {known: area for (other, known), area in recorded.items() if other == phase}
            return in_phase.get(category, 0) if category in in_phase and len(in_phase) > 1 else sum(in_phase.values())
        present = {pocket.category for pocket in pockets}
        if category and category in present:
            return sum(area for pocket, area in pockets.items() if pocket.category == category)
        return sum(pockets.values())

    def _changes(self, row: ParsedRow, compound: Compound, registered: bool) -> dict[str, tuple[Any, Any]]:
        """Descriptive facts that filled cells change: field → (before, after)."""
        after: dict[str, Any] = {fact: row.get(column) for column, fact in FACTS.items() if column in row.values}
        renamed = register.named(row.get("name"))
        if renamed["normalised_name"] != compound.normalised_name:
            after |= renamed
            if "former_names" not in after:
                earlier = [name for name in (compound.former_names, compound.name) if name]
                after["former_names"] = "、".join(earlier)[:200]
            message = _("%(code)s is called “%(name)s” until now and is renamed.")
            row.warn("name", message % {"code": compound.code, "name": compound.name})
        self._check_community(row, compound, registered, after)
        return {
            fact: (getattr(compound, fact), value) for fact, value in after.items() if getattr(compound, fact) != value
        }

    def _check_community(self, row: ParsedRow, compound: Compound, registered: bool, after: dict[str, Any]) -> None:
        community = row.get("community")
        if community == compound.community_id:
            return
        if not registered:
            after["community_id"] = community
            return
        lay = {e.community for e in self.recorder.book.live(compound.code) if e.kind in (Kind.REGISTER, Kind.RELOCATE)}
        if community not in lay:
            message = _("%(compound)s lies in %(community)s. It moves by a “%(kind)s” in the workbook of changes.")
            facts = {
                "compound": f"{compound.name} {compound.code}", "community": self.recorder.label(compound.community_id),
                "kind": Kind.RELOCATE.label,
            }  # fmt: skip
            row.error("community", message % facts)

    def _keep(self, row: ParsedRow, compound: Compound, *, is_new: bool, changes: dict, drafts: list[Draft]) -> None:
        self.done.accepted_rows.add(row.number)
        if is_new:
            self.done.created.append(compound)
        for fact, (_before, after) in changes.items():
            setattr(compound, fact, after)
        if changes:
            self.done.updated.setdefault(compound.code, {}).update(changes)
            self.done.updated_rows.add(row.number)
        if not is_new and not changes and not drafts:
            self.done.unchanged_rows.add(row.number)
        if drafts:
            self.done.pending.discard(compound.code)
        elif is_new:
            self.done.pending.add(compound.code)


def implausible(row: ParsedRow) -> None:
    """Questions about values that can be right but hardly are (on the command line: warnings)."""
    area, households, buildings = row.get("area"), row.get("households"), row.get("buildings")
    if area:
        if households:
            per_household = area / households / 100
            if per_household < 10:
                row.warn("area", _("That is %(per).1f ㎡ per household: is the area in 万㎡?") % {"per": per_household})
            elif per_household > 2000:
                row.warn("area", _("That is %(per).0f ㎡ per household: is the area in ㎡?") % {"per": per_household})
        elif area < 100 * 100:
            row.warn("area", _("%(area)s ㎡ is less than one building: is the area in 万㎡?") % {"area": format_m2(area)})
        elif area > 5_000_000 * 100:
            row.warn("area", _("%(area)s ㎡ is more than a whole district: is it in ㎡?") % {"area": format_m2(area)})
    if area and row.get("residential_area") and row.get("residential_area") > area:
        row.warn("residential_area", _("The residential area is larger than the whole."))
    if buildings is not None and buildings > 1000:
        row.warn("buildings", _("More than 1,000 buildings: is that right?"))
    for column in ("built_year", "renovated_year"):
        if row.get(column) and row.get(column) > business_date().year:
            row.warn(column, _("The year lies in the future."))
