"""How the API describes versions, base figures and parts of targets (``oversight.coverage.target_presenters``)."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import date, number, shape, text, whole, word
from communities.divisions.choices import Level
from communities.divisions.serializers import NamedDivision
from oversight.coverage.serializers import LedgerVersion, TargetRow
from oversight.programme.choices import Progress, Unit

COMMUNITIES = "Of a target that counts communities."


class BaseFigures(serializers.Serializer):
    """文件底数 · 台账底数 · 差额, at the baseline's date as known at its locked height, else at the figures'."""

    document_m2 = number("文件底数(㎡); null where the document does not say.", null=True)
    ledger_m2 = number("台账底数(㎡)", null=True)
    difference_m2 = number("Ledger − document. 差额(㎡)", null=True)
    document = whole(COMMUNITIES, null=True, required=False)
    ledger = whole(COMMUNITIES, null=True, required=False)
    difference = whole(COMMUNITIES, null=True, required=False)
    as_of = date("基数日期")
    height = whole("数据版次")


class TargetMilestone(serializers.Serializer):
    date = date("节点日期")
    required_m2 = number("Due in all by then. 累计(㎡)", null=True)
    required = whole(COMMUNITIES, required=False)


_OF_TARGET = ("code", "name", "clause", "unit")
TargetByVersion = shape("TargetByVersion", {
    "valid_from": date("生效日期"),
    "document": text("依据文件"),
    "reason": text("调整原因"),
    "in_force": serializers.BooleanField(help_text="Whether the figures go by it. 现行"),
    **{name: field for name, field in TargetRow().fields.items() if name not in _OF_TARGET},
    "base_m2": number("文件底数(㎡)", null=True),
    "milestones": TargetMilestone(many=True),
})  # fmt: skip


class TargetDetail(TargetRow):
    """A target with its base figures and its progress by every version that stands. 任务指标."""

    as_of = date("截止日期")
    rule = text("统计口径")
    ledger = LedgerVersion()
    base = BaseFigures(allow_null=True)
    versions = TargetByVersion(many=True)


class TargetPartRow(serializers.Serializer):
    """What one division was given of a target, measured like the whole. 任务分解."""

    division = NamedDivision()
    level = word(Level, "行政层级")
    parent = text("Code of the division whose part it is broken down from. 上级", allow_null=True)
    valid_from = date("生效日期")
    document = text("依据文件")
    reason = text("原因")
    deadline = date("完成时限")
    required_m2 = number("任务量(㎡)", null=True)
    completed_m2 = number("已完成(㎡)", null=True)
    remaining_m2 = number("剩余(㎡)", null=True)
    scheduled_m2 = number("序时进度(㎡)", null=True)
    broken_down_m2 = number("Σ of the parts below it; null without any. 已分解(㎡)", null=True)
    difference_m2 = number("Required − broken down. 差额(㎡)", null=True)
    required = whole(COMMUNITIES, required=False)
    completed = whole(COMMUNITIES, required=False)
    remaining = whole(COMMUNITIES, required=False)
    scheduled = whole(COMMUNITIES, required=False)
    broken_down = whole(COMMUNITIES, null=True, required=False)
    difference = whole(COMMUNITIES, null=True, required=False)
    ratio = number("完成率", null=True)
    status = word(Progress, "进度状态")
    run_rate_m2_per_month = number("月均需完成(㎡)", null=True)
    base = BaseFigures()
    milestones = TargetMilestone(many=True)


class TargetPartsMore(serializers.Serializer):
    code = text("代码")
    name = text("名称")
    unit = word(Unit, "计量单位")
    as_of = date("截止日期")
    versions_on = date("任务版本所属日期")
    rule = text("统计口径")
    ledger = LedgerVersion()
    required_m2 = number("任务量(㎡)", null=True)
    broken_down_m2 = number("Σ of the uppermost parts; null without any. 已分解(㎡)", null=True)
    difference_m2 = number("差额(㎡)", null=True)
    required = whole(COMMUNITIES, required=False)
    broken_down = whole(COMMUNITIES, null=True, required=False)
    difference = whole(COMMUNITIES, null=True, required=False)
    base = BaseFigures(allow_null=True)


_LEDGER = {
    "height": 16, "hash": "5d41402abc4b2a76b9719d911017c592ae1f3e0d4c7b6a59f8e2d1c0b3a49587",
    "recorded_at": "2015-07-02T02:15:00Z",
}  # fmt: skip
_BASE = {
    "document_m2": 3020000, "ledger_m2": 150000.5, "difference_m2": -2869999.5, "as_of": "2014-01-01", "height": 16,
}  # fmt: skip
_PROGRESS = {
    "deadline": "2014-12-31", "required_m2": 3020000, "completed_m2": 100000, "remaining_m2": 2920000,
    "ratio": 0.033113, "scheduled_m2": 3020000, "status": "behind", "run_rate_m2_per_month": 2920000, "forecast": None,
    "at_deadline_m2": 100000, "newly_lapsed_m2": 30000,
}  # fmt: skip
_PAPER = {"valid_from": "2014-01-01", "document": "推进住宅小区物业管理工作实施方案", "reason": ""}
TARGET = {
    "code": "T1", "name": "弃管、老旧小区物业管理", "clause": "P3.3", "unit": "area", **_PROGRESS,
    "as_of": "2014-12-31", "rule": "standard", "ledger": _LEDGER, "base": _BASE,
    "versions": [_PAPER | _PROGRESS | {"in_force": True, "base_m2": 3020000, "milestones": []}],
}  # fmt: skip
PARTS = {
    "results": [{
        "division": {"code": "211302", "name": "双塔区"}, "level": "county", "parent": None, "valid_from": "2014-03-20",
        "document": "关于分解推进任务的通知", "reason": "", "deadline": "2014-12-31", "required_m2": 1960000,
        "completed_m2": 100000, "remaining_m2": 1860000, "scheduled_m2": 1960000, "broken_down_m2": None,
        "difference_m2": None, "ratio": 0.05102, "status": "behind", "run_rate_m2_per_month": 1860000,
        "base": _BASE | {"document_m2": 1960000, "difference_m2": -1809999.5},
        "milestones": [{"date": "2014-06-30", "required_m2": 588000}],
    }],
    "next": None, "code": "T1", "name": "弃管、老旧小区物业管理", "unit": "area", "as_of": "2014-12-31",
    "versions_on": "2014-12-31", "rule": "standard", "ledger": _LEDGER, "required_m2": 3020000,
    "broken_down_m2": 1960000, "difference_m2": 1060000, "base": _BASE,
}  # fmt: skip
