"""The importer of buildings: rows add buildings to compounds of the register, or change them. Nothing of it is area
of the ledger; a blank cell leaves what stands.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.sheets.rows import ParsedRow, Told, told
from communities.people.models import User
from compounds.imports import trail
from compounds.imports.facts import Changes
from compounds.imports.outcome import Applied, BuildingChange
from compounds.imports.places import CompoundIndex, Places, named_compound
from compounds.ledger.loading import chunks
from compounds.ledger.recording import Recorder
from compounds.register.choices import Status
from compounds.register.models import Building, Compound

BATCH = 500
#: Columns that say something of a building, with the field each one fills.
FIELDS = {
    "floors": "floors", "units": "units", "households": "households", "area": "area_dm2", "built_year": "built_year",
}  # fmt: skip


class BuildingImport(Told):
    """Applies parsed rows: what they would add or change is collected; ``store`` writes it."""

    def __init__(self, rows: list[ParsedRow], places: Places):
        self.rows, self.scope = rows, places.scope
        for row in rows:
            if row.get("community"):
                row.values["community"] = places.community(row)

    def index(self) -> CompoundIndex:
        return CompoundIndex.named_by(self.rows, self.scope)

    def codes(self, index: CompoundIndex) -> set[str]:
        """Codes of the compounds that the rows name, as far as the index knows them."""
        return {compound.code for row in self.rows for compound in index.matching(row)}

    def keys(self) -> set[str]:
        """Rows of buildings make no entries."""
        return set()

    def apply(
        self, recorder: Recorder, index: CompoundIndex, live_keys: set[str], *, only: set[int] | None, by: User | None
    ) -> Applied:
        """What the rows without errors add or change (of those at ``only``, if given). Adds errors to the others."""
        rows = [row for row in self.rows if only is None or row.position in only]
        done = Applied()
        standing = _standing(recorder.compounds.values())
        first: dict[tuple[str, str], ParsedRow] = {}
        for row in told(rows, self.step):
            compound = _compound(row, index)
            if compound is None or row.errors:
                continue
            name = row.get("building")
            above = first.setdefault((compound.code, name), row)
            if above is not row:
                message = _("Row %(row)s names the same building; one row for each.")
                row.error("building", message % {"row": above.seen_from(row)})
                continue
            building = standing[compound.pk].get(name)
            changes = _changes(row, building)
            done.accepted_rows.add(row.position)
            if building and not changes:
                done.unchanged_rows.add(row.position)
                continue
            done.buildings.append(BuildingChange(compound, building, changes))
            if building:
                done.updated_rows.add(row.position)
        return done


def _compound(row: ParsedRow, index: CompoundIndex) -> Compound | None:
    """The compound that the row is about; None with an error at the cell that names it."""
    compound = named_compound(
        row, index,
        unknown=_("There is no “%(name)s” in this community; enter the compound in the register first.")
        % {"name": row.get("name")},
    )  # fmt: skip
    if compound and compound.status != Status.ACTIVE:
        message = _("%(compound)s is no longer active (%(status)s); its buildings stay as they are.")
        facts = {"compound": f"{compound.name} {compound.code}", "status": compound.get_status_display()}
        row.error("code" if row.get("code") else "name", message % facts)
        return None
    return compound


def _standing(compounds: Iterable[Compound]) -> dict[int, dict[str, Building]]:
    """Buildings by name of each compound, removed ones left out."""
    found: dict[int, dict[str, Building]] = defaultdict(dict)
    for chunk in chunks(compound.pk for compound in compounds):
        for building in Building.objects.filter(compound__in=chunk, is_removed=False):
            found[building.compound_id][building.name] = building
    return found


def _changes(row: ParsedRow, building: Building | None) -> Changes:
    said = {FIELDS[column]: value for column, value in row.values.items() if column in FIELDS}
    if building is None:
        return {"name": (None, row.get("building"))} | {name: (None, value) for name, value in said.items()}
    return {name: (was, value) for name, value in said.items() if (was := getattr(building, name)) != value}


def store(changes: list[BuildingChange], *, cid: str, by: User | None) -> None:
    """Write the buildings with their audit rows; their compounds are locked."""
    now = timezone.now()
    new = [change for change in changes if change.building is None]
    made = Building.objects.bulk_create(
        [
            Building(compound=change.compound, **{name: value for name, (_was, value) in change.changes.items()})
            for change in new
        ],
        BATCH,
    )
    changed: list[tuple[Building, Changes]] = []
    for change in changes:
        if change.building:
            for name, (_was, value) in change.changes.items():
                setattr(change.building, name, value)
            change.building.updated_at = now
            changed.append((change.building, change.changes))
    if changed:
        Building.objects.bulk_update([one for one, _changes in changed], [*FIELDS.values(), "updated_at"], BATCH)
    created = [(building, change.changes) for building, change in zip(made, new, strict=True)]
    trail.write(created=created, updated=changed, cid=cid, by=by, model=Building)
