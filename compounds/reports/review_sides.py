"""填报时台账 · 现在台账 · 上报 · 审定后: a report beside the ledger, fact by fact, and what has moved meanwhile."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.figures import format_m2, format_percent, format_wan
from chaoyang_pm.kit.labels import field_label
from communities.people.models import User
from compounds.approvals.counted import counts
from compounds.approvals.models import Proposal
from compounds.approvals.needs import RELABELLING
from compounds.ledger import effects, providers, timeline
from compounds.ledger.choices import Category, Mode, Precision, Source
from compounds.ledger.events import Event
from compounds.ledger.loading import load_book
from compounds.ledger.models import Entry
from compounds.ledger.recording import Recorder
from compounds.ledger.refusals import Refused
from compounds.ledger.selectors import Held, newest, pockets, recorded_since
from compounds.modes import evidence
from compounds.reports import services
from compounds.reports.choices import OPEN, ReportKind, ReportState, Step
from compounds.reports.claims import MOVING, at_fields, draft_of
from compounds.reports.models import Report, ReportStep

#: Kinds by which somebody else may look after the compound.
_SERVED = (ReportKind.TAKEOVER, ReportKind.MODE_CHANGE, ReportKind.PROVIDER_CHANGE, ReportKind.LAPSE)


@dataclass(frozen=True)
class Cell:
    """What one side says; ``differs``: not what the side before it says."""

    text: str = ""
    differs: bool = False


@dataclass(frozen=True)
class Fact:
    """One row. ``name``: the field of the report that a comment would be about, "" for a figure."""

    name: str
    label: str
    then: Cell
    now: Cell
    claimed: Cell = Cell()
    after: Cell = Cell()


@dataclass(frozen=True)
class Moved:
    """An entry about the compound that was recorded after the report was written."""

    entry: Entry
    sentence: str


class Sides:
    """A report beside the ledger, for one reader. What is not asked for costs nothing."""

    def __init__(self, report: Report, user: User):
        self.report, self.user = report, user
        self.on: datetime.date = report.effective_on or business_date()
        self.version = newest()
        self.height = self.version.height

    # --- what the ledger would do ------------------------------------------------------------------------
    @cached_property
    def _recorder(self) -> Recorder:
        """The ledger as it is now, about the one compound; stores nothing."""
        compound = self.report.compound
        return Recorder({compound.code: compound} if compound else {}, self.height)

    @cached_property
    def _rehearsed(self) -> tuple[Event | None, dict[str, str]]:
        """What posting would record now; or why the ledger would not take it, by field."""
        report = self.report
        if report.state not in OPEN or report.kind == ReportKind.UNCLEAR:
            return None, {}
        try:
            if report.compound is None:
                services.check(report)
                return None, {}
            draft = draft_of(report, book=self._recorder.book)
            if draft is None:
                return None, {}
            return self._recorder.record(draft, by=None, source=Source.REPORT), {}
        except Refused as refused:
            return None, at_fields(refused)

    @property
    def refusals(self) -> dict[str, str]:
        return self._rehearsed[1]

    @property
    def event(self) -> Event | None:
        return self._rehearsed[0]

    @cached_property
    def lacks_key(self) -> bool:
        """Whether it is a takeover whose key evidence is asked for and not recorded."""
        return self.event is not None and evidence.is_missing(self.event)

    @cached_property
    def needs_city(self) -> bool:
        """Whether the city must approve it besides the county."""
        event = self.event
        return (
            event is not None and event.kind in RELABELLING and counts(self.report.community_id, {event.category})
        )  # fmt: skip

    @cached_property
    def moved(self) -> list[Moved]:
        """填报后台账有变化. What the report itself became is none."""
        compound = self.report.compound
        if compound is None or not self.report.is_changed:  # type: ignore[attr-defined]  # annotated
            return []
        entries = recorded_since([compound.code], height=self.report.height, user=self.user).prefetch_related(None)
        return [
            Moved(entry, timeline.sentence(entry, compound)) for entry in entries if entry.pk != self.report.entry_id
        ]

    # --- fact by fact ------------------------------------------------------------------------------------
    def facts(self) -> list[Fact]:
        found = self._pocket_facts() if self.report.compound_id else self._claimed_facts()
        return [*found, *self._said(), *self._figures()]

    def _pocket_facts(self) -> list[Fact]:
        report, (then, now) = self.report, self._then_and_now()
        event = self.event
        moves, surveys = report.kind in MOVING, report.kind == ReportKind.AREA
        mode = report.mode_to or (Mode.NONE.value if report.kind == ReportKind.LAPSE else "")
        claims_size = moves or surveys
        area_after, homes_after = self._after(event, now)
        whole = _(" (all)") if report.whole else ""
        rows = [
            _row("mode_to", _("Mode"), _modes(then), _modes(now), _mode(mode) if moves else "",
                 _mode(event.mode_to or mode) if event and moves else ""),
            _row("category", _("Category"), _categories(then), _categories(now), _category(report.category), ""),
            _row("area_dm2", _("Area (㎡)"), _area(then), _area(now),
                 format_m2(report.area_dm2) + whole if claims_size and report.area_dm2 is not None else "",
                 format_m2(area_after) + whole if claims_size and area_after is not None else ""),
            _row("households", _("Households"), _homes(then), _homes(now),
                 f"{report.households:,}{whole}" if claims_size and report.households is not None else "",
                 f"{homes_after:,}{whole}" if claims_size and homes_after is not None else ""),
        ]  # fmt: skip
        if report.kind in _SERVED:
            rows.append(self._provider())
        return rows

    def _then_and_now(self) -> tuple[list[Held], list[Held]]:
        """What the pocket that is meant holds on the day; all that the compound holds where none is named."""
        report = self.report
        if report.entry:  # as it was just before
            return self._held(min(report.height, report.entry.height - 1)), self._held(report.entry.height - 1)
        assert report.compound is not None  # noqa: S101 — asked before
        holding = load_book([report.compound.code]) if "_rehearsed" in self.__dict__ else self._recorder.book
        held = holding.holding(report.compound.code, self.on)
        now = self._meant([
            Held(Category(one.category), Mode(one.mode), *held.of(one)) for one in sorted(held.pockets)
        ])  # fmt: skip
        return (self._held(report.height) if self.moved else now), now

    def _held(self, height: int) -> list[Held]:
        assert self.report.compound is not None  # noqa: S101 — asked before
        return self._meant(pockets(self.report.compound, as_of=self.on, height=height, scope=self.user.scope))

    def _meant(self, held: list[Held]) -> list[Held]:
        report = self.report
        meant = [one for one in held if one.category == report.category and one.mode == (report.mode_from or Mode.NONE)]
        return meant if report.category and report.kind in (*MOVING, ReportKind.AREA) else held

    def _after(self, event: Event | None, now: list[Held]) -> tuple[int | None, int | None]:
        """The area and households that would move; of a survey those that would be right afterwards."""
        entry = self.report.entry
        area = event.area_dm2 if event else entry.area_dm2 if entry else None
        homes = event.households if event else entry.households if entry else None
        if self.report.kind != ReportKind.AREA or (event is None and entry is None):
            return area, homes
        return _sum(now, "area_dm2") + (area or 0), _sum(now, "households") + (homes or 0)

    def _provider(self) -> Fact:
        report = self.report
        assert report.compound is not None  # noqa: S101 — asked before
        last = report.entry.height - 1 if report.entry else self.height
        naming = providers.naming(user=self.user, as_of=self.on, height=last).filter(compound=report.compound)
        named = list(naming.order_by("-effective_on", "-height").values_list("height", "provider_to")[:10])
        now = named[0][1] if named else ""
        then = next((name for height, name in named if height <= report.height), "")
        gone = report.kind == ReportKind.LAPSE
        claimed = "—" if gone else report.provider_to
        return _row("provider_to", _("Provider"), then or "—", now or "—", claimed, claimed if self.event else "")

    def _claimed_facts(self) -> list[Fact]:
        """Of what is missing from the register, there is nothing but the claim."""
        report = self.report
        said = [
            ("name", report.name), ("address", report.address), ("category", _category(report.category)),
            ("mode_to", _mode(report.mode_to)),
            ("area_dm2", "" if report.area_dm2 is None else format_m2(report.area_dm2)),
            ("households", "" if report.households is None else f"{report.households:,}"),
        ]  # fmt: skip
        return [_row(name, field_label(Report, name), "—", "—", text, "", marks=False) for name, text in said]

    def _said(self) -> list[Fact]:
        """What the ledger has no counterpart of: the day, what it goes by, and the words."""
        report = self.report
        day = report.effective_on.isoformat() if report.effective_on else "—"
        precision = Precision(report.precision).label
        basis = " ".join(filter(None, (report.basis_type, report.basis_name, report.basis_no)))
        after = self.event.effective_on.isoformat() if self.event else ""
        said = [
            ("effective_on", _("Effective on"), _("%(day)s (to the %(precision)s)") % {
                "day": day, "precision": precision} if report.effective_on else day, after),
            ("date_basis", _("Basis of the date"), report.date_basis or "—", ""),
            ("basis_name", _("Basis"), basis or "—", ""),
        ]  # fmt: skip
        said += [(name, field_label(Report, name), text, "") for name in ("note", "late_reason")
                 if (text := getattr(report, name))]  # fmt: skip
        return [_row(name, label, "", "", text, then, marks=False) for name, label, text, then in said]

    def _figures(self) -> list[Fact]:
        """The community's coverage then, now and afterwards, and what each target gains or loses."""
        if self.event is None:
            return []
        community, found = self.report.community_id, []
        for seen in effects.at_a_glance(self._recorder.changes, community=community, height=self.report.height):
            if seen.measure == "rate":
                then, now, after = (format_percent(rate) for rate in (seen.then, seen.now, seen.after))
                cells = (Cell(then), Cell(now, then != now), Cell(), Cell(_arrow(after, seen.change), now != after))
            else:
                gained = int(seen.change or 0)
                area = _("%(area)s × 10,000 ㎡") % {"area": format_wan(abs(gained))}
                cells = (Cell(), Cell(), Cell(), Cell(f"{'+' if gained > 0 else '−'}{area}", differs=True))
            found.append(Fact("", seen.what, *cells))
        return found


