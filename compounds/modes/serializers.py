"""How the API describes procedures."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import date, moment, number, text, whole, word
from communities.divisions.serializers import NamedDivision
from compounds.ledger.choices import Mode
from compounds.ledger.serializers import NamedCompound
from compounds.modes.choices import Act, Matter, PointKind, ProcedureState, Way


class ProcedureRow(serializers.Serializer):
    """A compound's procedure of P4.2, and where it stands today."""

    id = whole("编号")
    compound = NamedCompound(help_text="小区")
    community = NamedDivision(help_text="Where the compound lies now. 社区")
    kind = text("Code of the procedure, such as P4.2a. 推进程序", allow_blank=False)
    name = text("程序名称")
    mode = word(Mode, "拟用模式")
    state = word(ProcedureState, "状态")
    step = text("Null once it has ended. 当前步骤", allow_null=True)
    since = date("At this step since; the last step's beginning once it has ended. 本步骤开始日期")
    days = whole("Days at this step, as of today; of an ended one, days from its beginning to its end. 停留天数")
    days_limit = whole("Time limit of the step. 时限", null=True)
    is_stuck = serializers.BooleanField(help_text="Longer than the limit. 超期未动")
    started_on = date("启动日期")
    ended_on = date("结束日期", null=True)
    has_key_evidence = serializers.BooleanField(help_text="关键材料已具备")


class StepRow(serializers.Serializer):
    name = text("步骤")
    done_by = text("办理主体")
    evidence = text("应有材料")
    legal_basis = text("法律依据")
    days_limit = whole("时限(天)", null=True)
    is_key = serializers.BooleanField(help_text="关键材料")
    done_on = date("完成日期", null=True)
    days = whole("Days taken, or so far. 天数", null=True)
    note = text("备注")


class VoteRow(serializers.Serializer):
    step = text("步骤")
    matter = word(Matter, "表决事项")
    held_on = date("表决日期")
    area_m2 = number("全体业主面积(㎡)")
    owners = whole("业主人数")
    area_part_m2 = number("参加表决面积(㎡)", null=True)
    owners_part = whole("参加表决人数", null=True)
    area_for_m2 = number("同意面积(㎡)")
    owners_for = whole("同意人数")
    passed = serializers.BooleanField(help_text="通过")
    legal_basis = text("法律依据")


class RecordRow(serializers.Serializer):
    act = word(Act, "办理")
    step = text("步骤", allow_null=True)
    on = date("日期")
    note = text("备注")
    by = text("Log-in name. 记录人", allow_null=True)
    at = moment("记录时间")


class TenderRow(serializers.Serializer):
    way = word(Way, "招标方式")
    announced_on = date("招标公告日期", null=True)
    invited = whole("邀请企业数量", null=True)
    bidders = whole("投标人数量", null=True)
    panel = whole("评标委员会人数", null=True)
    experts = whole("其中专家", null=True)
    awarded_on = date("定标日期", null=True)
    winner = text("中标(选定)企业")
    filing_no = text("备案号")
    filed_on = date("备案日期", null=True)
    approval_no = text("协议方式批准文号")
    approved_on = date("协议方式批准日期", null=True)
    warnings = serializers.ListField(child=serializers.CharField(), help_text="核对提示")


class FeeRow(serializers.Serializer):
    year = whole("年度")
    income_yuan = number("收入(元)")
    cost_yuan = number("支出(元)")
    balance_yuan = number("结余(元)")
    price_yuan = number("收费标准(元/㎡·月)", null=True)


class PointRow(serializers.Serializer):
    kind = word(PointKind, "类别")
    name = text("名称")
    people = whole("人数", null=True)
    place = text("地点和时间")
    since = date("自", null=True)
    until = date("至", null=True)


class ProcedureDetail(ProcedureRow):
    steps = StepRow(many=True)
    votes = VoteRow(many=True)
    history = RecordRow(many=True)
    tender = TenderRow(allow_null=True, help_text="招投标")
    fees = FeeRow(many=True)
    points = PointRow(many=True)


_ROW = {
    "id": 7, "compound": {"code": "211302003001001", "name": "示例小区"},
    "community": {"code": "211302003001", "name": "前进社区"}, "kind": "P4.2a", "name": "专业化物业管理",
    "mode": "professional", "state": "running", "step": "业委会备案", "since": "2015-09-14", "days": 47,
    "days_limit": 30, "is_stuck": True, "started_on": "2015-05-10", "ended_on": None, "has_key_evidence": False,
}  # fmt: skip
EXAMPLE = {"results": [_ROW], "next": None}
DETAIL_EXAMPLE = {
    **_ROW,
    "steps": [{
        "name": "业委会备案", "done_by": "业委会", "evidence": "备案表", "legal_basis": "建房〔2009〕274号",
        "days_limit": 30, "is_key": False, "done_on": None, "days": 47, "note": "",
    }],
    "votes": [{
        "step": "首次业主大会,选举业委会", "matter": "ordinary", "held_on": "2015-09-10", "area_m2": 40000,
        "owners": 400, "area_part_m2": None, "owners_part": None, "area_for_m2": 24000, "owners_for": 230,
        "passed": True,
        "legal_basis": "物权法第76条;物业管理条例第12条",
    }],
    "history": [{
        "act": "start", "step": None, "on": "2015-05-10", "note": "", "by": "county_211302",
        "at": "2015-05-11T01:30:00Z",
    }],
    "tender": None, "fees": [], "points": [],
}  # fmt: skip
