"""代报: the offices for which a person enters what they reported and cannot enter themselves."""

from collections.abc import Iterable

from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.people.models import User


def offered(way: Iterable[Division], user: User) -> list[Division]:
    """The offices on the way down to a compound's community for which the user may enter this."""
    return [one for one in way if user.may("ledger.record_for", one)]


def proposed(offices: Iterable[Division]) -> str:
    """The code of the county among them: the city enters for one that cannot, as a rule; else ""."""
    return next((one.code for one in offices if one.level == Level.COUNTY), "")
