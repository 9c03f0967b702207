"""``targets/<code>/`` and ``targets/<code>/parts/``: versions, base figures and 任务分解 of a target."""

from typing import Any

from django.urls import re_path
from django.utils.functional import cached_property

from chaoyang_pm.kit.api.formats import Table, flat
from chaoyang_pm.kit.api.parameters import Parameter
from chaoyang_pm.kit.api.problems import NotFound
from chaoyang_pm.kit.api.views import ListEndpoint, ObjectEndpoint
from compounds.ledger.moment import MOMENT, AtMoment
from compounds.register.counting import RULE
from oversight.coverage import presenters, target_presenters
from oversight.coverage import target_serializers as serializers
from oversight.coverage.parts import breakdown
from oversight.coverage.question import resolve
from oversight.coverage.target_asking import TARGET_VERSION, resolve_versions_on
from oversight.coverage.targets import TargetBoard, TargetFigures
from oversight.programme import selectors as programme

#: The target in a path.
CODE = {"description": "Code of the target. 任务代码", "schema": {"type": "string"}, "example": "T1"}


class AboutTarget(AtMoment):
    """An endpoint about one target that asks something of the reader's divisions, or of what they belong to."""

    action = "figures.read"
    path_parameters: dict[str, dict[str, Any]] = {"code": CODE}
    parameters: tuple[Parameter, ...] = (*MOMENT, RULE, TARGET_VERSION)
    kwargs: dict[str, Any]
    request: Any

    @cached_property
    def board(self) -> TargetBoard:
        question = resolve(as_of=self.as_of.isoformat(), height=self.height, rule=self.asked["rule"])
        current = programme.current()
        if current is None:
            raise NotFound("code", self.kwargs["code"])
        return TargetBoard(question, current, resolve_versions_on(self.asked["target_version"]))

    @cached_property
    def figures(self) -> TargetFigures:
        scope = self.request.user.scope
        for target in self.board.targets:
            if target.code == self.kwargs["code"]:
                figures = self.board.of(target)
                if scope.everything or any(map(figures.territory.concerns, scope.codes)):
                    return figures
        raise NotFound("code", self.kwargs["code"])


class OneTarget(AboutTarget, ObjectEndpoint):
    """One target: base figures of document and ledger, and its progress by every version that stands."""

    summary = "One target 任务指标"
    result, example = serializers.TargetDetail, serializers.TARGET

    def data(self):
        return target_presenters.target(self.board, self.figures)

    def table(self, data):
        columns = ("valid_from", "document", "in_force", "base_m2", *presenters.TARGET_COLUMNS)
        rows = [flat(data | version, columns) for version in data["versions"]]
        return Table(columns, rows)


class Parts(AboutTarget, ListEndpoint):
    """A target broken down: the parts within the reader's scope, parents first, each measured like the whole."""

    summary = "Parts of a target 任务分解"
    result, result_more, example = serializers.TargetPartRow, serializers.TargetPartsMore, serializers.PARTS
    columns = (
        "division.code", "division.name", "level", "parent", "required_m2", "broken_down_m2", "difference_m2",
        "deadline", "completed_m2", "remaining_m2", "ratio", "scheduled_m2", "status", "run_rate_m2_per_month",
        "base.document_m2", "base.ledger_m2", "base.difference_m2", "valid_from", "document",
    )  # fmt: skip

    @cached_property
    def found(self):
        found = breakdown(self.board, self.figures.target)
        return target_presenters.parts(self.board, found, self.request.user.scope)

    def rows(self, after, limit):
        later = [row for row in self.found["parts"] if after is None or row["division"]["code"] > after]
        return later[:limit]

    def key(self, row):
        return row["division"]["code"]

    def more(self, rows):
        return {name: value for name, value in self.found.items() if name != "parts"}


urlpatterns = [
    re_path(r"^targets/(?P<code>[^/]+)/?$", OneTarget.as_view(), name="target"),
    re_path(r"^targets/(?P<code>[^/]+)/parts/?$", Parts.as_view(), name="target_parts"),
]
