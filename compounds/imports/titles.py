"""Which county and subdistrict rows are about, as their sheet's name and titles or a row alone above them say.

That is what a missing 县(市、区) means.
"""

from collections import defaultdict
from collections.abc import Iterable

from chaoyang_pm.kit.sheets import words
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.selectors import Gazetteer, kind, stem
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


class Headings:
    """Names of counties and subdistricts as they stand alone in a row, above the rows that lie there."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._named: dict[str, set[str]] = defaultdict(set)
        for division in gazetteer.by_code.values():
            if division.ended_on is None and division.level in (Level.COUNTY, Level.SUBDISTRICT):
                for name in (division.name, division.short_name, stem(division.name) + kind(division.name)):
                    if name and name != stem(division.name):
                        self._named[words.plain(name)].add(division.code)

    def find(self, text: str, around: Default | None) -> Default | None:
        """The one division that a text names and nothing else; of several of one name that in the county ``around``.

        Only a whole name counts, 双塔区 or 一、双塔区(35个), because the text could be what a compound is called.
        """
        name = words.without_brackets(words.without_number(text)).strip(":")
        found = self._named.get(name) or self._named.get(stem(name) + kind(name) if kind(name) else "") or set()
        if len(found) > 1 and around:
            found = {code for code in found if code.startswith(around.county)}
        if len(found) != 1:
            return None
        (code,) = found
        county = code[: CODE_LENGTH[Level.COUNTY]]
        return Default(county, code if code != county else "", self._gazetteer.path(code))


class Sections:
    """Where the rows of one sheet lie: what the sheet says, and from each heading among them on what that says."""

    def __init__(self, headings: Headings, default: Default | None) -> None:
        self._headings = headings
        self.said: list[tuple[int, Default]] = [(0, default)] if default else []

    def is_section(self, number: int, text: str) -> bool:
        place = self._headings.find(text, self.said[-1][1] if self.said else None)
        if place:
            self.said.append((number, place))
        return place is not None
