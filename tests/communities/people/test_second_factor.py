"""The second factor: set up with a phone's clock, asked for at the log-in, a code once, removed or reset."""

import base64
import re

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from communities.people import second_factor, services
from communities.people.models import User
from tests.support import person

pytestmark = pytest.mark.django_db
SETUP, REMOVE, VERIFY = "/accounts/me/second-factor/", "/accounts/me/second-factor/remove/", "/accounts/verify/"
PASSWORD = "a-long-password-5"
LOGIN = {"username": "boss", "password": PASSWORD}
START = 1_446_000_000


class Clock:
    """The time that server and phone go by."""

    def __init__(self, monkeypatch):
        self.now = START
        monkeypatch.setattr("django_otp.plugins.otp_totp.models.time.time", lambda: self.now)

    def passes(self, seconds: int) -> None:
        self.now += seconds


class Phone:
    """Holds the key that the page showed, and knows its own clock."""

    def __init__(self, clock: Clock, key: str):
        self.clock, self.key = clock, base64.b32decode(key.replace(" ", ""))

    def code(self) -> str:
        totp = TOTP(self.key)
        totp.time = self.clock.now
        return f"{totp.token():06d}"


@pytest.fixture
def clock(monkeypatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def boss(reference) -> User:
    return person("boss", "bureau", "2113", password=PASSWORD, display_name="王芳")


@pytest.fixture
def phone(client, clock, boss) -> Phone:
    """Set up over the pages; ``client`` is logged in and has given the code."""
    client.force_login(boss)
    assert client.post(SETUP, {"begin": "1"}).url == SETUP
    phone = Phone(clock, client.get(SETUP).context["key"])
    assert client.post(SETUP, {"code": phone.code()}).url == "/accounts/me/"
    return phone


def log_in(path: str = "/accounts/login/") -> Client:
    client = Client()
    assert client.post(path, LOGIN).status_code == 302
    return client


def forgive(boss) -> None:
    """As if the seconds of the slow-down had passed."""
    TOTPDevice.objects.filter(user=boss).update(throttling_failure_timestamp=None, throttling_failure_count=0)


def test_the_page_shows_key_and_code_to_scan_without_a_foreign_picture(client, clock, boss):
    client.force_login(boss)
    assert TOTPDevice.objects.count() == 0
    client.post(SETUP, {"begin": "1"})
    text = client.get(SETUP).content.decode()
    key = re.search(r'class="secret">([A-Z2-7 ]+)<', text)[1]
    device = TOTPDevice.objects.get()
    assert base64.b32decode(key.replace(" ", "")) == device.bin_key
    assert second_factor.key_uri(device).startswith("otpauth://totp/")
    assert '<path d="M4 4h1v1h-1z' in text
    assert "style=" not in text
    assert "no-store" in client.get(SETUP).headers["Cache-Control"]


def test_it_counts_only_once_a_code_has_confirmed_it(client, clock, boss):
    client.force_login(boss)
    client.post(SETUP, {"begin": "1"})
    assert log_in().get("/compounds/").status_code == 200
    wrong = client.post(SETUP, {"code": "000000"})
    assert wrong.context["form"].errors["code"]
    assert User.objects.get(pk=boss.pk).second_factor_since is None
    assert client.post(SETUP, {"code": "12345"}).context["form"].errors["code"] == ["验证码为六位数字。"]


def test_the_log_in_asks_for_a_code_and_leads_on(client, phone, clock):
    assert client.get("/compounds/").status_code == 200
    clock.passes(30)
    other = log_in()
    answer = other.get("/compounds/?q=a")
    assert answer.url == f"{VERIFY}?next=%2Fcompounds%2F%3Fq%3Da"
    assert other.get("/admin/").url.startswith(VERIFY)
    assert other.get("/accounts/me/").url.startswith(VERIFY)
    code = phone.code()
    verified = other.post(answer.url, {"code": f"{code[:3]} {code[3:]}", "next": "/compounds/?q=a"})
    assert verified.url == "/compounds/?q=a"
    assert other.get("/compounds/").status_code == 200
    assert other.get(VERIFY).status_code == 302


def test_the_way_on_never_leaves_the_portal(phone, clock):
    clock.passes(30)
    assert log_in().post(VERIFY, {"code": phone.code(), "next": "https://elsewhere.example/"}).url == "/"


def test_a_code_works_once(phone, clock, boss):
    clock.passes(30)
    first, second = log_in(), log_in()
    code = phone.code()
    assert first.post(VERIFY, {"code": code}).status_code == 302
    refused = second.post(VERIFY, {"code": code})
    assert "不正确或已用过" in refused.content.decode()
    assert second.get("/compounds/").status_code == 302
    forgive(boss)
    clock.passes(30)
    assert second.post(VERIFY, {"code": phone.code()}).status_code == 302


def test_wrong_codes_are_slowed_down(phone, clock, boss):
    clock.passes(30)
    client = log_in()
    client.post(VERIFY, {"code": "000000"})
    # Even the right one has to wait now.
    assert "连续输错" in client.post(VERIFY, {"code": phone.code()}).content.decode()
    assert TOTPDevice.objects.get(user=boss).throttling_failure_count == 1
    forgive(boss)
    assert client.post(VERIFY, {"code": phone.code()}).status_code == 302


def test_removal_takes_password_and_code(client, phone, clock, boss):
    clock.passes(30)
    for fields in ({"password": "wrong", "code": phone.code()}, {"password": PASSWORD, "code": "000000"}):
        assert client.post(REMOVE, fields).context["form"].non_field_errors()
        assert User.objects.get(pk=boss.pk).second_factor_since
        forgive(boss)
    assert client.post(REMOVE, {"password": PASSWORD, "code": phone.code()}).url == "/accounts/me/"
    assert not TOTPDevice.objects.exists()
    assert log_in().get("/compounds/").status_code == 200


def test_a_reset_takes_it_away(client, phone, boss, admin_user):
    _uid, token = services.reset_password(user=boss, by=admin_user)
    assert not TOTPDevice.objects.exists()
    services.use_link(user=boss, token=token, password=PASSWORD)
    assert log_in().get("/compounds/").status_code == 200


def test_the_history_notes_it_and_knows_no_key(client, phone, clock, boss):
    clock.passes(30)
    key = TOTPDevice.objects.get().key
    client.post(REMOVE, {"password": PASSWORD, "code": phone.code()})
    updates = LogEntry.objects.get_for_object(boss).filter(action=LogEntry.Action.UPDATE)
    notes = [one for one in updates if "second_factor_since" in one.changes]
    assert len(notes) == 2
    assert {one.actor for one in notes} == {boss}
    log = "".join(f"{one.changes}{one.additional_data}{one.object_repr}" for one in LogEntry.objects.all())
    assert key not in log
    assert base64.b32encode(bytes.fromhex(key)).decode() not in log


@pytest.mark.parametrize("who", ["county", "subdistrict", "committee"])
def test_below_the_city_it_is_not_offered(client, cast, who):
    client.force_login(cast[who])
    assert client.get(SETUP).status_code == 403
    assert client.post(SETUP, {"begin": "1"}).status_code == 403
    assert SETUP not in client.get("/accounts/me/").content.decode()


def test_keys_are_on_no_page_of_the_administration(client, admin_user):
    client.force_login(admin_user)
    for path in ("otp_totp/totpdevice/", "otp_totp/totpdevice/add/", "auditlog/logentry/", "axes/accesslog/"):
        assert client.get(f"/admin/{path}").status_code == 404
