"""``procedures/`` and ``procedures/<id>/``: which compounds are on their way, where each stands, and since when."""

from django.urls import re_path
from django.utils.functional import cached_property

from chaoyang_pm.kit.api.formats import JSON
from chaoyang_pm.kit.api.parameters import Parameter, one_of, whole, words
from chaoyang_pm.kit.api.problems import NotFound
from chaoyang_pm.kit.api.views import ListEndpoint, ObjectEndpoint
from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.facts.selectors import facts_version
from communities.divisions.asking import DIVISION, named
from compounds.ledger.choices import Mode
from compounds.modes import presenters, selectors, serializers
from compounds.modes.choices import ProcedureState
from compounds.modes.models import ProcedureKind

MODES = [mode.value for mode in Mode if mode != Mode.NONE]


class AsOfToday:
    """What depends on the facts and on today: days are counted up to it."""

    def depends_on(self):
        facts = facts_version()
        return [business_date(), facts.edits, facts.stamp]


class Procedures(AsOfToday, ListEndpoint):
    """Procedures of compounds within the reader's scope, in the order in which they were begun here."""

    action = "modes.read"
    summary = "List procedures of P4.2 推进程序"
    result, example = serializers.ProcedureRow, serializers.EXAMPLE
    parameters = (
        DIVISION,
        Parameter("kind", "Only this procedure, by its code. 推进程序", "P4.2a"),
        Parameter("mode", "Only those that lead to this mode. 拟用模式", "professional", words(MODES)),
        Parameter("state", "Only in this state. 状态", "running", words(ProcedureState)),
        Parameter(
            "days", "Only those at one step for more than so many days. 停留天数", 30,
            (("type", "integer"), ("minimum", 0), ("maximum", 36500)),
        ),
    )  # fmt: skip
    columns = (
        "id", "compound.code", "compound.name", "community.code", "community.name", "kind", "name", "mode", "state",
        "step", "since", "days", "days_limit", "is_stuck", "started_on", "ended_on", "has_key_evidence",
    )  # fmt: skip

    @cached_property
    def chosen(self):
        asked, rows = self.asked, selectors.listed(self.request.user)
        if division := named(asked["division"], user=self.request.user):
            rows = rows.within(division.code)
        accepted = {
            "kind": list(ProcedureKind.objects.values_list("pk", flat=True)) if asked["kind"] else [],
            "mode": MODES, "state": ProcedureState.values,
        }  # fmt: skip
        given = {name: one_of(name, asked[name], values) for name, values in accepted.items()}
        rows = rows.filter(**{name: value for name, value in given.items() if value})
        if asked["days"]:
            rows = rows.filter(selectors.longer_than(whole("days", asked["days"], least=0, most=36500, blank=0)))
        return rows.order_by("pk")

    def rows(self, after, limit):
        rows = self.chosen if after is None else self.chosen.filter(pk__gt=after)
        return [presenters.row(one) for one in rows[:limit]]

    def key(self, row):
        return row["id"]


class OneProcedure(AsOfToday, ObjectEndpoint):
    """One procedure: its steps, votes and history, and the tender, fees or posts that it keeps."""

    action = "modes.read"
    summary = "One procedure 推进程序"
    result, example = serializers.ProcedureDetail, serializers.DETAIL_EXAMPLE
    path_parameters = {
        "pk": {"description": "Its `id`. 编号", "schema": {"type": "integer", "minimum": 1}, "example": 7},
    }
    formats = (JSON,)

    def data(self):
        number = self.kwargs["pk"]
        rows = selectors.listed(self.request.user)
        procedure = rows.filter(pk=int(number)).first() if len(number) <= 18 else None
        if procedure is None:
            raise NotFound("id", number)
        return presenters.detail(procedure, user=self.request.user)


urlpatterns = [
    re_path(r"^procedures/?$", Procedures.as_view(), name="procedures"),
    re_path(r"^procedures/(?P<pk>[0-9]+)/?$", OneProcedure.as_view(), name="procedure"),
]
