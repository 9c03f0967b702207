"""How the API describes monthly returns (``compounds.returns.api``)."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import date, moment, shape, text, whole, word
from communities.divisions.choices import Level
from communities.divisions.serializers import NamedDivision
from compounds.returns.choices import ReturnState

ReturnRow = shape("ReturnRow", {
    "id": whole("编号"),
    "division": NamedDivision(),
    "level": word(Level, "community or county. 报送层级"),
    "month": text("月份, YYYY-MM"),
    "state": word(ReturnState, "状态"),
    "due_on": date("截止日, with its extension"),
    "extended": serializers.BooleanField(help_text="延期"),
    "overdue": serializers.BooleanField(help_text="逾期未报"),
    "late": serializers.BooleanField(help_text="逾期报送"),
    "no_change": serializers.BooleanField(help_text="A community had nothing to report. 无变化"),
    "on_behalf": serializers.BooleanField(help_text="代报"),
    "submitted_at": moment("报送时间", null=True),
    "accepted_at": moment("接收时间: since then the month is closed.", null=True),
    "height": whole("The version that a county's tables were made of. 数据版次", null=True),
    "document_no": text("报送文号"),
})  # fmt: skip
EXAMPLE = {
    "results": [{
        "id": 12, "division": {"code": "211302", "name": "双塔区"}, "level": "county", "month": "2015-09",
        "state": "accepted", "due_on": "2015-10-05", "extended": False, "overdue": False, "late": False,
        "no_change": False, "on_behalf": False, "submitted_at": "2015-10-04T02:15:00Z",
        "accepted_at": "2015-10-06T01:00:00Z", "height": 16, "document_no": "双住建〔2015〕8号",
    }],
    "next": None,
}  # fmt: skip
