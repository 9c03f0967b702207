"""A token that is limited to a division goes along when that is followed by others, as the offices of people do."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from communities.divisions.models import Division
from communities.people import logs
from communities.tokens import keys
from communities.tokens import services as tokens
from communities.tokens.models import Token, TokenStep
from compounds.ledger.refusals import Refused
from compounds.successions import services
from compounds.successions.planning import Part
from tests.support import JINYUAN, QIANJIN, make_compound, person

pytestmark = pytest.mark.usefixtures("city")
STREET, NEW_STREET, NEW = "211302003", "211321003", "211321003001"


@pytest.fixture
def made(bureau):
    """A token that is limited to a division, of the bureau unless said, and its secret."""

    def make(code: str, user=None, name: str = "共享平台") -> tuple[Token, str]:
        division = Division.objects.get(code=code)
        scopes = ["coverage:read", "register:read"]
        return tokens.make(user=user or bureau, name=name, scopes=scopes, division=division, by=None)

    return make


@pytest.fixture
def undo(bureau):
    return lambda succession: services.undo(succession=succession, reason="文号有误", by=bureau)


def limits(token: Token) -> list[str]:
    return [division.code for division in Token.objects.get(pk=token.pk).limits]


def reach(secret: str) -> tuple[str, ...]:
    return keys.owner_by(secret)[0].scope.codes


def compounds(secret: str, **headers):
    headers["Authorization"] = f"Bearer {secret}"
    return Client().get("/api/v1/compounds/", headers=headers)


def codes(secret: str) -> set[str]:
    return {row["code"] for row in compounds(secret).json()["results"]}


def test_the_token_of_a_merged_county_answers_for_its_successor(succeed, made, undo):
    token, secret = made("211303", person("county", "county", "211303"))
    before = codes(secret)
    merged = succeed("merge", "211303", into="211302")
    assert limits(token) == ["211302"]
    assert codes(secret) == {"甲", "乙", "丙", "戊", "己"}
    undo(merged)
    assert limits(token) == ["211303"]
    assert before == {"丙"}


@pytest.mark.parametrize(
    ("kind", "divisions", "fields", "successors"),
    [
        ("reparent", [STREET], {"parent": "211321"}, [NEW]), ("rename", [QIANJIN], {"name": "新社区"}, [QIANJIN]),
        ("merge", [QIANJIN, JINYUAN], {"name": "新社区", "code": "211302001050", "parent": "211302001"},
         ["211302001050"]),
        ("merge", [QIANJIN], {"into": JINYUAN}, [JINYUAN]),
        ("split", [QIANJIN], {"parts": (Part("东", "211302003051", ("甲",)), Part("西", "211302003052", ("乙", "己")))},
         ["211302003051", "211302003052"]),
        ("split", [QIANJIN], {"parts": (Part("东", "211302003051", ("甲",)),), "keeps": True}, [QIANJIN]),
    ],
)  # fmt: skip
def test_every_kind_of_change_takes_tokens_along_and_its_undoing_back(
    succeed, made, undo, kind, divisions, fields, successors
):
    token, secret = made(QIANJIN)
    other, _secret = made("211303", name="龙城")
    before = codes(secret)
    succession = succeed(kind, *divisions, **fields)
    assert limits(token) == successors
    assert set(successors) <= set(reach(secret)) <= {QIANJIN, JINYUAN, *successors}
    undo(succession)
    assert limits(token) == [QIANJIN]
    assert reach(secret) == (QIANJIN,)
    assert codes(secret) == before
    assert limits(other) == ["211303"]
    succeed(kind, *divisions, **fields)
    assert limits(token) == successors


def test_one_change_after_the_other_and_back_again(succeed, made, undo):
    street, committee = made(STREET)[0], made(QIANJIN, name="社区")[0]
    first = succeed("reparent", STREET, parent="211321")
    parts = (Part("东", "211321003051", ("甲",)), Part("西", "211321003052", ("乙", "己")))
    second = succeed("split", NEW, parts=parts, on="2015-09-01")
    assert (limits(street), limits(committee)) == ([NEW_STREET], ["211321003051", "211321003052"])
    undo(second)
    assert limits(committee) == [NEW]
    undo(first)
    assert (limits(street), limits(committee)) == ([STREET], [QIANJIN])


def test_made_in_a_division_that_never_was_a_token_goes_back_to_what_it_was_made_of(succeed, made, undo):
    merged = succeed("merge", QIANJIN, JINYUAN, name="新社区", code="211302001050", parent="211302001")
    token, secret = made("211302001050")
    undo(merged)
    assert limits(token) == sorted([QIANJIN, JINYUAN])
    assert codes(secret) == {"甲", "乙", "己", "戊"}


def test_a_change_that_is_refused_leaves_tokens_alone(succeed, made, undo):
    token, secret = made(QIANJIN)
    with pytest.raises(Refused):
        succeed("split", QIANJIN, parts=(Part("东", members=("甲",)), Part("西", members=("乙",))))
    assert not TokenStep.objects.exists()
    moved = succeed("reparent", STREET, parent="211321")
    make_compound("庚", NEW)
    with pytest.raises(Refused):
        undo(moved)
    assert limits(token) == [NEW]
    assert reach(secret) == (QIANJIN, NEW)


def test_a_followed_token_costs_what_another_does(succeed, made):
    """Token, owner, offices and what was followed are one query; an unchanged answer three."""
    _token, secret = made(QIANJIN)
    succeed("split", QIANJIN, parts=(Part("东", members=("甲",)), Part("西", members=("乙", "己"))))
    with CaptureQueriesContext(connection) as queries:
        keys.owner_by(secret)
    assert len(queries) == 1
    tag = compounds(secret)["ETag"]
    with CaptureQueriesContext(connection) as queries:
        assert compounds(secret, **{"If-None-Match": tag}).status_code == 304
    assert len(queries) <= 3


def test_offices_are_not_doubled_by_what_was_followed(succeed, made, bureau):
    token, secret = made(STREET, person("street", "subdistrict", STREET))
    succeed("reparent", STREET, parent="211321")
    (office,) = keys.owner_by(secret)[0].current_appointments
    assert office.division_id == NEW_STREET
    assert limits(token) == [NEW_STREET]


def test_pages_and_the_log_of_rights_say_where_a_token_has_gone(succeed, made, undo, bureau):
    made(QIANJIN)
    succession = succeed("split", QIANJIN, parts=(Part("东片", members=("甲",)), Part("西片", members=("乙", "己"))))
    client = Client()
    client.force_login(bureau)
    parts = sorted(succession.lines.values_list("to_division", flat=True))
    assert "东片、西片" in client.get("/accounts/tokens/").content.decode()
    undo(succession)
    assert "前进社区" in client.get("/accounts/tokens/").content.decode()
    told = logs.read_rights(logs.rights(logs.Period(who=bureau.username)))
    followed = [line.details for line in told if line.what == "令牌随区划变更"]
    assert [name for ((name, *_rest),) in followed] == [
        f"共享平台 · 前进社区 {QIANJIN}", f"共享平台 · 东片 {parts[0]}、西片 {parts[1]}",
    ]  # fmt: skip
