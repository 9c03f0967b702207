"""代报: the offices for which a person enters what they reported and cannot enter themselves."""

from collections.abc import Iterable

from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.divisions.selectors import ancestors
from communities.people.models import User
from compounds.register.models import Compound


def offered(compound: Compound, user: User) -> list[Division]:
    """The offices between the user's own and the compound for which the user may enter this."""
    return [one for one in ancestors(compound.community) if user.may("ledger.record_for", one)]


def proposed(offices: Iterable[Division]) -> str:
    """The code of the county among them: the city enters for one that cannot, as a rule; else ""."""
    return next((one.code for one in offices if one.level == Level.COUNTY), "")
