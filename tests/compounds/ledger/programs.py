"""What programs hand in over the API, and how it is held against a refusal."""

import json

from django.test import Client

from chaoyang_pm.kit.once.models import KeptAnswer
from compounds.approvals.models import Proposal
from compounds.ledger.models import Entry

URL = "/api/v1/ledger/entries/"
TAKEOVER = {
    "kind": "takeover", "compound": "A", "effective_on": "2014-05-10", "mode_to": "professional", "area_m2": 400.5,
    "provider_to": "乙物业公司", "basis_name": "物业服务合同", "date_basis": "接管协议", "note": "第一批",
}  # fmt: skip


def post(secret: str, body, key: str | None = "k1", *, content_type="application/json", language="en", **headers):
    sent = body if isinstance(body, str | bytes) else json.dumps(body)
    headers |= {"Authorization": f"Bearer {secret}", "Accept-Language": language}
    headers |= {"Idempotency-Key": key} if key is not None else {}
    return Client().post(URL, sent, content_type=content_type, headers=headers)


def refused(answer, status: int, *fields: str, said: str = "") -> dict:
    """A problem with this status about these fields; nothing was written since the world was made."""
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert [error["field"] for error in problem["errors"]] == list(fields), problem
    assert all(error["message"] for error in problem["errors"])
    assert said in answer.content.decode()
    assert (Entry.objects.count(), KeptAnswer.objects.count(), Proposal.objects.count()) == (3, 0, 0)
    return problem
