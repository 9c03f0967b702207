"""How the API describes divisions."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import date, text, word
from communities.divisions.choices import Level


class NamedDivision(serializers.Serializer):
    code = text("4, 6, 9 or 12 digits. 行政区划代码", allow_blank=False)
    name = text("名称")


class DivisionRow(NamedDivision):
    short_name = text("Short name, where there is one. 简称")
    level = word(Level, "行政层级")
    parent = text("Code of the division above; null of the city. 上级代码", allow_null=True)
    began_on = date("First day, where a change of divisions has made it. 设立日期", null=True)
    ended_on = date("First day without it. 撤销日期", null=True)


EXAMPLE = {
    "results": [{
        "code": "211302", "name": "双塔区", "short_name": "", "level": "county", "parent": "2113", "began_on": None,
        "ended_on": None,
    }],
    "next": None,
}  # fmt: skip
