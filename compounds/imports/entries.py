"""The 变更 importer: rows become events, in order of 发生日期 and then of row."""

import datetime
import hashlib
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets.rows import ParsedRow, Told, told
from communities.divisions.choices import CODE_LENGTH, Level
from communities.people.models import User
from compounds.imports.facts import Changes, followed_by
from compounds.imports.outcome import Applied
from compounds.imports.places import CompoundIndex, Places
from compounds.imports.standing import Standing
from compounds.ledger import rules
from compounds.ledger.choices import Category, Kind, Mode, Source
from compounds.ledger.events import Event, Part
from compounds.ledger.loading import chunks
from compounds.ledger.models import Entry
from compounds.ledger.recording import Draft, Recorder
from compounds.ledger.refusals import Refused
from compounds.ledger.services import codes_named_by
from compounds.register import names
from compounds.register.choices import Status
from compounds.register.models import Compound

#: Where a refusal of the ledger belongs in this workbook; what is not named here belongs to the date.
COLUMN_OF = {
    "area_dm2": "area", "households": "households", "category": "category", "mode_from": "mode_from",
    "mode_to": "mode_to", "new_category": "new_category", "community": "new_community", "target": "target",
    "reverses": "reverses", "basis_name": "basis_name", "compound": "code", "parts": "area",
}  # fmt: skip

#: Columns that are descriptive fields of the entry under the same name.
DETAILS = (
    "date_basis", "provider_from", "provider_to", "phase", "building_numbers", "reason", "basis_type", "basis_name",
    "basis_no", "late_reason", "reporting_unit", "handler", "reviewer", "phone", "note",
)  # fmt: skip


@dataclass
class Step:
    """One event of the workbook: a row, or the consecutive rows of a split."""

    rows: list[ParsedRow] = field(default_factory=list)

    @property
    def first(self) -> ParsedRow:
        return self.rows[0]

    @property
    def order(self) -> tuple[datetime.date, int]:
        return self.first.get("effective_on"), self.first.position

    @property
    def has_errors(self) -> bool:
        return any(row.errors for row in self.rows)

    @property
    def key(self) -> str:
        """The event's source key; that of a split covers all parts: with a further part it is another one."""
        if len(self.rows) == 1:
            return f"{self.first.key}-1"
        return hashlib.sha256(" ".join(row.key for row in self.rows).encode()).hexdigest()[:48] + "-1"


class EntryImport(Told):
    """Applies parsed rows to a recorder: a rehearsal outside the transaction, the writer inside it."""

    source = Source.ENTRY_IMPORT

    def __init__(self, rows: list[ParsedRow], places: Places, *, origin: str):
        self.rows, self.places, self.origin = rows, places, origin
        for row in rows:
            if row.get("community"):
                row.values["community"] = places.community(row)
        self._date_reversals()

    def _date_reversals(self) -> None:
        """A 更正 may leave its date blank: it then stands with the entry that it takes back."""
        undated = [row for row in self.rows if row.get("kind") == Kind.REVERSAL and not row.get("effective_on")]
        dates: dict[int, datetime.date] = {}
        for chunk in chunks({row.get("reverses") for row in undated} - {None}):
            dates |= Entry.objects.filter(height__in=chunk).values_list("height", "effective_on")
        for row in undated:
            row.values["effective_on"] = dates.get(row.get("reverses"), datetime.date.max)

    def index(self) -> CompoundIndex:
        codes, communities = self._codes_in_cells(), self._communities()
        return CompoundIndex(codes=codes, communities=communities, scope=self.places.scope)

    def _codes_in_cells(self) -> set[str]:
        return {row.get(column) for row in self.rows for column in ("code", "target") if row.get(column)}

    def _names_in_cells(self) -> set[str]:
        cells = (row.get(column) for row in self.rows for column in ("name", "target"))
        return {names.normalise(cell) for cell in cells if cell}

    def _communities(self) -> set[str]:
        """Communities where compounds are looked up by name: those of the rows, and where what they name has lain."""
        codes = self._codes_in_cells()
        found = {row.get("community") for row in self.rows if row.get("community")}
        if any(row.get("target") for row in self.rows):
            index = CompoundIndex(codes=codes, communities=found, scope=self.places.scope)
            for chunk in chunks(index.mentioned(codes=codes, names=self._names_in_cells())):
                entries = Entry.objects.filter(compound__in=chunk, community__isnull=False)
                found |= {c.community_id for c in chunk} | set(entries.values_list("community_id", flat=True))
        return found

    def codes(self, index: CompoundIndex) -> set[str]:
        """Codes of compounds that the rows may touch, as far as they exist."""
        mentioned = index.mentioned(codes=self._codes_in_cells(), names=self._names_in_cells())
        undone = codes_named_by({row.get("reverses") for row in self.rows if row.get("reverses")})
        return undone | {compound.code for compound in mentioned}

    def keys(self) -> set[str]:
        """Source keys that entries of these rows have or may get."""
        return {step.key for step in _steps(self.rows) if not step.has_errors}

    def apply(
        self, recorder: Recorder, index: CompoundIndex, live_keys: set[str], *, only: set[int] | None, by: User | None
    ) -> Applied:
        """Record the rows without errors (of those at the positions ``only``, if given). Adds errors to the others."""
        steps = [step for step in _steps(self.rows) if only is None or step.first.position in only]
        return _Application(self, recorder, index, live_keys, by).run(steps)


