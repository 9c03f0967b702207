"""What lies in a division besides divisions: rooms of the floors above say how much there is, and where it is listed.

They register when the project starts, because imports run downwards only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from communities.divisions.models import Division

if TYPE_CHECKING:
    from communities.people.models import User


@dataclass(frozen=True)
class Content:
    """``number`` of things within the reader's scope, and the page that lists them."""

    label: str
    number: int
    address: str


Count = Callable[["User", Division], Content]
_counts: dict[str, Count] = {}


def provide_contents(name: str, count: Count) -> None:
    _counts[name] = count


def contents(user: "User", division: Division) -> list[Content]:
    return [count(user, division) for count in _counts.values()]
