"""How the API describes the tables about reporting (``oversight.tables.report_presenters``)."""

from chaoyang_pm.kit.api.describing import number, shape, text, whole
from communities.divisions.serializers import NamedDivision
from oversight.tables.serializers import EXAMPLE_HEAD, HEAD

_FLOW = {"compounds": whole("个"), "managed_m2": number("面积(㎡)"), "households": whole("户")}
MonthFlow = shape("MonthFlow", _FLOW)
ModeAreas = shape("ModeAreas", {
    "professional_m2": number("专业化(㎡)"), "manager_m2": number("经理人(㎡)"), "owners_m2": number("业主自行(㎡)"),
    "self_help_m2": number("自助(㎡)"), "community_m2": number("社区(㎡)"),
})  # fmt: skip
_MONTHLY = {
    "task_m2": number("年度任务(㎡): what is to be completed in all by the end of the year.", null=True),
    "taken_over": MonthFlow(help_text="本月接管"),
    "lapsed": MonthFlow(help_text="本月撤管"),
    "completed_m2": number("累计完成(㎡)", null=True),
    "completed_rate": number("完成率", null=True),
    "scheduled_m2": number("序时进度(㎡)", null=True),
    "ahead_m2": number("超(欠)序时(㎡)", null=True),
    "modes": ModeAreas(),
    "rank": whole("排名", null=True),
}
MonthlyTotal = shape("MonthlyTotal", _MONTHLY)
MonthlyRow = shape("MonthlyRow", {"key": text("行政区划代码"), "name": text("考核单位"), **_MONTHLY})
MonthlyMore = shape("MonthlyOfDivision", {
    **HEAD, "month": text("月份, YYYY-MM"), "total": MonthlyTotal(help_text="合计"),
})  # fmt: skip
_RETURNS = {
    "asked": whole("应报"), "submitted": whole("已报"), "overdue": whole("逾期"), "on_behalf": whole("代报"),
    "returned": whole("退回"), "missing": NamedDivision(many=True, help_text="未报名单"),
}  # fmt: skip
ReturnsTotal = shape("ReturnsTotal", _RETURNS)
ReturnsRow = shape("ReturnsRow", {"key": text("行政区划代码"), "name": text("单位"), **_RETURNS})
ReturnsMore = shape("ReturnsOfDivision", {
    **HEAD, "month": text("月份, YYYY-MM"), "total": ReturnsTotal(help_text="合计"),
})  # fmt: skip

# --- examples --------------------------------------------------------------------------------------------
_AREAS = {"professional_m2": 95000, "manager_m2": 0, "owners_m2": 0, "self_help_m2": 25000, "community_m2": 25000}
_MONTH = {
    "task_m2": 1500000, "taken_over": {"compounds": 2, "managed_m2": 20000, "households": 200},
    "lapsed": {"compounds": 0, "managed_m2": 0, "households": 0}, "completed_m2": 120000, "completed_rate": 0.08,
    "scheduled_m2": 1400000, "ahead_m2": -1280000, "modes": _AREAS,
}  # fmt: skip
MONTHLY = {
    "results": [{"key": "211302", "name": "双塔区", **_MONTH, "rank": 1}], "next": None, **EXAMPLE_HEAD,
    "month": "2014-12", "total": _MONTH | {"rank": None},
}  # fmt: skip
_UNIT = {
    "asked": 9, "submitted": 8, "overdue": 1, "on_behalf": 2, "returned": 0,
    "missing": [{"code": "211302003001", "name": "前进社区"}],
}  # fmt: skip
RETURNS = {
    "results": [{"key": "211302003", "name": "前进街道", **_UNIT}], "next": None, **EXAMPLE_HEAD, "month": "2014-12",
    "total": _UNIT,
}  # fmt: skip
