"""上报 of the demo city: one community's reports of an October, in every state, with the steps that led there.

Told where the ledger's story stands at ``REPORTED_ON``, so that a seed gives the same again whatever the date.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile

from communities.divisions.models import Division
from communities.people.models import User
from compounds.ledger import selectors as ledger
from compounds.ledger.choices import Mode
from compounds.register.choices import Status
from compounds.register.models import Compound
from compounds.reports import evidence, services
from compounds.reports.choices import ReportKind
from compounds.reports.claims import Claim
from compounds.reports.clock import told_at
from compounds.reports.models import Report
from compounds.reports.services import Comment
from oversight.demo.calendar import ZONE
from oversight.demo.homes import Home
from oversight.demo.pictures import house
from oversight.demo.plan import SHOWCASE
from oversight.demo.steps import Step
from oversight.demo.words import W

#: The last day of the ledger's story before these; what is approved is recorded in its evening.
REPORTED_ON = datetime.date(2015, 10, 14)
COMMITTEE, STREET, COUNTY = f"committee_{SHOWCASE}", f"street_{SHOWCASE[:9]}", f"county_{SHOWCASE[:6]}"
Taken = Callable[[Report, User], object]


@dataclass(frozen=True)
class Told:
    """One step of a report: when, by whom, and what."""

    at: datetime.datetime
    by: str
    take: Taken


@dataclass
class Tale:
    """A report: who begins it, what it says, and what happens to it."""

    at: datetime.datetime
    by: str
    kind: ReportKind
    claim: Claim
    compound: Compound | None = None
    then: list[Told] = field(default_factory=list)
    instead_of: "Tale | None" = None
    report: Report | None = None


def busy_after(steps: Iterable[Step]) -> set[Home]:
    """Homes of which something older is recorded, put right or moved later: what is approved could be in its way."""
    found: set[Home] = set()
    for step in steps:
        if step.at.date() <= REPORTED_ON or (step.on and step.on > REPORTED_ON and not step.undoes):
            continue
        found |= {step.home, *step.creates}
        found |= {step.fields["target"]} if step.fields.get("target") else set()
        found |= {part[0] for part in step.fields.get("parts", ())}
    return found


def tell_reports(*, today: datetime.date, users: Mapping[str, User], busy: set[str]) -> int:
    """Take every step that was taken up to ``today``. ``busy``: codes of compounds to which more happens.

    Returns how many entries were posted.
    """
    if not {COMMITTEE, STREET, COUNTY} <= users.keys():
        return 0
    moments: list[tuple[datetime.datetime, str, Tale, Taken | None]] = []
    for tale in _tales(busy):
        moments.append((tale.at, tale.by, tale, None))
        moments += [(told.at, told.by, tale, told.take) for told in tale.then]
    for at, by, tale, take in sorted(moments, key=lambda one: one[0]):
        if at.date() > today:
            break
        with told_at(at):
            if take is None:
                _begin(tale, users[by])
            elif tale.report:
                take(tale.report, users[by])
    return Report.objects.filter(entry__isnull=False).count()


def _begin(tale: Tale, by: User) -> None:
    place = None if tale.compound else Division.objects.get(code=SHOWCASE)
    tale.report = services.draft(
        kind=tale.kind, claim=tale.claim, by=by, key=f"demo:{tale.at.isoformat()}", compound=tale.compound,
        community=place, instead_of=tale.instead_of.report if tale.instead_of else None,
    )  # fmt: skip
    if tale.then and tale.kind != ReportKind.PROVIDER_CHANGE:
        photo = ContentFile(house(tale.at.toordinal()), name=f"{W.reports['photo']}.jpg")
        evidence.add(report=tale.report, file=photo, by=by)


def _at(day: str, time: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(f"2015-{day}T{time}").replace(tzinfo=ZONE)


def _submit(report: Report, by: User) -> object:
    return services.submit(report=report, by=by)


def _verify(report: Report, by: User) -> object:
    return services.verify(report=report, by=by, reason=W.reports["verified"])


def _approve(report: Report, by: User) -> object:
    return services.approve(report=report, by=by)


def _withdraw(report: Report, by: User) -> object:
    return services.withdraw(report=report, by=by, reason=W.reports["withdrawn"])


def _return(report: Report, by: User, name: str = "date_basis") -> object:
    return services.send_back(report=report, by=by, comments=[Comment(name, W.reports["returned"])])


def _tales(busy: set[str]) -> Iterator[Tale]:
    """One of each state; a community with few compounds has several about the same."""
    unmanaged, managed = _compounds()
    steady = [one for one in managed if one.code not in busy][:1]
    listed = [one for one in (*unmanaged, *managed) if one not in steady] or unmanaged or managed
    for compound in steady:
        yield Tale(
            _at("10-12", "09:20"), COMMITTEE, ReportKind.PROVIDER_CHANGE,
            _claim("10-08", provider_to=W.reports["provider"], date_basis=W.reports["contract"]), compound,
            [
                Told(_at("10-12", "09:31"), COMMITTEE, _submit), Told(_at("10-13", "10:05"), STREET, _verify),
                Told(_at("10-14", "16:35"), COUNTY, _approve),
            ],
        )  # fmt: skip
    if listed:
        yield from _under_way([listed[number % len(listed)] for number in range(6)], set(unmanaged))
    yield Tale(
        _at("10-29", "14:25"), COUNTY, ReportKind.MISSING,
        Claim(name=W.reports["missing"], address=W.reports["address"], note=W.reports["found"]),
    )  # fmt: skip


def _under_way(compounds: list[Compound], unmanaged: set[Compound]) -> Iterator[Tale]:
    def told(compound: Compound, day: str) -> tuple[ReportKind, Claim, Compound]:
        """What can have happened: a takeover, or an enterprise that is gone."""
        if compound in unmanaged:
            category = min(ledger.holding(compound).pockets).category
            claim = _claim(day, category=category, mode_to=Mode.COMMUNITY.value, date_basis=W.reports["handover"])
            return ReportKind.TAKEOVER, claim, compound
        category, mode = min(pocket for pocket in ledger.holding(compound).pockets if pocket.mode != Mode.NONE)
        claim = _claim(
            day, date_basis=W.reports["certificate"], note=W.reports["gone"], category=category, mode_from=mode
        )
        return ReportKind.LAPSE, claim, compound

    verified, returned, unclear, submitted, withdrawn, drafted = compounds
    yield Tale(_at("10-19", "08:50"), COMMITTEE, *told(verified, "10-08"), [
        Told(_at("10-19", "09:02"), COMMITTEE, _submit), Told(_at("10-21", "14:10"), STREET, _verify),
    ])  # fmt: skip
    yield Tale(_at("10-20", "10:15"), COMMITTEE, *told(returned, "10-12"), [
        Told(_at("10-20", "10:26"), COMMITTEE, _submit), Told(_at("10-22", "09:40"), STREET, _return),
    ])  # fmt: skip
    seen = Tale(
        _at("10-16", "15:20"), COMMITTEE, ReportKind.UNCLEAR, Claim(note=W.reports["seen"]), unclear,
        [Told(_at("10-16", "15:24"), COMMITTEE, _submit)],
    )  # fmt: skip
    yield seen
    yield Tale(
        _at("10-23", "09:10"), STREET, *told(unclear, "10-13"), [Told(_at("10-23", "09:30"), STREET, _submit)], seen
    )  # fmt: skip
    yield Tale(
        _at("10-26", "16:05"), COMMITTEE, *told(submitted, "10-10"), [Told(_at("10-26", "16:20"), COMMITTEE, _submit)]
    )  # fmt: skip
    yield Tale(_at("10-15", "11:00"), COMMITTEE, *told(withdrawn, "10-09"), [
        Told(_at("10-15", "11:08"), COMMITTEE, _submit), Told(_at("10-16", "08:45"), COMMITTEE, _withdraw),
    ])  # fmt: skip
    yield Tale(_at("10-28", "09:45"), COMMITTEE, ReportKind.UNCLEAR, Claim(note=W.reports["draft"]), drafted)


def _claim(day: str, **says: Any) -> Claim:
    return Claim(effective_on=_at(day, "00:00").date(), **says)


def _compounds() -> tuple[list[Compound], list[Compound]]:
    """Those of the community that are wholly unmanaged, and those with managed area."""
    unmanaged, managed = [], []
    for compound in Compound.objects.filter(community=SHOWCASE, status=Status.ACTIVE).order_by("code"):
        modes = {pocket.mode for pocket in ledger.holding(compound).pockets}
        if modes == {Mode.NONE}:
            unmanaged.append(compound)
        elif modes:
            managed.append(compound)
    return unmanaged, managed
