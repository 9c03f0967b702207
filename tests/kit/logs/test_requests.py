"""Every request has a number and a line; no line names a person, a search, a telephone or a key."""

import json
import logging

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path, reverse

from chaoyang_pm import urls
from chaoyang_pm.kit.logs.context import bind, bound
from chaoyang_pm.kit.logs.formatting import JsonLine, PlainLine
from communities.people.models import User
from tests.support import make_compound

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def fails(request, name):
    raise ValueError(f"{name} cannot be found; call {request.GET['phone']}")


def fine(request, name):
    logging.getLogger("chaoyang_pm.test").warning("seen")
    return HttpResponse(json.dumps(bound()))


class TestUrls:
    handler400, handler500 = urls.handler400, urls.handler500
    urlpatterns = [*urls.urlpatterns, path("fails/<str:name>/", fails), path("fine/<str:name>/", fine, name="fine")]


@pytest.fixture
def lines(settings):
    """What stands in the log, by the formatter of production."""
    found: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record):
            found.append(self.format(record))

    handler = Keep()
    handler.setFormatter(JsonLine())
    root, own = logging.getLogger(), logging.getLogger("chaoyang_pm")
    root.addHandler(handler)
    level, own_level = root.level, own.level
    own.setLevel("INFO")
    settings.ROOT_URLCONF = TestUrls
    yield found
    root.removeHandler(handler)
    root.setLevel(level)
    own.setLevel(own_level)


@pytest.fixture
def browser(bureau):
    client = Client(raise_request_exception=False)
    client.force_login(bureau)
    return client


def test_a_line_names_the_route_and_the_users_number(browser, bureau, lines):
    response = browser.get("/fine/jinyuan/?q=secret")
    [line] = [json.loads(line) for line in lines if '"route"' in line]
    assert line["request"] == response["X-Request-ID"]
    assert (line["method"], line["route"], line["status"], line["user"]) == ("GET", "fine", 200, bureau.pk)
    assert isinstance(line["ms"], int)
    assert json.loads(response.content) == {"request": response["X-Request-ID"]}
    assert bound() == {}


def test_lines_within_a_request_carry_its_number(browser, lines):
    response = browser.get("/fine/jinyuan/")
    assert {json.loads(line)["request"] for line in lines} == {response["X-Request-ID"]}
    assert len(lines) == 2


@pytest.mark.parametrize("given", ["0f8e7d6c-5b4a-3928", "A" * 64])
def test_a_well_formed_number_of_the_front_server_is_kept(client, given):
    assert client.get("/healthz?live", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "short", "A" * 65, "with space 123", "王芳王芳王芳王芳", '{"x":"12345678"}'])
def test_any_other_is_replaced(client, given):
    number = client.get("/healthz?live", headers={"X-Request-ID": given.encode("utf-8").decode("latin-1")})[
        "X-Request-ID"
    ]
    assert number != given
    assert len(number) == 32


def test_an_unhandled_error_is_logged_once_and_its_page_shows_the_number(browser, lines):
    response = browser.get("/fails/王芳/?phone=13842112345")
    assert response.status_code == 500
    number = response["X-Request-ID"]
    assert number in response.content.decode()
    errors = [json.loads(line) for line in lines if '"error"' in line]
    assert [(line["request"], line["level"], line["message"]) for line in errors] == [
        (number, "ERROR", "Unhandled error")
    ]
    assert "test_requests.py" in errors[0]["error"]
    assert "ValueError" in errors[0]["error"]
    assert not any(
        secret in line
        for line in lines
        for secret in ("王芳", "13842112345", "/fails/", "cannot be found"[20:] or "call 1")
    )


def test_a_walk_through_pages_leaves_no_personal_data_in_the_logs(browser, bureau, lines, reference):
    """Searches, log-ins that fail and succeed, keys in addresses, forms, pages that are not there."""
    make_compound("JY-001", name="金元小区")
    User.objects.create_user("zhaolei", password="a-long-password-9", display_name="赵磊")
    browser.get(reverse("register:list"), {"q": "jinyuan", "phone": "13842112345"})
    browser.get(reverse("register:list"), {"q": "金元"})
    browser.get(reverse("register:detail", args=["JY-001"]))
    browser.get("/nobody/zhaolei/?token=3b9c0f6c2a1e4d5f8a7b6c5d4e3f2a1b")
    browser.get("/accounts/first/3b9c0f6c2a1e4d5f8a7b6c5d4e3f2a1b/")
    stranger = Client(raise_request_exception=False)
    for password in ("wrong-password-1", "wrong-password-2", "a-long-password-9"):
        stranger.post(reverse("people:login"), {"username": "zhaolei", "password": password})
    Client(enforce_csrf_checks=True).post(reverse("people:login"), {"username": "zhaolei", "password": "x"})
    stranger.get("/", headers={"host": "zhaolei.example"})
    browser.post(reverse("people:password"), {"old_password": "a-long-password-1", "new_password1": "13842112345"})
    assert len(lines) >= 10
    text = "\n".join(lines)
    secrets = (
        "zhaolei", "赵磊", "wangfang", "王芳", "jinyuan", "金元", "13842112345", "3b9c0f6c", "password-", "JY-001"
    )  # fmt: skip
    assert [secret for secret in secrets if secret in text] == []


def test_a_job_is_in_its_lines(lines):
    with bind(job="0f8e7d6c-5b4a-4928-9706-f5e4d3c2b1a0"):
        logging.getLogger("chaoyang_pm.test").warning("step")
    assert json.loads(lines[0])["job"] == "0f8e7d6c-5b4a-4928-9706-f5e4d3c2b1a0"


def test_unknown_fields_of_a_record_are_dropped(lines):
    """Django hands over the request itself, which shows its address."""
    logging.getLogger("x").warning("plain", extra={"request": "<WSGIRequest: GET '/secret/'>", "status_code": 200})
    assert "secret" not in lines[0]


def test_a_record_that_does_not_fit_its_text_is_still_written():
    record = logging.LogRecord("x", logging.WARNING, __file__, 1, "two %s %s", ("one",), None)
    assert json.loads(JsonLine().format(record))["message"] == "two %s %s"


def test_lines_while_developing_are_readable():
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "request", (), None)
    record.route = "register:list"
    with bind(request="0f8e7d6c"):
        assert (
            PlainLine("%(levelname)s %(message)s").format(record) == "INFO request request=0f8e7d6c route=register:list"
        )
