"""Deadlines of other rooms: each declares a provider, and their people are reminded (``reminders``).

A provider is asked for what is due from a day to another one, both included, and yields a ``Deadline`` for each. It is
asked every morning, so it looks at dates first and yields nothing that is done already.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from communities.notices.offices import in_charge
from communities.people.models import User


@dataclass(frozen=True)
class Deadline:
    """``key`` names what is due, the same every day; ``what`` says it (text, lazy text or ``kinds.Text``).

    Who: ``users`` by name, ``offices`` as of ``services.notify``.
    """

    key: str
    due_on: datetime.date
    what: Any
    link: str = ""
    users: tuple[User, ...] = ()
    offices: tuple[tuple[str, Any], ...] = ()

    def people(self) -> dict[int, User]:
        found = {user.pk: user for user in self.users}
        for action, row in self.offices:
            found |= {user.pk: user for user in in_charge(action, row)}
        return {key: user for key, user in found.items() if user.is_active}


Provider = Callable[[datetime.date, datetime.date], Iterable[Deadline]]
_providers: dict[str, Provider] = {}


def provide(name: str, provider: Provider) -> None:
    """``name`` tells providers apart: one of the same name takes the place of the one before."""
    _providers[name] = provider


def withdraw(name: str) -> None:
    _providers.pop(name, None)


def between(first: datetime.date, last: datetime.date) -> Iterator[Deadline]:
    """What is due from ``first`` to ``last``, by its day."""
    found = [one for name in sorted(_providers) for one in _providers[name](first, last)]
    yield from sorted((one for one in found if first <= one.due_on <= last), key=lambda one: (one.due_on, one.key))
