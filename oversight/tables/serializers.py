"""How the API describes the printed tables (``oversight.tables.presenters``)."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import date, number, shape, text, whole, word
from communities.divisions.choices import Level
from communities.divisions.serializers import NamedDivision
from compounds.ledger.choices import Kind, Mode
from oversight.coverage.serializers import LedgerVersion, MovedAmount
from oversight.tables.choices import Item


class TableHead(serializers.Serializer):
    division = NamedDivision()
    as_of = date("数据截止日")
    rule = text("统计口径")
    ledger = LedgerVersion()


HEAD = {"division": NamedDivision(), "as_of": date("数据截止日"), "rule": text("统计口径"), "ledger": LedgerVersion()}
_ITEMS = {item.value: MovedAmount() for item in Item}
MovementItems = shape("MovementItems", _ITEMS)
MovementRow = shape("MovementRow", {
    "key": text("Code of the division; of a community's rows, of the compound."), "name": text("单位"), **_ITEMS,
})  # fmt: skip
MovementsMore = shape("MovementsOfDivision", {
    **HEAD,
    "from": date("期初日期"),
    "to": date("期末日期"),
    "by": text("What the rows are: county, subdistrict, community, compound."),
    "opening_height": whole("The version at which the opening figures were known. 期初数据版次"),
    "target": text("Only what counts towards this target. 任务代码", allow_null=True),
    "total": MovementItems(help_text="合计"),
    "deregistered": MovedAmount(help_text="Part of `register`: 注销."),
    "changed_mode": MovedAmount(help_text="Part of `takeover` and `lapse`: 管理模式变更."),
})  # fmt: skip

_SUMMARY = {
    "compounds": whole("小区数"),
    "area_m2": number("面积(㎡)"),
    "households": whole("户数"),
    "managed": whole("已管小区数"),
    "partial": whole("部分覆盖小区数"),
    "unmanaged": whole("未管小区数"),
    "rate": number("覆盖率(面积)", null=True),
    "compounds_rate": number("覆盖率(个数)", null=True),
    "households_rate": number("覆盖率(户数)", null=True),
    "area_pending": whole("面积待核小区数"),
    "undetermined_m2": number("类别待认定面积(㎡)"),
}
SummaryTotal = shape("SummaryTotal", _SUMMARY)
SummaryRow = shape("SummaryRow", {
    "key": text("行政区划代码"), "level": word(Level, "行政层级"),
    "subtotal": serializers.BooleanField(help_text="小计"), "subdistrict": text("街道(乡镇), 小计 also 县(市、区)"),
    "community": text("社区"), **_SUMMARY,
})  # fmt: skip
SummaryMore = shape("SummaryOfDivision", {
    **HEAD, "by": text("Down to community or subdistrict."), "total": SummaryTotal(help_text="合计"),
})  # fmt: skip


class UnmanagedRow(serializers.Serializer):
    """A compound with unmanaged area. 未管小区."""

    code = text("小区编号")
    name = text("小区名称")
    community = NamedDivision()
    unmanaged_m2 = number("未管面积(㎡)")
    managed_m2 = number("已管面积(㎡)")
    households = whole("Households of the unmanaged area. 户数")
    reason = text("未管原因", allow_null=True)
    mode = word(Mode, "Of its procedure, else of the plan. Null: neither says it. 拟用模式", null=True)
    deadline = date("Last day of the plan's month or quarter. Null: no approved plan says it. 时限", null=True)
    person = text("Of the plan, else `duty_person`. 责任人", allow_null=True)
    duty_person = text("包保责任人", allow_null=True)
    step = text("As of today. Null: no procedure says it. 卡在哪步", allow_null=True)
    step_days = whole("Days at this step so far, as of today. 停留天数", null=True)


class UnmanagedTotal(serializers.Serializer):
    compounds = whole("小区数")
    unmanaged_m2 = number("未管面积(㎡)")
    households = whole("户数")


class UnmanagedMore(TableHead):
    total = UnmanagedTotal(help_text="合计")
    area_pending = whole("Compounds not listed, because their area is not measured. 面积待核")


class DifferenceEntry(serializers.Serializer):
    height = whole("数据版次")
    kind = word(Kind, "变更类型")
    effective_on = date("发生日期")
    reverses = whole("更正的数据版次", null=True)
    reason = text("原因", allow_null=True)
    basis = text("依据", allow_null=True)
    reviewer = text("审核人", allow_null=True)


class DifferenceRow(serializers.Serializer):
    """A compound whose figure differs from what was reported. 数据差异说明."""

    code = text("小区编号")
    name = text("小区名称")
    reported = MovedAmount(help_text="原报数")
    now = MovedAmount(help_text="现数")
    difference = MovedAmount(help_text="差额")
    entries = DifferenceEntry(many=True)


class DifferenceTotal(serializers.Serializer):
    reported = MovedAmount()
    now = MovedAmount()
    difference = MovedAmount()


class DifferencesMore(TableHead):
    from_height = whole("原报数据版次")
    total = DifferenceTotal(help_text="合计")


# --- examples --------------------------------------------------------------------------------------------
_CITY = {"code": "2113", "name": "朝阳市"}
_COMMUNITY = {"code": "211303004001", "name": "龙城区 海龙街道 海河社区"}
EXAMPLE_HEAD = {
    "division": _CITY, "as_of": "2014-12-31", "rule": "standard",
    "ledger": {
        "height": 16, "hash": "5d41402abc4b2a76b9719d911017c592ae1f3e0d4c7b6a59f8e2d1c0b3a49587",
        "recorded_at": "2015-07-02T02:15:00Z",
    },
}  # fmt: skip


def _amount(managed: float, total: float, households: int) -> dict:
    return {"managed_m2": managed, "total_m2": total, "households": households}


_NOTHING = _amount(0, 0, 0)
_MOVED = {item.value: _NOTHING for item in Item} | {
    "opening": _amount(30000, 300000.5, 3000), "takeover": _amount(120000, 0, 0), "lapse": _amount(-30000, 0, 0),
    "register": _amount(25000, 25000, 250), "closing": _amount(145000, 325000.5, 3250),
}  # fmt: skip
MOVEMENTS = {
    "results": [{"key": "211302", "name": "双塔区", **_MOVED}], "next": None, **EXAMPLE_HEAD, "from": "2014-01-31",
    "to": "2014-12-31", "by": "county", "opening_height": 5, "target": None, "total": _MOVED,
    "deregistered": _NOTHING, "changed_mode": _NOTHING,
}  # fmt: skip
_SUM = {
    "compounds": 1, "area_m2": 80000, "households": 800, "managed": 0, "partial": 1, "unmanaged": 0, "rate": 0.25,
    "compounds_rate": 0, "households_rate": 0.25, "area_pending": 0, "undetermined_m2": 0,
}  # fmt: skip
SUMMARY = {
    "results": [{
        "key": "211303004001", "level": "community", "subtotal": False, "subdistrict": "海龙街道",
        "community": "海河社区", **_SUM,
    }],
    "next": None, **EXAMPLE_HEAD, "by": "community", "total": _SUM,
}  # fmt: skip
UNMANAGED = {
    "results": [{
        "code": "C", "name": "示例小区C", "community": _COMMUNITY, "unmanaged_m2": 60000, "managed_m2": 20000,
        "households": 600, "reason": "业主交费意愿低", "mode": "professional", "deadline": "2015-06-30",
        "person": "张某", "duty_person": "王主任", "step": "业委会备案", "step_days": 47,
    }],
    "next": None, **EXAMPLE_HEAD, "total": {"compounds": 1, "unmanaged_m2": 60000, "households": 600},
    "area_pending": 0,
}  # fmt: skip
_DIFFERENCE = {"reported": _amount(0, 80000, 800), "now": _amount(20000, 80000, 800),
               "difference": _amount(20000, 0, 0)}  # fmt: skip
RESTATEMENT = {
    "results": [{
        "code": "C", "name": "示例小区C", **_DIFFERENCE,
        "entries": [{
            "height": 11, "kind": "takeover", "effective_on": "2014-12-15", "reverses": None,
            "reason": "社区未及时上报", "basis": "合同 物业服务合同", "reviewer": "王审核",
        }],
    }],
    "next": None, **EXAMPLE_HEAD, "from_height": 10, "total": _DIFFERENCE,
}  # fmt: skip
