"""Tokens as keys to the API: who is let in, who is told what, and how often one may ask."""

import base64

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from redis import ConnectionError as RedisIsAway

from chaoyang_pm.kit import rates
from communities.divisions.models import Division
from communities.people import services as people
from communities.tokens import services
from communities.tokens.models import TokenUse
from tests.support import QIANJIN, person, register

pytestmark = pytest.mark.django_db
URL = "/api/v1/divisions/"


def token_of(user, *scopes: str, **more) -> str:
    name = more.pop("name", "x")
    return services.make(user=user, name=name, scopes=scopes or ["coverage:read"], by=None, **more)[1]


def get(authorization: str, url: str = URL, client: Client | None = None, **headers):
    return (client or Client()).get(url, headers={"Authorization": authorization, **headers})


def bearer(secret: str, url: str = URL, **headers):
    return get(f"Bearer {secret}", url, **headers)


# --- who is let in -------------------------------------------------------------------------------------------
def test_a_token_opens_what_its_owner_sees(cast):
    seen = bearer(token_of(cast["county"]), URL + "?level=county").json()["results"]
    assert [row["code"] for row in seen] == ["211302"]
    narrow = token_of(cast["bureau"], division=Division.objects.get(code="211303"))
    assert {row["code"][:6] for row in bearer(narrow).json()["results"]} == {"211303"}


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_the_name_of_the_scheme_is_written_in_any_way(cast, scheme):
    assert get(f"{scheme} {token_of(cast['county'])} ").status_code == 200


def test_which_token_is_not_accepted_and_why_is_told_to_its_holder(cast):
    secret = token_of(cast["committee"])
    token = cast["committee"].tokens.get()
    told = {}

    def ask(reason: str, authorization: str) -> None:
        answer = get(authorization, **{"Accept-Language": "en"})
        assert answer.status_code == 401, reason
        assert answer["Content-Type"] == "application/problem+json"
        told[reason] = (answer["WWW-Authenticate"], answer.json()["detail"])

    ask("none", "")
    ask("another scheme", "Basic " + base64.b64encode(b"county:password").decode())
    ask("unknown", "Bearer cpm_" + "x" * 43)
    ask("empty", "Bearer")
    ask("garbled", "Bearer \xe9\xe9\x01")
    people.set_active(user=cast["committee"], active=False, by=None)
    ask("disabled", f"Bearer {secret}")
    people.set_active(user=cast["committee"], active=True, by=None)
    services.revoke(token=token, by=None)
    ask("revoked", f"Bearer {secret}")
    assert told["none"] == told["another scheme"]
    assert told["unknown"] == told["empty"] == told["garbled"]
    assert len(set(told.values())) == 4
    assert "error" not in told["none"][0]
    for reason, code in (("unknown", "unknown"), ("disabled", "owner_disabled"), ("revoked", "revoked")):
        assert told[reason][0] == f'Bearer realm="chaoyang_pm", error="invalid_token", error_description="{code}"'
    assert "was revoked on" in told["revoked"][1]


def test_errors_are_told_in_the_readers_language(cast):
    assert "令牌不存在" in bearer("cpm_x").json()["detail"]
    assert "no such token" in bearer("cpm_x", **{"Accept-Language": "en"}).json()["detail"]


def test_a_bad_token_is_refused_even_with_a_good_session(cast):
    client = Client()
    client.force_login(cast["bureau"])
    assert get("Bearer cpm_x", client=client).status_code == 401
    assert client.get(URL).status_code == 200


def test_a_token_acts_for_its_owner_whoever_is_logged_in(cast):
    client = Client()
    client.force_login(cast["bureau"])
    seen = get(f"Bearer {token_of(cast['county'])}", URL + "?level=county", client).json()["results"]
    assert [row["code"] for row in seen] == ["211302"]


