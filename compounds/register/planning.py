"""Which compounds stand in a plan: plans lie one floor above, which answers when the project starts."""

import datetime
from collections.abc import Callable

from django.db.models import QuerySet

#: Date → keys of the compounds that plans in force on it name.
Find = Callable[[datetime.date], QuerySet]
_find: list[Find] = []


def provide_planned(find: Find) -> None:
    _find[:] = [find]


def planned(on: datetime.date) -> QuerySet:
    return _find[0](on)
