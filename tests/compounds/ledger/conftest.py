import pytest

from communities.tokens import services as tokens
from tests.support import HAIHE, QIANJIN, register


@pytest.fixture
def world(cast):
    """A with 1000 ㎡ and B beside it in 双塔区, N in 龙城区; the county's token, its bureau's, and one that reads."""
    register("A", m2=1000, households=10)
    register("B", m2=500, community=QIANJIN)
    register("N", m2=700, community=HAIHE)
    scopes = {
        "county": ["ledger:write", "ledger:read"], "bureau": ["ledger:write"], "committee": ["ledger:write"],
        "auditor": ["ledger:write"],
    }  # fmt: skip
    secrets = {name: tokens.make(user=cast[name], name="x", scopes=scope, by=None)[1] for name, scope in scopes.items()}
    secrets["reads"] = tokens.make(user=cast["county"], name="reads", scopes=["ledger:read"], by=None)[1]
    return secrets
