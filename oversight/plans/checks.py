"""Checks of a plan while it is written, each naming its lines. Errors block the submission, warnings ask for a word."""

import datetime
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from chaoyang_pm.kit.figures import format_m2
from compounds.ledger.choices import Category, Mode
from compounds.register.choices import Status
from compounds.reports import clock
from oversight.plans import selectors
from oversight.plans.choices import UNDECIDED
from oversight.plans.models import PlanLine, PlanVersion
from oversight.plans.selectors import Unmanaged

#: From the announcement of a tender to its award, and its filing (物业管理条例, 前期物业管理招标投标管理暂行办法).
TENDER_DAYS = 45


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

    def of(self, line: int) -> "Checks":
        """What is said of one line."""
        return Checks(*([one for one in some if one.line == line] for some in (self.errors, self.warnings)))


@dataclass(frozen=True)
class Ground:
    """What lines are judged by: what is unmanaged, by the compound's code, and the days of the programme."""

    there: Mapping[str, Unmanaged]
    today: datetime.date
    ends_on: datetime.date
    #: Compounds of the plan in force, by their keys: an amendment keeps the lines that have been carried out.
    in_force: AbstractSet[int] = frozenset()

    def is_carried_out(self, line: PlanLine) -> bool:
        return line.compound is not None and line.compound_id in self.in_force and line.compound.code not in self.there


def check(
    version: PlanVersion, there: Mapping[str, Unmanaged] | None = None, lines: list[PlanLine] | None = None
) -> Checks:  # fmt: skip
    """Everything there is to say about the lines as they stand; the queries do not grow with them.

    ``there`` and ``lines``: what is unmanaged in the county, and the plan's lines with their compounds and communities,
    by whoever has read them already. Nothing is said of a version that is decided: what has been carried out since is
    no mistake of it.
    """
    from oversight.plans import totals  # these build on this module
    from oversight.plans.whole_checks import Whole

    found = Checks()
    if version.state not in UNDECIDED:
        return found
    if lines is None:
        lines = list(selectors.lines_to_show(version))
    if there is None:
        there = selectors.unmanaged(version.county_id)
    whole = Whole(version.programme, [version.county], there)
    ground = Ground(there, whole.today, whole.ends_on, selectors.in_force(version).keys())
    placed = _Lines(version, ground, found).run(lines)
    whole.run(version, lines, placed, found)
    totals.check(version, lines, there, found)
    return found


#: Columns that are judged together, since what is said of one depends on the others.
PLACE = frozenset({"compound", "community", "category", "area_m2"})
TIME = frozenset({"mode", "planned_for"})
PERSON = frozenset({"person"})
JUDGED = PLACE | TIME | PERSON


def check_lines(
    version: PlanVersion, lines: Collection[PlanLine], columns: Collection[str] = JUDGED
) -> tuple[Checks, set[str]]:
    """What is to be said about some lines of a draft by themselves, however long the plan is.

    Only about those ``columns`` and what depends on them, which is told, too; of others nothing new can be said.
    """
    groups = [group for group in (PLACE, TIME, PERSON) if group & set(columns)]
    judged: set[str] = set().union(*groups)
    found, earlier, there, ends_on = Checks(), {}, {}, datetime.date.max
    if PLACE in groups and (compounds := [line.compound for line in lines if line.compound is not None]):
        placed = PlanLine.objects.filter(version=version, compound__in=compounds).order_by("-number")
        earlier = dict(placed.values_list("compound_id", "number"))
        there = selectors.unmanaged_of(compounds)
    if TIME in groups:
        ends_on = selectors.ends_on(version.programme)
    in_force = selectors.in_force(version).keys()
    if in_force and not there:
        there = selectors.unmanaged_of([line.compound for line in lines if line.compound is not None])
    ground = Ground(there, clock.today(), ends_on, in_force)
    _Lines(version, ground, found, earlier, judged).run(lines)
    return found, judged


class _Lines:
    """Line by line. ``earlier``: the first line of each compound in the whole plan, where only some are judged."""

    def __init__(
        self, version: PlanVersion, ground: Ground, found: Checks, earlier: Mapping[int, int] | None = None,
        judged: AbstractSet[str] = JUDGED,
    ):  # fmt: skip
        self.version, self.ground, self.found, self.judged = version, ground, found, judged
        self.first: dict[int, int] = dict(earlier or {})

    def run(self, lines: Iterable[PlanLine]) -> set[int]:
        """Judges the lines; answers with the compounds that have one."""
        for line in lines:
            if self.judged >= PERSON and not line.person:
                self._error(line, "person", "", _("Name the person in charge."))
            if self.judged >= PLACE and not self._is_second(line):
                self._place(line)
                self._compound(line)
            if self.judged >= TIME:
                self._time(line)
        return set(self.first)

    def _is_second(self, line: PlanLine) -> bool:
        if line.compound_id is None:
            return False
        first = self.first.setdefault(line.compound_id, line.number)
        if first != line.number:
            message = _("%(compound)s stands in line %(line)s already; plan it once.")
            self._error(line, "compound", str(line.compound), message % {"compound": line.compound, "line": first})
        return first != line.number

    def _place(self, line: PlanLine) -> None:
        if line.community_id is None:
            self._error(line, "community", line.name, _("Name the community that it lies in."))
        elif not line.community_id.startswith(self.version.county_id):
            message = _("%(community)s does not lie in %(county)s; leave it to the county that it lies in.")
            facts = {"community": line.community, "county": self.version.county}
            self._error(line, "community", str(line.community), message % facts)

    def _compound(self, line: PlanLine) -> None:
        compound = line.compound
        if compound is None:
            if line.area_dm2 is None:
                message = _("“%(name)s” is not in the register: check its name, or give the area that is planned.")
                name = line.name or str(line.community)
                self._error(line, "area_m2", "", message % {"name": name})
            return
        there = self.ground.there.get(compound.code)
        if compound.status != Status.ACTIVE:
            message = _("%(compound)s is “%(state)s” in the register; plan the compound that took its place.")
            facts = {"compound": compound, "state": compound.get_status_display()}
            self._error(line, "compound", compound.code, message % facts)
        elif self.ground.is_carried_out(line):
            return
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
        if not line.mode:
            self._error(line, "mode", "", _("Say how it is to be managed."))
        if line.due_on is None:
            self._error(line, "planned_for", "", _("Say by which quarter or month."))
            return
        starts, ends = self.version.programme.starts_on, self.ground.ends_on
        if not starts <= line.due_on <= ends:
            message = _("%(when)s lies outside of the programme, %(first)s to %(last)s.")
            facts = {"when": line.planned_for, "first": starts.isoformat(), "last": ends.isoformat()}
            self._error(line, "planned_for", line.planned_for, message % facts)
        elif (
            line.mode == Mode.PROFESSIONAL
            and line.due_on < self.ground.today + datetime.timedelta(days=TENDER_DAYS)
            and not self.ground.is_carried_out(line)
        ):
            message = _("A tender takes %(days)s days at least; from today that is after %(when)s.")
            self._warn(line, "planned_for", line.planned_for, message % {
                "days": TENDER_DAYS, "when": line.planned_for,
            })  # fmt: skip

    def _error(self, line: PlanLine, column: str, value: str, message: str) -> None:
        self.found.errors.append(Finding(line.number, column, value, message))

    def _warn(self, line: PlanLine, column: str, value: str, message: str) -> None:
        self.found.warnings.append(Finding(line.number, column, value, message))
