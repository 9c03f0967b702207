"""``plans/<id>/actuals/``: a plan against the ledger, by month and line by line."""

from typing import Any

from django.urls import re_path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from chaoyang_pm.kit.api.formats import Table, flat
from chaoyang_pm.kit.api.problems import NotFound
from chaoyang_pm.kit.api.views import ObjectEndpoint
from chaoyang_pm.kit.figures import m2
from chaoyang_pm.kit.problems import bad
from compounds.ledger.moment import MOMENT, AtMoment
from oversight.coverage import presenters as coverage
from oversight.coverage.question import Question, resolve
from oversight.plans import actual_serializers, presenters
from oversight.plans.actuals import actuals
from oversight.plans.api import PlanPath
from oversight.plans.models import PlanVersion
from oversight.plans.states import LineActual

COLUMNS = (
    "line", "compound.code", "name", "community.code", "community.name", "category", "mode", "planned_for",
    "due_on", "area_m2", "households", "leader", "person", "unit", "pilot", "note", "state", "planned_m2",
    "taken_over_m2", "done_on", "days_late",
)  # fmt: skip


class Actuals(AtMoment, PlanPath, ObjectEndpoint):
    """A plan against the ledger at a date: planned, actual and required area by month, and the state of each line.

    Any version that was submitted can be asked about, from the day of its submission on. As a file: the lines.
    """

    action = "plans.read"
    summary = "Plan against actual 计划与实际"
    result, example = actual_serializers.PlanActuals, actual_serializers.EXAMPLE
    parameters = MOMENT

    @cached_property
    def version(self) -> PlanVersion:
        version = self.found(self.kwargs["pk"])
        if version.submitted_on is None:
            raise NotFound("id", self.kwargs["pk"])
        return version

    @cached_property
    def question(self) -> Question:
        question = resolve(division=self.version.county, as_of=self.asked["as_of"], height=self.height)
        since = self.version.submitted_on
        if since and question.as_of < since:
            message = _("The plan was submitted on %(since)s; give a date from then on.")
            raise bad("as_of", question.as_of.isoformat(), message % {"since": since.isoformat()})
        return question

    def data(self) -> dict[str, Any]:
        version, question = self.version, self.question
        found = actuals(question, version.programme, [], [version])
        return {
            "id": version.pk, "county": {"code": version.county_id, "name": version.county.name},
            "version": version.number, "since": version.submitted_on, "as_of": question.as_of,
            "ledger": coverage.ledger_version(question.version),
            "months": [
                {
                    "month": f"{point.day:%Y-%m}", "as_of": point.day, "planned_m2": m2(point.planned),
                    "actual_m2": m2(point.completed), "required_m2": m2(point.required),
                }
                for curve in found.curves for point in curve.points
            ],
            "lines": [_line(one) for one in found.lines],
        }  # fmt: skip

    def table(self, data):
        return Table(COLUMNS, [flat(line, COLUMNS) for line in data["lines"]])


def _line(one: LineActual) -> dict[str, Any]:
    return presenters.line(one.line) | {
        "state": one.state.value, "planned_m2": m2(one.planned), "taken_over_m2": m2(one.taken),
        "done_on": one.done_on, "days_late": one.days,
    }  # fmt: skip


urlpatterns = [re_path(r"^plans/(?P<pk>[0-9]+)/actuals/?$", Actuals.as_view(), name="plan_actuals")]
