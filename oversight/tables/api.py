"""``tables/<name>/``: the printed tables as data; as xlsx, in the printed shape."""

from typing import Any

from django.urls import re_path
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from chaoyang_pm.kit.api.formats import XLSX
from chaoyang_pm.kit.api.parameters import DATE, Parameter, words
from chaoyang_pm.kit.api.views import ListEndpoint
from chaoyang_pm.kit.dates import business_date
from chaoyang_pm.kit.problems import bad
from communities.divisions.asking import DIVISION
from compounds.ledger.moment import MOMENT
from compounds.register.counting import RULE
from oversight.coverage.api import Asking
from oversight.coverage.selectors import BY_LEVEL
from oversight.tables import plan_serializers, report_serializers, serializers, sheets
from oversight.tables.choices import Item, Measure, Table
from oversight.tables.making import Made, make
from oversight.tables.monthly import MODES
from oversight.tables.movements import BY_COMPOUND
from oversight.tables.printed import EVERY_LINE
from oversight.tables.summary import LEVELS

MEASURE = Parameter(
    "measure", "Which amount the workbook shows; JSON and CSV have all. 指标", Measure.MANAGED.value,
    words(Measure.values),
)  # fmt: skip
FLOW = ("compounds", "managed_m2", "households")
AMOUNTS = ("managed_m2", "total_m2", "households")


class TableEndpoint(Asking, ListEndpoint):
    """The rows of one printed table in their order; what the table says of itself stands beside them."""

    table: Table
    #: What names a row.
    name: str = "key"

    @cached_property
    def made(self) -> Made:
        return make(self.table, self.question, self.asked, self.request.user)

    @cached_property
    def found(self) -> dict[str, Any]:
        return self.made.data()

    @cached_property
    def places(self) -> dict[str, int]:
        return {row[self.name]: place for place, row in enumerate(self.found["rows"], start=1)}

    def rows(self, after, limit):
        if after is not None and after not in self.places:
            raise bad("page", self.asked["page"], _("This page is no longer there; begin with the first."))
        first = 0 if after is None else self.places[after]
        return self.found["rows"][first : first + limit]

    def key(self, row):
        return row[self.name]

    def more(self, rows):
        return {name: value for name, value in self.found.items() if name != "rows"}

    def answer(self):
        if self.form != XLSX:
            return super().answer()
        printed = self.made.printed(EVERY_LINE)
        return sheets.download(printed, self.question, XLSX)


class MonthlyTable(TableEndpoint):
    """月报表: what each unit took over and lost in the month of the date, and how far it is with its task."""

    table = Table.MONTHLY
    summary = "Monthly table 月报表"
    result, result_more, example = (
        report_serializers.MonthlyRow, report_serializers.MonthlyMore, report_serializers.MONTHLY
    )  # fmt: skip
    parameters = (DIVISION, *MOMENT, RULE)
    columns = (
        "key", "name", "task_m2", *(f"{flow}.{amount}" for flow in ("taken_over", "lapsed") for amount in FLOW),
        "completed_m2", "completed_rate", "scheduled_m2", "ahead_m2", *(f"modes.{mode.value}_m2" for mode in MODES),
        "rank",
    )  # fmt: skip


class ReturnsTable(TableEndpoint):
    """报送情况表: whose communities have handed in the return of the month of the date, and whose have not."""

    table = Table.RETURNS
    summary = "Table of returns 报送情况表"
    result, result_more, example = (
        report_serializers.ReturnsRow, report_serializers.ReturnsMore, report_serializers.RETURNS
    )  # fmt: skip
    parameters = (DIVISION, *MOMENT, RULE)
    columns = ("key", "name", "asked", "submitted", "overdue", "on_behalf", "returned")


class MovementsTable(TableEndpoint):
    """增减变动表: for every division below one, opening + movements = closing. It opens with what was known of `from`
    when its month had closed; `correction` is what became known of that day since."""

    table = Table.MOVEMENTS
    summary = "Table of movements 增减变动表"
    result, result_more, example = serializers.MovementRow, serializers.MovementsMore, serializers.MOVEMENTS
    parameters = (
        DIVISION, *MOMENT, RULE,
        Parameter(
            "from", "Day of the opening figures; default: the last of the year before. 期初日期", "2014-01-31", DATE
        ),
        Parameter(
            "by", "What the rows are; default: the level right below. 行", "county", words([*BY_LEVEL, BY_COMPOUND])
        ),
        MEASURE,
        Parameter("target", "Only what counts towards this target. 任务代码", "T1"),
    )  # fmt: skip
    columns = ("key", "name", *(f"{item.value}.{amount}" for item in Item for amount in AMOUNTS))


