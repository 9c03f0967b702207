"""Checks of a plan while it is written, each naming its lines. Errors block the submission, warnings ask for a word."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.figures import format_m2, format_wan
from communities.divisions.models import Division
from compounds.ledger.choices import Category, Mode
from compounds.pilots import selectors as pilots
from compounds.register.choices import Status
from oversight.coverage.parts import breakdown
from oversight.coverage.question import resolve
from oversight.coverage.targets import TargetBoard
from oversight.plans.choices import UNDECIDED
from oversight.plans.models import PlanLine, PlanVersion
from oversight.plans.selectors import Unmanaged, unmanaged
from oversight.programme import selectors as programme_selectors
from oversight.programme.choices import Unit

#: From the announcement of a tender to its award, and its filing (物业管理条例, 前期物业管理招标投标管理暂行办法).
TENDER_DAYS = 45
#: A quarter with more than so many times the mean of the quarters planned is a heavy one.
HEAVY = 2


@dataclass(frozen=True)
class Finding:
    """One point: at which line (None: the plan as a whole), in which column, about which value."""

    line: int | None
    column: str
    value: str
    message: str


@dataclass
class Checks:
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    def __bool__(self) -> bool:
        return not self.errors


def check(version: PlanVersion) -> Checks:
    """Everything there is to say about the lines as they stand; the queries do not grow with them.

    Nothing of a version that is decided: what has been carried out since is no mistake of it.
    """
    if version.state not in UNDECIDED:
        return Checks()
    lines = list(version.lines.select_related("compound", "community").order_by("number"))
    return _Check(version, lines, unmanaged(version.county_id)).run()


class _Check:
    def __init__(self, version: PlanVersion, lines: list[PlanLine], there: dict[str, Unmanaged]):
        self.version, self.lines, self.there = version, lines, there
        self.found = Checks()

    def run(self) -> Checks:
        seen: dict[int, PlanLine] = {}
        for line in self.lines:
            if line.compound_id is not None and line.compound_id in seen:
                above = seen[line.compound_id]
                message = _("%(compound)s stands in line %(line)s already; plan it once.")
                self._error(line, "compound", str(line.compound), message % {
                    "compound": line.compound, "line": above.number,
                })  # fmt: skip
                continue
            if line.compound_id is not None:
                seen[line.compound_id] = line
            self._place(line)
            self._compound(line)
            self._time(line)
        self._left_out(seen)
        self._targets()
        self._pilots()
        self._load()
        return self.found

    # --- line by line ------------------------------------------------------------------------------------
    def _place(self, line: PlanLine) -> None:
        if not line.community_id.startswith(self.version.county_id):
            message = _("%(community)s does not lie in %(county)s; leave it to the county that it lies in.")
            facts = {"community": line.community, "county": self.version.county}
            self._error(line, "community", str(line.community), message % facts)

    def _compound(self, line: PlanLine) -> None:
        compound = line.compound
        if compound is None:
            return
        there = self.there.get(compound.code)
        if compound.status != Status.ACTIVE:
            message = _("%(compound)s is “%(state)s” in the register; plan the compound that took its place.")
            facts = {"compound": compound, "state": compound.get_status_display()}
            self._error(line, "compound", compound.code, message % facts)
        elif there is None:
            message = _("%(compound)s holds no unmanaged area; there is nothing to plan.")
            self._error(line, "compound", compound.code, message % {"compound": compound})
        else:
            self._amount(line, there)

    def _amount(self, line: PlanLine, there: Unmanaged) -> None:
        if line.category and line.category not in there.pockets:
            message = _("By the ledger %(compound)s holds unmanaged area of “%(there)s” only.")
            labels = _(", ").join(str(Category(one).label) for one in there.pockets)
            facts = {"compound": there.compound, "there": labels}
            self._error(line, "category", str(Category(line.category).label), message % facts)
            return
        most = there.pockets[line.category][0] if line.category else there.area_dm2
        area = line.area_dm2
        if area is not None and area > most:
            message = _("%(area)s ㎡ are more than the %(most)s ㎡ that are unmanaged.")
            facts = {"area": format_m2(area), "most": format_m2(most)}
            self._error(line, "area_m2", format_m2(area), message % facts)
        elif area is not None and area < there.area_dm2:
            message = _("%(left)s ㎡ of %(compound)s stay without a plan.")
            facts = {"left": format_m2(there.area_dm2 - area), "compound": there.compound}
            self._warn(line, "area_m2", format_m2(area), message % facts)

    def _time(self, line: PlanLine) -> None:
        starts, ends = self.version.programme.starts_on, self.ends_on
        if not starts <= line.due_on <= ends:
            message = _("%(when)s lies outside of the programme, %(first)s to %(last)s.")
            facts = {"when": line.planned_for, "first": starts.isoformat(), "last": ends.isoformat()}
            self._error(line, "planned_for", line.planned_for, message % facts)
        elif line.mode == Mode.PROFESSIONAL and line.due_on < business_date() + datetime.timedelta(days=TENDER_DAYS):
            message = _("A tender takes %(days)s days at least; from today that is after %(when)s.")
            self._warn(line, "planned_for", line.planned_for, message % {
                "days": TENDER_DAYS, "when": line.planned_for,
            })  # fmt: skip

    # --- the plan as a whole -----------------------------------------------------------------------------
    @cached_property
    def ends_on(self) -> datetime.date:
        """The last deadline of the programme's targets."""
        today = business_date()
        return max(programme_selectors.version_on(target, today).deadline for target in self.board.targets)

    @cached_property
    def board(self) -> TargetBoard:
        return TargetBoard(resolve(), self.version.programme, counts_lapsed=False)

    def _left_out(self, seen: dict[int, PlanLine]) -> None:
        for one in self.there.values():
            if one.compound.pk not in seen and one.compound.status == Status.ACTIVE:
                message = _("%(compound)s holds %(area)s ㎡ unmanaged and stands in no line.")
                facts = {"compound": one.compound, "area": format_m2(one.area_dm2)}
                self.found.errors.append(Finding(None, "compound", one.compound.code, message % facts))

    def _targets(self) -> None:
        """Whether what the county was given of each target is reached by its deadline, if all goes as planned."""
        targets = [one for one in self.board.touching(self.version.county_id) if one.unit == Unit.AREA]
        given = programme_selectors.parts_of(targets, [self.version.county_id], business_date())
        for target in targets:
            own = given.get((target.pk, self.version.county_id))
            for part in breakdown(self.board, target, [own]).parts if own else ():
                deadline = part.version.deadline
                planned = sum(
                    self._area(line, target.categories) for line in self.lines if line.due_on <= deadline
                )  # fmt: skip
                short = part.required - part.completed - planned
                if short > 0:
                    message = _(
                        "%(target)s: %(completed)s × 10,000 ㎡ are completed and %(planned)s planned by %(date)s; "
                        "%(short)s of %(required)s are missing."
                    )
                    facts = {
                        "target": target, "completed": format_wan(part.completed), "planned": format_wan(planned),
                        "date": deadline.isoformat(), "short": format_wan(short), "required": format_wan(part.required),
                    }  # fmt: skip
                    self.found.errors.append(Finding(None, "target", target.code, message % facts))

    def _area(self, line: PlanLine, categories: Iterable[str]) -> int:
        """What a line brings of some categories, in 0.01 ㎡."""
        there = self.there.get(line.compound.code) if line.compound else None
        if there is None:
            return (line.area_dm2 or 0) if not line.category or line.category in categories else 0
        if line.category:
            return (line.area_dm2 or there.pockets.get(line.category, (0, 0))[0]) if line.category in categories else 0
        counted = sum(area for category, (area, _homes) in there.pockets.items() if category in categories)
        return min(counted, line.area_dm2) if line.area_dm2 is not None else counted

    def _pilots(self) -> None:
        """P4.1: one pilot in each urban community with unmanaged area, planned or chosen already."""
        today = business_date()
        planned = {line.community_id for line in self.lines if line.is_pilot}
        chosen = {span.community for span in pilots.spans() if span.holds_on(today)}
        asked = sorted({one.community for one in self.there.values() if pilots.is_urban(one.community)})
        names = Division.objects.in_bulk([code for code in asked if code not in planned | chosen])
        for code in sorted(names):
            message = _("%(community)s has no pilot and the plan names none (P4.1).")
            self.found.warnings.append(Finding(None, "is_pilot", code, message % {"community": names[code]}))

    def _load(self) -> None:
        """A quarter with far more than the others."""
        quarters: dict[str, int] = defaultdict(int)
        for line in self.lines:
            there = self.there.get(line.compound.code) if line.compound else None
            area = line.area_dm2 if line.area_dm2 is not None else there.area_dm2 if there else 0
            quarters[f"{line.due_on.year}Q{(line.due_on.month + 2) // 3}"] += area
        mean = sum(quarters.values()) / len(quarters) if quarters else 0
        for name, area in sorted(quarters.items()):
            if len(quarters) > 1 and area > HEAVY * mean:
                message = _(
                    "%(quarter)s holds %(area)s × 10,000 ㎡, more than %(times)s times the mean of the quarters."
                )
                facts = {"quarter": name, "area": format_wan(area), "times": HEAVY}
                self.found.warnings.append(Finding(None, "planned_for", name, message % facts))

    def _error(self, line: PlanLine, column: str, value: str, message: str) -> None:
        self.found.errors.append(Finding(line.number, column, value, message))

    def _warn(self, line: PlanLine, column: str, value: str, message: str) -> None:
        self.found.warnings.append(Finding(line.number, column, value, message))
