"""The demo city's 任务分解: T1 and T2 given to the two districts and on to their subdistricts, and what was adjusted.

Papers are invented and say so. Shares follow what the ledger holds at the baseline, so a seed gives the same again.
"""

import datetime
from collections.abc import Mapping

from auditlog.models import LogEntry

from chaoyang_pm.kit.figures import half_up
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.people.models import User
from oversight.coverage.scans import balances
from oversight.demo import plan
from oversight.demo.calendar import ZONE
from oversight.demo.office import BUREAU
from oversight.demo.words import W
from oversight.programme.breakdown import Asked, Paper, PartGiven, add_version, divide
from oversight.programme.models import Milestone, PartVersion, Target, TargetPart, TargetVersion

CITY_GIVES, DISTRICTS_GIVE = datetime.date(2014, 3, 20), datetime.date(2014, 3, 27)
DISTRICT_ADJUSTS, CITY_ADJUSTS = datetime.date(2015, 4, 10), datetime.date(2015, 6, 15)
#: 万㎡ by the city's paper, which rounded the districts' own counts; together 302 and 1100.
BY_THE_PAPER = {"T1": {"211302": 196, "211303": 106}, "T2": {"211302": 712, "211303": 388}}
#: Share due by a day: most takeovers happen from May to October.
MILESTONES = {
    "T1": (("2014-06-30", 30), ("2014-09-30", 70)), "T2": (("2014-12-31", 28), ("2015-12-31", 62)),
}  # fmt: skip
#: Amounts are whole 1,000 ㎡.
STEP = 100_000
#: The county whose deadline was put off, and the new one.
PUT_OFF = ("T3-211322", "2017-12-31")
#: The district that moved some of T2 from its largest subdistrict to its smallest one, and how much.
ADJUSTED, MOVED = "211303", 2 * plan.WAN


def break_down(*, today: datetime.date, height: int, users: Mapping[str, User]) -> None:
    """Everything about the targets that was on paper by ``today``; ``height`` is the locked baseline's."""
    targets = Target.objects.in_bulk(BY_THE_PAPER)
    shares = {
        (code, district): _shares(targets[code], district, wan * plan.WAN, height)
        for code, districts in BY_THE_PAPER.items()
        for district, wan in districts.items()
    }
    # In the order of their days: see _tell.
    if today >= CITY_GIVES:
        for code, districts in BY_THE_PAPER.items():
            amounts = {district: wan * plan.WAN for district, wan in districts.items()}
            _give(targets[code], amounts, _paper("city_gives", CITY_GIVES), users.get(BUREAU))
    if today >= DISTRICTS_GIVE:
        for (code, district), amounts in shares.items():
            paper = _paper("district_gives", DISTRICTS_GIVE, short=W.short[district])
            _give(targets[code], amounts, paper, users.get(f"county_{district}"))
    if today >= DISTRICT_ADJUSTS and len(amounts := shares["T2", ADJUSTED]) > 1:
        most, least = max(amounts, key=lambda c: (amounts[c], c)), min(amounts, key=lambda c: (amounts[c], c))
        moved = {most: amounts[most] - MOVED, least: amounts[least] + MOVED}
        paper = _paper("district_adjusts", DISTRICT_ADJUSTS, short=W.short[ADJUSTED])
        _give(targets["T2"], moved, paper, users.get(f"county_{ADJUSTED}"))
    if today >= CITY_ADJUSTS:
        _put_off(users.get(BUREAU))


def _give(target: Target, amounts: Mapping[str, int], paper: Paper, by: User | None) -> None:
    divisions = Division.objects.in_bulk(list(amounts))
    deadline = target.versions.get().deadline
    parts = [
        PartGiven(divisions[code], Asked(amount, deadline, amount, _milestones(target.pk, amount)))
        for code, amount in sorted(amounts.items())
    ]
    if parts:
        divide(target=target, parts=parts, paper=paper, by=by, at=_moment(paper))
        _tell(paper)


def _put_off(by: User | None) -> None:
    code, deadline = PUT_OFF
    paper = _paper("city_adjusts", CITY_ADJUSTS)
    asked = Asked(None, datetime.date.fromisoformat(deadline))
    add_version(target=Target.objects.get(pk=code), asked=asked, paper=paper, by=by, at=_moment(paper))
    _tell(paper)


def _paper(name: str, day: datetime.date, **facts: str) -> Paper:
    document, reason = W.task_papers[name]
    return Paper(document.format(year=day.year, **facts), day, reason)


def _moment(paper: Paper) -> datetime.datetime:
    return datetime.datetime.combine(paper.valid_from, datetime.time(15), ZONE)


def _tell(paper: Paper) -> None:
    """What the audit library has just noted belongs to the story, too; what it noted of older papers lies before."""
    for model in (TargetVersion, PartVersion, TargetPart, Milestone):
        notes = LogEntry.objects.get_for_model(model).filter(timestamp__gt=_moment(paper))
        notes.update(timestamp=_moment(paper))


def _milestones(target: str, amount: int) -> tuple[tuple[datetime.date, int], ...]:
    return tuple(
        (datetime.date.fromisoformat(day), half_up(amount * percent, 100 * STEP) * STEP)
        for day, percent in MILESTONES[target]
    )


def _shares(target: Target, district: str, amount: int, height: int) -> dict[str, int]:
    """The amount over the district's subdistricts, by what they hold at the baseline, in whole steps."""
    held = balances([district], plan.START, height, CODE_LENGTH[Level.SUBDISTRICT])
    areas = {
        code: sum(area for (category, _mode), (area, _homes) in cells.items() if category in target.categories)
        for code, cells in held.items()
    }
    areas = {code: area for code, area in sorted(areas.items()) if area}
    whole = sum(areas.values())
    if not whole:
        return {}
    shares = {code: amount * area // whole // STEP * STEP for code, area in areas.items()}
    largest = max(shares, key=lambda code: (shares[code], code))
    shares[largest] += amount - sum(shares.values())
    return shares