def _row(name: str, label: Any, then: str, now: str, claimed: str, after: str, *, marks: bool = True) -> Fact:
    """A row with what differs marked: the ledger from then, the claim from what its author saw, the end from either."""
    return Fact(
        name, str(label), Cell(then), Cell(now, marks and then != now),
        Cell(claimed, marks and bool(claimed) and claimed.removesuffix(_(" (all)")) != then),
        Cell(after, marks and bool(after) and (after != claimed or after.removesuffix(_(" (all)")) != now)),
    )  # fmt: skip


def _sum(held: list[Held], name: str) -> int:
    return sum(getattr(one, name) for one in held)


def _area(held: list[Held]) -> str:
    return format_m2(_sum(held, "area_dm2"))


def _homes(held: list[Held]) -> str:
    return f"{_sum(held, 'households'):,}"


def _modes(held: list[Held]) -> str:
    return _("; ").join(dict.fromkeys(str(one.mode.label) for one in held)) or "—"


def _categories(held: list[Held]) -> str:
    return _("; ").join(dict.fromkeys(str(one.category.label) for one in held)) or "—"


def _mode(value: str) -> str:
    return str(Mode(value).label) if value else ""


def _category(value: str) -> str:
    return str(Category(value).label) if value else ""


def _arrow(text: str, change: float | None) -> str:
    return f"{text} {'▲' if change > 0 else '▼'}" if change else text


# --- what else a reviewer looks at -----------------------------------------------------------------------
@dataclass(frozen=True)
class Way:
    """办理过程: the steps with their comments, who must agree elsewhere, and other open reports."""

    steps: list[ReportStep]
    proposal: Proposal | None
    others: list[Report] = field(default_factory=list)

    def since(self, revision: int) -> list[ReportStep]:
        """Steps taken after somebody had the report before him: each raises its revision by one."""
        return self.steps[revision:]


def way_of(report: Report, user: User) -> Way:
    """``report`` is a ``described`` one: what it says is not there is not asked for."""
    steps = list(report.steps.select_related("by").prefetch_related("comments"))
    proposal = None
    if any(step.step == Step.AGREE for step in steps):
        proposals = Proposal.objects.filter(key=report.proposal_key).select_related("closed_by", "compound")
        proposal = proposals.order_by("-proposed_at").first()
    others: list[Report] = []
    if report.has_other:  # type: ignore[attr-defined]  # annotated
        open_ones = Report.objects.visible_to(user).filter(compound=report.compound, state__in=OPEN)
        found = open_ones.exclude(state=ReportState.DRAFT).exclude(pk=report.pk)
        others = list(found.select_related("created_by", "compound")[:10])
    return Way(steps, proposal, others)
