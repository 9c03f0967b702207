"""Pages for what went wrong: each in both languages, each says what to do, none asks for what may be away."""

from unittest.mock import patch

import pytest
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.urls import path, reverse

from chaoyang_pm import urls
from chaoyang_pm.kit.errors import views
from chaoyang_pm.kit.operations import maintenance

RAISES = {
    "400": BadRequest("x"),
    "413": RequestDataTooBig("x"),
    "500": RuntimeError("x"),
    "503": OperationalError("connection refused by 10.1.2.3"),
    "503b": InterfaceError("connection already closed"),
}


def raises(request, name):
    raise RAISES[name]


raises.login_required = False


class TestUrls:
    handler400, handler500 = urls.handler400, urls.handler500
    urlpatterns = [*urls.urlpatterns, path("raises/<str:name>/", raises)]


@pytest.fixture
def browser(settings):
    settings.ROOT_URLCONF = TestUrls
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("name", "status", "chinese", "english"),
    [
        ("400", 400, "请求有误", "could not be understood"),
        ("413", 413, "过大", "too large"),
        ("500", 500, "把下面的编号", "tell the administrator the number"),
        ("503", 503, "一分钟后重试", "Try again in a minute"),
        ("503b", 503, "一分钟后重试", "Try again in a minute"),
    ],
)
def test_each_says_what_to_do(browser, name, status, chinese, english, language):
    """No database is allowed in this test: the pages need none."""
    response = browser.get(f"/raises/{name}/", headers={"Accept-Language": language})
    text = response.content.decode()
    assert response.status_code == status
    assert (chinese if language == "zh-hans" else english) in text
    assert response["X-Request-ID"] in text
    assert "10.1.2.3" not in text
    assert ("Retry-After" in response) == (status == 503)
    assert 'href="/static/app.css"' in text


@pytest.mark.django_db
def test_a_form_that_is_too_old_says_so(bureau):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bureau)
    response = client.post(reverse("people:password"), {})
    assert response.status_code == 403
    assert "返回上一页并刷新" in response.content.decode()


@pytest.mark.django_db
def test_a_page_that_is_not_there_and_one_that_is_not_open(page):
    response = page("/nowhere/")
    assert response.status_code == 404
    assert "没有" in response.content.decode()


@pytest.mark.django_db
def test_a_database_that_goes_away_while_a_user_is_looked_up_gives_503(bureau):
    client = Client(raise_request_exception=False)
    client.force_login(bureau)
    with patch("django.contrib.sessions.backends.db.SessionStore.load", side_effect=OperationalError("away")):
        response = client.get("/")
    assert response.status_code == 503
    assert "一分钟后重试" in response.content.decode()


@pytest.mark.django_db
def test_a_closed_portal_says_so_on_every_page(page):
    with maintenance.closed(work="by hand"):
        response = page("/")
        assert response.status_code == 503
        assert "正在维护" in response.content.decode()
        assert response["Retry-After"]
    assert page("/").status_code == 200


def test_there_is_an_answer_even_if_the_page_cannot_be_made(browser):
    with patch.object(views, "render_to_string", side_effect=RuntimeError):
        response = browser.get("/raises/500/")
    assert response.status_code == 500
    assert response["X-Request-ID"] in response.content.decode()
