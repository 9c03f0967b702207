"""The totals that a county handed in, held against the lines of its plan."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_m2
from oversight.plans.checks import Checks, Finding
from oversight.plans.models import PlanLine, PlanTotal, PlanVersion
from oversight.plans.selectors import Unmanaged, unmanaged
from oversight.plans.whole_checks import planned


@dataclass(frozen=True)
class Amounts:
    """Numbers of a place; what was not given is None. Area in 0.01 ㎡."""

    compounds: int | None
    buildings: int | None
    households: int | None
    area: int | None


@dataclass(frozen=True)
class Against:
    """A total, and what the lines of its place come to; ``lines`` is None for a part 其中, which no line names.

    ``difference``: lines − total.
    """

    total: PlanTotal
    given: Amounts
    lines: Amounts | None

    @property
    def difference(self) -> Amounts | None:
        if self.lines is None:
            return None
        return Amounts(*(
            None if given is None or there is None else there - given
            for given, there in (
                (self.given.compounds, self.lines.compounds), (self.given.buildings, self.lines.buildings),
                (self.given.households, self.lines.households), (self.given.area, self.lines.area),
            )
        ))  # fmt: skip

    @property
    def counts(self) -> list["Triple"]:
        """Compounds, buildings, households."""
        return [self._triple(name) for name in ("compounds", "buildings", "households")]

    @property
    def areas(self) -> "Triple":
        return self._triple("area")

    def _triple(self, name: str) -> "Triple":
        return Triple(*(getattr(one, name, None) for one in (self.given, self.lines, self.difference)))


class Triple(NamedTuple):
    given: int | None
    lines: int | None
    difference: int | None


def against_lines(version: PlanVersion) -> list[Against]:
    """Every total in the order of the workbook; none, and one query, where no summary was handed in."""
    totals = list(version.totals.select_related("place").order_by("row"))
    if not totals:
        return []
    lines = list(version.lines.select_related("compound").order_by("number"))
    return _against(totals, lines, unmanaged(version.county_id))


def check(
    version: PlanVersion, lines: Collection[PlanLine], there: Mapping[str, Unmanaged], found: Checks
) -> None:  # fmt: skip
    """Warns of totals that are not broken down, or whose lines come to something else."""
    totals = list(version.totals.select_related("place").order_by("row"))
    if totals and not lines:
        message = _("The plan holds totals of %(rows)s rows and no lines; break them down, a line for each compound.")
        found.warnings.append(Finding(None, "totals", str(len(totals)), message % {"rows": len(totals)}))
        return
    for one in _against(totals, lines, there) if totals else ():
        found.warnings += _differences(one)


def _differences(one: Against) -> Iterable[Finding]:
    """Numbers of buildings are the register's, not the plan's, and asked about by nobody."""
    if one.difference is None or one.lines is None:
        return
    message = _("%(place)s: the totals say %(given)s, the lines come to %(lines)s (%(what)s).")
    for column, what, given, there in (
        ("compounds", _("Number of compounds"), one.given.compounds, one.lines.compounds),
        ("households", _("Households"), one.given.households, one.lines.households),
        ("area_m2", _("Area (㎡)"), one.given.area, one.lines.area),
    ):
        if given is not None and given != there:
            shown = [format_m2(value) if column == "area_m2" else str(value) for value in (given, there)]
            facts = {"place": one.total.place, "given": shown[0], "lines": shown[1], "what": what}
            yield Finding(None, column, shown[0], message % facts)


def _against(
    totals: Iterable[PlanTotal], lines: Iterable[PlanLine], there: Mapping[str, Unmanaged]
) -> list[Against]:  # fmt: skip
    rows = [(line.community_id or "", _of_line(line, there)) for line in lines]
    found = []
    for total in totals:
        given = Amounts(total.compounds, total.buildings, total.households, total.area_dm2)
        own = [amounts for community, amounts in rows if community.startswith(total.place_id)]
        found.append(Against(total, given, None if total.label else Amounts(*(
            sum(column) for column in (zip(*own, strict=True) if own else [()] * 4)
        ))))  # fmt: skip
    return found


def _of_line(line: PlanLine, there: Mapping[str, Unmanaged]) -> tuple[int, int, int, int]:
    """Compounds, buildings, households, area."""
    area, homes = planned(line, there)
    return 1, (line.compound.buildings if line.compound else None) or 0, homes, area
