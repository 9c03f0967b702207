"""What writes on plans take and answer with, and what they raise."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from oversight.plans.models import PlanLine, PlanVersion


class Settled(Exception):
    """The version is not at that step; str() says how far it is."""


class Stale(Exception):
    """Somebody has written on the plan since the person saw it; str() says what to do."""

    def __init__(self) -> None:
        super().__init__(_("Somebody has changed this plan since you opened it; look at it as it stands now."))


@dataclass(frozen=True)
class Change:
    """New values of a line by their fields (``line`` None: of a new one); ``stands`` tells whether it is as seen."""

    line: int | None
    values: Mapping[str, Any]
    stands: Callable[[PlanLine], bool] | None = None


@dataclass
class Put:
    """The lines of the changes in their order; ``overtaken`` are those that somebody else had changed, as they are."""

    version: PlanVersion
    touched: list[PlanLine] = field(default_factory=list)
    lines: list[PlanLine] = field(default_factory=list)
    overtaken: list[PlanLine] = field(default_factory=list)


@dataclass(frozen=True)
class Remark:
    """What the reviewer says to a line: agreed, or what is to be put right; neither takes the remark back."""

    line: int
    is_agreed: bool = False
    text: str = ""


@dataclass(frozen=True)
class Comment:
    """退回意见 on a line by its number; None: on the plan as a whole."""

    line: int | None
    text: str
