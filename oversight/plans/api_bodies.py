"""Plans as programs hand them in and decide on them: fields of the bodies."""

from chaoyang_pm.kit.api.bodies import Rows, Text, Whole
from oversight.plans.models import PlanComment

COUNTY = Text("county", "Code of the county, city or district. 县(市、区)", "211302", 12)
REASON = Text("reason", "Why an approved plan is amended. 调整原因", "", 500)
PAPER = (
    Text("document_no", "Number of the sealed paper. 报送文号", "双政发〔2014〕12号", 60),
    Text("signatory", "Who signed it. 签发人", "王某", 60),
    Text("words", "On what the checks ask about. 说明", "已核实", 500),
)
OPINION = Text("opinion", "On the plan as a whole. 审核意见", "同意", 1000)
COMMENT_LENGTH = PlanComment._meta.get_field("text").max_length or 0
COMMENTS = Rows(
    "comments", "What is to be put right, at which line. 退回意见", [{"line": 4, "text": "时限提前到3季度"}],
    fields=(
        Whole("line", "Number of the line; left out: the plan as a whole. 行", 4, least=1),
        Text("text", "What is to be put right. 意见", "时限提前到3季度", COMMENT_LENGTH),
    ),
    required=("text",), most=500,
)  # fmt: skip
SUBMIT_EXAMPLES = {"报送": {"document_no": "双政发〔2014〕12号", "signatory": "王某", "words": "已核实"}}
RETURN_EXAMPLES = {"退回": {"comments": [{"line": 4, "text": "时限提前到3季度"}]}}
APPROVE_EXAMPLES = {"批准": {"opinion": "同意"}}
