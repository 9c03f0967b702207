"""Undoing an import of buildings: those that it added are removed, what it changed goes back, unless changed since."""

from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from communities.people.models import User
from compounds.imports import trail
from compounds.imports.buildings import BATCH, FIELDS
from compounds.imports.facts import Changes
from compounds.imports.models import ImportRun
from compounds.ledger.loading import chunks
from compounds.register import buildings as register
from compounds.register.models import Building


@dataclass(frozen=True)
class KeptBuilding:
    """A building that stays as it is although the import wrote it."""

    building: Building

    def as_dict(self) -> dict[str, str]:
        compound = self.building.compound
        return {
            "code": compound.code, "name": compound.name, "field": self.building.name,
            "why": _("changed since this import"),
        }  # fmt: skip


@dataclass
class BuildingsBack:
    """What of an import's buildings goes back, and what stays."""

    changes: list[tuple[Building, Changes]] = field(default_factory=list)
    kept: list[KeptBuilding] = field(default_factory=list)
    removed: int = 0

    @property
    def restored(self) -> int:
        return len(self.changes) - self.removed

    @classmethod
    def of(cls, run: ImportRun) -> "BuildingsBack":
        """Decide by what stands now. Changes nothing."""
        written = list(trail.read(trail.cid_of(run.pk), Building))
        standing: dict[int, Building] = {}
        for chunk in chunks(key for key, _created, _changes in written):
            standing |= Building.objects.filter(is_removed=False).select_related("compound").in_bulk(list(chunk))
        back = cls()
        for key, created, changes in written:
            if building := standing.get(key):  # removed by hand since: it stays removed
                back._plan(building, changes, created=created)
        return back

    def _plan(self, building: Building, changes: dict[str, tuple[str, str]], *, created: bool) -> None:
        wrote = {name: _value(name, after) for name, (_before, after) in changes.items()}
        as_written = dict.fromkeys(FIELDS.values()) | wrote if created else wrote
        if any(getattr(building, name) != value for name, value in as_written.items()):
            self.kept.append(KeptBuilding(building))
        elif created:
            self.removed += 1
            self.changes.append((building, {"is_removed": (False, True)}))
        else:
            before = {name: _value(name, was) for name, (was, _after) in changes.items()}
            self.changes.append((building, {name: (wrote[name], was) for name, was in before.items()}))

    def codes(self) -> set[str]:
        """Codes of the compounds whose buildings go back."""
        return {building.compound.code for building, _changes in self.changes}

    def store(self, *, cid: str, by: User | None) -> None:
        """Write what was planned, with its audit rows; the compounds are locked."""
        now = timezone.now()
        for building, changes in self.changes:
            building.updated_at = now
            for name, (_before, after) in changes.items():
                setattr(building, name, after)
        rows = [building for building, _changes in self.changes]
        if rows:
            Building.objects.bulk_update(rows, [*register.FIELDS, "is_removed", "updated_at"], BATCH)
        trail.write(updated=self.changes, cid=cid, by=by, model=Building)


def _value(name: str, text: str) -> Any:
    return trail.as_value(name, text, Building)
