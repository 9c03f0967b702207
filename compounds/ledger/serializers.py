"""How the API describes entries of the ledger."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import date, moment, number, text, whole, word
from communities.divisions.serializers import NamedDivision
from compounds.ledger.choices import Category, Kind, Mode, Precision, Source


class NamedCompound(serializers.Serializer):
    code = text("小区编号", allow_blank=False)
    name = text("小区名称, as of today")


class EntryPartRow(serializers.Serializer):
    """What a split gives to one compound. 拆分."""

    split = whole("Height of the split.")
    compound = text("Code of the compound. 小区编号")
    category = word(Category, "小区类别")
    mode = word(Mode, "管理模式")
    area_m2 = number("㎡")
    households = whole("户数")


class PostingRow(serializers.Serializer):
    """A signed area and number of households on one pocket. Balances are sums of postings. 变动明细."""

    effective_on = date("发生日期")
    kind = word(Kind, "Kind of the event whose effect it is. 变更类型")
    compound = text("Code of the compound. 小区编号")
    community = text("Code of the community. 社区编码")
    category = word(Category, "小区类别")
    mode = word(Mode, "管理模式")
    area_m2 = number("㎡, signed")
    households = whole("户数, signed")


class EntryRow(serializers.Serializer):
    """One recorded event with its place in the chain. It is never changed and never deleted. 变动记录."""

    height = whole("数据版次")
    hash = text("Checksum of this entry and all before it. 校验码")
    kind = word(Kind, "变更类型")
    effective_on = date("发生日期")
    precision = word(Precision, "日 or 月: a month stands for its last day.")
    recorded_at = moment("记录时间")
    compound = NamedCompound()
    community = NamedDivision(allow_null=True, help_text="Where it is registered, or relocated to. 社区")
    category = word(Category, "小区类别", null=True)
    mode_from = word(Mode, "原管理模式", null=True)
    mode_to = word(Mode, "新管理模式", null=True)
    new_category = word(Category, "新类别", null=True)
    target = NamedCompound(allow_null=True, help_text="Of a merge: the compound that stays. 目标小区")
    area_m2 = number("面积(㎡)", null=True)
    households = whole("户数", null=True)
    reverses = whole("Of a reversal: the height that it takes back. 原数据版次", null=True)
    recorded_for = text("Code of the body on whose behalf it was recorded. 代报", allow_null=True)
    provider_from = text("原物业服务单位")
    provider_to = text("新物业服务单位")
    phase = text("分片(期)")
    building_numbers = text("涉及楼号")
    date_basis = text("日期依据")
    basis_type = text("依据类型")
    basis_name = text("依据名称")
    basis_no = text("依据文号")
    reason = text("变更原因")
    late_reason = text("补报原因")
    reporting_unit = text("填报单位")
    source = word(Source, "Where it came from. 来源")
    parts = EntryPartRow(many=True)
    postings = PostingRow(many=True, help_text="Those within the reader's scope.")


class ReversibleEntryRow(EntryRow):
    reversed_by = whole("Height of the reversal that took it back, up to the version asked for.", null=True)


class EntriesMore(serializers.Serializer):
    height = whole("Up to where the answer is complete; what to ask `after` next.")


EXAMPLE = {
    "height": 6, "hash": "9f2c8d4be1a05f6a3c7d12e84b90a6f5d3e2c1b0a9f8e7d6c5b4a39281706f5e", "kind": "takeover",
    "effective_on": "2014-05-10", "precision": "day", "recorded_at": "2014-05-12T01:30:00.000000Z",
    "compound": {"code": "211302001003001", "name": "示例小区"}, "community": None, "category": "abandoned",
    "mode_from": "none", "mode_to": "professional", "new_category": None, "target": None, "area_m2": 60000,
    "households": 600, "reverses": None, "recorded_for": None, "provider_from": "", "provider_to": "甲物业公司",
    "phase": "", "building_numbers": "", "date_basis": "交接记录", "basis_type": "协议", "basis_name": "物业服务合同",
    "basis_no": "2014-017", "reason": "", "late_reason": "", "reporting_unit": "金元社区", "source": "page",
    "parts": [],
    "postings": [
        {
            "effective_on": "2014-05-10", "kind": "takeover", "compound": "211302001003001",
            "community": "211302001003", "category": "abandoned", "mode": "none", "area_m2": -60000, "households": -600,
        },
        {
            "effective_on": "2014-05-10", "kind": "takeover", "compound": "211302001003001",
            "community": "211302001003", "category": "abandoned", "mode": "professional", "area_m2": 60000,
            "households": 600,
        },
    ],
}  # fmt: skip
FEED_EXAMPLE = {"results": [EXAMPLE], "next": None, "height": 6}
HISTORY_EXAMPLE = {"results": [EXAMPLE | {"reversed_by": None}], "next": None}
