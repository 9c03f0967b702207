"""楼栋: the buildings of a compound, added, changed and removed with their history, and held against its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditlog.context import set_actor
from auditlog.models import LogEntry
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from chaoyang_pm.kit import edits
from chaoyang_pm.kit.figures import format_m2
from communities.people.models import User
from compounds.register.models import Building, Compound

FIELDS = ("name", "floors", "units", "households", "area_dm2", "built_year")


class NameTaken(Exception):
    """The compound has a building of this number or name."""


class Meanwhile(Exception):
    """Somebody else changed or removed the building since it was shown."""


@dataclass(frozen=True)
class Sum:
    """What the buildings hold together, beside what the compound holds; ``None``: no building tells it."""

    number: int
    area_dm2: int | None
    households: int | None
    lacking: int

    def differs(self, *, total: int, households: int) -> bool:
        """Whether figures that every building tells are not the compound's."""
        if self.lacking:
            return False
        return (self.area_dm2 is not None and self.area_dm2 != total) or (
            self.households is not None and self.households != households
        )


def of(compound: Compound) -> list[Building]:
    """By number, 2 before 10."""
    return [one for one in every(compound) if not one.is_removed]


def every(compound: Compound) -> list[Building]:
    """Those that were removed as well."""
    return sorted(compound.building_rows.all(), key=lambda one: (_number(one.name), one.name))


def _number(name: str) -> int:
    digits = ""
    for letter in name:
        if letter.isascii() and letter.isdigit():
            digits += letter
        elif digits:
            break
    return int(digits) if digits else 10**9


def stamp(building: Building) -> str:
    """The state of a building as a form carries it along."""
    return building.updated_at.isoformat()


def summed(buildings: list[Building]) -> Sum:
    areas = [one.area_dm2 for one in buildings if one.area_dm2 is not None]
    homes = [one.households for one in buildings if one.households is not None]
    lacking = sum(1 for one in buildings if one.area_dm2 is None or one.households is None)
    return Sum(len(buildings), sum(areas) if areas else None, sum(homes) if homes else None, lacking)


@transaction.atomic
def save(
    *, compound: Compound, values: Mapping[str, Any], by: User, building: Building | None = None, seen: str = ""
) -> Building:  # fmt: skip
    """Add a building, or change one; ``seen`` is its ``updated_at`` as it was shown."""
    Compound.objects.select_for_update().get(pk=compound.pk)
    same = Building.objects.filter(compound=compound, name=values["name"], is_removed=False)
    if building:
        building = Building.objects.filter(pk=building.pk, is_removed=False).first()
        if building is None or (seen and stamp(building) != seen):
            raise Meanwhile
    if (same.exclude(pk=building.pk) if building else same).exists():
        raise NameTaken
    building = building or Building(compound=compound)
    for name in FIELDS:
        setattr(building, name, values.get(name))
    try:
        with transaction.atomic(), set_actor(by):
            building.save()
    except IntegrityError as error:
        raise NameTaken from error
    return building


@transaction.atomic
def remove(*, building: Building, by: User) -> None:
    """It stands in the history only; removed twice it is removed once."""
    one = Building.objects.select_for_update().get(pk=building.pk)
    if not one.is_removed:
        one.is_removed = True
        with set_actor(by):
            one.save()


def history(buildings: list[Building]) -> list[edits.Edit]:
    """What happened to buildings, removed ones among them, newest first."""
    return edits.of(*buildings, telling=edits.Telling(only=FIELDS, show=shown, what=_what))


def _what(entry: LogEntry) -> str:
    """A change says itself by its fields."""
    if entry.action == LogEntry.Action.CREATE:
        return _("added")
    return _("removed") if entry.changes_dict.get("is_removed", ["", ""])[1] == "True" else ""


def shown(name: str, value: Any) -> str:
    if value in ("", "None", None):
        return "—"
    return format_m2(int(value)) if name == "area_dm2" else str(value)
