"""The 台账 importer: rows become compounds, their descriptive facts, and registrations with takeovers."""

import datetime
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_m2
from chaoyang_pm.kit.sheets.rows import ParsedRow, Told, told
from communities.people.models import User
from compounds.imports.facts import Changes, followed_by, given
from compounds.imports.outcome import Applied
from compounds.imports.places import CompoundIndex, Places
from compounds.imports.standing import Standing, compare, recorded_phases
from compounds.ledger import rules
from compounds.ledger.choices import OPEN_CATEGORIES, Category, Kind, Mode, Source
from compounds.ledger.events import Event
from compounds.ledger.recording import Draft, Recorder
from compounds.ledger.refusals import Refused
from compounds.register import services as register
from compounds.register.choices import Status
from compounds.register.models import Compound

#: Where a refusal of the ledger belongs in this workbook.
COLUMN_OF = {
    "area_dm2": "area", "households": "households", "category": "category", "mode_to": "mode", "mode_from": "mode",
    "community": "community", "compound": "code",
}  # fmt: skip

#: A row's registration and takeover: each has a source key of its own.
STEPS = (1, 2)


class RegisterImport(Told):
    """Applies parsed rows to a recorder: a rehearsal outside the transaction, the writer inside it."""

    source = Source.REGISTER_IMPORT

    def __init__(self, rows: list[ParsedRow], places: Places, *, default_date: datetime.date, origin: str):
        self.rows, self.default_date, self.origin, self.scope = rows, default_date, origin, places.scope
        for row in rows:
            row.values["community"] = places.community(row)
            row.values.setdefault("registered_on", default_date)

    def codes(self, index: CompoundIndex) -> set[str]:
        """Codes of compounds that the rows may touch, as far as the index knows them."""
        if not index.by_code:
            return set()
        found = {row.get("code") for row in self.rows if row.get("code") in index.by_code}
        for row in self.rows:
            if row.get("name") and row.get("community"):
                found |= {compound.code for compound in index.named(row.get("community"), row.get("name"))}
        return found - {None}

    def index(self) -> CompoundIndex:
        return CompoundIndex.named_by(self.rows, self.scope)

    def apply(
        self, recorder: Recorder, index: CompoundIndex, live_keys: set[str], *, only: set[int] | None, by: User | None
    ) -> Applied:
        """Record the rows without errors (of those at the positions ``only``, if given). Adds errors to the others."""
        rows = [row for row in self.rows if only is None or row.position in only]
        return _Application(self, recorder, index, live_keys, by).run(rows)

    def keys(self) -> set[str]:
        """Source keys that entries of these rows have or may get."""
        return {f"{row.key}-{step}" for row in self.rows if row.key for step in STEPS}


