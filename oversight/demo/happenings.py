"""What happens to one compound: each function changes the compound and has its office record the event."""

import datetime
from random import Random
from typing import Any

from chaoyang_pm.kit.figures import half_up
from compounds.ledger.choices import Category, Kind, Mode, Precision
from oversight.demo import plan
from oversight.demo.facts import Facts
from oversight.demo.homes import Home, Pocket
from oversight.demo.office import Event, Office
from oversight.demo.words import W

NONE = Mode.NONE.value
PROFESSIONAL = Mode.PROFESSIONAL.value


class Happenings:
    """The events of one county's compounds."""

    def __init__(self, office: Office, facts: Facts, rng: Random):
        self.office, self.facts, self.rng = office, facts, rng

    # --- management -----------------------------------------------------------------------------------
    def takeover(self, home: Home, pocket: Pocket, on: datetime.date, *, area: int | None = None) -> None:
        """Area that nobody managed is taken over; by whom manages the rest already, if anybody does."""
        held, households = home.pockets[pocket]
        part = area is not None and area < held
        home.parts_taken += part
        taken = area if part and area else held
        taken_households = half_up(households * taken, held) if part else households
        mode = self._mode_for(home)
        is_first = home.area(managed=True) == 0
        if is_first:
            home.provider, home.provider_since = self.facts.provider(home, mode), on
        details, number = self._contract(home, mode, on)
        if part:
            buildings = max(2, home.facts.get("buildings") or 2)
            first = round(buildings * taken / held) or 1
            details["building_numbers"] = W.buildings.format(first=1, last=first) if first > 1 else W.building
        target = (pocket[0], mode)
        home.move(pocket, target, taken, taken_households)
        fields = {
            "category": pocket[0], "mode_from": NONE, "mode_to": mode, "area_dm2": taken,
            "households": taken_households,
        }  # fmt: skip
        facts = self.facts.managed(home, mode, on, number, 12) if is_first else {}
        self._record(home, Kind.TAKEOVER, on, fields, details, facts)

    def takeover_in_vain(self, home: Home, pocket: Pocket, on: datetime.date, withdrawn_on: datetime.date) -> None:
        area, households = home.pockets[pocket]
        fields = {
            "category": pocket[0], "mode_from": NONE, "mode_to": PROFESSIONAL, "area_dm2": area,
            "households": households,
        }  # fmt: skip
        details, _number = self._contract(home, PROFESSIONAL, on)
        details["provider_to"] = self.facts.provider(home, PROFESSIONAL)
        self.office.record_in_vain(Event(home, Kind.TAKEOVER, on, fields, details, {}), withdrawn_on)

    def lapse(self, home: Home, pocket: Pocket, on: datetime.date, *, expired: bool = False) -> None:
        """The provider leaves and none follows."""
        area, households = home.pockets[pocket]
        home.move(pocket, (pocket[0], NONE), area, households)
        details = self._basis("lapse", on) | {
            "provider_from": home.provider,
            "reason": self.rng.choice(W.reasons["expired_lapse" if expired else "lapse"]),
        }  # fmt: skip
        details |= self._date_basis("lapse", on)
        fields = {
            "category": pocket[0], "mode_from": pocket[1], "mode_to": NONE, "area_dm2": area, "households": households,
        }  # fmt: skip
        facts = self.facts.unmanaged(pocket[0], lapsed=True) if home.area(managed=True) == 0 else {}
        home.provider = "" if facts else home.provider
        self._record(home, Kind.LAPSE, on, fields, details, facts)

    def mode_change(self, home: Home, pocket: Pocket, on: datetime.date) -> None:
        area, households = home.pockets[pocket]
        others = [mode for mode in (Mode.OWNERS.value, Mode.MANAGER.value) if mode != pocket[1]]
        mode = PROFESSIONAL if pocket[1] != PROFESSIONAL else self.rng.choice(others)
        before, home.provider = home.provider, self.facts.provider(home, mode, besides=home.provider)
        home.provider_since = on
        home.move(pocket, (pocket[0], mode), area, households)
        details, number = self._contract(home, mode, on)
        reason = self.rng.choice(W.reasons["mode_change" if mode == PROFESSIONAL else "mode_change_back"])
        details |= {"provider_from": before, "reason": reason}
        fields = {
            "category": pocket[0], "mode_from": pocket[1], "mode_to": mode, "area_dm2": area, "households": households,
        }  # fmt: skip
        self._record(home, Kind.MODE_CHANGE, on, fields, details, self.facts.managed(home, mode, on, number, 24))

    def provider_change(self, home: Home, mode: str, on: datetime.date, *, expired: bool = False) -> None:
        before, home.provider = home.provider, self.facts.provider(home, mode, besides=home.provider)
        home.provider_since = on
        details, number = self._contract(home, mode, on)
        details |= {
            "provider_from": before,
            "reason": self.rng.choice(W.reasons["expired" if expired else "provider_change"]),
        }
        self._record(home, Kind.PROVIDER_CHANGE, on, {}, details, self.facts.managed(home, mode, on, number, 12))

    def renew(self, home: Home, on: datetime.date) -> None:
        """The same provider for another year: nothing for the ledger."""
        number = self.office.document(W.contracts, on)
        self.office.edit(home, on, self.facts.renewed(home, on, number))

    # --- area and category ------------------------------------------------------------------------------
    def resurvey(self, home: Home, pocket: Pocket, on: datetime.date) -> None:
        """Measured anew: a few percent more or less."""
        area, _households = home.pockets[pocket]
        change = round(area * self.rng.uniform(-0.028, 0.034))
        if not change:
            return
        home.add(pocket, change, 0)
        why = ("resurvey_more" if change > 0 else "resurvey_less") + ("" if pocket[1] == NONE else "_managed")
        details = self._basis("resurvey", on) | {"reason": self.rng.choice(W.reasons[why])}
        fields = {
            "category": pocket[0], "mode_from": pocket[1], "area_dm2": change, "households": 0,
        }  # fmt: skip
        share = home.area() / (home.area() - change)
        residential = round(home.facts["residential_area_dm2"] * share / 100) * 100
        facts = {"area_source": "survey", "residential_area_dm2": residential}
        self._record(home, Kind.RESURVEY, on, fields, details, facts)

    def recount(self, home: Home, pocket: Pocket, on: datetime.date) -> None:
        """Households counted anew, the area as it was."""
        households = home.pockets[pocket][1]
        change = self.rng.choice((-1, 1)) * self.rng.randint(1, max(1, households // 40))
        if households + change < 1:
            return
        home.add(pocket, 0, change)
        details = self._basis("recount", on) | {
            "reason": self.rng.choice(W.reasons["recount_more" if change > 0 else "recount_less"])
        }
        fields = {"category": pocket[0], "mode_from": pocket[1], "area_dm2": 0, "households": change}
        self._record(home, Kind.RESURVEY, on, fields, details)

    def reclassify(self, home: Home, pocket: Pocket, category: str, on: datetime.date) -> None:
        area, households = home.pockets[pocket]
        home.move(pocket, (category, pocket[1]), area, households)
        details = self._basis("reclassify", on)
        renovated = category == Category.RENOVATED and pocket[0] == Category.ABANDONED
        details["reason"] = W.reasons["reclassify"][0 if renovated else 1]
        fields = {
            "category": pocket[0], "new_category": category, "mode_from": pocket[1], "area_dm2": area,
            "households": households,
        }  # fmt: skip
        facts: dict[str, Any] = {"category_basis": details["basis_name"]}
        if renovated:
            facts["renovated_year"] = on.year
        if pocket[1] == NONE and home.area(managed=True) == 0:
            facts["unmanaged_reason"] = self.rng.choice(W.unmanaged_reasons[category])
        self._record(home, Kind.RECLASSIFY, on, fields, details, facts)

    def register(
        self, home: Home, category: str, area: int, on: datetime.date, *, mode: str = NONE, phase: str = "",
        basis: str = "found",
    ) -> None:  # fmt: skip
        """A compound's first area, or that of a further phase."""
        is_new = home.known_at is None
        households = self.facts.households(area, home.kind)
        home.add((category, mode), area, households)
        details = self._basis(basis, on) | {"phase": phase}
        if mode != NONE and not home.provider:
            home.provider, home.provider_since = self.facts.provider(home, mode), on
        if mode != NONE:
            details["provider_to"] = home.provider
        if basis == "found":
            details["reason"] = self.rng.choice(W.reasons["found"])
        fields = {
            "community": home.community, "category": category, "mode_to": mode, "area_dm2": area,
            "households": households,
        }  # fmt: skip
        held = [home.area(), sum(held[1] for held in home.pockets.values())]
        before = dict(home.facts)
        self.facts.size(home, *held)
        if mode != NONE and not phase:
            home.facts |= self.facts.managed(home, mode, on, self.office.document(W.contracts, on), 36)
        changes = {} if is_new else {k: v for k, v in home.facts.items() if before.get(k) != v}
        if not is_new:
            home.facts = before
        self._record(home, Kind.REGISTER, on, fields, details, changes, (home,) if is_new else ())

    # --- papers -----------------------------------------------------------------------------------------
    def _record(self, home: Home, kind: Kind, on, fields, details, facts=None, creates=()) -> None:
        self.office.record(Event(home, kind, on, fields, details, facts or {}, creates))

    def _contract(self, home: Home, mode: str, on: datetime.date) -> tuple[dict[str, Any], Any]:
        """The paper that management rests on, and the contract's number where there is one."""
        basis_type, name, series = W.takeover_basis[mode]
        number = self.office.document(series, on)
        details = {
            "provider_to": home.provider, "basis_type": basis_type, "basis_name": name, "basis_no": number,
        }  # fmt: skip
        return details | self._date_basis(mode, on), number

    def _basis(self, kind: str, on: datetime.date) -> dict[str, Any]:
        basis_type, name, series = self.rng.choice(W.basis[kind])
        return {"basis_type": basis_type, "basis_name": name, "basis_no": self.office.document(series, on)}

    def _date_basis(self, kind: str, on: datetime.date) -> dict[str, Any]:
        """Where the date is from; a month's last day may stand for a month of which nobody knows the day."""
        if (on + datetime.timedelta(days=1)).day == 1:
            return {"date_basis": W.date_bases["other"][0], "precision": Precision.MONTH.value}
        return {"date_basis": self.rng.choice(W.date_bases.get(kind, W.date_bases["other"]))}

    def _mode_for(self, home: Home) -> str:
        """The mode under which the rest of a compound is managed already, else one that fits its kind and size."""
        for _category, mode in home.pockets:
            if mode != NONE:
                return mode
        area = home.area()
        weights = {
            "professional": 30 + min(60, area // 1_000_00), "community": max(6, 46 - area // 1_000_00), "owners": 9,
            "self_help": 12 if area < 12_000_00 else 3, "manager": 7,
        }  # fmt: skip
        return self.rng.choices(list(weights), list(weights.values()))[0]


def main_pocket(home: Home, *, managed: bool, categories: tuple[str, ...] | None = None) -> Pocket | None:
    """The compound's largest pocket that is managed, or not."""
    fits = [
        (held[0], pocket)
        for pocket, held in home.pockets.items()
        if (pocket[1] != NONE) == managed and (categories is None or pocket[0] in categories) and held[0] > 0
    ]
    return max(fits)[1] if fits else None


def chance(kind: str) -> float:
    return plan.CHANCES[kind]
