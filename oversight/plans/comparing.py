"""What one version of a plan has that an earlier one has not, line by line."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from oversight.plans.models import PlanLine, PlanVersion
from oversight.plans.remarks import key_of
from oversight.plans.sheet import KEYS, shown


@dataclass(frozen=True)
class Change:
    """A line in two versions, with the cells that differ: the sheet's key, before, after."""

    before: PlanLine
    after: PlanLine
    cells: list[tuple[str, str, str]]

    @property
    def shown(self) -> list[tuple[str, str, str]]:
        """The cells with their headings."""
        labels = headings()
        return [(labels[key], before, after) for key, before, after in self.cells]


@dataclass
class Comparison:
    """``moved`` are lines whose time changed, whatever else did; ``changed`` all others that differ."""

    added: list[PlanLine] = field(default_factory=list)
    removed: list[PlanLine] = field(default_factory=list)
    moved: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0


def compare(before: PlanVersion, after: PlanVersion) -> Comparison:
    """What ``after`` has that ``before`` has not; two queries.

    Compounds by themselves, places without one by community, name and number.
    """
    old, new = (
        {key_of(line): line for line in version.lines.select_related("compound", "community").order_by("number")}
        for version in (before, after)
    )  # fmt: skip
    found = Comparison(
        [line for key, line in new.items() if key not in old], [line for key, line in old.items() if key not in new]
    )
    for key, line in new.items():
        if key in old:
            cells = differing(old[key], line)
            if not cells:
                found.same += 1
            else:
                moved = old[key].due_on != line.due_on
                (found.moved if moved else found.changed).append(Change(old[key], line, cells))
    return found


def differing(before: PlanLine, after: PlanLine) -> list[tuple[str, str, str]]:
    old, new = shown(before), shown(after)
    return [(key, old[key], new[key]) for key in KEYS if old[key] != new[key] and key != "code"]


def headings() -> dict[str, str]:
    """The columns of a plan, as pages call them."""
    return {
        "code": _("Compound code"), "name": _("Compound"), "community": _("Community"), "category": _("Category"),
        "mode": _("Intended mode"), "planned_for": _("Planned for"), "area": _("Area (㎡)"),
        "households": _("Households"), "leader": _("Responsible leader"), "person": _("Person in charge"),
        "phone": _("Telephone"), "unit": _("Responsible unit"), "is_pilot": _("Pilot"), "note": _("Note"),
    }  # fmt: skip