class SummaryTable(TableEndpoint):
    """汇总表: communities with the subtotals of their subdistricts and counties."""

    table = Table.SUMMARY
    summary = "Summary table 汇总表"
    result, result_more, example = serializers.SummaryRow, serializers.SummaryMore, serializers.SUMMARY
    parameters = (
        DIVISION, *MOMENT, RULE,
        Parameter("by", "Down to which level; default: community. 行", "community", words(LEVELS)),
    )  # fmt: skip
    columns = (
        "key", "level", "subdistrict", "community", "compounds", "area_m2", "households", "managed", "partial",
        "unmanaged", "rate", "compounds_rate", "households_rate", "area_pending", "undetermined_m2",
    )  # fmt: skip


class AssignmentsTable(TableEndpoint):
    """任务分解表: who takes over which compound until when, by the plans of counties, and how far that is.

    Of a county without an approved plan, for whoever reads plans, the lines of its newest version with the bureau
    (`approved` is false). Telephone numbers are in the workbook only, in full for whoever may export them.
    """

    table = Table.ASSIGNMENTS
    summary = "Table of assignments 任务分解表"
    result, result_more, example = (
        plan_serializers.AssignmentRow, plan_serializers.AssignmentsMore, plan_serializers.ASSIGNMENTS
    )  # fmt: skip
    parameters = (DIVISION, *MOMENT, RULE)
    columns = (
        "key", "approved", "unit", "subdistrict", "community.code", "community.name", "compound.code", "name",
        "category", "area_m2", "households", "mode", "planned_for", "due_on", "leader", "person", "state", "done_on",
        "days_late",
    )  # fmt: skip

    def depends_on(self):
        """Of today, reports count; and not everybody reads plans that are not approved."""
        return [*super().depends_on(), business_date(), bool(self.request.user.may("plans.read"))]


class UnmanagedTable(TableEndpoint):
    """未管小区清单: compounds with area that no counted mode manages, community by community."""

    table, name = Table.UNMANAGED, "code"
    summary = "List of unmanaged compounds 未管小区清单"
    result, result_more, example = serializers.UnmanagedRow, serializers.UnmanagedMore, serializers.UNMANAGED
    parameters = (DIVISION, *MOMENT, RULE)
    columns = (
        "code", "name", "community.code", "community.name", "unmanaged_m2", "managed_m2", "households", "reason",
        "mode", "deadline", "person", "duty_person", "step", "step_days",
    )  # fmt: skip

    def depends_on(self):
        """Days at a step are counted up to today."""
        return [*super().depends_on(), business_date()]


class RestatementTable(TableEndpoint):
    """数据差异说明表: what was reported and what is known now, by compound, with reason, basis and reviewer."""

    table, name = Table.RESTATEMENT, "code"
    summary = "Table of differences 数据差异说明表"
    result, result_more, example = serializers.DifferenceRow, serializers.DifferencesMore, serializers.RESTATEMENT
    parameters = (
        DIVISION, *MOMENT, RULE,
        Parameter(
            "from_height", "Version that was reported; default: what was known when `as_of` had passed. 原报数据版次",
            10, (("type", "integer"), ("minimum", 0)),
        ),
        MEASURE,
    )  # fmt: skip
    columns = (
        "code",
        "name",
        *(f"{side}.{amount}" for side in ("reported", "now", "difference") for amount in AMOUNTS),
    )


urlpatterns = [
    re_path(r"^tables/monthly/?$", MonthlyTable.as_view(), name="table_monthly"),
    re_path(r"^tables/returns/?$", ReturnsTable.as_view(), name="table_returns"),
    re_path(r"^tables/movements/?$", MovementsTable.as_view(), name="table_movements"),
    re_path(r"^tables/summary/?$", SummaryTable.as_view(), name="table_summary"),
    re_path(r"^tables/assignments/?$", AssignmentsTable.as_view(), name="table_assignments"),
    re_path(r"^tables/unmanaged/?$", UnmanagedTable.as_view(), name="table_unmanaged"),
    re_path(r"^tables/restatement/?$", RestatementTable.as_view(), name="table_restatement"),
]
