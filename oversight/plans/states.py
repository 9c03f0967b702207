"""How far each line of a plan is, by the ledger at (date, height): every line is in one state (docs/plans.md).

A line is done when what it planned has come under a mode that counts since the day of its submission, or when nothing
of its compound is unmanaged any more. Only takeovers, lapses and changes of mode count: surveys and registrations carry
no line out, and a demolition undoes none. Compounds that were merged or split since belong together: what is taken over
there carries out their lines in order of their times. Areas in 0.01 ㎡.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import models
from django.db.models import Q, Sum
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.scoping import Scope
from compounds.ledger.choices import Kind
from compounds.ledger.models import EntryPart, Posting
from compounds.modes.models import Procedure
from compounds.reports.models import Report
from oversight.coverage.question import Question
from oversight.plans.foreseen import Foreseen, Outlook
from oversight.plans.models import PlanLine

#: What carries a line out, or undoes it.
CARRYING = (Kind.TAKEOVER, Kind.LAPSE, Kind.MODE_CHANGE)


class LineState(models.TextChoices):
    """完成情况 of a line."""

    ON_TIME = "on_time", _("Done on time")
    LATE = "late", _("Done late")
    DIFFERENT = "different", _("Done differently")
    UNDER_WAY = "under_way", pgettext_lazy("of a line", "Under way")
    NOT_DUE = "not_due", _("Not due yet")
    BEGUN = "begun", _("Overdue, begun")
    NOT_BEGUN = "not_begun", _("Overdue, not begun")
    UNLISTED = "unlisted", _("To be listed in the register")

    @property
    def is_done(self) -> bool:
        return self in DONE


DONE = (LineState.ON_TIME, LineState.LATE, LineState.DIFFERENT)


@dataclass(frozen=True)
class LineActual:
    """A line with what became of it. ``taken``: what was taken over of what it planned.

    ``done_on`` only of what is done. ``days``: by how many it was late, or is by the question's date; 0: not at all.
    """

    line: PlanLine
    foreseen: Foreseen
    state: LineState
    taken: int
    done_on: datetime.date | None
    days: int

    @property
    def planned(self) -> int:
        return self.foreseen.area()

    @property
    def open_area(self) -> int:
        """What it still has to bring."""
        return 0 if self.state.is_done else max(0, self.planned - self.taken)

    def open_of(self, categories: Collection[str]) -> int:
        return min(self.open_area, self.foreseen.area(categories))

    @property
    def is_overdue(self) -> bool:
        return not self.state.is_done and self.days > 0

    @property
    def weight(self) -> int:
        """Days × area: how much the delay matters."""
        return self.days * self.open_area


def line_actuals(question: Question, foreseen: Outlook) -> list[LineActual]:
    """The lines of plans within the question's division, by county and number; at most five queries."""
    if not foreseen.lines:
        return []
    since = {plan.pk: plan.since for plan in foreseen.plans}
    lines = list(
        PlanLine.objects.filter(Scope((question.division.code,)).q("community"), version__in=since)
        .select_related("compound", "community", "version__county").order_by("version__county", "number")
    )  # fmt: skip
    return _Held(question, since, lines, {one.line: one for one in foreseen.lines}).run()


