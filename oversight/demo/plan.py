"""The numbers of the demo city: how much housing each county has, and how fast it is brought under management.

Areas in 万㎡ at full scale. 双塔区 and 龙城区 hold exactly 1100 万㎡ unmanaged, as the programme says (P3.3, P3.4).
"""

import datetime
from dataclasses import dataclass, replace

from compounds.ledger.choices import Category

START = datetime.date(2014, 1, 1)
FIRST_MONTH = datetime.date(2014, 3, 1)
#: The register was complete and the baseline locked.
LOCKED_ON = datetime.date(2014, 3, 14)
T1_DEADLINE = datetime.date(2014, 12, 31)
END = datetime.date(2016, 12, 31)
DEFAULT_BUSINESS_DATE = datetime.date(2015, 10, 31)
DEFAULT_SEED = 2113
#: The community whose committee has a log-in, and how many compounds it has at least.
SHOWCASE, SHOWCASE_COMPOUNDS = "211302003001", 9

#: T1 counts these; the rest of the unmanaged area is the second group.
FIRST = (Category.ABANDONED.value, Category.RENOVATED.value)
REST = (Category.UNSERVED.value,)

#: The two districts of T1 and T2.
OF_THE_TARGETS = ("211302", "211303")
UNMANAGED_WAN = 1100

WAN = 1_000_000
AREAS = ("first", "rest", "undetermined", "established", "new_build")
Pace = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class CountyPlan:
    """One county: areas (万㎡; of ``scaled``, 0.01 ㎡), mean sizes of its compounds (万㎡), and its pace.

    A pace is the share of a group that is managed by a date.
    """

    code: str
    first: float
    rest: float
    undetermined: float
    established: float
    new_build: float
    open_size: float
    established_size: float
    pace_first: Pace
    pace_rest: Pace


COUNTIES = (
    CountyPlan(
        "211302", 228, 484, 22, 436, 150, 2.75, 5.6,
        (("2014-12-31", 0.855), ("2015-04-30", 0.895), ("2015-12-31", 0.935), ("2016-12-31", 0.985)),
        (("2014-12-31", 0.15), ("2015-10-31", 0.555), ("2015-12-31", 0.62), ("2016-12-31", 0.985)),
    ),
    CountyPlan(
        "211303", 124, 264, 12, 214, 90, 2.75, 5.6,
        (("2014-12-31", 0.80), ("2015-04-30", 0.855), ("2015-12-31", 0.90), ("2016-12-31", 0.97)),
        (("2014-12-31", 0.05), ("2015-10-31", 0.26), ("2015-12-31", 0.31), ("2016-12-31", 0.90)),
    ),
    CountyPlan(
        "211321", 17, 29, 3, 28, 14, 2.2, 4.0,
        (("2014-12-31", 0.24), ("2015-10-31", 0.58), ("2016-12-31", 0.92)),
        (("2014-12-31", 0.15), ("2015-10-31", 0.54), ("2016-12-31", 0.90)),
    ),
    CountyPlan(
        "211322", 52, 96, 7, 62, 26, 2.2, 4.2,
        (("2014-12-31", 0.03), ("2015-10-31", 0.12), ("2016-12-31", 0.42)),
        (("2014-12-31", 0.01), ("2015-10-31", 0.08), ("2016-12-31", 0.36)),
    ),
    CountyPlan(
        "211324", 31, 61, 4, 40, 18, 2.2, 4.0,
        (("2014-12-31", 0.10), ("2015-10-31", 0.34), ("2016-12-31", 0.70)),
        (("2014-12-31", 0.05), ("2015-10-31", 0.26), ("2016-12-31", 0.62)),
    ),
    CountyPlan(
        "211381", 76, 138, 8, 96, 34, 2.3, 4.2,
        (("2014-12-31", 0.26), ("2015-10-31", 0.66), ("2016-12-31", 0.97)),
        (("2014-12-31", 0.17), ("2015-10-31", 0.57), ("2016-12-31", 0.95)),
    ),
    CountyPlan(
        "211382", 62, 120, 6, 88, 30, 2.3, 4.2,
        (("2014-12-31", 0.20), ("2015-10-31", 0.58), ("2016-12-31", 0.93)),
        (("2014-12-31", 0.13), ("2015-10-31", 0.52), ("2016-12-31", 0.88)),
    ),
)  # fmt: skip

#: Mean chance per month of what may happen to a compound, before the season is taken into account.
CHANCES = {
    "provider_change": 0.25, "mode_change": 0.08, "lapse": 0.012, "resurvey": 0.036, "recount": 0.01,
    "reclassify": 0.08, "renovation": 0.05, "committee": 0.012,
}  # fmt: skip
#: Shares of entries that are recorded late, dated by month, recorded wrongly at first, or for a community.
LATE, LATE_AT_THE_DEADLINE, BY_MONTH, WRONG, ON_BEHALF = 0.06, 0.16, 0.07, 0.032, 0.08
#: Compounds per hundred of a county's that are in the register without area, or found later.
PENDING, FOUND_LATER = 0.024, 0.016


def scaled(scale: float) -> list[CountyPlan]:
    """The counties at a scale, in areas of whole 0.01 ㎡: the two districts add up to the programme's area exactly."""
    districts = [county for county in COUNTIES if county.code in OF_THE_TARGETS]
    *known, last = [(county.code, name) for county in districts for name in ("first", "rest")]
    by_code = {county.code: county for county in COUNTIES}
    areas = {(c.code, name): round(getattr(c, name) * WAN * scale) for c in COUNTIES for name in AREAS}
    areas[last] = round(UNMANAGED_WAN * WAN * scale) - sum(areas[key] for key in known)
    return [
        replace(county, **{name: areas[code, name] for name in AREAS}) for code, county in by_code.items()
    ]  # fmt: skip
