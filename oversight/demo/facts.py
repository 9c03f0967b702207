"""Descriptive facts of the demo's compounds: what a clerk would have filled in."""

import datetime
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from chaoyang_pm.kit.dates import add_months
from communities.divisions.models import Division
from compounds.ledger.choices import Category, Mode
from oversight.demo.names import Names, phone
from oversight.demo.words import W

if TYPE_CHECKING:
    from oversight.demo.homes import Home

PHASES = W.phases
#: 元/㎡·月 in hundredths, and percent of fees collected, by mode: (lowest, highest).
FEES = {
    "professional": (45, 120), "manager": (35, 70), "owners": (30, 55), "self_help": (30, 40), "community": (30, 50),
}  # fmt: skip
NEWER = ("gated", "mixed_use", "resettlement")
COLLECTED = {
    "professional": (62, 95), "manager": (60, 88), "owners": (65, 92), "self_help": (55, 85), "community": (42, 74),
}  # fmt: skip


def is_street(name: str) -> bool:
    """Whether a division of the third level is a street of a town, and no township."""
    return not name.endswith(tuple(W.town_suffixes))


def established_mode(rng: Random) -> str:
    modes = (Mode.PROFESSIONAL.value, Mode.MANAGER.value, Mode.OWNERS.value)
    return rng.choices(modes, (88, 6, 6))[0]


