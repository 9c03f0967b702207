"""``divisions/``: the tree of administrative divisions."""

from django.urls import re_path
from django.utils.functional import cached_property

from chaoyang_pm.kit.api.parameters import AS_OF, Parameter, one_of, words
from chaoyang_pm.kit.api.views import ListEndpoint
from chaoyang_pm.kit.dates import resolve_date
from chaoyang_pm.kit.facts.selectors import facts_version
from communities.divisions import serializers
from communities.divisions.asking import DIVISION, named
from communities.divisions.choices import Level
from communities.divisions.models import Division
from communities.divisions.selectors import as_called_on


class Divisions(ListEndpoint):
    """Divisions within the reader's scope that there were on a date, under the names of then, by code."""

    action = "divisions.list"
    summary = "List divisions 行政区划"
    result, example = serializers.DivisionRow, serializers.EXAMPLE
    parameters = (
        DIVISION,
        Parameter("level", "Only divisions of this level. 行政层级", "county", words(Level)),
        Parameter("parent", "Only divisions directly below this one. 上级代码", "2113"),
        AS_OF,
    )
    columns = ("code", "name", "short_name", "level", "parent", "began_on", "ended_on")

    @cached_property
    def as_of(self):
        return resolve_date(self.asked["as_of"])

    def depends_on(self):
        facts = facts_version()
        return [self.as_of, facts.edits, facts.stamp]

    def pinned(self):
        return super().pinned() | {"as_of": self.as_of.isoformat()}

    def rows(self, after, limit):
        user, asked = self.request.user, self.asked
        on = self.as_of
        divisions = Division.objects.visible_to(user).existing(on)
        if level := one_of("level", asked["level"], Level.values):
            divisions = divisions.filter(level=level)
        if within := named(asked["division"], user=user):
            divisions = divisions.filter(pk__in=Division.objects.subtree(within.code))
        if parent := named(asked["parent"], user=user, field="parent"):
            divisions = divisions.filter(parent=parent)
        if after is not None:
            divisions = divisions.filter(code__gt=after)
        return [_row(division) for division in as_called_on(divisions.order_by("code")[:limit], on)]

    def key(self, row):
        return row["code"]


def _row(division: Division) -> dict:
    return {
        "code": division.code,
        "name": division.name,
        "short_name": division.short_name,
        "level": division.level,
        "parent": division.parent_id,
        "began_on": division.began_on,
        "ended_on": division.ended_on,
    }


urlpatterns = [re_path(r"^divisions/?$", Divisions.as_view(), name="divisions")]
