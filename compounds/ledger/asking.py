"""Dates and heights as people and programs write them, checked once for pages, commands and the API."""

import datetime

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.problems import bad
from compounds.ledger import selectors as ledger

#: No record is older; further back the calendar's own beginning comes into reach.
EARLIEST = datetime.date(1900, 1, 1)


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


def resolve_height(value: str | int, *, field: str = "height") -> ledger.Version:
    """A height from 0 to the newest; the newest for a blank."""
    newest = ledger.newest()
    if value in ("", None):
        return newest
    text = str(value)
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or int(text) > newest.height:
        message = _("There is no version “%(value)s”; whole numbers from 0 to %(newest)s are accepted.")
        raise bad(field, text, message % {"value": text, "newest": newest.height})
    return newest if int(text) == newest.height else ledger.version(int(text))