class Facts:
    """Fills in and follows the descriptive facts of one county's compounds."""

    def __init__(self, county: str, rng: Random, names: Names, divisions: dict[str, Division]):
        self.county, self.rng, self.names, self.divisions = county, rng, names, divisions
        enterprises = W.enterprises[county]
        self.enterprises = [W.enterprise.format(name=name) for name in enterprises]
        # A few enterprises have most of the market.
        self._shares = [1 / (place + 2) for place in range(len(enterprises))]
        self.clerks = [names.person() for _ in range(4)]

    def households(self, area: int, kind: str) -> int:
        housing = self.rng.uniform(0.74, 0.85) if kind == "mixed_use" else 1.0
        return max(1, round(area * housing / (self.rng.uniform(80, 95) * 100)))

    def describe(self, home: "Home", category: str) -> None:
        """The facts of a compound when it enters the register."""
        rng, built, kind = self.rng, home.facts["built_year"], home.kind
        area, households = home.area(), sum(held[1] for held in home.pockets.values())
        home.facts |= {
            "kind": kind, "address": self.names.address(home.community), "built_year": built,
            "ownership": rng.choice(W.ownership[kind]), "category_basis": W.category_basis[category],
            "duty_person": self.names.titled(W.duty_titles),
        }  # fmt: skip
        if area:
            self.size(home, area, households)
        if kind == "work_unit":
            home.facts["original_owner"] = _unit(home.name)
        elif kind in ("gated", "mixed_use", "resettlement"):
            home.facts["developer"] = W.developer.format(name=rng.choice(W.developers))
        if category == Category.RENOVATED:
            home.facts["renovated_year"] = rng.randint(2010, 2013)
        if category == Category.ABANDONED:
            since = min(2013, max(built + 6, rng.randint(2003, 2013)))
            home.facts["abandoned_since"] = W.abandoned_since.format(year=since)
        if home.area(managed=True):
            mode = next(mode for _category, mode in home.pockets if mode != Mode.NONE)
            home.provider = self.provider(home, mode)
            years = rng.choice((1, 2, 2, 3))
            until = datetime.date(2014, 4, 1) + datetime.timedelta(days=rng.randrange(365 * years - 60))
            since = add_months(until.replace(day=1), -12 * years)
            home.facts |= self.managed(home, mode, since, "", 12 * years)
        else:
            home.facts |= self.unmanaged(category)
        if rng.random() < (0.6 if home.area(managed=True) else 0.12):
            elected = datetime.date(rng.choice((2010, 2011, 2012, 2013)), rng.randint(1, 12), 20)
            home.facts |= self.committee(elected, built)

    def size(self, home: "Home", area: int, households: int) -> None:
        """Facts that go with an area: buildings, the residential part, where the area is from."""
        rng = self.rng
        share = rng.uniform(0.7, 0.84) if home.kind == "mixed_use" else rng.uniform(0.9, 0.985)
        source = "estimate" if area % 100_00 == 0 else rng.choice(("survey", "title_file"))
        home.facts |= {
            "buildings": max(1, round(households / rng.uniform(36, 60))), "area_source": source,
            "residential_area_dm2": round(round(area * share), -4 if source == "estimate" else -2),
        }  # fmt: skip

    def managed(self, home: "Home", mode: str, since: datetime.date, number: Any, months: int) -> dict[str, Any]:
        """Facts of a compound that is managed: a contract where there is an enterprise, fees, what is collected."""
        rng = self.rng
        has_contract = mode in (Mode.PROFESSIONAL, Mode.MANAGER, Mode.COMMUNITY)
        home.contract_until = add_months(since, months) - datetime.timedelta(days=1) if has_contract else None
        self._set_fee(home, mode)
        titles = W.contact_titles["community" if mode in (Mode.COMMUNITY, Mode.SELF_HELP) else "managed"]
        return {
            "contract_term": W.contract_term.format(since=since, until=home.contract_until) if has_contract else "",
            "contract_filing_no": number, "fee": W.fee.format(yuan=f"{Decimal(home.fee) / 100:.2f}"),
            "collection_rate": Decimal(home.collected) / 10, "unmanaged_reason": "",
            "contact": self.names.titled(titles), "phone": phone(rng),
        }  # fmt: skip

    def renewed(self, home: "Home", since: datetime.date, number: Any) -> dict[str, Any]:
        """Facts that change when the contract with the same provider is renewed for a year."""
        home.contract_until = add_months(since, 12) - datetime.timedelta(days=1)
        return {
            "contract_term": W.contract_term.format(since=since, until=home.contract_until),
            "contract_filing_no": number,
        }  # fmt: skip

    def _set_fee(self, home: "Home", mode: str) -> None:
        rng, (low, high), (least, most) = self.rng, FEES[mode], COLLECTED[mode]
        if mode == Mode.PROFESSIONAL:
            low, high = (60, 120) if home.kind in NEWER and home.facts["built_year"] > 2002 else (45, 75)
        if home.fee:
            home.fee += rng.choice((-5, 0, 0, 0, 5, 5, 10))
            home.collected += rng.randint(-40, 50)
        else:
            home.fee, home.collected = rng.randrange(low, high + 1, 5), rng.randrange(least * 10, most * 10)
        home.fee = min(max(home.fee, low), high)
        home.collected = min(max(home.collected, least * 10), most * 10)

    def unmanaged(self, category: str, *, lapsed: bool = False) -> dict[str, Any]:
        """Facts of a compound that nobody manages."""
        reasons = W.after_lapse if lapsed else W.unmanaged_reasons[category]
        return {
            "contract_term": "", "contract_filing_no": "", "fee": "", "collection_rate": None,
            "unmanaged_reason": self.rng.choice(reasons), "contact": self.names.titled(W.contact_titles["none"]),
            "phone": phone(self.rng),
        }  # fmt: skip

    def committee(self, elected: datetime.date, built: int) -> dict[str, Any]:
        """An owners' committee of an odd number of members, elected for three or five years."""
        rng = self.rng
        years = rng.choice((3, 5))
        # A compound has had no more committees than its years allow; old housing began late.
        terms = min(len(W.committees), 1 + max(0, elected.year - max(built, 2001) - 2) // 4)
        return {
            "owners_committee": W.committees[rng.randrange(terms)].format(n=rng.choice((5, 7, 9))),
            "committee_term_ends": elected.replace(year=elected.year + years, day=min(elected.day, 28)),
        }  # fmt: skip

    def provider(self, home: "Home", mode: str, *, besides: str = "") -> str:
        """Who manages a compound under a mode."""
        match mode:
            case Mode.PROFESSIONAL:
                while True:
                    name = self.rng.choices(self.enterprises, self._shares)[0]
                    if name != besides:
                        return name
            case Mode.MANAGER:
                while True:
                    name = W.manager_provider.format(
                        surname=self.rng.choice(W.surnames), title=self.rng.choice(W.manager_titles)
                    )
                    if name != besides:
                        return name
            case Mode.OWNERS:
                return W.owners_provider.format(home=home.name)
            case Mode.SELF_HELP:
                return W.self_help_provider.format(home=home.name)
        return self.committee_of(home.community)

    # --- who reports ---------------------------------------------------------------------------------
    def committee_of(self, community: str) -> str:
        """前进社区居民委员会."""
        name = self.divisions[community].name
        return name if name.endswith(W.committee_suffix) else W.community_committee.format(name=name)

    def street_office(self, community: str) -> str:
        street = self.divisions[community[:9]].name
        pattern = W.street_office if is_street(street) else W.town_office
        return pattern.format(street=street) if not street.endswith(W.farm) else street

    def county_office(self) -> str:
        return W.office.format(county=str(self.divisions[self.county]))


def _unit(name: str) -> str:
    """The work unit in the name of its housing."""
    for housing in sorted(W.unit_housing, key=len, reverse=True):
        name = name.removesuffix(housing)
    for prefix in W.unit_prefixes[-2:]:
        name = name.removeprefix(prefix)
    return name
