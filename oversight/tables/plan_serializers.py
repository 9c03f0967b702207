"""How the API describes 任务分解表 (``oversight.tables.plan_presenters``)."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import date, number, shape, text, whole, word
from communities.divisions.serializers import NamedDivision
from compounds.ledger.choices import Category, Mode
from compounds.ledger.serializers import NamedCompound
from oversight.plans.serializers import LINE_EXAMPLE
from oversight.plans.states import LineState
from oversight.tables.serializers import EXAMPLE_HEAD, HEAD

AssignmentRow = shape("AssignmentRow", {
    "key": text("`id` of the plan and number of the line."),
    "approved": serializers.BooleanField(help_text="False: of a version that is with the bureau. 已批准"),
    "unit": text("责任单位"), "subdistrict": text("街道(乡镇)"), "community": NamedDivision(help_text="社区"),
    "compound": NamedCompound(allow_null=True, help_text="Null: area of a community. 小区"),
    "name": text("小区名称"), "category": word(Category, "小区类别", null=True),
    "area_m2": number("What the line brings: its area, or all that was unmanaged. 面积(㎡)"),
    "households": whole("户数"), "mode": word(Mode, "拟用模式"), "planned_for": text("2014Q3 or 2014-09."),
    "due_on": date("完成时限"), "leader": text("责任领导"), "person": text("责任人"),
    "state": word(LineState, "完成情况"), "done_on": date("完成日期", null=True), "days_late": whole("逾期天数"),
})  # fmt: skip
AssignmentsTotal = shape("AssignmentsTotal", {
    "lines": whole("项"), "done": whole("已完成项"), "area_m2": number("面积(㎡)"), "households": whole("户数"),
})  # fmt: skip
AssignedPlan = shape("AssignedPlan", {
    "id": whole("方案编号"), "county": NamedDivision(), "version": whole("版次"),
    "approved": serializers.BooleanField(help_text="已批准"),
})  # fmt: skip
AssignedTarget = shape("AssignedTarget", {
    "code": text("任务代码"), "deadline": date("完成时限"), "required_m2": number("任务(㎡)"),
    "completed_m2": number("已完成(㎡)"), "planned_m2": number("Open lines due by the deadline. 计划(㎡)"),
    "difference_m2": number("Completed and planned − required. 差额(㎡)"),
})  # fmt: skip
AssignmentsMore = shape("AssignmentsOfDivision", {
    **HEAD, "total": AssignmentsTotal(help_text="合计"), "plans": AssignedPlan(many=True),
    "targets": AssignedTarget(many=True, help_text="Of the division, or its parts of them."),
    "missing": NamedDivision(many=True, help_text="Counties without a plan. 未报方案"),
})  # fmt: skip

_FROM_LINE = ("community", "compound", "name", "category", "mode", "planned_for", "due_on", "leader", "person")
_COUNTY = {"code": "211302", "name": "双塔区"}
ASSIGNMENTS = {
    "results": [{
        "key": "12-4", "approved": True, "unit": "前进街道办事处", "subdistrict": "前进街道",
        **{name: LINE_EXAMPLE[name] for name in _FROM_LINE}, "area_m2": 50000.5, "households": 500, "state": "begun",
        "done_on": None, "days_late": 92,
    }],
    "next": None, **EXAMPLE_HEAD, "total": {"lines": 1, "done": 0, "area_m2": 50000.5, "households": 500},
    "plans": [{"id": 12, "county": _COUNTY, "version": 1, "approved": True}],
    "targets": [{
        "code": "T1", "deadline": "2014-12-31", "required_m2": 3020000, "completed_m2": 100000, "planned_m2": 50000.5,
        "difference_m2": -2869999.5,
    }],
    "missing": [{"code": "211303", "name": "龙城区"}],
}  # fmt: skip
