"""How the API describes figures, in the words of the command line (``oversight.coverage.presenters``)."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import date, moment, number, shape, text, whole, word
from communities.divisions.serializers import NamedDivision
from compounds.ledger.choices import EVENT_KINDS, Category, Mode
from oversight.programme.choices import Progress, Unit


class LedgerVersion(serializers.Serializer):
    """The version of the ledger that a figure is as known at. 数据版次."""

    height = whole("数据版次")
    hash = text("校验码")
    recorded_at = moment("Null for the empty ledger.", null=True)


class CoverageCell(serializers.Serializer):
    category = word(Category, "小区类别")
    mode = word(Mode, "管理模式")
    area_m2 = number("㎡")
    households = whole("户数")


ByCategory = shape("AreaByCategory", {category.value: number("㎡") for category in Category})
ByMode = shape("AreaByMode", {mode.value: number("㎡") for mode in Mode})


class CoverageArea(serializers.Serializer):
    managed = number("已管面积(㎡)")
    unmanaged = number("未管面积(㎡)")
    total = number("总面积(㎡)")
    by_category = ByCategory()
    by_mode = ByMode()
    cells = CoverageCell(many=True, help_text="Category × mode, where there is anything.")


class MonthCounts(serializers.Serializer):
    managed = whole("Without unmanaged area. 全部已管")
    partial = whole("部分覆盖")
    unmanaged = whole("Without managed area. 全部未管")
    rate = number("managed / all three. 按小区", null=True)


class CoverageCounts(MonthCounts):
    area_pending = whole("In the register without any area, whatever the date. 面积待核")


class CoverageHouseholds(serializers.Serializer):
    managed = whole("已管户数")
    total = whole("总户数")
    rate = number("按户数", null=True)


class CoverageFigures(serializers.Serializer):
    division = NamedDivision()
    as_of = date("截止日期")
    rule = text("统计口径")
    ledger = LedgerVersion()
    area_m2 = CoverageArea()
    rate = number("Coverage rate by area: managed / total; null where there is none. 物业覆盖率", null=True)
    professional_rate = number("Of all area, that under a professional enterprise. 专业化物业管理率", null=True)
    compounds = CoverageCounts(allow_null=True, help_text="Null in groups by category or mode, where none add up.")
    households = CoverageHouseholds()


class CoverageGroup(CoverageFigures):
    key = text("Code of the division, or the category or mode.")
    name = text("名称")


class UnderWayArea(serializers.Serializer):
    planned = number("What approved plans foresee by the date. Null without any. 计划数(㎡)", null=True)
    reported = number("上报数(含未审,㎡): approved + takeovers − lapses.")
    approved = number("审定数(㎡): managed area of the ledger.")
    inspected = number("核查数(㎡). Null until there are inspections.", null=True)
    difference = number("差额(㎡): reported − approved.")
    takeovers = number("在审接管(㎡)")
    lapses = number("在审撤管(㎡)")


class UnderWayHouseholds(serializers.Serializer):
    planned = whole("The same. 计划户数", null=True)
    reported = whole("上报户数(含未审)")
    approved = whole("审定户数")
    inspected = whole("核查户数. Null until there are inspections.", null=True)
    difference = whole("差额(户)")
    takeovers = whole("在审接管(户)")
    lapses = whole("在审撤管(户)")


class CoverageUnderWay(serializers.Serializer):
    """What plans foresee and open reports would add; only the approved figures are the ledger's."""

    reports = whole("在审的接管、撤管上报件数")
    area_m2 = UnderWayArea()
    households = UnderWayHouseholds()


class Coverage(CoverageFigures):
    groups = CoverageGroup(many=True, required=False, help_text="With `by`: the parts.")
    under_way = CoverageUnderWay(
        required=False, help_text="What is reported and not yet approved; absent where a version is named. 上报在审"
    )


class SeriesMonth(serializers.Serializer):
    month = text("YYYY-MM")
    as_of = date("The month's end, or the figures' date if that comes first.")
    managed_m2 = number("已管面积(㎡)")
    unmanaged_m2 = number("未管面积(㎡)")
    total_m2 = number("总面积(㎡)")
    rate = number("物业覆盖率", null=True)
    professional_rate = number("专业化物业管理率", null=True)
    compounds = MonthCounts(allow_null=True)
    households = CoverageHouseholds()


Series = shape("Series", {
    "division": NamedDivision(),
    "as_of": date("截止日期"),
    "from": text("YYYY-MM"),
    "to": text("YYYY-MM"),
    "rule": text("统计口径"),
    "ledger": LedgerVersion(),
    "series": SeriesMonth(many=True),
})  # fmt: skip


class MovedAmount(serializers.Serializer):
    managed_m2 = number("已管面积(㎡)")
    total_m2 = number("总面积(㎡)")
    households = whole("户数")


class MovedByKind(MovedAmount):
    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in EVENT_KINDS], help_text="变更类型")


MovementFigures = shape("Movements", {
    "division": NamedDivision(),
    "from": date("期初日期"),
    "to": date("期末日期"),
    "rule": text("统计口径"),
    "ledger": LedgerVersion(),
    "opening": MovedAmount(),
    "by_kind": MovedByKind(many=True),
    "closing": MovedAmount(),
})  # fmt: skip


class RestatedCompound(serializers.Serializer):
    code = text("小区编号")
    name = text("小区名称")
    before = MovedAmount()
    change = MovedAmount()
    after = MovedAmount()
    entries = serializers.ListField(child=serializers.IntegerField(), help_text="Heights that caused it. 数据版次")


RestatementMore = shape("RestatementOfDivision", {
    "division": NamedDivision(),
    "as_of": date("截止日期"),
    "rule": text("统计口径"),
    "from": LedgerVersion(),
    "to": LedgerVersion(),
    "before": MovedAmount(),
    "change": MovedAmount(),
    "after": MovedAmount(),
})  # fmt: skip


class TargetRow(serializers.Serializer):
    """A target at the date and version asked for. Of one that counts communities, areas are null. 任务指标."""

    code = text("代码")
    name = text("名称")
    clause = text("条款")
    unit = word(Unit, "What is counted: area or communities. 计量单位")
    deadline = date("完成时限")
    required_m2 = number("任务量(㎡)", null=True)
    completed_m2 = number("已完成(㎡)", null=True)
    remaining_m2 = number("剩余(㎡)", null=True)
    ratio = number("完成率", null=True)
    scheduled_m2 = number("序时进度(㎡)", null=True)
    status = word(Progress, "进度状态")
    run_rate_m2_per_month = number("月均需完成(㎡)", null=True)
    forecast = text("Month in which it is reached at the present pace. 预计完成", allow_null=True)
    at_deadline_m2 = number("到期完成(㎡)", null=True)
    newly_lapsed_m2 = number("新增失管(㎡)", null=True)
    increment_m2 = number("Of a target that builds on another: beyond that one. 增量(㎡)", null=True, required=False)
    required = whole("Communities. 社区数", required=False)
    completed = whole("Communities. 社区数", required=False)
