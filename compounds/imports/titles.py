"""Which county and subdistrict a sheet is about, as its name and its titles say: what a missing 县(市、区) means."""

from collections.abc import Iterable

from chaoyang_pm.kit.sheets import words
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.divisions.selectors import Gazetteer, stem
from compounds.imports.places import Default

#: A name no longer than this is found within a text by accident.
SHORTEST = 2


def default_of(gazetteer: Gazetteer, name: str, titles: Iterable[str]) -> Default | None:
    """What the sheet's name says, else the first of its titles that names one county or subdistrict, and no other."""
    for text in (name, *titles):
        if found := _named(gazetteer, text):
            return found
    return None


def _named(gazetteer: Gazetteer, text: str) -> Default | None:
    text = words.plain(text)
    counties = _within(gazetteer, Level.COUNTY, text)
    if len(counties) > 1:
        return None
    county = counties[0].code if counties else ""
    streets = [
        street
        for street in _within(gazetteer, Level.SUBDISTRICT, text)
        # 双塔 is 双塔区, and not its 双塔街道.
        if street.code.startswith(county) and (not county or words.plain(street.name) in text)
    ]
    if len(streets) == 1:
        county = streets[0].code[:6]
    elif not county:
        return None
    subdistrict = streets[0].code if len(streets) == 1 else ""
    return Default(county, subdistrict, gazetteer.path(subdistrict or county))


def _within(gazetteer: Gazetteer, level: Level, text: str) -> list[Division]:
    """Divisions that the text is the name of, with or without its suffix; else those whose name stands in it."""
    living = [each for each in gazetteer.by_code.values() if each.ended_on is None]
    city = {stem(each.name) for each in living if each.level == Level.CITY}
    exact, inside = [], []
    for division in living:
        if division.level != level:
            continue
        names = {words.plain(name) for name in (division.name, division.short_name) if name}
        if text in names or (text == stem(division.name) and text not in city):
            exact.append(division)
        elif any(len(name) > SHORTEST and name in text for name in names):
            inside.append(division)
    return exact or [division for division in inside if not _is_part_of_another(division, inside)]


def _is_part_of_another(division: Division, found: list[Division]) -> bool:
    """朝阳县 stands in 东朝阳县 by its letters only."""
    return any(division.name != other.name and division.name in other.name for other in found)
