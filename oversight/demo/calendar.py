"""When offices work: days and hours at which the story's entries are recorded, in Asia/Shanghai."""

import datetime
from random import Random
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def _days(*spans: str) -> frozenset[datetime.date]:
    """``"2014-01-31/7"`` is seven days from that date on."""
    found = set()
    for span in spans:
        first, length = span.split("/")
        found |= {datetime.date.fromisoformat(first) + datetime.timedelta(days=n) for n in range(int(length))}
    return frozenset(found)


#: Public holidays as the State Council's office announced them; working weekends in exchange are left free.
HOLIDAYS = _days(
    "2014-01-01/1", "2014-01-31/7", "2014-04-05/3", "2014-05-01/3", "2014-05-31/3", "2014-09-06/3", "2014-10-01/7",
    "2015-01-01/3", "2015-02-18/7", "2015-04-04/3", "2015-05-01/3", "2015-06-20/3", "2015-09-03/3", "2015-09-26/2",
    "2015-10-01/7", "2016-01-01/3", "2016-02-07/7", "2016-04-02/3", "2016-04-30/3", "2016-06-09/3", "2016-09-15/3",
    "2016-10-01/7", "2017-01-01/2", "2017-01-27/7",
)  # fmt: skip
#: How busy a month is: hardly anybody takes over a compound in winter.
BUSY = {1: 0.25, 2: 0.15, 3: 0.6, 4: 1.0, 5: 1.4, 6: 1.4, 7: 1.3, 8: 1.3, 9: 1.4, 10: 1.2, 11: 0.7, 12: 0.6}


def works(day: datetime.date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


def working_day(day: datetime.date) -> datetime.date:
    """The day itself, or the next one on which offices work."""
    while not works(day):
        day += datetime.timedelta(days=1)
    return day


def office_time(rng: Random, day: datetime.date) -> datetime.datetime:
    """A moment within office hours: half past eight to half past eleven, half past one to five."""
    start, minutes = (8 * 60 + 30, 180) if rng.random() < 0.5 else (13 * 60 + 30, 210)
    second = start * 60 + rng.randrange(minutes * 60)
    return datetime.datetime.combine(day, datetime.time(), ZONE) + datetime.timedelta(seconds=second)


def months(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    """The first days of the months from one date's to the other's."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [
        datetime.date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1)
        for n in range(count + 1)
    ]
