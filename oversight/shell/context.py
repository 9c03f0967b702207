"""What surrounds every page: navigation, the division in view, late entries, light or dark."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property

from chaoyang_pm.kit.pages import STATE
from chaoyang_pm.kit.scoping import Scope
from oversight.coverage.question import Question
from oversight.shell import appearance, late, navigation, places


class Frame:
    """Read by the base template of a signed-in user; a page that does not read it pays nothing."""

    def __init__(self, request: HttpRequest):
        self.request = request
        self.user: Any = request.user if hasattr(request, "user") else None

    @property
    def theme(self) -> str:
        return appearance.chosen(self.request)

    @cached_property
    def division(self) -> dict[str, str] | None:
        return places.remembered(self.request)

    @cached_property
    def rooms(self) -> list[dict]:
        """Label, address, whether the reader is in it, what waits there; the division that he chose goes along."""
        state = {name: self.request.GET[name] for name in STATE if self.request.GET.get(name)}
        match = self.request.resolver_match
        found = []
        for room in navigation.rooms_of(self.user):
            name, args, query = room.url_name, [], dict(state)
            if self.division and name == "coverage:city":
                name, args = "coverage:division", [self.division["code"]]
            elif self.division and name == "register:list":
                query["division"] = self.division["code"]
            address = reverse(name, args=args, query=query or None)
            here = match and match.app_name in room.apps
            found.append({"label": room.label, "address": address, "here": here, "number": self.number(room)})
        return found

    def number(self, room: navigation.Room) -> int:
        """What waits in a room; a page that has counted it already says so in ``request.numbers``."""
        known = getattr(self.request, "numbers", {})
        return known[room.url_name] if room.url_name in known else room.number(self.user) if room.number else 0

    @cached_property
    def late(self) -> int:
        """补报: entries in these figures that were recorded after their month."""
        asked = getattr(self.request, "asked", None)
        if not asked:
            return 0
        if isinstance(asked, Question):
            division = asked.division
            scope = Scope(everything=True) if division.parent_id is None else Scope((division.code,))
            return late.entries_after_the_month(as_of=asked.as_of, height=asked.height, scope=scope)
        as_of, version = asked
        return late.entries_after_the_month(as_of=as_of, height=version.height, scope=self.user.scope)


def frame(request: HttpRequest) -> dict:
    return {"frame": Frame(request)}