def _steps(rows: list[ParsedRow]) -> list[Step]:
    """Consecutive 拆分 rows of one compound, date and document are one event."""

    steps: list[Step] = []
    for row in rows:
        if steps and _same_split(steps[-1].rows[-1], row):
            steps[-1].rows.append(row)
        else:
            steps.append(Step([row]))
    return steps


def _same_split(above: ParsedRow, row: ParsedRow) -> bool:
    """Whether two rows are parts of one split; a cell that cannot be read may say the same as the one above."""
    if above.get("kind") != Kind.SPLIT or row.get("kind") != Kind.SPLIT:
        return False
    unread = {column for each in (above, row) for column, _value, _message in each.errors}
    same = ("code", "community", "name", "effective_on", "basis_type", "basis_name", "basis_no", "mark")
    return all(above.get(column) == row.get(column) for column in same if column not in unread)


class _Application:
    def __init__(
        self, work: EntryImport, recorder: Recorder, index: CompoundIndex, live_keys: set[str], by: User | None
    ):
        self.work, self.recorder, self.index, self.live_keys, self.by = work, recorder, index, live_keys, by
        for compound in recorder.compounds.values():
            self.index.by_code[compound.code] = compound
        self.known_height = recorder.height
        self.standing = Standing(work.rows)
        self.done = Applied()
        self.taken_up: dict[str, Changes] = {}  # by this step: compounds that had been withdrawn with their import

    def run(self, steps: list[Step]) -> Applied:
        bad = [step for step in steps if step.has_errors]
        good = sorted((step for step in steps if not step.has_errors), key=lambda step: step.order)
        for step in told(good, self.work.step):
            self._step(step)
        for step in bad:
            self._step_with_errors(step)
        return self.done

    def _step(self, step: Step) -> None:
        positions = {row.position for row in step.rows}
        if step.key in self.live_keys or self.standing.of(step.first):
            self.done.unchanged_rows |= positions
            self.done.accepted_rows |= positions
            return
        created: list[Compound] = []
        self.taken_up = {}
        try:
            recorded = self._record(step, created)
        except Refused as refused:
            for problem in refused.problems:
                self._place(step, problem.field, problem.message)
            recorded = False
        if not recorded:
            self._give_up(step, created)
            return
        self.done.accepted_rows |= positions
        self.done.created += created
        for code, changes in self.taken_up.items():
            self.done.updated[code] = followed_by(self.done.updated.get(code, {}), changes)
        self.done.posted += 1

    def _step_with_errors(self, step: Step) -> None:
        """An event with cells that cannot be used is not recorded; whatever else is wrong with it is said as well."""
        row = step.first
        created: list[Compound] = []
        self.taken_up = {}
        nameable = not row.bad_columns() & {"code", "name", "community"}
        compound = self._compound(row, required=nameable and row.get("kind") != Kind.REVERSAL)
        if compound and row.get("kind") not in (None, Kind.REVERSAL) and row.get("effective_on"):
            event = self._event(step, compound, created)
            for problem in rules.check(event, self._details(step)):
                self._place(step, problem.field, problem.message)
        self._give_up(step, created)

    def _give_up(self, step: Step, created: list[Compound]) -> None:
        for compound in created:
            self.index.forget(compound)
            self.recorder.compounds.pop(compound.code, None)
        for code, changes in self.taken_up.items():
            self.index.put_back(self.index.by_code[code], changes)
        bad = next(row for row in step.rows if row.errors)
        for row in step.rows:
            if not row.errors:
                message = _("This row is one event with row %(row)s, which has errors.")
                row.error("kind", message % {"row": bad.seen_from(row)})

    def _details(self, step: Step) -> dict:
        row = step.first
        return {name: row.get(name) for name in DETAILS} | {
            "precision": row.get("effective_on_precision"), "source_key": step.key,
            "source_ref": row.reference(self.work.origin),
        }  # fmt: skip

    def _place(self, step: Step, name: str, message: str) -> None:
        column = COLUMN_OF.get(name, "effective_on")
        if name == "community" and step.first.get("kind") == Kind.REGISTER:
            column = "community"
        if name == "compound" and not step.first.get("code"):
            column = "name"
        step.first.error(column, message)

    def _record(self, step: Step, created: list[Compound]) -> bool:
        row = step.first
        kind = row.get("kind")
        compound = self._compound(row, required=kind != Kind.REVERSAL)
        if row.errors:
            return False
        details = self._details(step)
        if kind == Kind.REVERSAL or compound is None:  # any other kind without a compound has an error
            return self._reverse(row, compound, details)
        event = self._event(step, compound, created)
        if any(each.errors for each in step.rows):
            return False
        draft = Draft(event, details, standing=bool(row.get("mark")))
        recorded = self.recorder.record(draft, by=self.by, source=self.work.source)
        if kind == Kind.RELOCATE:
            self.index.add(compound, recorded.community)
        return True

    def _reverse(self, row: ParsedRow, compound: Compound | None, details: dict) -> bool:
        height = row.get("reverses")
        if height is None:
            row.error("reverses", _("A reversal names the version (原数据版次) of the entry that it takes back."))
            return False
        if height > self.known_height:  # an entry of this very file has no version before it is posted
            message = _("There is no version %(height)s; the newest is %(newest)s.")
            row.error("reverses", message % {"height": height, "newest": self.known_height})
            return False
        if self.by and (refusal := self._may_not_reverse(height)):
            row.error("reverses", refusal)
            return False
        if compound is not None and compound.code not in (named := codes_named_by([height])) and named:
            message = _("Version %(height)s concerns %(named)s, not %(compound)s.")
            facts = {"height": height, "named": _(", ").join(sorted(named)), "compound": compound.code}
            row.error("reverses", message % facts)
            return False
        details["reason"] = details["reason"] or row.get("note") or str(Kind.REVERSAL.label)
        self.recorder.reverse(height, details=details, by=self.by, source=self.work.source)
        return True

    def _may_not_reverse(self, height: int) -> str:
        """Why whoever imports may not take this entry back; "" where nothing stands against it."""
        entry = Entry.objects.visible_to(self.by).filter(height=height).select_related("compound").first()
        if entry is None:
            return _("There is no version %(height)s in your area.") % {"height": height}
        return self.by.may("ledger.correct", entry).reason if self.by else ""

    # --- which compound ------------------------------------------------------------------------------
    def _compound(self, row: ParsedRow, *, required: bool) -> Compound | None:
        code, name, community = row.get("code"), row.get("name"), row.get("community")
        if code:
            compound = self._adopt(self.index.by_code.get(code))
            if compound is None:
                message = _("There is no compound %(code)s; check the compound code.")
                row.error("code", message % {"code": code})
            return compound
        if not (name and community):
            if required:
                row.error("code", _("Give the compound code, or community and compound name."))
            return None
        found = self.index.named(community, name)
        if len(found) > 1 and row.get("effective_on"):
            found = [each for each in found if self._place_of(row, each) == community] or found
        if len(found) == 1:
            return self._adopt(found[0])
        if found:
            message = _("“%(name)s” can mean %(codes)s in this community; give the compound code.")
            row.error("name", message % {"name": name, "codes": _(", ").join(sorted(c.code for c in found))})
        else:
            message = _("%(community)s has no compound “%(name)s”; enter it by the workbook of the register first.")
            row.error("name", message % {"community": self.recorder.label(community), "name": name})
        return None

    def _adopt(self, compound: Compound | None) -> Compound | None:
        return self.recorder.compounds.setdefault(compound.code, compound) if compound else None

    # --- the event -----------------------------------------------------------------------------------
    def _event(self, step: Step, compound: Compound, created: list[Compound]) -> Event:
        row, kind = step.first, step.first.get("kind")
        on = row.get("effective_on")
        if kind == Kind.SPLIT:
            parts = tuple(self._part(each, compound, created) for each in step.rows)
            return Event(kind, on, compound.code, parts=parts)
        if kind == Kind.REGISTER:
            category = row.get("category") or Category.UNDETERMINED.value
            return Event(
                kind, on, compound.code, category=category, mode_to=row.get("mode_to") or Mode.NONE.value,
                area_dm2=row.get("area"), households=row.get("households"),
            )  # fmt: skip
        if kind == Kind.RELOCATE:
            return Event(kind, on, compound.code, community=self._new_community(row, compound) or "")
        if kind == Kind.MERGE:
            target = self._target(row, compound)
            return Event(kind, on, compound.code, target=target.code if target else "")
        if kind == Kind.PROVIDER_CHANGE and not (row.get("provider_to") or row.get("mark")):
            row.warn("provider_to", _("The new provider is not named."))
        if kind in (Kind.DEREGISTER, Kind.PROVIDER_CHANGE):
            return Event(kind, on, compound.code)
        return Event(
            kind, on, compound.code, category=row.get("category") or "", mode_from=row.get("mode_from") or "",
            mode_to=row.get("mode_to") or "" if kind not in (Kind.RECLASSIFY, Kind.RESURVEY) else "",
            new_category=row.get("new_category") or "" if kind == Kind.RECLASSIFY else "",
            area_dm2=row.get("area"), households=row.get("households"),
        )  # fmt: skip

    def _new_community(self, row: ParsedRow, compound: Compound) -> str | None:
        text = row.get("new_community")
        if text is None:
            row.error("new_community", _("A relocation names the new community."))
            return None
        if row.get("mark"):
            return self.work.places.community(row, "new_community")
        county, city = (compound.community_id[: CODE_LENGTH[level]] for level in (Level.COUNTY, Level.CITY))
        near = self.work.places.gazetteer.find(Level.COMMUNITY, text, within=county)
        return self.work.places.community(row, "new_community", within=county if near else city)

    def _place_of(self, row: ParsedRow, compound: Compound) -> str:
        """Where the compound lies on the row's date."""
        holding = self.recorder.book.holding(compound.code, row.get("effective_on"))
        return holding.community or compound.community_id

    def _target(self, row: ParsedRow, compound: Compound) -> Compound | None:
        """The existing compound that 目标小区 means: a code, or a name in the same community."""
        text = row.get("target")
        if text is None:
            row.error("target", _("A merge names the compound that stays (目标小区)."))
            return None
        if text in self.index.by_code:
            return self._adopt(self.index.by_code[text])
        found = self.index.named(self._place_of(row, compound), text)
        if len(found) != 1:
            message = _("There is no single compound “%(name)s” in %(community)s; give its code.")
            community = self.recorder.label(self._place_of(row, compound))
            row.error("target", message % {"name": text, "community": community})
            return None
        return self._adopt(found[0])

    def _part(self, row: ParsedRow, compound: Compound, created: list[Compound]) -> Part:
        """A part of a split; its compound is created unless one without entries waits for its area."""
        target = self._split_target(row, compound, created)
        return Part(
            target.code if target else "", row.get("category") or "", row.get("mode_from") or "", row.get("area"),
            row.get("households"),
        )  # fmt: skip

    def _split_target(self, row: ParsedRow, compound: Compound, created: list[Compound]) -> Compound | None:
        text = row.get("target")
        if text is None:
            row.error("target", _("A part of a split names its new compound (目标小区)."))
            return None
        community = self._place_of(row, compound)
        found = [self.index.by_code[text]] if text in self.index.by_code else self.index.named(community, text)
        if found:
            existing = self.recorder.compounds.get(found[0].code, found[0])
            if existing.import_undone:
                self.taken_up[existing.code] = self.index.take_up(existing)
            fresh = existing.status == Status.ACTIVE and not self.recorder.book.live(existing.code)
            if existing in created or fresh or row.get("mark"):
                return self._adopt(existing)
            message = _("“%(name)s” exists already as %(code)s with entries of its own; a split makes new compounds.")
            row.error("target", message % {"name": existing.name, "code": existing.code})
            return None
        new = self.index.create(community=community, name=text)
        created.append(new)
        self.recorder.adopt(new)
        return new
