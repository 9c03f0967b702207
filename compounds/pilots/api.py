"""``pilots/``: the pilots of P4.1, and the communities that have none yet."""

from django.urls import re_path
from django.utils.functional import cached_property

from chaoyang_pm.kit.api.parameters import Parameter, one_of, words
from chaoyang_pm.kit.api.views import ListEndpoint
from chaoyang_pm.kit.scoping import Scope
from communities.divisions.asking import DIVISION, named
from compounds.ledger.moment import state
from compounds.modes.api import MODES, AsOfToday
from compounds.pilots import selectors, serializers
from compounds.pilots.choices import Result
from compounds.pilots.models import Pilot


class Pilots(AsOfToday, ListEndpoint):
    """Pilots within the reader's scope; besides, how many urban communities must have one, and which have none yet."""

    action = "pilots.read"
    summary = "List pilots 试点"
    result, result_more, example = serializers.PilotRow, serializers.PilotsMore, serializers.EXAMPLE
    parameters = (
        DIVISION,
        Parameter("mode", "Only those that try this mode. 试点模式", "owners", words(MODES)),
        Parameter("result", "Only with this result. 结果", "succeeded", words(Result)),
    )
    columns = (
        "id", "community.code", "community.name", "compound.code", "compound.name", "mode", "started_on", "ended_on",
        "result", "lessons", "rollout", "document",
    )  # fmt: skip

    def depends_on(self):
        """Which communities must have one, the ledger says."""
        return [*super().depends_on(), state().hash]

    @cached_property
    def within(self) -> Scope:
        division = named(self.asked["division"], user=self.request.user)
        return Scope.of([division.code]) if division else self.request.user.scope

    def rows(self, after, limit):
        rows = selectors.listed(self.request.user).filter(self.within.q("community")).order_by("pk")
        for name, accepted in (("mode", MODES), ("result", Result.values)):
            if value := one_of(name, self.asked[name], accepted):
                rows = rows.filter(**{name: value})
        if after is not None:
            rows = rows.filter(pk__gt=after)
        return [_row(pilot) for pilot in rows[:limit]]

    def key(self, row):
        return row["id"]

    def more(self, rows):
        pilots = list(selectors.listed(self.request.user).filter(self.within.q("community")))
        counties = selectors.by_county(self.within, pilots)
        return {
            "communities": sum(county.asked for county in counties),
            "without": [
                {"code": community.code, "name": str(community)}
                for county in counties
                for community, _area in county.without
            ],
        }


def _row(pilot: Pilot) -> dict:
    return {
        "id": pilot.pk,
        "community": {"code": pilot.community_id, "name": str(pilot.community)},
        "compound": {"code": pilot.compound.code, "name": pilot.compound.name},
        "mode": pilot.mode,
        "started_on": pilot.started_on,
        "ended_on": pilot.ended_on,
        "result": pilot.result,
        "lessons": pilot.lessons,
        "rollout": pilot.rollout,
        "document": pilot.document,
    }


urlpatterns = [re_path(r"^pilots/?$", Pilots.as_view(), name="pilots")]
