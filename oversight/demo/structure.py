"""Changes of structure in the story: compounds that are merged, split, moved to another community or torn down."""

import datetime
from typing import TYPE_CHECKING, Any

from chaoyang_pm.kit.figures import half_up
from compounds.ledger.choices import Category, Kind
from oversight.demo.happenings import main_pocket
from oversight.demo.homes import Home
from oversight.demo.office import Event
from oversight.demo.plan import SHOWCASE
from oversight.demo.words import W

if TYPE_CHECKING:
    from oversight.demo.story import CountyStory

#: What happens where in which month.
CALENDAR: dict[tuple[str, str], Kind] = {
    ("2014-06", "211302"): Kind.RELOCATE, ("2014-08", "211381"): Kind.DEREGISTER, ("2014-09", "211302"): Kind.MERGE,
    ("2014-10", "211303"): Kind.SPLIT, ("2015-03", "211381"): Kind.MERGE, ("2015-04", "211303"): Kind.RELOCATE,
    ("2015-05", "211302"): Kind.DEREGISTER, ("2015-06", "211302"): Kind.SPLIT, ("2015-07", "211303"): Kind.MERGE,
    ("2015-08", "211382"): Kind.RELOCATE, ("2015-09", "211302"): Kind.MERGE, ("2015-10", "211382"): Kind.DEREGISTER,
    ("2016-04", "211322"): Kind.MERGE, ("2016-06", "211324"): Kind.MERGE, ("2016-09", "211302"): Kind.MERGE,
}  # fmt: skip


def changes(county: "CountyStory", first: datetime.date) -> None:
    kind = CALENDAR.get((f"{first:%Y-%m}", county.plan.code))
    match kind:
        case Kind.RELOCATE:
            _relocate(county, first)
        case Kind.MERGE:
            _merge(county, first)
        case Kind.SPLIT:
            _split(county, first)
        case Kind.DEREGISTER:
            _deregister(county, first)


def _free(county: "CountyStory", first: datetime.date, least: int, most: int) -> list[Home]:
    """Compounds of the register to which nothing has happened for a while, of a size, the showcase's first."""
    quiet = first - datetime.timedelta(days=40)
    free = [
        home
        for home in county.homes
        if not home.gone and home.last_on < quiet and least < home.area() < most
        and (home.known_at is None or home.known_at.date() < first)
    ]  # fmt: skip
    county.rng.shuffle(free)
    return sorted(free, key=lambda home: home.community != SHOWCASE)


def _record(county: "CountyStory", home: Home, kind: Kind, first: datetime.date, fields: dict, **more) -> None:
    on = first.replace(day=county.rng.randint(5, 25))
    basis_type, name, series = county.rng.choice(W.basis[kind.value])
    details = {
        "basis_type": basis_type, "basis_name": name, "basis_no": county.office.document(series, on),
        "reason": county.rng.choice(W.reasons[kind.value]),
    }  # fmt: skip
    county.office.record(Event(home, kind, on, fields, details, more.get("facts", {}), more.get("creates", ())))


def _relocate(county: "CountyStory", first: datetime.date) -> None:
    for home in _free(county, first, 3_000_00, 40_000_00):
        same_street = [c for c in county.builder.places.communities if c[:9] == home.community[:9]]
        near = [code for code in same_street if code != home.community]
        if near and home.community != SHOWCASE:
            community = county.rng.choice(near)
            _record(county, home, Kind.RELOCATE, first, {"community": community})
            home.community = community
            return


def _merge(county: "CountyStory", first: datetime.date) -> None:
    """A small compound goes into a larger one of the same community that is managed alike."""
    free = _free(county, first, 2_000_00, 60_000_00)
    for home in free:
        for other in free:
            if other is not home and other.community == home.community and other.area() > 1.5 * home.area():
                if "former_names" in other.facts or len(other.name) > 6:
                    continue
                if main_pocket(home, managed=True) and not main_pocket(other, managed=True):
                    continue
                facts: dict[str, Any] = {"former_names": home.name, "buildings": _buildings(home, other)}
                if "residential_area_dm2" in home.facts:
                    facts["residential_area_dm2"] = sum(each.facts["residential_area_dm2"] for each in (home, other))
                _record(county, home, Kind.MERGE, first, {"target": other})
                county.office.edit(other, home.last_on, facts)
                for pocket, (area, households) in list(home.pockets.items()):
                    other.add(pocket, area, households)
                home.pockets.clear()
                home.gone = True
                return


def _buildings(*homes: Home) -> int:
    return sum(home.facts.get("buildings") or 1 for home in homes)


def _split(county: "CountyStory", first: datetime.date) -> None:
    """A large compound that a road cuts in two: its western part becomes a compound of its own."""
    for home in _free(county, first, 30_000_00, 200_000_00):
        pocket = main_pocket(home, managed=True) or main_pocket(home, managed=False)
        if "former_names" in home.facts or home.community == SHOWCASE:
            continue
        if (
            len(home.pockets) != 1
            or pocket is None
            or home.phases
            or home.kind not in ("gated", "open", "resettlement")
        ):
            continue
        area, households = home.pockets[pocket]
        part = round(area * county.rng.uniform(0.3, 0.45) / 100) * 100
        part_households = half_up(households * part, area)
        west = Home(home.county, home.community, W.west.format(name=home.name), home.kind, dict(home.facts))
        buildings = home.facts["buildings"]
        west.facts["buildings"] = max(1, round(buildings * part / area))
        west.facts["residential_area_dm2"] = round(home.facts["residential_area_dm2"] * part / area / 100) * 100
        west.contract_until, west.fee, west.collected = home.contract_until, home.fee, home.collected
        west.provider, west.provider_since = home.provider, home.provider_since
        facts = {
            "buildings": max(1, buildings - west.facts["buildings"]),
            "residential_area_dm2": home.facts["residential_area_dm2"] - west.facts["residential_area_dm2"],
        }  # fmt: skip
        home.add(pocket, -part, -part_households)
        west.add(pocket, part, part_households)
        fields = {"parts": [(west, *pocket, part, part_households)]}
        _record(county, home, Kind.SPLIT, first, fields, facts=facts, creates=(west,))
        county.homes.append(west)
        return


def _deregister(county: "CountyStory", first: datetime.date) -> None:
    """Torn down for renewal: a small compound that nobody managed."""
    for home in _free(county, first, 1_500_00, 9_000_00):
        if home.area(managed=True) == 0 and home.facts["built_year"] < 1995 and home.community != SHOWCASE:
            if home.area(categories=(Category.UNSERVED.value,)):
                _record(county, home, Kind.DEREGISTER, first, {})
                home.pockets.clear()
                home.gone = True
                return
