"""方案建议: the proposal for a county's draft, from the ledger and from what its lines say already."""

import datetime
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger.choices import Mode
from compounds.ledger.models import Posting
from compounds.ledger.refusals import refuse
from compounds.pilots import selectors as pilots
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.reports import clock
from oversight.plans import proposal, selectors, services
from oversight.plans.acts import Stale
from oversight.plans.asked import Asked, Asking
from oversight.plans.checks import TENDER_DAYS
from oversight.plans.models import PlanLine, PlanVersion
from oversight.plans.proposal import LARGE, Kept, Piece, Proposal, Question, Task, way
from oversight.plans.selectors import Unmanaged
from oversight.programme.choices import Unit
from oversight.programme.models import Target

#: What a line keeps besides its number when the plan is written again.
KEPT_FIELDS = [
    each.name for each in PlanLine._meta.concrete_fields if each.name not in ("id", "version", "revision")
]  # fmt: skip


@dataclass
class Proposed:
    """A proposal with the lines that it would make of the draft.

    ``filled``: lines that get a mode or a time; ``added``: new ones; ``untouched``: those that stay as they are.
    ``ways``: by mode and why, how many and how much (0.01 ㎡). ``undivided``: targets that concern the county, but of
    which it was given nothing of its own.
    """

    version: PlanVersion
    proposal: Proposal
    asked: dict[str, Asked]
    undivided: list[Target]
    lines: list[dict[str, Any]] = field(default_factory=list)
    filled: int = 0
    added: int = 0
    untouched: int = 0
    ways: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        return self.filled + self.added

    @cached_property
    def digest(self) -> str:
        """What a person who agrees has seen: other lines, or another proposal, are another one."""
        said = [
            [row["number"], row["compound"] and row["compound"].code, row["mode"], row["due_on"], row["is_pilot"]]
            for row in self.lines
        ]
        return hashlib.sha256(json.dumps([self.version.revision, said], default=str).encode()).hexdigest()


def propose(version: PlanVersion, *, anew: bool = False) -> Proposed:
    """What could stand in the draft. ``anew``: modes, times and pilots of all lines; else of what has none yet.

    Raises Refused if the programme has no quarter left.
    """
    return _Proposing(version, anew).run()


@transaction.atomic
def adopt(*, version: PlanVersion, seen: str, by: User, anew: bool = False) -> Proposed:
    """Write the proposal that a person has ``seen``. Raises Stale if it is another one by now, Settled, Refused."""
    version = PlanVersion.objects.select_for_update(of=("self",)).select_related("county", "programme").get(
        pk=version.pk
    )  # fmt: skip
    found = propose(version, anew=anew)
    if found.digest != seen:
        raise Stale
    services.write_lines(version=version, lines=found.lines, by=by, revision=version.revision)
    return found


