"""How the API describes what is handed in."""

from rest_framework import serializers

from chaoyang_pm.kit.api.describing import text, word
from compounds.approvals.choices import ProposalState
from compounds.ledger.serializers import EXAMPLE, EntryRow


class PostedEntry(EntryRow):
    url = text("Address of the entry.")


class ProposalRow(serializers.Serializer):
    """An entry that waits until somebody agrees, and what became of it. 待审事项."""

    proposal = serializers.UUIDField()
    state = word(ProposalState, "状态")
    needs = serializers.ListField(
        child=serializers.ChoiceField(choices=[("second_person", "second_person"), ("city", "city")]),
        help_text="Who must agree: a colleague (复核), the city (市级审批).",
    )
    comment = text("What was said when it was returned. 退回意见")
    heights = serializers.ListField(child=serializers.IntegerField(), help_text="Of its entries, once posted.")
    page = text("Its page in the portal.")
    url = text("Its address in the API.")


BODY_EXAMPLES = {
    "接管": {
        "kind": "takeover", "compound": "211302001003001", "effective_on": "2014-05-10", "category": "abandoned",
        "mode_to": "professional", "area_m2": 60000, "provider_to": "甲物业公司", "date_basis": "交接记录",
        "basis_type": "协议", "basis_no": "2014-017",
    },
    "拆分": {
        "kind": "split", "compound": "211302001003001", "effective_on": "2014-07-01",
        "basis_name": "关于示例小区分设的批复",
        "parts": [
            {
                "name": "示例小区东区", "address": "文化路12号", "kind": "gated", "takes": [
                    {"category": "abandoned", "mode": "none", "area_m2": 20000, "households": 200},
                    {"category": "abandoned", "mode": "professional", "area_m2": 5000.5},
                ],
            },
        ],
    },
    "代报": {
        "kind": "lapse", "compound": "211302001003001", "effective_on": "2014-09-30", "mode_from": "professional",
        "reason": "物业服务企业撤出", "recorded_for": "211302001003",
    },
}  # fmt: skip
POSTED_EXAMPLE = EXAMPLE | {"url": "/api/v1/ledger/entries/6/"}
PROPOSAL_EXAMPLE = {
    "proposal": "7f1c2c52-6a1b-4f0e-9f0e-1f2a3b4c5d6e", "state": "waiting", "needs": ["second_person"], "comment": "",
    "heights": [], "page": "/approvals/7f1c2c52-6a1b-4f0e-9f0e-1f2a3b4c5d6e/",
    "url": "/api/v1/ledger/proposals/7f1c2c52-6a1b-4f0e-9f0e-1f2a3b4c5d6e/",
}  # fmt: skip
