"""Dates and heights as people and programs write them, checked once for pages, commands and the API."""

from django.utils.translation import gettext as _

from chaoyang_pm.kit.dates import EARLIEST, resolve_date
from chaoyang_pm.kit.problems import bad
from compounds.ledger import selectors as ledger

__all__ = ["EARLIEST", "resolve_date", "resolve_height"]


def resolve_height(value: str | int, *, field: str = "height") -> ledger.Version:
    """A height from 0 to the newest; the newest for a blank."""
    if value in ("", None):
        return ledger.newest()
    text = str(value)
    asked = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
    newest, found = ledger.newest_and(asked)
    if found is None:
        message = _("There is no version “%(value)s”; whole numbers from 0 to %(newest)s are accepted.")
        raise bad(field, text, message % {"value": text, "newest": newest.height})
    return found
