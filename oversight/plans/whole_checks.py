"""What is to be said about a plan as a whole: what stands in no line, targets, pilots, the load of quarters."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_m2, format_wan
from communities.divisions.models import Division
from compounds.pilots import selectors as pilots
from compounds.register.choices import Status
from compounds.reports import clock
from oversight.plans.asked import Asking
from oversight.plans.checks import Checks, Finding
from oversight.plans.models import PlanLine, PlanVersion
from oversight.plans.selectors import Unmanaged
from oversight.programme.models import Programme

#: A quarter with more than so many times the mean of the quarters planned is a heavy one.
HEAVY = 2


class Whole:
    """Judges plans of counties of one programme; what it reads, it reads for all of them."""

    def __init__(self, programme: Programme, counties: Sequence[Division], there: Mapping[str, Unmanaged]):
        self.programme, self.counties, self.there = programme, counties, there
        self.today = clock.today()

    def run(self, version: PlanVersion, lines: Sequence[PlanLine], placed: set[int], found: Checks) -> None:
        own = {code: one for code, one in self.there.items() if one.community.startswith(version.county_id)}
        self._left_out(own, placed, found)
        self._targets(version, lines, found)
        self._pilots(own, lines, found)
        self._load(lines, found)

    def _left_out(self, own: Mapping[str, Unmanaged], placed: set[int], found: Checks) -> None:
        for one in own.values():
            if one.compound.pk not in placed and one.compound.status == Status.ACTIVE:
                message = _("%(compound)s holds %(area)s ㎡ unmanaged and stands in no line.")
                facts = {"compound": one.compound, "area": format_m2(one.area_dm2)}
                found.errors.append(Finding(None, "compound", one.compound.code, message % facts))

    # --- targets -----------------------------------------------------------------------------------------
    @cached_property
    def asking(self) -> Asking:
        return Asking(self.programme, self.counties)

    @property
    def ends_on(self) -> datetime.date:
        """The last deadline of the programme's targets."""
        return max(map(self.asking.deadline, self.asking.targets), default=self.today)

    def _targets(self, version: PlanVersion, lines: Sequence[PlanLine], found: Checks) -> None:
        """Whether what the county is asked for is reached by its deadline, if all goes as planned.

        What no plan could reach any more asks for a word only: all there is is planned in time, or the day has passed.
        """
        for asked in self.asking.of.get(version.county_id, ()):
            deadline, categories = asked.deadline, asked.target.categories
            in_time = [line for line in lines if line.due_on and line.due_on <= deadline]
            planned = sum(planned_area(line, self.there, categories) for line in in_time)
            short = asked.required - asked.completed - planned
            if short > 0:
                message = _(
                    "%(target)s: %(completed)s × 10,000 ㎡ are completed and %(planned)s planned by %(date)s; "
                    "%(short)s of %(required)s are missing."
                )
                facts = {
                    "target": asked.target, "completed": format_wan(asked.completed), "planned": format_wan(planned),
                    "date": deadline.isoformat(), "short": format_wan(short), "required": format_wan(asked.required),
                }  # fmt: skip
                could = deadline >= self.today and planned < self._held(version, categories)
                said = found.errors if could else found.warnings
                said.append(Finding(None, "target", asked.target.code, message % facts))

    def _held(self, version: PlanVersion, categories: Iterable[str]) -> int:
        """What could be planned of some categories."""
        own = [one for one in self.there.values() if one.community.startswith(version.county_id)]
        active = [one for one in own if one.compound.status == Status.ACTIVE]
        return sum(one.pockets.get(category, (0, 0))[0] for one in active for category in categories)

    # --- pilots and load ---------------------------------------------------------------------------------
    @cached_property
    def piloted(self) -> set[str]:
        """Communities that have a pilot today."""
        return {span.community for span in pilots.spans() if span.holds_on(self.today)}

    @cached_property
    def names(self) -> dict[str, Division]:
        """Urban communities that hold unmanaged area and have no pilot."""
        codes = {one.community for one in self.there.values()} - self.piloted
        return Division.objects.in_bulk([code for code in codes if pilots.is_urban(code)])

    def _pilots(self, own: Mapping[str, Unmanaged], lines: Sequence[PlanLine], found: Checks) -> None:
        """P4.1: one pilot in each urban community with unmanaged area, planned or chosen already."""
        planned = {line.community_id for line in lines if line.is_pilot}
        for code in sorted({one.community for one in own.values()} & self.names.keys() - planned):
            message = _("%(community)s has no pilot and the plan names none (P4.1).")
            found.warnings.append(Finding(None, "is_pilot", code, message % {"community": self.names[code]}))

    def _load(self, lines: Sequence[PlanLine], found: Checks) -> None:
        """A quarter with far more than the others."""
        quarters: dict[str, int] = defaultdict(int)
        for line in lines:
            if line.due_on:
                quarters[line.quarter] += planned_area(line, self.there)
        mean = sum(quarters.values()) / len(quarters) if quarters else 0
        for name, area in sorted(quarters.items()):
            if len(quarters) > 1 and area > HEAVY * mean:
                message = _(
                    "%(quarter)s holds %(area)s × 10,000 ㎡, more than %(times)s times the mean of the quarters."
                )
                facts = {"quarter": name, "area": format_wan(area), "times": HEAVY}
                found.warnings.append(Finding(None, "planned_for", name, message % facts))


def planned_area(
    line: PlanLine, there: Mapping[str, Unmanaged], categories: Iterable[str] | None = None
) -> int:  # fmt: skip
    """What a line brings, in 0.01 ㎡; of some categories, if they are named."""
    return planned(line, there, categories)[0]


def planned(
    line: PlanLine, there: Mapping[str, Unmanaged], categories: Iterable[str] | None = None
) -> tuple[int, int]:  # fmt: skip
    """What a line brings: area in 0.01 ㎡, at most what is unmanaged of a compound, and households."""
    held = there.get(line.compound.code) if line.compound else None
    if line.compound is not None and held is None:
        return 0, 0
    if held is None:
        counts = categories is None or not line.category or line.category in categories
        return (line.area_dm2 or 0, line.households or 0) if counts else (0, 0)
    pockets = {line.category: held.pockets.get(line.category, (0, 0))} if line.category else held.pockets
    counted = [own for category, own in pockets.items() if categories is None or category in categories]
    area, homes = (sum(amounts) for amounts in zip(*counted, strict=True)) if counted else (0, 0)
    return (
        area if line.area_dm2 is None else min(area, line.area_dm2),
        homes if line.households is None else line.households,
    )  # fmt: skip
