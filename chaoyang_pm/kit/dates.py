"""Dates as the portal counts them. ``business_date()`` is the only "today" in the code."""

import calendar
import datetime

from django.conf import settings
from django.utils import timezone

from chaoyang_pm.kit.portal import selectors as portal


def business_date() -> datetime.date:
    """The date that the environment fixes, else that of a demo database, else today in the portal's time zone."""
    return settings.BUSINESS_DATE or portal.about().business_date or timezone.localdate()


def month_end(day: datetime.date) -> datetime.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


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
