"""How the API describes plans of counties."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import date, moment, number, shape, text, whole, word
from communities.divisions.serializers import NamedDivision
from compounds.ledger.choices import Category, Mode
from compounds.ledger.serializers import NamedCompound
from oversight.plans.choices import PlanState, PlanStepKind

_ROW = {
    "id": whole("方案编号"), "county": NamedDivision(help_text="县(市、区)"), "version": whole("版次"),
    "state": word(PlanState, "状态"), "revision": whole("Rises with every change and step."),
    "late": serializers.BooleanField(help_text="Submitted after its deadline; that stays. 逾期报送"),
    "submitted_on": date("报送日期", null=True), "document_no": text("报送文号"), "signatory": text("签发人"),
    "reason": text("调整原因"), "opinion": text("审核意见"), "url": text("Address of the version."),
}  # fmt: skip
PlanRow = shape("PlanRow", _ROW)
PlanFinding = shape("PlanFinding", {
    "line": whole("Row of the workbook, which numbers the line; null: the plan as a whole. 行", null=True),
    "column": text("栏目"), "value": text("内容"), "message": text("问题"),
})  # fmt: skip
PlanChecks = shape("PlanChecks", {"errors": PlanFinding(many=True), "warnings": PlanFinding(many=True)})
PlanCommentRow = shape("PlanCommentRow", {"line": whole("行", null=True), "text": text("意见")})
PlanStepRow = shape("PlanStepRow", {
    "step": word(PlanStepKind, "步骤"), "from": word(PlanState, "原状态", blank=True), "to": word(PlanState, "新状态"),
    "by": text("办理人"), "at": moment("办理时间"), "comments": PlanCommentRow(many=True),
})  # fmt: skip
_AMOUNTS = {
    "compounds": whole("小区数", null=True), "buildings": whole("楼栋数", null=True),
    "households": whole("户数", null=True), "area_m2": number("建筑面积(㎡)", null=True),
}  # fmt: skip
PlanAmounts = shape("PlanAmounts", _AMOUNTS)
PlanTotalRow = shape("PlanTotalRow", {
    "row": whole("Row of the summary that was handed in. 行"), "place": NamedDivision(help_text="区划"),
    "label": text("A part of the row above. 其中"), **_AMOUNTS,
    "lines": PlanAmounts(allow_null=True, help_text="What the lines of the place come to; null: of a part. 明细合计"),
})  # fmt: skip
PlanDetail = shape(
    "PlanDetail",
    _ROW | {"checks": PlanChecks(), "history": PlanStepRow(many=True), "totals": PlanTotalRow(many=True)},
)
LINE = {
    "line": whole("行"), "compound": NamedCompound(allow_null=True, help_text="Null: area of a community. 小区"),
    "community": NamedDivision(allow_null=True, help_text="社区"), "name": text("小区名称"),
    "category": word(Category, "小区类别", null=True),
    "mode": word(Mode, "Null: a draft that does not say it yet. 拟采用管理模式", null=True),
    "planned_for": text("2014Q3 or 2014-09; null in a draft that does not say it yet. 计划完成时间", allow_null=True),
    "due_on": date("完成时限", null=True),
    "area_m2": number("Null: all that is unmanaged. 面积(㎡)", null=True), "households": whole("户数", null=True),
    "leader": text("责任领导"), "person": text("责任人"), "unit": text("责任单位"),
    "pilot": serializers.BooleanField(help_text="试点"), "note": text("备注"),
}  # fmt: skip
PlanLineRow = shape("PlanLineRow", LINE)
_CHANGED = {"before": PlanLineRow(), "after": PlanLineRow(), "fields": serializers.ListField(child=text("栏目"))}
PlanLineChange = shape("PlanLineChange", _CHANGED)
PlanComparison = shape("PlanComparison", {
    "added": PlanLineRow(many=True), "removed": PlanLineRow(many=True), "moved": PlanLineChange(many=True),
    "changed": PlanLineChange(many=True),
})  # fmt: skip

ROW_EXAMPLE = {
    "id": 12, "county": {"code": "211302", "name": "双塔区"}, "version": 1, "state": "submitted", "revision": 4,
    "late": False, "submitted_on": "2014-07-10", "document_no": "双政发〔2014〕12号", "signatory": "王某", "reason": "",
    "opinion": "", "url": "/api/v1/plans/12/",
}  # fmt: skip
LIST_EXAMPLE = {"results": [ROW_EXAMPLE], "next": None}
CHECKS_EXAMPLE = {
    "errors": [{"line": 5, "column": "planned_for", "value": "明年", "message": "“明年”不是计划时间"}], "warnings": [],
}  # fmt: skip
AMOUNTS_EXAMPLE = {"compounds": 12, "buildings": 80, "households": 3200, "area_m2": 253000}
DETAIL_EXAMPLE = ROW_EXAMPLE | {
    "checks": {"errors": [], "warnings": []},
    "totals": [{
        "row": 4, "place": {"code": "211302003", "name": "前进街道"}, "label": "", **AMOUNTS_EXAMPLE,
        "lines": AMOUNTS_EXAMPLE,
    }],
    "history": [
        {"step": "draft", "from": "", "to": "draft", "by": "county_211302", "at": "2014-07-01T01:30:00.000000Z",
         "comments": []},
        {"step": "submit", "from": "draft", "to": "submitted", "by": "county_211302",
         "at": "2014-07-10T01:30:00.000000Z", "comments": []},
    ],
}  # fmt: skip
DRAFT_EXAMPLE = ROW_EXAMPLE | {
    "state": "draft", "revision": 2, "submitted_on": None, "document_no": "", "signatory": "", "checks": CHECKS_EXAMPLE,
    "history": DETAIL_EXAMPLE["history"][:1], "totals": [],
}  # fmt: skip
RETURNED_EXAMPLE = DETAIL_EXAMPLE | {"state": "returned"}
APPROVED_EXAMPLE = DETAIL_EXAMPLE | {"state": "approved", "opinion": "同意"}
LINE_EXAMPLE = {
    "line": 4, "compound": {"code": "211302003001-001", "name": "前进小区"},
    "community": {"code": "211302003001", "name": "前进社区"}, "name": "前进小区", "category": None,
    "mode": "community", "planned_for": "2014Q3", "due_on": "2014-09-30", "area_m2": None, "households": None,
    "leader": "李某", "person": "张某", "unit": "前进街道办事处", "pilot": True, "note": "",
}  # fmt: skip
LINES_EXAMPLE = {"results": [LINE_EXAMPLE], "next": None}
COMPARISON_EXAMPLE = {
    "added": [], "removed": [], "changed": [],
    "moved": [{
        "before": LINE_EXAMPLE, "fields": ["planned_for"],
        "after": LINE_EXAMPLE | {"planned_for": "2014Q4", "due_on": "2014-12-31"},
    }],
}  # fmt: skip
