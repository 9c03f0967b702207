"""The story of the demo city from its register to the end of 2016, month by month; a cut ends it earlier.

The whole story is made before anything is written, so that an earlier business date gives its beginning.
"""

import datetime
from random import Random

from chaoyang_pm.kit.dates import month_end
from communities.divisions.models import Division
from compounds.ledger.choices import Category, Mode
from oversight.demo import plan, structure
from oversight.demo.calendar import BUSY, months, working_day, works
from oversight.demo.happenings import NONE, Happenings, chance, main_pocket
from oversight.demo.homes import Builder, Home, Pocket
from oversight.demo.office import Office
from oversight.demo.plan import FIRST, REST, WAN, CountyPlan, Pace
from oversight.demo.steps import Step, in_order
from oversight.demo.words import W

#: What is not worth a takeover of its own: 2,000 ㎡.
CRUMB = 2_000_00
#: A compound of usual size: 1.8 万㎡.
USUAL = 18_000_00
#: Modes under which the provider can change without the mode.
CONTRACTED = (Mode.PROFESSIONAL.value, Mode.MANAGER.value)
#: Before the first target's deadline, and when it is made good.
HURRY = (datetime.date(2014, 12, 1), datetime.date(2015, 4, 1))
#: The month in which a takeover was claimed that never took place.
CLAIMED = datetime.date(2014, 12, 1)