@pytest.mark.parametrize(
    "url",
    [
        "divisions/", "compounds/", "coverage/?division=211302",
        "coverage/?division=211302&by=community&as_of=2014-06-30",
        "coverage/series/?division=211302&from=2014-01&to=2014-12", "targets/", "ledger/entries/?after=0",
        "movements/?division=211302&from=2014-01-01&to=2014-12-31", "compounds/A/", "compounds/A/ledger/",
        "restatement/?division=211302&as_of=2014-06-30&from=1&to=1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("who", ["county", "bureau"])
def test_a_matching_etag_costs_three_queries_at_most(cast, url, who):
    """Token, owner and offices; the divisions that the owner's have followed; whether anything changed."""
    register("A", m2=100, community=QIANJIN)
    secret = token_of(cast[who], "coverage:read", "register:read", "ledger:read")
    first = bearer(secret, f"/api/v1/{url}")
    assert first.status_code == 200, first.content.decode()
    with CaptureQueriesContext(connection) as queries:
        again = bearer(secret, f"/api/v1/{url}", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert len(queries) <= 3, [query["sql"] for query in queries]


def test_the_log_of_requests_says_whose_it_was_and_never_the_token(cast, caplog):
    secret = token_of(cast["county"])
    with caplog.at_level("INFO", logger="chaoyang_pm.requests"):
        bearer(secret)
    (line,) = [record for record in caplog.records if record.name == "chaoyang_pm.requests"]
    assert line.user == cast["county"].pk
    assert secret not in str(vars(line))


def test_a_use_is_noted_with_its_address(cast):
    secret = token_of(cast["county"])
    Client(REMOTE_ADDR="10.1.2.3").get(URL, headers={"Authorization": f"Bearer {secret}"})
    assert [(use.token.user.username, use.address) for use in TokenUse.objects.all()] == [("county", "10.1.2.3")]


@pytest.mark.parametrize("secret", ["cpm_x", None])
def test_a_body_that_is_refused_is_read_to_its_end(cast, secret):
    """A client that is still sending does not look at the answer: it would see a broken pipe instead of the reason."""
    secret = secret or token_of(cast["county"], "ledger:write")
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
    body = "x" * 10_000_000
    answer = Client().post("/api/v1/ledger/entries/", body, content_type="application/json", headers=headers)
    assert answer.status_code == (401 if secret == "cpm_x" else 413)
    assert answer.wsgi_request.read() == b""


# --- how often one may ask -----------------------------------------------------------------------------------
@pytest.fixture
def one_minute(monkeypatch):
    """A clock that stands still, ten seconds before a minute is over; ``one_minute[0] += 60`` moves it."""
    now = [50.0]
    monkeypatch.setattr(rates.time, "time", lambda: now[0])
    return now


def test_more_than_the_rate_is_told_to_wait(cast, settings, one_minute):
    settings.API_RATE = 3
    secret, other = token_of(cast["county"]), token_of(cast["county"], name="y")
    assert [bearer(secret).status_code for _call in range(4)] == [200, 200, 200, 429]
    late = bearer(secret)
    assert late["Retry-After"] == "10"
    assert late["Content-Type"] == "application/problem+json"
    assert "10" in late.json()["detail"]
    assert bearer(other).status_code == 200
    one_minute[0] += 60
    assert bearer(secret).status_code == 200


def test_a_session_is_counted_by_its_person(cast, settings, one_minute):
    settings.API_RATE = 2
    first, second, other = Client(), Client(), Client()
    for client, name in ((first, "county"), (second, "county"), (other, "bureau")):
        client.force_login(cast[name])
    assert [client.get(URL).status_code for client in (first, second, first, other)] == [200, 200, 429, 200]
    assert first.get("/accounts/me/").status_code == 200


def test_wrong_tokens_are_counted_by_address_and_good_ones_pass(cast, settings, one_minute):
    settings.API_FAILURES = 2
    secret = token_of(cast["county"])
    assert [bearer(f"cpm_{n}").status_code for n in range(4)] == [401, 401, 429, 429]
    assert bearer("cpm_x")["Retry-After"] == "10"
    assert bearer(secret).status_code == 200
    elsewhere = Client(REMOTE_ADDR="10.1.2.3")
    assert elsewhere.get(URL, headers={"Authorization": "Bearer cpm_x"}).status_code == 401


def test_wrong_tokens_lock_nobodys_log_in(cast):
    person("clerk", "county", "211302", password="a-long-password-3")
    for n in range(10):
        bearer(f"cpm_{n}")
    answer = Client().post("/accounts/login/", {"username": "clerk", "password": "a-long-password-3"})
    assert answer.status_code == 302


def test_a_cache_that_is_away_keeps_nobody_out(cast, monkeypatch):
    secret = token_of(cast["county"])

    def away(*args, **kwargs):
        raise RedisIsAway

    for name in ("add", "incr"):
        monkeypatch.setattr(rates.cache, name, away)
    assert bearer(secret).status_code == 200
    assert bearer("cpm_x").status_code == 401
