"""The 变更 importer: rows become events, in order of 发生日期 and then of row."""

import datetime
from dataclasses import dataclass, field
from itertools import groupby

from django.utils.translation import gettext as _

from communities.people.models import User
from compounds.imports.places import CompoundIndex, Places
from compounds.imports.register import Applied
from compounds.imports.rows import ParsedRow
from compounds.ledger.choices import Category, Kind, Mode, Source
from compounds.ledger.events import Event, Part
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.ledger.services import Draft, Recorder, codes_named_by
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
        return self.first.get("effective_on"), self.first.number


class EntryImport:
    """Applies parsed rows to a recorder: a rehearsal outside the transaction, the writer inside it."""

    source = Source.ENTRY_IMPORT

    def __init__(self, rows: list[ParsedRow], places: Places, *, origin: str):
        self.rows, self.places, self.origin = rows, places, origin
        for row in rows:
            if row.get("community"):
                row.values["community"] = places.community(row)
            self._date_of_reversal(row)

    @staticmethod
    def _date_of_reversal(row: ParsedRow) -> None:
        """A 更正 may leave its date blank: it then stands with the entry that it takes back."""
        if row.get("kind") == Kind.REVERSAL and row.get("effective_on") is None and row.get("reverses"):
            entry = Entry.objects.filter(height=row.get("reverses")).only("effective_on").first()
            row.values["effective_on"] = entry.effective_on if entry else datetime.date.max

    def index(self) -> CompoundIndex:
        return CompoundIndex(codes=self._codes_in_cells(), communities=self._communities())

    def _codes_in_cells(self) -> set[str]:
        return {row.get(column) for row in self.rows for column in ("code", "target") if row.get(column)}

    def _communities(self) -> set[str]:
        """Communities where compounds are looked up by name: those of the rows and of the compounds they number."""
        codes = self._codes_in_cells()
        named = {row.get("community") for row in self.rows if row.get("community")}
        if not any(row.get("target") for row in self.rows):
            return named
        by_code = CompoundIndex(codes=codes, communities=[]).by_code.values()
        entries = Entry.objects.filter(compound__in=by_code, community__isnull=False)
        return named | {c.community_id for c in by_code} | set(entries.values_list("community_id", flat=True))

    def codes(self) -> set[str]:
        """Codes of compounds that the rows may touch, as far as they exist."""
        index = self.index()
        found = {code for code in self._codes_in_cells() if code in index.by_code}
        for row in self.rows:
            places = [row.get("community")] if row.get("community") else []
            for column in ("name", "target"):
                if row.get(column):
                    found |= {c.code for place in places or self._communities() for c in index.named(place, row.get(column))}
        return found | codes_named_by({row.get("reverses") for row in self.rows if row.get("reverses")})

    def apply(self, recorder: Recorder, live_keys: set[str], *, only: set[int] | None, by: User | None) -> Applied:
        """Record the rows without errors (of those numbered in ``only``, if given). Adds errors to the others."""
        rows = [row for row in self.rows if not row.errors and (only is None or row.number in only)]
        return _Application(self, recorder, live_keys, by).run(_steps(rows))


def _steps(rows: list[ParsedRow]) -> list[Step]:
    """Consecutive 拆分 rows of one compound, date and document are one event."""

    def split_of(row: ParsedRow) -> tuple:
        if row.get("kind") != Kind.SPLIT:
            return (row.number,)
        same = ("code", "community", "name", "effective_on", "basis_type", "basis_name", "basis_no")
        return tuple(row.get(column) for column in same)

    return sorted((Step(list(group)) for _key, group in groupby(rows, split_of)), key=lambda step: step.order)


class _Application:
    def __init__(self, work: EntryImport, recorder: Recorder, live_keys: set[str], by: User | None):
        self.work, self.recorder, self.live_keys, self.by = work, recorder, live_keys, by
        self.index = work.index()
        for compound in recorder.compounds.values():
            self.index.by_code[compound.code] = compound
        self.done = Applied()

    def run(self, steps: list[Step]) -> Applied:
        for step in steps:
            self._step(step)
        return self.done

    def _step(self, step: Step) -> None:
        numbers = {row.number for row in step.rows}
        if self._key(step.first) in self.live_keys:
            self.done.unchanged_rows |= numbers
            self.done.accepted_rows |= numbers
            return
        created: list[Compound] = []
        try:
            recorded = self._record(step, created)
        except Refused as refused:
            for problem in refused.problems:
                self._place(step, problem.field, problem.message)
            recorded = False
        if not recorded:
            for compound in created:
                self.index.forget(compound)
                self.recorder.compounds.pop(compound.code, None)
            return
        self.done.accepted_rows |= numbers
        self.done.created += created
        self.done.posted += 1

    @staticmethod
    def _key(row: ParsedRow) -> str:
        return f"{row.key}-1"

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
        details = {name: row.get(name) for name in DETAILS} | {
            "precision": row.get("effective_on_precision"), "source_key": self._key(row),
            "source_ref": f"{self.work.origin} #{row.number}",
        }  # fmt: skip
        if kind == Kind.REVERSAL:
            return self._reverse(row, compound, details)
        assert compound is not None  # required above, or the row has an error
        event = self._event(step, compound, created)
        if any(each.errors for each in step.rows):
            return False
        self.recorder.record(Draft(event, details), by=self.by, source=self.work.source)
        return True

    def _reverse(self, row: ParsedRow, compound: Compound | None, details: dict) -> bool:
        height = row.get("reverses")
        if height is None:
            row.error("reverses", _("A reversal names the version (原数据版次) of the entry that it takes back."))
            return False
        if compound is not None and compound.code not in (named := codes_named_by([height])) and named:
            message = _("Version %(height)s concerns %(named)s, not %(compound)s.")
            facts = {"height": height, "named": ", ".join(sorted(named)), "compound": compound.code}
            row.error("reverses", message % facts)
            return False
        details["reason"] = details["reason"] or row.get("note") or str(Kind.REVERSAL.label)
        self.recorder.reverse(height, details=details, by=self.by, source=self.work.source)
        return True

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
        if len(found) == 1:
            return self._adopt(found[0])
        if found:
            message = _("“%(name)s” can mean %(codes)s in this community; give the compound code.")
            row.error("name", message % {"name": name, "codes": ", ".join(sorted(c.code for c in found))})
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
        places = self.work.places
        within_county = compound.community_id[:6]
        near = places.gazetteer.find("community", text, within=within_county)
        return places.community(row, "new_community", within=within_county if near else "")

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
            existing = found[0]
            if existing in created or not self.recorder.book.live(existing.code):
                return self._adopt(existing)
            message = _("“%(name)s” exists already as %(code)s with entries of its own; a split makes new compounds.")
            row.error("target", message % {"name": existing.name, "code": existing.code})
            return None
        new = self.index.create(community=community, name=text)
        created.append(new)
        self.recorder.adopt(new)
        return new
