"""Dates as the portal counts them. ``business_date()`` is the only "today" in the code."""

import calendar
import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from chaoyang_pm.kit.portal import selectors as portal
from chaoyang_pm.kit.problems import bad

#: No record is older; further back the calendar's own beginning comes into reach.
EARLIEST = datetime.date(1900, 1, 1)


def business_date() -> datetime.date:
    """The date that the environment fixes, else that of a demo database, else today in the portal's time zone."""
    return settings.BUSINESS_DATE or portal.about().business_date or timezone.localdate()


def resolve_date(text: str, *, field: str = "as_of") -> datetime.date:
    """An ISO date up to the business date; the business date for a blank."""
    today = business_date()
    if not text:
        return today
    try:
        day = datetime.datetime.strptime(text, "%Y-%m-%d").date()
    except (ValueError, TypeError):
        message = _("“%(value)s” is not a date; write it as 2014-12-31.")
        raise bad(field, text, message % {"value": text}) from None
    if day > today:
        message = _("%(value)s lies after the business date; dates up to %(today)s are accepted.")
        raise bad(field, text, message % {"value": text, "today": today.isoformat()})
    if day < EARLIEST:
        message = _("%(value)s is too long ago; dates from %(earliest)s are accepted.")
        raise bad(field, text, message % {"value": text, "earliest": EARLIEST.isoformat()})
    return day


def start_of(day: datetime.date) -> datetime.datetime:
    """The moment at which a day begins, in the portal's time zone."""
    return datetime.datetime.combine(day, datetime.time(), timezone.get_default_timezone())


def month_end(day: datetime.date) -> datetime.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def quarter_end(day: datetime.date) -> datetime.date:
    return month_end(day.replace(day=1, month=(day.month + 2) // 3 * 3))


def next_month_end(day: datetime.date) -> datetime.date:
    """The end of the month after that of ``day``."""
    return month_end(add_months(day.replace(day=1), 1))


def add_months(day: datetime.date, months: int) -> datetime.date:
    """``day`` moved by whole months; the day of the month is cut to the month's length."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(day.day, last))


def months_between(earlier: datetime.date, later: datetime.date) -> int:
    """Calendar months from one date's month to the other's (negative if ``later`` is earlier)."""
    return (later.year - earlier.year) * 12 + later.month - earlier.month


def last_full_month_end(day: datetime.date) -> datetime.date:
    """The end of the last month that is complete on ``day``."""
    return day if day == month_end(day) else day.replace(day=1) - datetime.timedelta(days=1)
