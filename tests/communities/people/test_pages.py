"""Log-in, lock-out and its lift, the first account."""

import pytest
from auditlog.models import LogEntry
from django.core.management import call_command
from django.urls import reverse

from communities.people.models import User

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


def fail_to_log_in(client, times: int, username: str = "wangfang"):
    for _time in range(times):
        response = client.post(LOGIN, {"username": username, "password": "wrong"})
    return response


def first_link(capsys) -> str:
    call_command("first_account_link")
    return capsys.readouterr().out.strip()


@pytest.mark.parametrize("path", ["/", "/compounds/", "/divisions/2113/", "/accounts/locks/", "/entries/1/"])
def test_everything_else_needs_a_log_in(client, path, reference):
    response = client.get(path)
    assert response.status_code == 302
    assert response.url.startswith(LOGIN)


def test_log_in_leads_to_the_figures_and_out_again(client, bureau, reference):
    response = client.post(LOGIN, {"username": "wangfang", "password": "a-long-password-1"})
    assert response.url == reverse("coverage:city")
    assert client.get("/accounts/password/").status_code == 200
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").url == LOGIN
    assert client.get("/accounts/password/").status_code == 302


def test_five_failures_lock_the_name_and_the_page_says_until_when(client, bureau):
    assert fail_to_log_in(client, 4).status_code == 200
    response = fail_to_log_in(client, 1)
    assert response.status_code == 429
    assert "锁定至" in response.content.decode()
    right = client.post(LOGIN, {"username": "wangfang", "password": "a-long-password-1"})
    assert right.status_code == 429


def test_a_colleague_lifts_the_lock_and_it_is_noted(client, bureau, admin_user, page):
    client.logout()
    fail_to_log_in(client, 5)
    client.force_login(admin_user)
    assert "wangfang" in client.get("/accounts/locks/").content.decode()
    client.post("/accounts/locks/", {"username": "wangfang"})
    assert LogEntry.objects.get_for_object(bureau).filter(actor=admin_user).exists()
    client.logout()
    assert client.post(LOGIN, {"username": "wangfang", "password": "a-long-password-1"}).status_code == 302


def test_an_unknown_name_can_be_locked_and_lifted_too(client, bureau):
    assert fail_to_log_in(client, 5, "nobody<b>").status_code == 429
    client.force_login(bureau)
    listing = client.get("/accounts/locks/").content.decode()
    assert "nobody&lt;b&gt;" in listing
    assert "nobody<b>" not in listing
    response = client.post("/accounts/locks/", {"username": "nobody<b>"}, follow=True)
    assert not response.context["locks"]


def test_the_link_makes_the_first_administrator_once(client, reference, capsys):
    link = first_link(capsys)
    assert client.get(link).status_code == 200
    form = {"username": "boss", "display_name": "主任", "password1": "sunny-day-1988", "password2": "sunny-day-1988"}
    assert client.post(link, form | {"password2": "another"}).status_code == 200
    assert not User.objects.exists()
    assert client.post(link, form).url == reverse("coverage:city")
    assert [one.role for one in User.objects.get().appointments.all()] == ["admin"]
    assert client.get("/").status_code == 200
    assert client.get(link).status_code == 404
    assert first_link(capsys) == ""


@pytest.mark.parametrize("token", ["wrong", "错误", "x" * 500])
def test_a_wrong_token_finds_nothing(client, token):
    assert client.get(reverse("people:first_account", args=[token])).status_code == 404


def test_a_weak_first_password_is_refused(client, capsys):
    form = {"username": "boss", "display_name": "主任", "password1": "12345678", "password2": "12345678"}
    assert client.post(first_link(capsys), form).context["form"].errors["password2"]


def test_a_changed_password_keeps_the_session(client, bureau, page, reference):
    form = {"old_password": "a-long-password-1", "new_password1": "other-word-77", "new_password2": "other-word-77"}
    assert client.post("/accounts/password/", form).status_code == 302
    assert page("/").status_code == 200


def test_language_is_switched_before_the_log_in(client):
    assert 'lang="zh-hans"' in client.get(LOGIN).content.decode()
    client.post("/language/", {"language": "en", "next": LOGIN})
    assert "Log in" in client.get(LOGIN).content.decode()


def test_pages_carry_the_strict_policy(client):
    policy = client.get(LOGIN).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
