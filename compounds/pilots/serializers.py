"""How the API describes pilots."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import date, text, whole, word
from communities.divisions.serializers import NamedDivision
from compounds.ledger.choices import Mode
from compounds.ledger.serializers import NamedCompound
from compounds.pilots.choices import Result


class PilotRow(serializers.Serializer):
    """A pilot compound of an urban community (P4.1)."""

    id = whole("编号")
    community = NamedDivision(help_text="Where the compound lay when the pilot began. 社区")
    compound = NamedCompound(help_text="试点小区")
    mode = word(Mode, "试点模式")
    started_on = date("启动日期")
    ended_on = date("结束日期", null=True)
    result = word(Result, "结果")
    lessons = text("经验教训")
    rollout = text("推广情况")
    document = text("文件")


class PilotsMore(serializers.Serializer):
    communities = whole("Urban communities with unmanaged area today. 有未管面积的城市社区")
    without = NamedDivision(many=True, help_text="Those of them without a pilot. 尚无试点的社区")


EXAMPLE = {
    "results": [{
        "id": 3, "community": {"code": "211302003001", "name": "前进社区"},
        "compound": {"code": "211302003001001", "name": "示例小区"}, "mode": "owners", "started_on": "2014-06-01",
        "ended_on": "2014-12-20", "result": "succeeded", "lessons": "先修后管", "rollout": "推广到 3 个小区",
        "document": "",
    }],
    "next": None, "communities": 2, "without": [{"code": "211302001003", "name": "金元社区"}],
}  # fmt: skip