@dataclass
class _Group:
    """Compounds that belong together, and what moved there since the plan's day.

    ``moves``: day → mode → managed area gained; ``uncounted``: day → area that no counted mode manages.
    """

    moves: dict[datetime.date, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    uncounted: dict[datetime.date, int] = field(default_factory=lambda: defaultdict(int))
    held: int = 0

    @property
    def left(self) -> int:
        return sum(self.uncounted.values())

    def gained(self) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for by_mode in self.moves.values():
            for mode, area in by_mode.items():
                found[mode] += area
        return found

    def reached(self, area: int, since: datetime.date) -> datetime.date:
        """The day from which on at least so much had been gained."""
        day, gained = since, 0
        has = area <= 0
        for on in sorted(self.moves):
            gained += sum(self.moves[on].values())
            if gained >= area and not has:
                day = on
            has = gained >= area
        return day

    def emptied(self, since: datetime.date) -> datetime.date:
        """The day from which on nothing was left unmanaged."""
        day, left, has = since, 0, False
        for on in sorted(self.uncounted):
            left += self.uncounted[on]
            if left <= 0 and not has:
                day = max(on, since)
            has = left <= 0
        return day


class _Held:
    """The lines held against the ledger."""

    def __init__(
        self, question: Question, since: Mapping[int, datetime.date], lines: list[PlanLine],
        foreseen: Mapping[int, Foreseen],
    ):  # fmt: skip
        self.question, self.since, self.lines, self.foreseen = question, since, lines, foreseen
        self._own = PlanLine.objects.filter(version__in=since, compound__isnull=False).order_by().values("compound")
        self._links = self._linked()
        extra = {pk for pair in self._links for pk in pair}
        self._rows = self._postings(extra)
        self._begun = self._beginnings()

    def run(self) -> list[LineActual]:
        together = _Together(self._links)
        found: dict[int, LineActual] = {}
        groups: dict[tuple[int, int], list[PlanLine]] = defaultdict(list)
        for line in self.lines:
            if line.compound_id is not None:
                groups[line.version_id, together.head(line.compound_id)].append(line)
        for (_version, head), lines in groups.items():
            found |= self._group(lines, together.members(head))
        for line in self.lines:
            if line.compound_id is None:
                found[line.pk] = self._unlisted(line)
        return [found[line.pk] for line in self.lines]

    # --- readings ----------------------------------------------------------------------------------------
    def _linked(self) -> list[tuple[int, int]]:
        """Compounds that merges and splits have linked since, or that of a line; reversed ones left out."""
        asked = self.question
        moved = (
            Posting.objects.taking_away()
            .filter(
                Q(effective_on__gt=min(self.since.values())) | Q(compound__in=self._own),
                kind__in=[Kind.MERGE, Kind.SPLIT], effective_on__lte=asked.as_of, entry__lte=asked.height,
            )
            .order_by().values_list("event", "event__kind", "compound", "event__target")
            .annotate(area=Sum("area_dm2")).filter(area__lt=0)
        )  # fmt: skip
        rows = list(moved)
        splits = {event: compound for event, kind, compound, _target, _area in rows if kind == Kind.SPLIT}
        pairs = [(compound, target) for _event, kind, compound, target, _area in rows if kind == Kind.MERGE]
        if splits:
            parts = EntryPart.objects.filter(split__in=splits, entry__lte=asked.height).order_by()
            pairs += [(splits[split], part) for split, part in parts.values_list("split", "compound").distinct()]
        return pairs

    def _postings(self, extra: Collection[int]) -> dict[int, list[tuple]]:
        asked = self.question
        rows = (
            Posting.objects.filter(
                Q(compound__in=self._own) | Q(compound__in=extra), effective_on__lte=asked.as_of,
                entry__lte=asked.height,
            )
            .order_by().values_list("compound", "effective_on", "kind", "mode").annotate(area=Sum("area_dm2"))
        )  # fmt: skip
        found: dict[int, list[tuple]] = defaultdict(list)
        for compound, *row in rows:
            found[compound].append(tuple(row))
        return found

    def _beginnings(self) -> set[int]:
        """Compounds with a procedure that was open on the date; of today, also those with a report under review."""
        day = self.question.as_of
        procedures = Procedure.objects.filter(compound__in=self._own, started_on__lte=day).order_by()
        found = procedures.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=day)).values_list("compound", flat=True)
        if day == business_date() and self.question.version.is_newest:
            reports = Report.objects.under_review().filter(compound__in=self._own).order_by()
            found = found.union(reports.values_list("compound", flat=True))
        return set(found)

    # --- states ------------------------------------------------------------------------------------------
    def _group(self, lines: list[PlanLine], members: Iterable[int]) -> dict[int, LineActual]:
        since = self.since[lines[0].version_id]
        group, upto = self._moved(members, since), 0
        found: dict[int, LineActual] = {}
        gains = _Gains(group.gained())
        for line in sorted(lines, key=lambda one: (self.foreseen[one.pk].due_on, one.number)):
            planned = self.foreseen[line.pk]
            area = planned.area()
            taken, otherwise = gains.take(line.mode, area)
            upto += area
            done_on = None
            if reaches := taken >= area and bool(taken or group.held):
                done_on = group.reached(upto, since)
            elif group.left <= 0 < area:
                done_on = group.emptied(since)
            differs = otherwise or (not reaches and (line.area_dm2 is not None or taken == 0))
            found[line.pk] = self._judged(line, planned, taken, done_on, differs)
        return found

    def _moved(self, members: Iterable[int], since: datetime.date) -> _Group:
        group, modes = _Group(), self.question.modes
        for pk in members:
            for day, kind, mode, area in self._rows.get(pk, ()):
                if mode not in modes:
                    group.uncounted[day] += int(area)
                    continue
                group.held += int(area)
                if day > since and kind in CARRYING:
                    group.moves[day][mode] += int(area)
        return group

    def _judged(
        self, line: PlanLine, planned: Foreseen, taken: int, done_on: datetime.date | None, differs: bool
    ) -> LineActual:
        on = done_on or self.question.as_of
        days = max(0, (on - planned.due_on).days)
        if done_on:
            state = LineState.DIFFERENT if differs else LineState.LATE if days else LineState.ON_TIME
        else:
            begun = taken > 0 or line.compound_id in self._begun
            overdue, running = (LineState.BEGUN, LineState.UNDER_WAY), (LineState.NOT_BEGUN, LineState.NOT_DUE)
            state = (overdue if begun else running)[0 if days else 1]
        return LineActual(line, planned, state, taken, done_on, days)

    def _unlisted(self, line: PlanLine) -> LineActual:
        days = max(0, (self.question.as_of - self.foreseen[line.pk].due_on).days)
        return LineActual(line, self.foreseen[line.pk], LineState.UNLISTED, 0, None, days)


class _Together:
    """Compounds that pairs link, each group under one of its compounds."""

    def __init__(self, pairs: Iterable[tuple[int, int]]):
        self._heads: dict[int, int] = {}
        for one, other in pairs:
            low, high = sorted((self.head(one), self.head(other)))
            self._heads[high] = low

    def head(self, pk: int) -> int:
        while self._heads.setdefault(pk, pk) != pk:
            pk = self._heads[pk]
        return pk

    def members(self, head: int) -> list[int]:
        return self._by_head.get(head, [head])

    @cached_property
    def _by_head(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for pk in list(self._heads):
            found[self.head(pk)].append(pk)
        return found


class _Gains:
    """What a group has gained, by mode, as its lines take it for themselves."""

    def __init__(self, by_mode: Mapping[str, int]):
        self._by_mode = {mode: area for mode, area in sorted(by_mode.items()) if area > 0}
        self._net = max(0, sum(by_mode.values()))

    def take(self, mode: str, area: int) -> tuple[int, bool]:
        """So much of an area as there is, of a mode first; and whether some of it came under another one."""
        wanted = min(area, self._net)
        own = min(wanted, self._by_mode.get(mode, 0))
        self._by_mode[mode] = self._by_mode.get(mode, 0) - own
        rest = wanted - own
        for other in self._by_mode:
            part = min(rest, self._by_mode[other])
            self._by_mode[other] -= part
            rest -= part
        self._net -= wanted
        return wanted, own < wanted