class _Application:
    """One pass over the rows; holds what earlier rows of the file did."""

    def __init__(
        self, work: RegisterImport, recorder: Recorder, index: CompoundIndex, live_keys: set[str], by: User | None
    ):
        self.work, self.recorder, self.index, self.live_keys, self.by = work, recorder, index, live_keys, by
        # The recorder's compounds are the locked ones: one object per compound.
        for compound in recorder.compounds.values():
            self.index.by_code[compound.code] = compound
        self.done = Applied()
        self.standing = Standing(work.rows)
        self.phases = recorded_phases(recorder.compounds.values())
        self.first_rows: dict[str, ParsedRow] = {}  # by digest of the row: where it stands first
        self.registered_here: dict[str, ParsedRow] = {}  # by compound code: the row that registered area

    def run(self, rows: list[ParsedRow]) -> Applied:
        groups: dict[tuple, set[str]] = defaultdict(set)
        identities = {row.position: self._identity(row) for row in rows if not row.errors}
        for row in rows:
            if not row.errors:
                groups[identities[row.position]].add(row.get("category") or Category.UNDETERMINED.value)
        for row in told(rows, self.work.step):
            if row.errors:
                self._row_with_errors(row)
            elif not self._is_known(row):
                self._row(row, several_categories=len(groups[identities[row.position]]) > 1)
        return self.done

    def _identity(self, row: ParsedRow) -> tuple:
        """Rows of one compound in this file."""
        if code := row.get("code"):
            return ("code", code)
        named = self.index.named(row.get("community"), row.get("name"))
        return ("code", named[0].code) if len(named) == 1 else ("name", row.get("community"), row.get("name"))

    def _is_known(self, row: ParsedRow) -> bool:
        """Whether the row was posted before, or stands further up in the sheet; then there is nothing to compare."""
        digest = row.key.rpartition("-")[0]
        above = self.first_rows.get(digest)
        if above:
            row.warn("name", _("The same as row %(row)s.") % {"row": above.seen_from(row)})
        elif self.live_keys and not row.get("mark") and any(f"{row.key}-{step}" in self.live_keys for step in STEPS):
            self.first_rows[digest] = row
        else:
            return False
        self.done.unchanged_rows.add(row.position)
        self.done.accepted_rows.add(row.position)
        return True

    def _row_with_errors(self, row: ParsedRow) -> None:
        """A row with cells that cannot be used is not recorded; whatever else is wrong with it is said as well."""
        compound, is_new = None, True
        if row.get("name") and row.get("community"):
            compound, is_new = self._compound(row)
            if compound is None:
                return
        if compound and is_new:
            self._withdraw(compound)
        elif compound and self.recorder.book.holding(compound.code).community and not row.get("phase"):
            return self._compare(row, compound)
        bad = row.bad_columns()
        if (row.get("area") is None and "area" not in bad) or bad & {"category", "mode"}:
            return
        for draft in self._drafts(row, compound.code if compound else ""):
            for problem in rules.check(draft.event, draft.details):
                row.error(self._column(problem.field, draft), problem.message)

    def _row(self, row: ParsedRow, *, several_categories: bool) -> None:
        compound, is_new = self._compound(row)
        if compound is None:
            return
        taken_up = self._take_up(row, compound) if compound.import_undone else {}
        further = not is_new and self._is_further_registration(row, compound, several_categories)
        registered = bool(self.recorder.book.holding(compound.code).community)
        drafts: list[Draft] = []
        if (entry := self.standing.of(row)) is not None:
            compare(row, entry)
        elif row.get("area") is not None and (not registered or further):
            drafts = self._drafts(row, compound.code)
        elif registered and not row.get("mark"):
            self._compare(row, compound)
        elif row.get("category") or row.get("mode"):
            row.warn(
                "area",
                _("Without an area the compound is entered as 面积待核; category and mode are taken with the area."),
            )
        changes = taken_up if is_new or taken_up or row.errors else self._changes(row, compound, registered)
        if row.errors or not self._record(row, compound, drafts):
            if is_new:
                self._withdraw(compound)
            elif taken_up:
                self.index.put_back(compound, taken_up)
            return
        self._keep(row, compound, is_new=is_new, changes=changes, drafts=drafts)

    # --- which compound ------------------------------------------------------------------------------
    def _compound(self, row: ParsedRow) -> tuple[Compound | None, bool]:
        code, mark, name, community = row.get("code"), row.get("mark"), row.values["name"], row.values["community"]
        named = self.index.named(community, name)
        if code and code in self.index.by_code:
            return self._existing(row, self.index.by_code[code]), False
        if code in self.index.foreign:
            row.error("code", _("The compound code %(code)s is taken outside of your area.") % {"code": code})
            return None, False
        if code and named and not mark:
            message = _("There is no compound %(code)s, but “%(name)s” exists in this community as %(existing)s.")
            facts = {"code": code, "name": name, "existing": _(", ").join(c.code for c in named)}
            row.error("code", message % facts)
            return None, False
        if len(named) > 1 and not code:
            message = _("“%(name)s” can mean %(codes)s in this community; give the compound code.")
            row.error("name", message % {"name": name, "codes": _(", ").join(sorted(c.code for c in named))})
            return None, False
        if named and not code:
            return self._existing(row, named[0]), False
        compound = self.index.create(community=community, name=name, code=code or "", **given(row))
        alike = [] if mark else self.index.alike(compound)
        if alike:
            others = _(", ").join(f"{other.name} {other.code}" for other in alike[:3])
            row.warn("name", _("Possibly the same compound as %(others)s; check before posting.") % {"others": others})
        try:
            self.recorder.adopt(compound, standing=bool(mark))
        except Refused as refused:
            self._withdraw(compound)
            row.error("community", str(refused))
            return None, False
        return compound, True

    def _existing(self, row: ParsedRow, compound: Compound) -> Compound | None:
        compound = self.recorder.compounds.setdefault(compound.code, compound)
        standing = row.get("mark") and compound.status != Status.RETIRED
        if compound.status == Status.ACTIVE or compound.import_undone or standing:
            return compound
        message = _("%(compound)s is no longer active (%(status)s)%(into)s.")
        stays = compound.merged_into
        into = _("; use %(name)s %(code)s") % {"name": stays.name, "code": stays.code} if stays else ""
        facts = {"compound": f"{compound.name} {compound.code}", "status": compound.get_status_display(), "into": into}
        row.error("code" if row.get("code") else "name", message % facts)
        return None

    def _take_up(self, row: ParsedRow, compound: Compound) -> Changes:
        """A compound that was withdrawn with its import comes back as the row has it."""
        as_new = register.named(row.get("name")) | given(row)
        return self.index.take_up(compound, community_id=row.get("community"), **as_new)

    def _withdraw(self, compound: Compound) -> None:
        self.index.forget(compound)
        self.recorder.compounds.pop(compound.code, None)

    # --- registering ---------------------------------------------------------------------------------
    def _is_further_registration(self, row: ParsedRow, compound: Compound, several_categories: bool) -> bool:
        """A new phase, or a further category of a compound with several categories in this file."""
        if row.get("mark"):
            return True
        if not (recorded := self.phases[compound.code]):
            return False
        phase = row.get("phase") or ""
        category = row.get("category")
        if phase and phase not in {known for known, _category in recorded}:
            return True
        if not (several_categories and category):
            return False
        held = {pocket.category for pocket in self.recorder.book.holding(compound.code).pockets}
        same_phase = {known for other, known in recorded if other == phase}
        return category not in held | same_phase

    def _drafts(self, row: ParsedRow, code: str) -> list[Draft]:
        values: Callable[[str], Any] = row.values.get
        category = values("category") or Category.UNDETERMINED.value
        mode, taken_over_on = values("mode") or "", values("taken_over_on")
        area, households = values("area"), values("households")
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
            Kind.REGISTER, values("registered_on"), code, community=values("community"),
            category=category, mode_to=Mode.NONE.value if takeover else mode or Mode.NONE.value,
            area_dm2=area, households=households,
        )  # fmt: skip
        details = {
            "phase": values("phase"), "basis_name": values("category_basis"),
            "reporting_unit": values("reporting_unit"), "handler": values("reporter"),
            "source_ref": row.reference(self.work.origin), "provider_to": "" if takeover else values("provider"),
            "date_basis": "" if takeover else values("date_basis"), "source_key": f"{row.key}-1",
            "precision": values("registered_on_precision"),
        }  # fmt: skip
        drafts = [Draft(registration, details, standing=bool(values("mark")))]
        if takeover:
            event = Event(
                Kind.TAKEOVER, taken_over_on, code, category=category, mode_to=mode,
                area_dm2=area, households=households,
            )  # fmt: skip
            more = {
                "provider_to": values("provider"), "date_basis": values("date_basis"), "basis_name": "",
                "precision": values("taken_over_on_precision"), "source_key": f"{row.key}-2",
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
                for problem in refused.problems:
                    row.error(self._column(problem.field, draft), problem.message)
                return False
        for draft in drafts[:1]:
            self.phases[compound.code][draft.details["phase"] or "", draft.event.category] += draft.event.area_dm2 or 0
            self.registered_here[compound.code] = row
        self.done.posted += len(drafts)
        return True

    @staticmethod
    def _column(name: str, draft: Draft) -> str:
        """Where a refusal of the ledger belongs."""
        return COLUMN_OF.get(name, "taken_over_on" if draft.event.kind == Kind.TAKEOVER else "registered_on")

    # --- comparing -----------------------------------------------------------------------------------
    def _compare(self, row: ParsedRow, compound: Compound) -> None:
        """Filled cells against the ledger; a difference is an error that points to 变更."""
        holding = self.recorder.book.holding(compound.code)
        category, mode, phase = row.get("category"), row.get("mode"), row.get("phase") or ""
        pockets = {pocket: area for pocket, (area, _households) in holding.pockets.items() if area}
        if row.get("area") is not None:
            held = self._held_area(compound, pockets, phase, category)
            if held != row.get("area"):
                row.error("area", self._other_area(compound, held, row))
        if category and category not in {pocket.category for pocket in pockets}:
            message = _("The ledger has %(held)s. Categories change by a “%(kind)s” in the workbook of changes.")
            held_labels = {str(Category(p.category).label) for p in pockets} or {"—"}
            row.error("category", message % {"held": _(", ").join(sorted(held_labels)), "kind": Kind.RECLASSIFY.label})
        if mode and mode not in {pocket.mode for pocket in pockets}:
            message = _("The ledger has %(held)s. Modes change by %(kinds)s in the workbook of changes.")
            held_labels = {str(Mode(p.mode).label) for p in pockets} or {"—"}
            kinds = _(", ").join(str(kind.label) for kind in (Kind.TAKEOVER, Kind.MODE_CHANGE, Kind.LAPSE))
            row.error("mode", message % {"held": _(", ").join(sorted(held_labels)), "kinds": kinds})

    def _other_area(self, compound: Compound, held: int, row: ParsedRow) -> str:
        above = self.registered_here.get(compound.code)
        facts = {
            "held": format_m2(held), "given": format_m2(row.get("area")), "kind": Kind.RESURVEY.label,
            "row": above and above.seen_from(row), "compound": f"{compound.name} {compound.code}",
        }  # fmt: skip
        if facts["row"]:
            message = _(
                "Row %(row)s has entered %(compound)s with %(held)s ㎡ already. A further part of it needs its own "
                "分片(期) or 小区类别."
            )
        else:
            message = _(
                "The ledger has %(held)s ㎡, the cell %(given)s ㎡. Areas change by a “%(kind)s” with its basis "
                "in the workbook of changes."
            )
        return message % facts

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

    def _changes(self, row: ParsedRow, compound: Compound, registered: bool) -> Changes:
        """Descriptive facts that filled cells change: field → (before, after)."""
        after = given(row)
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
        self.done.accepted_rows.add(row.position)
        self.first_rows.setdefault(row.key.rpartition("-")[0], row)
        if is_new:
            self.done.created.append(compound)
        for fact, (_before, after) in changes.items():
            setattr(compound, fact, after)
        if changes:
            self.done.updated[compound.code] = followed_by(self.done.updated.get(compound.code, {}), changes)
            self.done.updated_rows.add(row.position)
        if not is_new and not changes and not drafts:
            self.done.unchanged_rows.add(row.position)
        if drafts:
            self.done.pending.discard(compound.code)
        elif is_new or "status" in changes:
            self.done.pending.add(compound.code)
