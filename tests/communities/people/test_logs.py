"""The logs of log-ins and of changes of rights: what they say, who reads them, and that they hold no secret."""

import datetime

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from communities.divisions.models import Division
from communities.people import logs, services
from communities.people.choices import Role
from communities.people.models import User
from tests.support import day, person

pytestmark = pytest.mark.django_db
LOG_INS, RIGHTS = "/accounts/log-ins/", "/accounts/rights/"
PASSWORD = "a-long-password-3"


@pytest.fixture
def clerk(cast) -> User:
    return person("clerk", "committee", "211302003001", password=PASSWORD, display_name="李明")


@pytest.fixture
def reader(client, cast) -> Client:
    client.force_login(cast["auditor"])
    return client


def try_to_log_in(username: str, password: str) -> Client:
    client = Client()
    client.post("/accounts/login/", {"username": username, "password": password})
    return client


def rows(response) -> list:
    return response.context["rows"]


@pytest.mark.parametrize("who", ["bureau", "leader", "department", "county", "subdistrict", "committee"])
def test_those_who_look_after_accounts_do_not_read_the_logs(client, cast, who):
    client.force_login(cast[who])
    for path in (LOG_INS, RIGHTS):
        assert client.get(path).status_code == 403
    assert LOG_INS not in client.get("/accounts/").content.decode()


def test_log_ins_failures_and_log_outs_stand_in_one_list(reader, clerk):
    AccessLog.objects.all().delete()
    try_to_log_in("clerk", "wrong")
    try_to_log_in("clerk", PASSWORD).post("/accounts/logout/")
    try_to_log_in("hunter2-secret", "x")
    found = rows(reader.get(LOG_INS))
    assert sorted(row.event for row in found) == ["failed", "failed", "in", "out"]
    assert {(row.name, row.address) for row in found if row.user} == {("clerk", "127.0.0.1")}


def test_a_password_in_the_wrong_field_is_not_shown(reader, clerk):
    try_to_log_in("hunter2-secret", "x")
    text = reader.get(LOG_INS).content.decode()
    assert "hunter2" not in text
    assert "hu…" in text


def test_failed_log_ins_keep_no_password(clerk):
    for _time in range(6):
        try_to_log_in("clerk", "my-wrong-password")
    assert AccessFailureLog.objects.filter(locked_out=True).exists()
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        for row in model.objects.values():
            assert "my-wrong-password" not in str(row)


def test_filters_by_person_and_day(reader, clerk, cast):
    AccessLog.objects.all().delete()
    try_to_log_in("clerk", PASSWORD)
    try_to_log_in("county", "wrong")
    AccessLog.objects.update(attempt_time=datetime.datetime(2015, 3, 1, 23, 30, tzinfo=timezone.get_current_timezone()))
    assert [row.name for row in rows(reader.get(f"{LOG_INS}?who=李明"))] == ["clerk"]
    assert [row.name for row in rows(reader.get(f"{LOG_INS}?since=2015-03-01&until=2015-03-01"))] == ["clerk"]
    assert rows(reader.get(f"{LOG_INS}?until=2015-02-28")) == []
    assert [row.name for row in rows(reader.get(f"{LOG_INS}?since=2015-03-02"))] == ["county"]
    assert reader.get(f"{LOG_INS}?since=x").status_code == 400
    assert reader.get(f"{LOG_INS}?page=x").status_code == 200


def test_ones_own_page_shows_ones_own_log_ins(clerk):
    try_to_log_in("clerk", "wrong")
    client = try_to_log_in("clerk", PASSWORD)
    assert [row.event for row in client.get("/accounts/me/").context["accesses"]] == ["in", "failed"]


def test_changes_of_rights_read_in_words(reader, cast, settings):
    settings.BUSINESS_DATE = day("2015-06-01")
    county, street = cast["county"], Division.objects.get(code="211302003")
    clerk, _initial = services.create_account(
        username="clerk",
        display_name="李明",
        role=Role.SUBDISTRICT,
        division=street,
        by=county,
        since=day("2015-05-01"),
    )
    services.rename(user=clerk, display_name="李小明", by=county)
    services.set_active(user=clerk, active=False, by=county)
    services.set_active(user=clerk, active=True, by=None)
    services.reset_password(user=clerk, by=county)
    services.end_appointment(appointment=clerk.appointments.get(), by=county, until=day("2015-06-30"))
    today = services.appoint(
        user=clerk, role=Role.COMMITTEE, division=Division.objects.get(code="211302003001"), by=county
    )
    services.end_appointment(appointment=today, by=county)
    found = [row for row in reversed(rows(reader.get(f"{RIGHTS}?who=clerk"))) if row.what != "任命" or row.details]
    assert {row.user for row in found} == {clerk}
    assert [row.by for row in found].count(None) == 1
    told = [(row.what, *row.details) for row in found]
    office = "前进街道 · 街道办事处(乡镇)"
    assert ("新建账号",) in told
    assert ("任命", (told_title(told, "任命"), "", "自 2015-05-01 起")) in told
    assert ("变更账号", ("姓名", "李明", "李小明")) in told
    assert ("变更账号", ("状态", "正常", "已停用")) in told
    assert ("变更账号", ("状态", "已停用", "正常")) in told
    assert ("重置密码",) in told
    assert ("结束任职", (told_title(told, "结束任职"), "—", "2015-06-30")) in told
    assert any(what == "撤回任命" for what, *_details in told)
    assert office.split(" · ")[0] in told_title(told, "任命")
    assert len(rows(reader.get(f"{RIGHTS}?who=county"))) >= 7


def told_title(told, what: str) -> str:
    return next(details[0][0] for kind, *details in told if kind == what)


def test_an_unlocked_log_in_is_named(reader, cast):
    for _time in range(5):
        try_to_log_in("committee", "wrong")
    services.unlock(username="committee", by=cast["county"])
    (row,) = [row for row in rows(reader.get(RIGHTS)) if row.what == "解除登录锁定"]
    assert (row.by, row.user, row.details) == (cast["county"], cast["committee"], [("committee", "", "")])


@pytest.mark.parametrize("path", [LOG_INS, RIGHTS])
def test_a_page_costs_the_same_for_any_number_of_rows(reader, cast, path):
    def cost() -> int:
        reader.get(path)
        with CaptureQueriesContext(connection) as queries:
            reader.get(path)
        return len(queries)

    def happen() -> None:
        for name in ("county", "committee", "bureau"):
            try_to_log_in(name, "wrong")
            services.rename(user=cast[name], display_name=f"{cast[name].display_name}新", by=cast["admin"])

    happen()
    few = cost()
    for _time in range(4):
        happen()
    assert cost() == few <= 16


def test_the_log_reads_on_when_an_appointment_is_gone(cast, settings):
    settings.BUSINESS_DATE = day("2015-06-01")
    street = Division.objects.get(code="211302004")
    taken = services.appoint(user=cast["committee"], role=Role.SUBDISTRICT, division=street, by=cast["county"])
    services.end_appointment(appointment=taken, by=cast["county"])
    newest = logs.read_rights(logs.rights(logs.Period())[:1])[0]
    assert (newest.what, newest.user) == ("撤回任命", cast["committee"])
    assert str(street) in newest.details[0][0]
