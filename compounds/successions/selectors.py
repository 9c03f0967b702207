"""Reads on changes of divisions: what one would do, and what one has done."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.scoping import next_code
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division, Succession
from communities.people import selectors as people
from communities.people.models import Appointment
from compounds.ledger import selectors as ledger
from compounds.ledger.loading import chunks, with_linked
from compounds.ledger.models import Entry, Posting
from compounds.ledger.recording import Recorder
from compounds.ledger.refusals import Problem
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.successions.moves import Move, Mover, concerned, pending
from compounds.successions.planning import Change, Plan, plan

WARNED = 5


@dataclass(frozen=True)
class TotalChange:
    """Today's total area of a county or subdistrict before and after, in 0.01 ㎡."""

    division: Division
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


@dataclass
class Preview:
    """What a change of divisions would do. ``problems`` stand against it, ``warnings`` do not."""

    plan: Plan
    moves: list[Move] = field(default_factory=list)
    pending: list[tuple[Compound, str, str]] = field(default_factory=list)
    totals: list[TotalChange] = field(default_factory=list)
    appointments: list[Appointment] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    label: Callable[[str], str] = str

    @property
    def area_dm2(self) -> int:
        return sum(move.area_dm2 for move in self.moves)

    @property
    def households(self) -> int:
        return sum(move.households for move in self.moves)


def preview(change: Change) -> Preview:
    """Rehearse a change outside of any transaction. Raises Refused if it cannot even be planned."""
    worked_out = plan(change)
    codes = concerned(worked_out)
    compounds: dict[str, Compound] = {}
    for chunk in chunks(sorted(with_linked(codes))):
        compounds |= {compound.code: compound for compound in Compound.objects.filter(code__in=chunk)}
    recorder = Recorder(compounds, ledger.newest().height)
    recorder.whereabouts.learn([*worked_out.ended.values(), *worked_out.new.values()])
    mover = Mover(worked_out, recorder)
    mover.run(codes)
    along = list(mover.move_pending(pending(worked_out)))
    return Preview(
        worked_out, mover.moves, along, _totals(worked_out, recorder),
        list(people.appointments_following(worked_out.followers, on=change.effective_on)),
        mover.problems, _warnings(worked_out, mover, codes), recorder.label,
    )  # fmt: skip


def members(division: Division) -> list[Compound | Division]:
    """What a division is divided into: the active compounds of a community, the divisions below any other."""
    if division.level == Level.COMMUNITY:
        return list(Compound.objects.within(division.code).filter(status=Status.ACTIVE).order_by("code"))
    return list(division.children.living().order_by("code"))


def _totals(worked_out: Plan, recorder: Recorder) -> list[TotalChange]:
    today = business_date()
    moved: dict[str, int] = defaultdict(int)
    for change in recorder.changes:
        if change.effective_on <= today:
            moved[change.effect.community] += change.effect.area_dm2
    lengths = (CODE_LENGTH[Level.COUNTY], CODE_LENGTH[Level.SUBDISTRICT])
    codes = sorted({code[:length] for code in moved for length in lengths})
    counties = Q(pk__in=[])
    for county in {code[: lengths[0]] for code in codes}:
        counties |= Q(community__gte=county, community__lt=next_code(county))
    held = Posting.objects.filter(counties, effective_on__lte=today).order_by().values_list("community")
    before = {community: int(area) for community, area in held.annotate(Sum("area_dm2"))}
    divisions = {division.code: division for division in Division.objects.filter(code__in=codes)} | worked_out.new

    def total(areas: dict[str, int], code: str) -> int:
        return sum(area for community, area in areas.items() if community.startswith(code))

    changes = [
        TotalChange(divisions[code], was := total(before, code), was + total(moved, code)) for code in codes
    ]  # fmt: skip
    return [change for change in changes if change.change]


def _warnings(worked_out: Plan, mover: Mover, codes: set[str]) -> list[str]:
    """What is worth a look although it works."""
    start, book = worked_out.change.effective_on, mover.recorder.book
    own = {move.event.height for move in mover.moves}
    later = [
        code
        for code in sorted(codes)
        if any(event.effective_on > start and event.height not in own for event in book.live(code))
    ]
    found = []
    if later:
        message = _("%(count)s compounds have entries dated after %(date)s, which go along: %(names)s.")
        facts = {"count": len(later), "date": start.isoformat(), "names": _names(later, mover.recorder)}
        found.append(message % facts)
    gone = [code for code in sorted(codes) if mover.recorder.compounds[code].status not in (Status.ACTIVE,)]
    if gone:
        message = _("%(count)s compounds were merged, deregistered or withdrawn before; they stay with their history.")
        found.append(message % {"count": len(gone)})
    return found


def _names(codes: list[str], recorder: Recorder) -> str:
    names = _(", ").join(recorder.label(code) for code in codes[:WARNED])
    return names if len(codes) <= WARNED else _("%(names)s and others") % {"names": names}


def recorded(succession: Succession) -> QuerySet[Entry]:
    """The relocations that a change has recorded, those of late entries included, reversed ones too."""
    communities = succession.lines.order_by().values("to_division")
    entries = Entry.objects.filter(community__in=communities, source_key__startswith=succession.source_prefix)
    return entries.select_related("compound", "community", "reversed_by").order_by("height")
