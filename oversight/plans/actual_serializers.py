"""How the API describes a plan against the ledger."""

from chaoyang_pm.kit.api.describing import date, number, shape, text, whole, word
from communities.divisions.serializers import NamedDivision
from oversight.coverage.serializers import LedgerVersion
from oversight.plans.serializers import LINE, LINE_EXAMPLE
from oversight.plans.states import LineState

PlanMonth = shape("PlanMonth", {
    "month": text("YYYY-MM"),
    "as_of": date("The month's end; of the month of `as_of`, that day."),
    "planned_m2": number("Null before the plan's day. 计划数(㎡)", null=True),
    "actual_m2": number("Null after `as_of`. 审定数(㎡)", null=True),
    "required_m2": number("Null without a task. 序时进度(㎡)", null=True),
})  # fmt: skip
PlanLineActual = shape("PlanLineActual", LINE | {
    "state": word(LineState, "完成情况"),
    "planned_m2": number("What the line brings: its area, or all that was unmanaged. 计划面积(㎡)"),
    "taken_over_m2": number("Of it, since the plan's day. 已接管面积(㎡)"),
    "done_on": date("完成日期", null=True),
    "days_late": whole("Up to `done_on`, else up to `as_of`. 逾期天数"),
})  # fmt: skip
PlanActuals = shape("PlanActuals", {
    "id": whole("方案编号"), "county": NamedDivision(help_text="县(市、区)"), "version": whole("版次"),
    "since": date("The day of the plan's submission, from which it is held against the ledger. 报送日期"),
    "as_of": date("数据截止日"), "ledger": LedgerVersion(),
    "months": PlanMonth(many=True, help_text="Of the county's task; empty where no target asks anything of it."),
    "lines": PlanLineActual(many=True),
})  # fmt: skip

EXAMPLE = {
    "id": 12, "county": {"code": "211302", "name": "双塔区"}, "version": 1, "since": "2014-07-10",
    "as_of": "2014-10-31",
    "ledger": {
        "height": 16, "hash": "5d41402abc4b2a76b9719d911017c592ae1f3e0d4c7b6a59f8e2d1c0b3a49587",
        "recorded_at": "2014-11-02T02:15:00Z",
    },
    "months": [
        {"month": "2014-09", "as_of": "2014-09-30", "planned_m2": 150000.5, "actual_m2": 110000,
         "required_m2": 120000},
        {"month": "2014-10", "as_of": "2014-10-31", "planned_m2": 150000.5, "actual_m2": 110000,
         "required_m2": 130000},
    ],
    "lines": [LINE_EXAMPLE | {
        "state": "begun", "planned_m2": 50000.5, "taken_over_m2": 10000, "done_on": None, "days_late": 31,
    }],
}  # fmt: skip
