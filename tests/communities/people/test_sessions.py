"""Sessions end: unused, old, with the account, with the password; an office ends with its last day."""

import datetime
import time

import pytest
from django.test import Client

from communities.people import services
from tests.support import person

pytestmark = pytest.mark.django_db
PAGE = "/accounts/me/"


@pytest.fixture
def clock(monkeypatch):
    """The time that sessions go by, in seconds from now."""
    began, passed = int(time.time()), [0]
    monkeypatch.setattr("communities.people.middleware.time.time", lambda: began + passed[0])

    def passes(seconds: int) -> None:
        passed[0] += seconds

    return passes


@pytest.fixture
def owner(cast) -> Client:
    client = Client()
    client.force_login(cast["committee"])
    assert client.get(PAGE).status_code == 200
    return client


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def test_an_hour_without_use_ends_it_and_the_log_in_says_why(owner, clock, settings):
    clock(settings.SESSION_IDLE_SECONDS - 5)
    assert is_in(owner)
    clock(settings.SESSION_IDLE_SECONDS - 5)
    assert is_in(owner)
    clock(settings.SESSION_IDLE_SECONDS + 1)
    answer = owner.get(PAGE, follow=True)
    assert answer.redirect_chain[0][0].startswith("/accounts/login/")
    assert "长时间未操作,已自动退出" in answer.content.decode()


def test_twelve_hours_end_it_however_much_it_is_used(owner, clock, settings):
    for _step in range(settings.SESSION_COOKIE_AGE // 3000):
        clock(3000)
        assert is_in(owner)
    clock(3000)
    assert not is_in(owner)


def test_a_reset_ends_it(owner, cast):
    services.reset_password(user=cast["committee"], by=cast["county"])
    assert not is_in(owner)


def test_disabling_ends_it_for_good(owner, cast):
    services.set_active(user=cast["committee"], active=False, by=cast["county"])
    assert not is_in(owner)
    services.set_active(user=cast["committee"], active=True, by=cast["county"])
    assert not is_in(owner)


def test_a_changed_password_ends_the_other_ones(client, reference):
    account = person("clerk", "committee", "211302003001", password="a-long-password-3")
    other = Client()
    for each in (client, other):
        each.post("/accounts/login/", {"username": "clerk", "password": "a-long-password-3"})
        assert is_in(each)
    own = {"old_password": "a-long-password-3", "new_password1": "other-word-77", "new_password2": "other-word-77"}
    client.post("/accounts/password/", own)
    assert is_in(client)
    assert not is_in(other)
    assert account.username == "clerk"


def test_an_ended_office_is_over_on_the_next_request(owner, cast):
    assert owner.get("/divisions/211302003001/").status_code == 200
    services.end_appointment(appointment=cast["committee"].appointments.get(), by=cast["county"])
    assert owner.get("/divisions/211302003001/").status_code in (403, 404)


def test_an_office_ends_with_its_last_day(owner, cast, settings):
    settings.BUSINESS_DATE = datetime.date(2015, 6, 1)
    appointment = cast["committee"].appointments.get()
    services.end_appointment(appointment=appointment, by=cast["county"], until=datetime.date(2015, 6, 30))
    settings.BUSINESS_DATE = datetime.date(2015, 6, 30)
    assert owner.get("/divisions/211302003001/").status_code == 200
    settings.BUSINESS_DATE = datetime.date(2015, 7, 1)
    assert owner.get("/divisions/211302003001/").status_code in (403, 404)


# --- where the log-in leads back to ----------------------------------------------------------------------
def leads_to(answer) -> str:
    from django.http import QueryDict

    place = answer.headers.get("HX-Redirect") or answer.url
    assert place.startswith("/accounts/login/?")
    return QueryDict(place.partition("?")[2])["next"]


@pytest.mark.parametrize(
    ("path", "referer", "next_"),
    [
        ("/compounds/A/record/takeover/?effective_on=2014-01-01", "/compounds/A/",
         "/compounds/A/record/takeover/?effective_on=2014-01-01"),
        ("/register/bulk/", "/compounds/?q=x", "/compounds/?q=x"),
        ("/register/bulk/", "", "/"),
        ("/register/bulk/", "https://elsewhere.example/compounds/", "/"),
    ],
)  # fmt: skip
def test_a_form_sent_too_late_leads_back_to_its_page(client, db, path, referer, next_):
    sent = {"referer": f"http://testserver{referer}" if referer.startswith("/") else referer}
    assert leads_to(client.post(path, {"note": "x"}, headers=sent)) == next_


def test_a_part_of_a_page_leads_the_whole_page_to_the_log_in(client, db):
    part = {"HX-Request": "true", "HX-Current-URL": "http://testserver/compounds/A/record/lapse/"}
    answer = client.get("/compounds/A/record/lapse/?effective_on=2014-01-01", headers=part)
    assert (answer.status_code, answer.content) == (200, b"")
    assert leads_to(answer) == "/compounds/A/record/lapse/"
    assert leads_to(client.post("/compounds/A/facts/address/", headers=part)) == "/compounds/A/facts/address/"