class CountyStory:
    """One county: its compounds, and what becomes of them each month."""

    def __init__(self, county: CountyPlan, seed: int, divisions: dict[str, Division]):
        self.plan = county
        self.rng = Random(f"{seed}/{county.code}")  # noqa: S311 — a story, no secret
        self.builder = Builder(county, self.rng, divisions)
        self.office = Office(county.code, self.rng, self.builder.facts)
        self.happenings = Happenings(self.office, self.builder.facts, self.rng)
        self.homes = self.builder.baseline()
        self.totals: dict[tuple[str, ...], int] = {
            group: sum(h.area(categories=group) for h in self.homes) for group in (FIRST, REST)
        }
        self.pending: list[Home] = []
        self.duplicates: list[Home] = []
        self._enter_register()

    def _enter_register(self) -> None:
        self._duplicate_names()
        for _ in range(max(1, round(len(self.homes) * plan.PENDING))):
            self.pending.append(self.builder.older(Category.UNSERVED.value, in_showcase=not self.pending))
            self.pending[-1].facts["note"] = self.rng.choice(W.pending_notes)
        lines = [*self.homes, *self.pending, *self.duplicates]
        lines.sort(key=lambda home: home.community)
        for row, home in enumerate(lines, start=4):
            self.office.enter(home, row)

    def _duplicate_names(self) -> None:
        """Some compounds were entered twice (once without area); others only have like names."""
        names = self.builder.names
        named = [home for home in self.homes if names.can_be_alike(home.name) and home.area() > CRUMB]
        chosen = self.rng.sample(named, min(len(named), max(1, len(self.homes) // 60)))
        for number, home in enumerate(chosen):
            neighbours = [o for o in self.homes if o.community == home.community and o.kind == "open" and o is not home]
            if number % 2 and neighbours:
                neighbours[0].name = names.alike(home.community, home.name)
                continue
            copied = {fact: home.facts[fact] for fact in ("kind", "address", "built_year", "category_basis")}
            double = Home(home.county, home.community, names.alike(home.community, home.name), home.kind, copied)
            self.duplicates.append(double)

    # --- a month ---------------------------------------------------------------------------------------
    def month(self, first: datetime.date) -> None:
        self._new_lines(first)
        for group, pace in ((FIRST, self.plan.pace_first), (REST, self.plan.pace_rest)):
            self._take_over(first, group, pace)
        if first == CLAIMED:
            self._claim(first)
        for home in self.homes:
            self._wear(home, first)
        if first >= datetime.date(2014, 4, 1) and self.duplicates and self.rng.random() < 0.2:
            self._retire_duplicate(first)

    def day(self, home: Home, first: datetime.date) -> datetime.date | None:
        """A day of the month on which something can happen to the compound, None if something has already."""
        if home.last_on >= first or home.gone:
            return None
        last = month_end(first)
        if self.rng.random() < plan.BY_MONTH:
            return last
        day = first.replace(day=self.rng.randint(1, last.day - 1))
        return (
            day if works(day) or self.rng.random() < 0.1 else min(working_day(day), last - datetime.timedelta(days=1))
        )

    def _wear(self, home: Home, first: datetime.date) -> None:
        """What may happen to any compound: at most one thing a month."""
        rng, happenings, season = self.rng, self.happenings, BUSY[first.month]
        if (on := self.day(home, first)) is None:
            return
        undetermined = main_pocket(home, managed=False, categories=(Category.UNDETERMINED.value,))
        if undetermined and rng.random() < chance("reclassify") * season:
            category = rng.choices(("abandoned", "renovated", "unserved"), (40, 20, 40))[0]
            return happenings.reclassify(home, undetermined, category, on)
        largest = max(home.pockets, key=lambda pocket: home.pockets[pocket][0], default=None)
        if largest is None:
            return None
        if largest[0] == Category.ABANDONED and 9 <= first.month <= 11 and rng.random() < chance("renovation"):
            return happenings.reclassify(home, largest, Category.RENOVATED.value, on)
        if rng.random() < chance("resurvey") * season * (1.6 if home.facts["area_source"] == "estimate" else 0.5):
            return happenings.resurvey(home, largest, on)
        if rng.random() < chance("recount") * season:
            return happenings.recount(home, largest, on)
        managed = main_pocket(home, managed=True)
        if not managed:
            return self._return_after_lapse(home, on)
        if home.contract_until and home.contract_until <= month_end(first):
            return self._contract_ends(home, managed, first, on)
        settled = (on - home.provider_since).days
        leaves = chance("lapse") * (1.5 if first.month in (1, 12) else 1.0)
        # Compounds that were managed before the programme are rarely given up.
        leaves *= 0.2 if managed[0] == Category.ESTABLISHED else 1.0
        if settled > 100 and rng.random() < leaves and self._may_be_lost(home, managed, first):
            return happenings.lapse(home, managed, on)
        if managed[1] in CONTRACTED and settled > 140 and rng.random() < chance("provider_change") * season:
            return happenings.provider_change(home, managed[1], on)
        if managed[1] not in CONTRACTED and settled > 170 and rng.random() < chance("mode_change") * season:
            return happenings.mode_change(home, managed, on)
        if not home.facts.get("owners_committee") and rng.random() < chance("committee") * season:
            self.office.edit(home, on, self.builder.facts.committee(on, home.facts["built_year"]))
        return None

    def _contract_ends(self, home: Home, pocket: Pocket, first: datetime.date, on: datetime.date) -> None:
        """When a contract ends it is renewed, somebody else takes over, or nobody does."""
        rng, happenings, ends = self.rng, self.happenings, home.contract_until
        on = max(on, min(ends + datetime.timedelta(days=1), month_end(first))) if ends else on
        fate = rng.random()
        lost = 0.01 if pocket[0] == Category.ESTABLISHED else 0.06
        if fate < lost and self._may_be_lost(home, pocket, first):
            return happenings.lapse(home, pocket, on, expired=True)
        if pocket[1] == Mode.COMMUNITY and fate < 0.4:
            return happenings.mode_change(home, pocket, on)
        if pocket[1] in CONTRACTED and fate < 0.62:
            return happenings.provider_change(home, pocket[1], on, expired=True)
        return happenings.renew(home, on)

    def _may_be_lost(self, home: Home, pocket: Pocket, first: datetime.date) -> bool:
        """A single lapse never turns the story of the first target, however small the city."""
        if pocket[0] not in FIRST or first < CLAIMED:
            return True
        return first not in HURRY and home.pockets[pocket][0] < self.totals[FIRST] // 80

    def _return_after_lapse(self, home: Home, on: datetime.date) -> None:
        """Area of other categories that lapsed is taken over again after a while; the targets' is in their pace."""
        lapsed = main_pocket(home, managed=False, categories=(Category.ESTABLISHED.value, Category.NEW_BUILD.value))
        if lapsed and home.area(managed=True) == 0 and self.rng.random() < 0.16:
            self.happenings.takeover(home, lapsed, on)

    def _take_over(self, first: datetime.date, group: tuple[str, ...], pace: Pace) -> None:
        """Take over as much of a group as its pace asks for by the end of the month, and hardly more."""
        last = month_end(first)
        due = round(self.totals[group] * share_due(pace, last))
        managed = sum(home.area(managed=True, categories=group) for home in self.homes)
        candidates = [home for home in self.homes if home.area(managed=False, categories=group) > 0]
        self.rng.shuffle(candidates)
        # Nobody takes over one compound in many slices, unless a deadline is near.
        most_parts = 3 if first in HURRY else 0
        for home in candidates:
            missing = due - managed
            if missing < CRUMB:
                break
            pocket = main_pocket(home, managed=False, categories=group)
            if pocket is None or (on := self.day(home, first)) is None:
                continue
            area = home.pockets[pocket][0]
            part = None
            if area > missing:
                if home.parts_taken > most_parts or missing < area * 0.2 or area < 4 * CRUMB:
                    continue
                part = missing
            elif area > 10_000_00 and not home.parts_taken and self.rng.random() < 0.5:
                part = round(area * self.rng.uniform(0.35, 0.7))
            self.happenings.takeover(home, pocket, on, area=part)
            managed += part or area

    def _claim(self, first: datetime.date) -> None:
        """In the last days before the deadline a takeover is reported that never took place."""
        if self.plan.code not in plan.OF_THE_TARGETS:
            return
        free = [
            (abs(home.pockets[pocket][0] - USUAL), home, pocket)
            for home in self.homes
            if (pocket := main_pocket(home, managed=False, categories=FIRST)) and self.day(home, first)
        ]
        if free:
            _distance, home, pocket = min(free, key=lambda each: each[0])
            on = first.replace(day=self.rng.randint(8, 14))
            found = datetime.date(2015, 2, self.rng.randint(2, 13))
            self.happenings.takeover_in_vain(home, pocket, on, found)

    def _new_lines(self, first: datetime.date) -> None:
        """New compounds, further phases, compounds that the register missed, and areas that were not known."""
        rng, plan_, season = self.rng, self.plan, BUSY[first.month]
        mean = 6 * WAN
        expected = plan_.new_build / mean / 33 * season
        for _ in range(_times(rng, expected)):
            home = self.builder.new_build(first.year)
            mode = Mode.PROFESSIONAL.value if rng.random() < 0.85 else NONE
            area = round(mean * min(3.0, max(0.35, rng.lognormvariate(-0.12, 0.5))))
            self._register(home, Category.NEW_BUILD.value, area, first, mode=mode, basis="new_build")
        if _times(rng, len(self.homes) * plan.FOUND_LATER / 24 * season):
            category = rng.choice(("unserved", "abandoned", "undetermined"))
            area = round(rng.uniform(2_500_00, 14_000_00))
            self._register(self.builder.older(category), category, area, first)
        if self.pending and _times(rng, len(self.pending) * 0.04 * season):
            home = self.pending.pop()
            self._register(home, Category.UNSERVED.value, round(rng.uniform(3_000_00, 18_000_00)), first, basis="found")
        finished = [h for h in self.homes if (Category.NEW_BUILD.value, Mode.PROFESSIONAL.value) in h.pockets]
        if finished and _times(rng, len(finished) * 0.012 * season):
            home = rng.choice(finished)
            on = self.day(home, first)
            if on and (on - home.last_on).days > 200 and not home.phases:
                area = round(home.area() * rng.uniform(0.4, 0.8))
                home.phases = [("", ("", ""), 0, 0)]
                self.happenings.register(
                    home, Category.NEW_BUILD.value, area, on, mode=Mode.PROFESSIONAL.value, phase=W.phases[1],
                    basis="new_build",
                )  # fmt: skip

    def _register(self, home: Home, category: str, area: int, first: datetime.date, **how) -> None:
        on = first.replace(day=self.rng.randint(2, 27))
        self.happenings.register(home, category, area, on, **how)
        self.homes.append(home)

    def _retire_duplicate(self, first: datetime.date) -> None:
        if len(self.duplicates) > 1:
            self.office.retire(self.duplicates.pop(), first.replace(day=self.rng.randint(2, 26)))


def _times(rng: Random, expected: float) -> int:
    """A whole number with this mean."""
    return int(expected) + (rng.random() < expected % 1)


def share_due(pace: Pace, day: datetime.date) -> float:
    """The share due by the end of a month: between two dates of the pace, busy months get more than quiet ones."""
    since, done = plan.FIRST_MONTH - datetime.timedelta(days=1), 0.0
    for text, share in pace:
        until = datetime.date.fromisoformat(text)
        if day <= until:
            span = [BUSY[month.month] for month in months(since + datetime.timedelta(days=1), until)]
            gone = [BUSY[month.month] for month in months(since + datetime.timedelta(days=1), day)]
            return done + (share - done) * sum(gone) / sum(span)
        since, done = until, share
    return done


def story(seed: int, scale: float) -> list[Step]:
    """Every step of the story, in the order in which it is recorded."""
    divisions = {division.code: division for division in Division.objects.all()}
    counties = [CountyStory(county, seed, divisions) for county in plan.scaled(scale)]
    for first in months(plan.FIRST_MONTH, plan.END):
        for county in counties:
            structure.changes(county, first)
            county.month(first)
    return in_order([step for county in counties for step in county.office.steps])
