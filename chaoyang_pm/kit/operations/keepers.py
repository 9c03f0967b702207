"""What rooms know about their own data: provided at start, so that this room needs no domain word."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.apps.registry import Apps


class Keeper:
    """A room's part in a backup. ``apps`` hold the models as they were when the rows were written."""

    #: Key of what it says in the manifest.
    name = ""
    #: Text files of the data folder that are only ever appended to.
    journals: tuple[str, ...] = ()

    def holdings(self, apps: Apps, using: str) -> dict[str, int]:
        """Rows that make a database one that is in use, counted by what people call them."""
        return {}

    def facts(self, apps: Apps, using: str) -> dict[str, Any]:
        """What the manifest says about the room, as plain JSON."""
        return {}

    def summary(self, facts: dict[str, Any]) -> str:
        """The facts in one word, for the last line of a command."""
        return ""

    def comparison(self, archived: dict[str, Any], apps: Apps, using: str) -> "Comparison":
        """How a backup's facts stand to the database's."""
        return Comparison()

    def restored(self) -> None:
        """Make anew, in the restored default database, what a backup leaves out because it follows from the rest."""

    def live_keys(self) -> int:
        """How many keys by which programs come in the restored default database holds, live as of the backup."""
        return 0

    def end_keys(self) -> int:
        """End those keys; returns how many."""
        return 0

    def settle(self) -> None:
        """Leave undone, in the restored default database, what was still to leave the portal: it may have since."""

    def findings(self, archived: dict[str, Any]) -> list[str]:
        """What is wrong with the restored default database, held against the backup's facts."""
        return []


@dataclass(frozen=True)
class Comparison:
    """What restoring over the present data would lose; empty text if nothing."""

    loss: str = ""


_keepers: dict[str, Keeper] = {}


def provide(keeper: Keeper) -> None:
    _keepers[keeper.name] = keeper


def all_keepers() -> list[Keeper]:
    return [_keepers[name] for name in sorted(_keepers)]


def facts(apps: Apps, using: str) -> dict[str, dict[str, Any]]:
    """What each room says about its data; nothing of one whose tables are not there yet."""
    found = {}
    for keeper in all_keepers():
        with suppress(LookupError):
            found[keeper.name] = keeper.facts(apps, using)
    return found


def summary(facts: dict[str, Any]) -> str:
    """What all rooms say about their facts."""
    said = [keeper.summary(facts[keeper.name]) for keeper in all_keepers() if keeper.name in facts]
    return " ".join(filter(None, said))


def holdings(apps: Apps, using: str) -> dict[str, int]:
    """What a database holds, without what is not there."""
    found: dict[str, int] = {}
    for keeper in all_keepers():
        with suppress(LookupError):  # tables that are not there yet hold nothing
            found |= keeper.holdings(apps, using)
    return {name: number for name, number in found.items() if number}
