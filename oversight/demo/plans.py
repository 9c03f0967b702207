"""县级方案 of the demo city: what each county planned in July 2014, and what became of it; one in every state.

Lines are made from what was unmanaged on the day, by the portal's own rule of a proposal, in an order near to what then
happened: so most were carried out about when they were planned, some late, some otherwise. The ledger is only read.
"""

import datetime
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from auditlog.models import LogEntry
from django.core.files.base import ContentFile
from django.utils import timezone

from chaoyang_pm.kit.dates import month_end
from chaoyang_pm.kit.figures import half_up
from communities.divisions.models import Division
from communities.notices.models import Notice
from communities.people.models import User
from compounds.ledger.choices import Category, Kind
from compounds.pilots import selectors as pilots
from compounds.register.choices import Status
from compounds.reports.clock import told_at
from oversight.demo import plan
from oversight.demo.calendar import office_time, working_day
from oversight.demo.facts import is_street
from oversight.demo.names import phone
from oversight.demo.office import BUREAU
from oversight.demo.pictures import seal
from oversight.demo.steps import Step
from oversight.demo.words import W
from oversight.plans import checks, deadlines, selectors, services
from oversight.plans.asked import Asking
from oversight.plans.models import PlanDeadline, PlanLine, PlanVersion
from oversight.plans.proposal import Kept, Piece, Question, Task, propose, quarters_left, way
from oversight.plans.selectors import Unmanaged
from oversight.plans.services import Comment, Remark
from oversight.programme import selectors as programme_selectors

#: What happened on which day; a county's first version, and an amendment of some. 建平县 (211322) hands in nothing.
ACTS = (
    ("2014-07-01", "211302", "begin"), ("2014-07-02", "211303", "begin"), ("2014-07-02", "211321", "begin"),
    ("2014-07-03", "211324", "begin"), ("2014-07-03", "211381", "begin"), ("2014-07-04", "211382", "begin"),
    ("2014-07-09", "211324", "summarise"), ("2014-07-10", "211321", "submit"), ("2014-07-11", "211302", "submit"),
    ("2014-07-11", "211324", "extend"),
    ("2014-07-14", "211322", "begin_in_part"), ("2014-07-14", "211381", "submit"), ("2014-07-15", "211382", "submit"),
    ("2014-07-18", "211303", "submit"), ("2014-07-24", "211303", "send_back"), ("2014-07-25", "211302", "approve"),
    ("2014-07-28", "211303", "begin_again"), ("2014-07-28", "211321", "approve"), ("2014-07-29", "211324", "submit"),
    ("2014-07-30", "211303", "submit"), ("2014-07-30", "211381", "approve"), ("2014-07-31", "211382", "approve"),
    ("2014-08-06", "211303", "approve"), ("2014-08-08", "211324", "approve"),
    ("2015-05-05", "211381", "begin"), ("2015-05-11", "211381", "submit"), ("2015-05-25", "211381", "approve"),
    ("2015-10-08", "211321", "begin"), ("2015-10-12", "211321", "submit"), ("2015-10-19", "211321", "send_back"),
    ("2015-10-20", "211324", "begin"), ("2015-10-23", "211324", "submit"), ("2015-10-27", "211324", "remark"),
    ("2015-10-26", "211382", "begin"), ("2015-10-28", "211382", "submit"),
)  # fmt: skip
#: Of a hundred lines so many keep the mode that was used in the end; days by which a plan misses what happens.
AS_IT_CAME, MISSED_BY = 75, 130
#: A summary rounds to 100 ㎡.
ROUGHLY = 100_00
#: Notices of older steps were read long ago.
READ_AFTER = datetime.timedelta(days=14)


def tell_plans(*, today: datetime.date, users: Mapping[str, User], seed: int, whole: Iterable[Step]) -> None:
    """Every step that was taken up to ``today``; ``whole`` is the story to its end, whatever the date."""
    _Telling(today, users, seed, whole).tell()