class _Proposing:
    def __init__(self, version: PlanVersion, anew: bool):
        self.version, self.anew, self.today = version, anew, clock.today()
        self.tender_ends = self.today + datetime.timedelta(days=TENDER_DAYS)
        self.programme, self.county = version.programme, version.county_id
        self.asking = Asking(self.programme, [version.county])
        self.there = {
            code: one for code, one in selectors.unmanaged(self.county).items()
            if one.compound.status == Status.ACTIVE
        }  # fmt: skip
        self.customs = _customs(self.county)
        self.pieces: dict[str, Piece] = {}
        self.why: dict[str, str] = {}
        self.lines: dict[str, PlanLine] = {}
        self.modes: dict[int, tuple[str, str]] = {}
        self.kept: list[Kept] = []
        self.piloted: set[str] = set()
        self.untouched = 0

    def run(self) -> Proposed:
        own = self.asking.of[self.county]
        ends_on = self._ends_on(own)
        self.in_time = any(day >= self.tender_ends for day in proposal.quarters_left(self.today, ends_on))
        rows = list(self.version.lines.select_related("compound", "community").order_by("number"))
        for line in rows:
            self._line(line)
        planned = {line.compound.code for line in rows if line.compound}
        for code, one in self.there.items():
            if code not in planned:
                self._piece(code, one.compound, one.community, _areas(one, ""), one.area_dm2)
        question = Question(
            self.today, ends_on, list(self.pieces.values()),
            [Task(one.target.code, one.deadline, tuple(one.target.categories), one.missing) for one in own],
            self.kept, self._held(), self._without_pilot(), self._pilots_due(),
        )  # fmt: skip
        try:
            found = proposal.propose(question)
        except ValueError:
            message = _("%(programme)s ends before a quarter does; plan what is left month by month.")
            raise refuse("programme", self.programme.code, message % {"programme": self.programme}) from None
        return self._proposed(rows, own, found)

    def _proposed(self, rows: list[PlanLine], own: list[Asked], found: Proposal) -> Proposed:
        given = {one.target.code: one for one in own}
        undivided = [each for each in self._concerning if each.unit == Unit.AREA and each.code not in given]
        made = Proposed(self.version, found, given, undivided, untouched=self.untouched)
        communities = {one.community for one in self.there.values()}
        made.names = {pilot.key: self.there[pilot.key].compound for pilot in found.pilots}
        made.names |= Division.objects.in_bulk([*communities, *found.without])
        made.lines = self._lines(rows, found, made)
        for key, piece in self.pieces.items():
            count, area = made.ways.get((piece.mode, self.why[key]), (0, 0))
            made.ways[piece.mode, self.why[key]] = count + 1, area + piece.area
        return made

    def _held(self) -> dict[str, int]:
        held: Counter[str] = Counter()
        for one in self.there.values():
            held.update({category: area for category, (area, _homes) in one.pockets.items()})
        return held

    def _without_pilot(self) -> frozenset[str]:
        """Urban communities with unmanaged area that neither have a pilot nor are given one by a line that stays."""
        piloted = {span.community for span in pilots.spans() if span.holds_on(self.today)}
        communities = {one.community for one in self.there.values()} - piloted - self.piloted
        return frozenset(code for code in communities if pilots.is_urban(code))

    @property
    def _concerning(self) -> list[Target]:
        return self.asking.concerning(self.county)

    def _ends_on(self, own: Iterable[Asked]) -> datetime.date:
        """The last deadline of what concerns the county, else, once that is over, the programme's."""
        days = [self.asking.deadline(target) for target in self._concerning]
        last = max([*days, *(one.deadline for one in own)], default=self.today)
        return last if proposal.quarters_left(self.today, last) else selectors.ends_on(self.programme)

    def _pilots_due(self) -> datetime.date | None:
        """Until when pilots are asked for (P4.1); None once that day has passed."""
        due = [
            self.asking.deadline(target)
            for target in self._concerning if target.unit == Unit.COMMUNITIES
        ]  # fmt: skip
        return min((day for day in due if day >= self.today), default=None)

    # --- lines that there are ------------------------------------------------------------------------------
    def _line(self, line: PlanLine) -> None:
        one = self.there.get(line.compound.code) if line.compound else None
        key = line.compound.code if line.compound else f"#{line.number}"
        if (line.compound and one is None) or (not line.compound and not line.area_dm2) or key in self.lines:
            self.untouched += 1
            return
        self.lines[key] = line
        pockets = _areas(one, line.category) if one else {line.category: line.area_dm2 or 0}
        whole = sum(pockets.values())
        area = whole if line.area_dm2 is None else min(whole, line.area_dm2)
        community = one.community if one else line.community_id or ""
        if not self.anew and line.is_pilot:
            self.piloted.add(community)
        if self.anew or line.due_on is None:
            mode = "" if self.anew else line.mode
            self._piece(key, line.compound, community, pockets, area, mode, can_be_pilot=bool(one))
            return
        self.kept.append(Kept(line.due_on, pockets, area))
        if line.mode:
            self.untouched += 1
        else:
            in_time = line.due_on >= self.tender_ends
            self.modes[line.number] = self._way(line.compound, pockets, area, in_time)

    def _piece(
        self, key: str, compound: Compound | None, community: str, pockets: Mapping[str, int], area: int,
        mode: str = "", can_be_pilot: bool = True,
    ) -> None:  # fmt: skip
        mode, self.why[key] = (mode, "given") if mode else self._way(compound, pockets, area, self.in_time)
        committee = bool(compound and compound.owners_committee)
        self.pieces[key] = Piece(key, community, pockets, area, mode, committee, can_be_pilot)

    def _way(
        self, compound: Compound | None, pockets: Mapping[str, int], area: int, in_time: bool
    ) -> tuple[str, str]:  # fmt: skip
        category = max(pockets, key=lambda one: (pockets[one], one), default="")
        customs = self.customs[category, area >= LARGE]
        committee = bool(compound and compound.owners_committee)
        return way(area, committee, customs, tender_ends_in_time=in_time)

    # --- lines that there would be -------------------------------------------------------------------------
    def _lines(self, rows: list[PlanLine], found: Proposal, made: Proposed) -> list[dict[str, Any]]:
        chosen = {pilot.key for pilot in found.pilots}
        keys = {line.number: key for key, line in self.lines.items()}
        lines = []
        for line in rows:
            row = {name: getattr(line, name) for name in KEPT_FIELDS}
            key = keys.get(line.number, "")
            if key in self.pieces:
                is_pilot = key in chosen or (line.is_pilot and not self.anew)
                row |= self._planned(self.pieces[key], found) | {"is_pilot": is_pilot}
                made.filled += 1
            elif line.number in self.modes:
                row["mode"] = self.modes[line.number][0]
                made.filled += 1
            lines.append(row)
        last = max((line.number for line in rows), default=0)
        new = [key for key in found.placed if key not in self.lines]
        for number, key in enumerate(new, start=last + 1):
            compound = self.there[key].compound
            lines.append(
                {"number": number, "compound": compound, "community": made.names[self.there[key].community]}
                | self._planned(self.pieces[key], found)
                | {"is_pilot": key in chosen, "person": compound.duty_person}
            )
        made.added = len(new)
        return lines

    @staticmethod
    def _planned(piece: Piece, found: Proposal) -> dict[str, Any]:
        return {"mode": piece.mode, "due_on": found.placed[piece.key], "by_quarter": True}


def _areas(one: Unmanaged, category: str) -> dict[str, int]:
    """Unmanaged area by category, of one if it is named."""
    return {name: area for name, (area, _homes) in one.pockets.items() if category in ("", name)}


def _customs(county: str) -> defaultdict[tuple[str, bool], Counter[str]]:
    """How many managed compounds of a category, large or not, are managed in which mode today."""
    sums = (
        Posting.objects.filter(
            community__in=Division.objects.subtree(county), effective_on__lte=clock.today()
        ).exclude(mode=Mode.NONE)
        .order_by().values_list("compound_id", "category", "mode").annotate(area=Sum("area_dm2"))
    )  # fmt: skip
    found: defaultdict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    for _compound, category, mode, area in sums:
        if area > 0:
            found[category, area >= LARGE][mode] += 1
    return found
