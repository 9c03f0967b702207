"""How the API describes compounds."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import date, number, text, whole, word
from communities.divisions.serializers import NamedDivision
from compounds.ledger.choices import Category, Mode
from compounds.register.choices import AreaSource, CompoundKind, Status


class CompoundRow(serializers.Serializer):
    """A compound with what it holds, within the reader's scope, at the date and version asked for."""

    code = text("小区编号", allow_blank=False)
    name = text("小区名称")
    community = NamedDivision(help_text="Where it is registered today. 社区")
    status = word(Status, "What became of it, as of today. 状态")
    area_m2 = number("Area in ㎡. 建筑面积")
    managed_m2 = number("Of it managed, by the counting rule. 已管面积")
    unmanaged_m2 = number("Of it not managed. 未管面积")
    households = whole("户数")


class CompoundsMore(serializers.Serializer):
    as_of = date("截止日期")
    rule = text("统计口径")
    height = whole("Version of the ledger. 数据版次")


class Pocket(serializers.Serializer):
    """What is held under one category and mode. 面积分项."""

    category = word(Category, "小区类别")
    mode = word(Mode, "管理模式")
    area_m2 = number("㎡")
    households = whole("户数")


class CompoundDetail(CompoundsMore, CompoundRow):
    former_names = text("曾用名")
    merged_into = text("Code of the compound that it was merged into. 并入小区", allow_null=True)
    pockets = Pocket(many=True)
    provider = text("物业服务单位")
    residential_area_m2 = number("其中住宅面积", null=True)
    address = text("地址")
    kind = word(CompoundKind, "小区类型", blank=True)
    built_year = whole("建成年份", null=True)
    buildings = whole("楼栋数", null=True)
    area_source = word(AreaSource, "面积来源", blank=True)
    category_basis = text("类别认定依据")
    ownership = text("产权性质")
    original_owner = text("原产权单位")
    developer = text("开发建设单位")
    renovated_year = whole("改造年度", null=True)
    contract_term = text("合同起止")
    contract_filing_no = text("合同备案号")
    fee = text("收费标准")
    collection_rate = number("收缴率 (%)", null=True)
    owners_committee = text("业委会")
    committee_term_ends = date("业委会届满日", null=True)
    unmanaged_reason = text("未管原因")
    abandoned_since = text("弃管时间")


_ROW = {
    "code": "211302001003001", "name": "示例小区", "community": {"code": "211302001003", "name": "金元社区"},
    "status": "active", "area_m2": 100000, "managed_m2": 60000, "unmanaged_m2": 40000, "households": 1000,
}  # fmt: skip
_ABOUT = {"as_of": "2014-05-31", "rule": "standard", "height": 6}
EXAMPLE = {
    "results": [_ROW],
    "next": "/api/v1/compounds/?as_of=2014-05-31&height=6&page=…",
    **_ABOUT,
}
DETAIL_EXAMPLE = {
    **_ABOUT, **_ROW, "former_names": "", "merged_into": None,
    "pockets": [
        {"category": "abandoned", "mode": "professional", "area_m2": 60000, "households": 600},
        {"category": "abandoned", "mode": "none", "area_m2": 40000, "households": 400},
    ],
    "provider": "甲物业公司", "residential_area_m2": None, "address": "", "kind": "gated", "built_year": 1998,
    "buildings": 12, "area_source": "survey", "category_basis": "", "ownership": "", "original_owner": "",
    "developer": "", "renovated_year": None, "contract_term": "", "contract_filing_no": "", "fee": "",
    "collection_rate": None, "owners_committee": "", "committee_term_ends": None, "unmanaged_reason": "",
    "abandoned_since": "",
}  # fmt: skip