class _Telling:
    def __init__(self, today: datetime.date, users: Mapping[str, User], seed: int, whole: Iterable[Step]):
        self.today, self.users, self.seed = today, users, seed
        self.rng = Random(f"{seed}/plans")  # noqa: S311 — a story, no secret
        self.takeovers: dict[str, list[tuple[datetime.date, str]]] = {}
        for step in whole:
            if step.kind == Kind.TAKEOVER and step.on and step.home.code:
                self.takeovers.setdefault(step.home.code, []).append((step.on, step.fields["mode_to"]))
        self.numbers: dict[tuple[str, int], int] = {}
        self.divisions = {division.code: division for division in Division.objects.all()}

    def tell(self) -> None:
        programme = programme_selectors.current()
        if programme is None or BUREAU not in self.users:
            return
        self.programme = programme
        for text, county, act in sorted(ACTS):
            day = datetime.date.fromisoformat(text)
            if day > self.today:
                return
            at = office_time(self.rng, working_day(day))
            with told_at(at):
                getattr(self, f"_{act}")(self.divisions[county], day)
            self._date(at)

    def _date(self, at: datetime.datetime) -> None:
        """What the audit library and the notices have just noted belongs to the story, too."""
        LogEntry.objects.get_for_model(PlanDeadline).filter(timestamp__gt=at).update(timestamp=at)
        told = Notice.objects.filter(kind__startswith="plans.", created_at__gt=at)
        told.filter(read_at__isnull=False).update(read_at=at)
        if timezone.localdate(at) < self.today - READ_AFTER:
            told.update(read_at=at + datetime.timedelta(hours=20))
        told.update(created_at=at)

    # --- steps -------------------------------------------------------------------------------------------
    def _begin(self, county: Division, day: datetime.date) -> PlanVersion:
        reason = W.plans["reason"].get(county.code, "") if day.year > plan.START.year else ""
        version = services.begin(programme=self.programme, county=county, by=self._writer(county), reason=reason)
        return services.write_lines(version=version, lines=self._lines(version, day), by=self._writer(county))

    def _begin_again(self, county: Division, day: datetime.date) -> None:
        """After a return: what was asked for is put right."""
        version = services.begin(programme=self.programme, county=county, by=self._writer(county))
        asked = self._asked_about(version)
        lines = [services.Change(line.number, {"note": self.rng.choice(W.plans["note"])}) for line in asked]
        services.put_lines(version=version, changes=lines, by=self._writer(county))

    def _begin_in_part(self, county: Division, day: datetime.date) -> None:
        """A third of the lines, of which some have holes."""
        version = self._begin(county, day)
        lines = list(version.lines.order_by("number").values_list("number", flat=True))
        services.drop_lines(
            version=version, numbers=lines[len(lines) // 3 + 1 :], by=self._writer(county), revision=version.revision
        )
        holes = [
            services.Change(number, {"mode": "", "person": ""} if number % 2 else {"due_on": None})
            for number in lines[: len(lines) // 3 : 3]
        ]
        services.put_lines(version=version, changes=holes, by=self._writer(county))

    def _submit(self, county: Division, day: datetime.date) -> None:
        """What has been taken over or registered since it was begun is seen to first."""
        version, by = self._newest(county), self._writer(county)
        version = services.write_lines(version=version, lines=self._lines(version, day), by=by)
        if checks.check(version).errors:  # a category was settled meanwhile, and a target wants it earlier
            lines = self._lines(version, day, keeps_times=False)
            version = services.write_lines(version=version, lines=lines, by=by)
        key = county.code, day.year
        self.numbers[key] = self.numbers.get(key, 10 + self.rng.randrange(20)) + 1
        facts = {"short": W.short[county.code], "year": day.year, "number": self.numbers[key]}
        file = ContentFile(seal(), name=f"{county.name}{day:%Y}.png")
        services.add_scan(version=version, file=file, by=by)
        services.submit(
            version=version, document_no=W.plans["paper"].format(**facts), signatory=W.signatory,
            words=W.plans["words"], by=by,
        )  # fmt: skip

    def _summarise(self, county: Division, day: datetime.date) -> None:
        """汇总表: by subdistrict, in whole 100 ㎡, of which some stand apart."""
        of_street: dict[str, list[Unmanaged]] = {}
        for one in selectors.unmanaged(county.code).values():
            of_street.setdefault(one.community[:9], []).append(one)
        totals: list[dict[str, Any]] = []
        for street, held in sorted(of_street.items()):
            abandoned = [one for one in held if Category.ABANDONED in one.pockets]
            for label, some in [("", held), *([(W.plans["of_which"], abandoned)] if abandoned else [])]:
                totals.append({
                    "row": len(totals) + 4, "place": self.divisions[street], "label": label, "compounds": len(some),
                    "households": sum(one.households for one in some),
                    "area_dm2": half_up(sum(one.area_dm2 for one in some), ROUGHLY) * ROUGHLY,
                })  # fmt: skip
        services.write_totals(version=self._newest(county), totals=totals, by=self._writer(county))

    def _remark(self, county: Division, day: datetime.date) -> None:
        version = self._newest(county)
        first, *others = self._asked_about(version)
        remarks = [Remark(first.number, text=W.plans["comments"][1])]
        remarks += [Remark(line.number, is_agreed=True) for line in others]
        services.remark(version=version, remarks=remarks, by=self.users[BUREAU])

    def _send_back(self, county: Division, day: datetime.date) -> None:
        version = self._newest(county)
        asked = zip(self._asked_about(version), W.plans["comments"], strict=False)
        services.send_back(
            version=version, comments=[Comment(line.number, text) for line, text in asked],
            opinion=W.plans["returned"], by=self.users[BUREAU],
        )  # fmt: skip

    def _approve(self, county: Division, day: datetime.date) -> None:
        services.approve(version=self._newest(county), opinion=W.plans["approved"], by=self.users[BUREAU])

    def _extend(self, county: Division, day: datetime.date) -> None:
        row = deadlines.set_deadline(
            programme=self.programme, division=county, due_on=month_end(day), by=self.users[BUREAU],
            document=W.plans["extension"],
        )  # fmt: skip
        PlanDeadline.objects.filter(pk=row.pk).update(set_at=office_time(self.rng, day))

    def _newest(self, county: Division) -> PlanVersion:
        return PlanVersion.objects.filter(programme=self.programme, county=county).order_by("-number")[:1].get()

    def _writer(self, county: Division) -> User:
        """The county, or the city for one without staff."""
        return self.users.get(f"county_{county.code}", self.users[BUREAU])

    @staticmethod
    def _asked_about(version: PlanVersion) -> list[PlanLine]:
        """Three lines, apart from each other."""
        lines = list(version.lines.order_by("number"))
        return lines[:: max(1, len(lines) // 3)][:3]

    # --- lines -------------------------------------------------------------------------------------------
    def _lines(self, version: PlanVersion, day: datetime.date, keeps_times: bool = True) -> list[dict[str, Any]]:
        """Every compound with unmanaged area on the day; what the version has ahead of it keeps its time."""
        found = selectors.unmanaged(version.county_id)
        there = {code: one for code, one in found.items() if one.compound.status == Status.ACTIVE}
        written = version.lines.select_related("compound", "community")
        before = {line.compound.code: line for line in written if line.compound}
        first = quarters_left(day, selectors.ends_on(self.programme))[0]
        ahead = {
            code: line for code, line in before.items()
            if keeps_times and code in there and line.due_on and line.due_on >= first
        }  # fmt: skip
        modes = {code: self._mode(one, day) for code, one in there.items() if code not in ahead}
        asked = Asking(self.programme, [version.county]).of[version.county_id]
        pieces = [self._piece(one, modes[code], day) for code, one in there.items() if code in modes]
        tasks = [Task(one.target.code, one.deadline, tuple(one.target.categories), one.missing) for one in asked]
        kept = [
            Kept(due_on, _areas(there[code]), there[code].area_dm2)
            for code, line in ahead.items() if (due_on := line.due_on)
        ]  # fmt: skip
        ends_on = max((one.deadline for one in asked), default=selectors.ends_on(self.programme))
        placed = propose(Question(day, ends_on, pieces, tasks, kept)).placed
        number = max((line.number for line in before.values()), default=3)
        lines = []
        for code in sorted(there, key=lambda code: (code not in before, there[code].community, code)):
            old = before.get(code)
            number += old is None
            row = self._written(there[code]) if old is None else _facts(old)
            row |= {"number": old.number if old else number}
            if code in placed:
                row |= {"mode": modes[code], "due_on": placed[code], "by_quarter": True}
            lines.append(row)
        self._choose_pilots(lines, day)
        return [*lines, *self._carried_out(version, before.values(), there)]

    @staticmethod
    def _carried_out(
        version: PlanVersion, before: Iterable[PlanLine], there: Mapping[str, Unmanaged]
    ) -> list[dict[str, Any]]:  # fmt: skip
        """An amendment keeps the lines of the plan in force that have been carried out."""
        in_force = selectors.in_force(version)
        return [
            _facts(line) | {"number": line.number, "is_pilot": line.is_pilot}
            for line in before
            if line.compound and line.compound.code not in there and line.compound_id in in_force
            and line.compound.status == Status.ACTIVE
        ]  # fmt: skip

    def _piece(self, one: Unmanaged, mode: str, day: datetime.date) -> Piece:
        """Its place in the order of a proposal is about the day on which it was taken over in the end."""
        rng = self._rng(one)
        ahead = [on for on, _mode in self.takeovers.get(one.compound.code, []) if on > day]
        on = min(ahead, default=plan.END) + datetime.timedelta(days=rng.randint(-MISSED_BY, MISSED_BY))
        return Piece(one.compound.code, f"{on} {one.compound.code}", _areas(one), one.area_dm2, mode)

    def _mode(self, one: Unmanaged, day: datetime.date) -> str:
        ahead = sorted(pair for pair in self.takeovers.get(one.compound.code, []) if pair[0] > day)
        if ahead and self._rng(one).randrange(100) < AS_IT_CAME:
            return ahead[0][1]
        return way(one.area_dm2, bool(one.compound.owners_committee), {})[0]

    def _written(self, one: Unmanaged) -> dict[str, Any]:
        rng, street = self._rng(one), one.community[:9]
        of_street = Random(f"{self.seed}/plans/{street}")  # noqa: S311 — a story, no secret
        name = self.divisions[street].name
        unit = W.street_office if is_street(name) else W.town_office
        return {
            "compound": one.compound, "community": self.divisions[one.community], "leader": _person(of_street),
            "person": one.compound.duty_person or _person(rng), "phone": phone(rng), "unit": unit.format(street=name),
        }  # fmt: skip

    def _rng(self, one: Unmanaged) -> Random:
        return Random(f"{self.seed}/plans/{one.compound.code}")  # noqa: S311 — a story, no secret

    @staticmethod
    def _choose_pilots(lines: list[dict[str, Any]], day: datetime.date) -> None:
        """P4.1: what became the pilot of its community in the end, else what comes first there."""
        spans = pilots.spans()
        piloted = {span.community for span in spans if span.holds_on(day)}
        later = {span.compound for span in spans}
        first: dict[str, dict[str, Any]] = {}
        for row in sorted(lines, key=lambda row: (row["compound"].pk not in later, row["due_on"], row["number"])):
            first.setdefault(row["community"].code, row)
        for community, row in first.items():
            if pilots.is_urban(community) and community not in piloted:
                row["is_pilot"] = True


def _areas(one: Unmanaged) -> dict[str, int]:
    return {category: area for category, (area, _homes) in one.pockets.items()}


def _facts(line: PlanLine) -> dict[str, Any]:
    left_out = ("id", "version", "revision", "is_pilot", "planned_dm2", "planned_households")
    fields = [each.name for each in PlanLine._meta.concrete_fields if each.name not in left_out]
    return {name: getattr(line, name) for name in fields}


def _person(rng: Random) -> str:
    return str(rng.choice(W.surnames) + rng.choice(W.given))
