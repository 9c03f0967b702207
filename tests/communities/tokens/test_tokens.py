"""Tokens: whom they act for, how far they reach, when they are dead, and that no secret is kept."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.divisions.models import Division
from communities.people import logs
from communities.people import services as people
from communities.people.choices import Role
from communities.people.models import Appointment, User
from communities.people.permissions import MATRIX, reach
from communities.tokens import keys, services
from communities.tokens.choices import ACTIONS, MAX_DAYS, TokenScope
from communities.tokens.models import Token, TokenUse
from tests.support import ask, ask_json, day

pytestmark = pytest.mark.django_db


def make(user: User, *scopes: str, **more) -> tuple[Token, str]:
    return services.make(
        user=user, name=more.pop("name", "共享平台"), scopes=scopes or ["coverage:read"], by=None, **more
    )


def refused(secret: str) -> str:
    with pytest.raises(keys.Unaccepted) as caught:
        keys.owner_by(secret)
    return caught.value.code


# --- what is stored ----------------------------------------------------------------------------------------
def test_the_secret_is_stored_nowhere(cast):
    token, secret = make(cast["county"])
    assert secret.startswith("cpm_")
    assert len(secret) > 40
    assert token.hint == secret[:8]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            assert all(secret not in str(value) for row in cursor.fetchall() for value in row), table


def test_every_scope_opens_actions_of_the_matrix():
    assert set(ACTIONS) == set(TokenScope)
    assert set().union(*ACTIONS.values()) <= set(MATRIX)


@pytest.mark.parametrize(
    "wrong",
    [
        {"digest": "short"}, {"name": ""}, {"scopes": ""}, {"name": "共享平台"}, {"revoked_by": "owner"},
        {"expires_at": datetime.datetime(2014, 1, 1, tzinfo=datetime.UTC)},
    ],
)  # fmt: skip
def test_the_database_refuses_what_is_no_token(cast, wrong):
    token, _secret = make(cast["county"])
    good = {
        "user": cast["county"], "name": "another", "digest": "0" * 64, "hint": "cpm_0000", "scopes": "coverage:read",
        "made_at": token.made_at, "expires_at": token.expires_at,
    }  # fmt: skip
    wrong = {name: cast["county"] if value == "owner" else value for name, value in wrong.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.create(**good | wrong)
    Token.objects.create(**good)


# --- how far a token reaches -------------------------------------------------------------------------------
def test_one_query_finds_token_owner_and_offices(cast):
    _token, secret = make(cast["county"], division=Division.objects.get(code="211302003"))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        user, token = keys.owner_by(secret)
        assert user.may("figures.read")
        assert str(user.current_appointments[0].division)
        assert token.user.username == "county"
    assert len(queries) == 1, queries.captured_queries


@pytest.mark.parametrize(
    "name", ["bureau", "leader", "department", "county", "subdistrict", "committee", "auditor", "admin"]
)
def test_a_token_of_all_scopes_sees_what_its_owner_sees(cast, name):
    _token, secret = make(cast[name], *TokenScope.values)
    user, token = keys.owner_by(secret)
    owner = User.objects.get(pk=cast[name].pk)
    assert user.scope == owner.scope
    assert [str(one) for one in user.current_appointments] == [str(one) for one in owner.current_appointments]
    opened = set().union(*ACTIONS.values())
    for action in MATRIX:
        assert bool(user.may(action)) == (bool(owner.may(action)) and (action in opened or action == "divisions.list"))
        if not user.may(action):
            assert user.may(action).reason
            assert not reach(user, action).codes or action in opened
    assert token.user.limit is None


def test_an_action_without_its_scope_is_denied_naming_the_scope(cast):
    user, _token = keys.owner_by(make(cast["bureau"], "coverage:read")[1])
    assert "register:read" in user.may("register.read").reason
    assert "ledger:write" in user.may("ledger.record").reason
    assert user.may("people.manage").reason


@pytest.mark.parametrize(
    ("who", "division", "sees", "not_"),
    [
        ("county", "211302003", ["211302003001"], ["211302001001", "211303004001"]),
        ("bureau", "211303", ["211303004001"], ["211302003001"]),
        ("auditor", "211303", ["211303004001"], ["211302003001"]),
        ("bureau", "2113", ["211303004001", "211302003001"], []),
        ("committee", "211302003001", ["211302003001"], ["211302003003"]),
    ],
)  # fmt: skip
def test_a_division_narrows_scope_and_rights(cast, who, division, sees, not_):
    _token, secret = make(cast[who], *TokenScope.values, division=Division.objects.get(code=division))
    user, _token = keys.owner_by(secret)
    assert all(user.scope.covers(code) for code in sees)
    assert not any(user.scope.covers(code) for code in not_)
    if user.may("ledger.record"):
        assert all(user.may("ledger.record", code) for code in sees)
        assert not any(user.may("ledger.record", code) for code in not_)


def test_a_division_that_the_owner_lost_leaves_nothing(cast):
    county = cast["county"]
    _token, secret = make(county, division=Division.objects.get(code="211302003"))
    people.appoint(user=county, role=Role.COUNTY, division=Division.objects.get(code="211303"), by=None)
    people.end_appointment(appointment=county.appointments.get(division="211302"), by=None)
    user, _token = keys.owner_by(secret)
    assert user.current_appointments == []
    assert not user.may("figures.read")
    assert not user.scope.everything
    assert not user.scope.codes


def test_two_offices_are_both_there(cast):
    people.appoint(user=cast["county"], role=Role.COUNTY, division=Division.objects.get(code="211303"), by=None)
    user, _token = keys.owner_by(make(cast["county"])[1])
    assert user.scope.codes == ("211302", "211303")


# --- when a token is dead ----------------------------------------------------------------------------------
def test_unknown_expired_and_revoked_are_told_to_the_holder_only(cast):
    token, secret = make(cast["county"])
    assert refused("cpm_" + "x" * 43) == refused("") == refused(token.digest) == refused(secret + "x") == "unknown"
    services.revoke(token=token, by=None)
    assert refused(secret) == "revoked"
    token, secret = make(cast["county"], days=1)
    Token.objects.filter(pk=token.pk).update(
        made_at=timezone.now() - datetime.timedelta(days=1, seconds=1),
        expires_at=timezone.now() - datetime.timedelta(seconds=1),
    )
    assert refused(secret) == "expired"


def test_with_its_owner_a_token_is_dead_at_once(cast):
    _token, secret = make(cast["committee"])
    keys.owner_by(secret)
    people.set_active(user=cast["committee"], active=False, by=cast["county"])
    assert refused(secret) == "owner_disabled"
    people.set_active(user=cast["committee"], active=True, by=cast["county"])
    keys.owner_by(secret)
    people.end_appointment(appointment=cast["committee"].appointments.get(), by=None)
    assert refused(secret) == "owner_without_office"


def test_an_office_to_come_or_past_opens_nothing(cast, settings):
    settings.BUSINESS_DATE = day("2015-06-01")
    Appointment.objects.filter(user=cast["county"]).update(until=day("2015-05-31"))
    people.appoint(
        user=cast["county"],
        role=Role.COUNTY,
        division=Division.objects.get(code="211303"),
        by=None,
        since=day("2015-06-02"),
    )
    _token, secret = make(cast["county"])
    assert refused(secret) == "owner_without_office"
    settings.BUSINESS_DATE = day("2015-06-02")
    assert keys.owner_by(secret)[0].scope.codes == ("211303",)


def test_a_reset_of_the_password_ends_all_tokens(cast):
    _token, secret = make(cast["committee"])
    people.reset_password(user=cast["committee"], by=cast["county"])
    assert refused(secret) == "revoked"


# --- making and revoking -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"), ({"name": "x" * 61}, "name"), ({"scopes": []}, "scopes"),
        ({"scopes": ["coverage:read", "coverage:write"]}, "scopes"), ({"days": 0}, "days"),
        ({"days": MAX_DAYS + 1}, "days"), ({"division": "211303"}, "division"),
    ],
)  # fmt: skip
def test_what_makes_no_token(cast, wrong, field):
    wrong |= {"division": Division.objects.get(code=wrong["division"])} if "division" in wrong else {}
    good = {"name": "x", "scopes": ["coverage:read"]}
    with pytest.raises(people.Unusable) as caught:
        services.make(user=cast["county"], by=cast["county"], **good | wrong)
    assert list(caught.value.problems) == [field]
    assert not Token.objects.exists()


def test_one_makes_tokens_for_oneself_only(cast):
    with pytest.raises(PermissionDenied):
        services.make(user=cast["county"], name="x", scopes=["coverage:read"], by=cast["bureau"])


def test_a_name_is_free_again_when_its_token_has_expired_or_was_revoked(cast):
    token, _secret = make(cast["county"])
    with pytest.raises(people.Unusable):
        make(cast["county"])
    Token.objects.filter(pk=token.pk).update(
        made_at=timezone.now() - datetime.timedelta(days=9), expires_at=timezone.now() - datetime.timedelta(days=1)
    )
    token, _secret = make(cast["county"])
    services.revoke(token=token, by=None)
    make(cast["county"])


def test_an_account_has_so_many_tokens_at_most(cast, monkeypatch):
    monkeypatch.setattr(services, "MOST", 2)
    make(cast["county"], name="1")
    make(cast["county"], name="2")
    with pytest.raises(people.Unusable):
        make(cast["county"], name="3")


def test_who_revokes_what(cast):
    token, secret = make(cast["committee"])
    for stranger in ("neighbour_county", "auditor", "subdistrict", "leader"):
        with pytest.raises(PermissionDenied):
            services.revoke(token=token, by=cast[stranger])
    keys.owner_by(secret)
    services.revoke(token=token, by=cast["county"])
    first = Token.objects.get(pk=token.pk)
    services.revoke(token=token, by=cast["committee"])
    assert Token.objects.get(pk=token.pk).revoked_at == first.revoked_at
    assert first.revoked_by == cast["county"]


# --- pages -------------------------------------------------------------------------------------------------
def test_a_token_is_made_on_a_page_shown_once_and_revoked(client, cast):
    client.force_login(cast["county"])
    form = {
        "name": "市数据共享平台",
        "scopes": ["coverage:read", "ledger:write"],
        "division": "211302003",
        "days": "30",
    }
    made = client.post("/accounts/tokens/new/", form)
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    secret = made.context["secret"]
    assert secret in made.content.decode()
    user, token = keys.owner_by(secret)
    assert (user.username, token.division_id, token.scope_names) == ("county", "211302003", form["scopes"])
    listed = client.get("/accounts/tokens/").content.decode()
    assert secret not in listed
    assert token.hint in listed
    assert client.post(f"/accounts/tokens/{token.pk}/revoke/").status_code == 302
    assert refused(secret) == "revoked"
    assert "市数据共享平台" not in client.get("/accounts/tokens/").context["own"]


def test_the_page_offers_what_the_owner_may(client, cast):
    reads = ["coverage:read", "register:read", "ledger:read"]
    for name, offered in (
        ("county", [scope for scope in TokenScope if scope != TokenScope.PLANS_REVIEW]),
        ("subdistrict", [*reads, "reports:read", "reports:write", "reports:review"]),
        ("committee", [*reads, "reports:read", "reports:write"]),
        ("auditor", [*reads, "reports:read", "plans:read"]), ("leader", [*reads, "plans:read"]),
    ):  # fmt: skip
        client.force_login(cast[name])
        form = client.get("/accounts/tokens/new/").context["form"]
        assert [value for value, _label in form.fields["scopes"].choices] == offered
        wrong = client.post("/accounts/tokens/new/", {"name": "x", "scopes": ["people:write"], "days": "400"})
        assert set(wrong.context["form"].errors) == {"scopes", "days"}
    assert not Token.objects.exists()


def test_tokens_of_others_are_seen_by_those_who_know_of_the_account(client, cast):
    for name in ("bureau", "county", "committee", "neighbour_committee"):
        make(cast[name], name=name)
    seen = {
        "committee": (["committee"], {}), "county": (["county"], {"committee": True}),
        "bureau": (["bureau"], {"county": True, "committee": True, "neighbour_committee": True}),
        "auditor": ([], {"bureau": False, "county": False, "committee": False, "neighbour_committee": False}),
        "admin": ([], {"bureau": True, "county": True, "committee": True, "neighbour_committee": True}),
    }  # fmt: skip
    for name, (own, others) in seen.items():
        client.force_login(cast[name])
        context = client.get("/accounts/tokens/").context
        assert [token.name for token in context["own"]] == own
        assert {token.name: bool(managed) for token, managed in context["rows"]} == others


def test_the_list_asks_as_often_for_many_as_for_few(client, cast):
    client.force_login(cast["bureau"])
    client.get("/accounts/tokens/")  # content types are read once
    counts = []
    for names in (["county"], ["subdistrict", "committee", "neighbour_county", "neighbour_committee"]):
        for name in names:
            make(cast[name])
            make(cast["bureau"], name=name)
        with CaptureQueriesContext(connection) as queries:
            client.get("/accounts/tokens/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- what the logs say -------------------------------------------------------------------------------------
def test_made_revoked_and_used_stand_in_the_logs_without_the_secret(client, cast):
    token, secret = services.make(user=cast["county"], name="平台", scopes=["coverage:read"], by=cast["county"])
    keys.note_use(token, "10.1.2.3")
    services.revoke(token=token, by=cast["bureau"])
    client.force_login(cast["auditor"])
    rights = client.get("/accounts/rights/?who=county")
    found = [(row.what, row.by.username, row.details[0][0]) for row in rights.context["rows"] if "令牌" in row.what]
    assert found[0] == ("吊销令牌", "bureau", "平台")
    assert found[1][:2] == ("新建令牌", "county")
    assert "coverage:read" in found[1][2]
    log_ins = client.get("/accounts/log-ins/?who=county")
    assert [(row.name, row.event, row.address) for row in log_ins.context["rows"]][:1] == [
        ("county", "token", "10.1.2.3")
    ]
    for page in (rights, log_ins):
        assert secret not in page.content.decode()
        assert token.digest not in page.content.decode()


def test_uses_are_written_once_in_a_while(cast):
    token, _secret = make(cast["county"])
    keys.note_use(token, "10.1.2.3")
    with CaptureQueriesContext(connection) as queries:
        for _call in range(5):
            keys.note_use(token, "10.1.2.3")
    assert len(queries) == 0
    keys.note_use(token, "10.1.2.4")
    keys.note_use(token, None)
    assert TokenUse.objects.count() == 3
    assert Token.objects.get(pk=token.pk).last_used_at is not None


def test_old_uses_are_tidied_away(cast):
    token, _secret = make(cast["county"])
    for days in (1, 179, 181):
        at = timezone.now() - datetime.timedelta(days=days)
        TokenUse.objects.create(token=token, day=at.date(), address="10.1.2.3", first_at=at)
    assert services.tidy() == 1
    assert logs.accesses(logs.Period()).count() == 2


# --- command -----------------------------------------------------------------------------------------------
def test_the_command_prints_the_token_once(cast):
    answer = ask("create_token", "county", "--scopes", "coverage:read,reports:write")
    assert answer.code == 0
    user, token = keys.owner_by(answer.out.strip())
    assert (user.username, token.scope_names) == ("county", ["coverage:read", "reports:write"])
    assert (token.expires_at - token.made_at).days == 90
    again = ask_json("create_token", "county", "--scopes", "ledger:write", "--days", "7", "--division", "211302003")
    user, token = keys.owner_by(again["token"])
    assert (token.division_id, (token.expires_at - token.made_at).days) == ("211302003", 7)
    assert token.name != Token.objects.order_by("pk").first().name


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nobody_at_all", "--scopes", "coverage:read"], "nobody_at_all"),
        (["county", "--scopes", "all"], "coverage:read"), (["county", "--scopes", ","], "--scopes"),
        (["county", "--scopes", "coverage:read", "--days", "999"], "366"),
        (["county", "--scopes", "coverage:read", "--division", "99"], "99"),
        (["county", "--scopes", "coverage:read", "--division", "211303"], "龙城区"),
    ],
)  # fmt: skip
def test_the_command_refuses_and_names_what(cast, arguments, named):
    answer = ask("create_token", *arguments)
    assert answer.code == 1
    assert named in answer.err
    assert answer.out == ""
    assert not Token.objects.exists()


def test_a_new_secret_each_time():
    assert len({keys.new_secret() for _time in range(100)}) == 100


def test_nobody_logs_in_with_a_token_on_pages(cast):
    _token, secret = make(cast["bureau"])
    assert Client().get("/accounts/me/", headers={"Authorization": f"Bearer {secret}"}).status_code == 302
