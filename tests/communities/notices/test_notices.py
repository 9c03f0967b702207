"""Who is told what, once; in whose language; read, settled, swept."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.jobs.services import enqueue
from communities.divisions.models import Division
from communities.notices import selectors, services
from communities.notices.choices import Mail
from communities.notices.kinds import Kind, Text
from communities.notices.models import Message, Notice, Schedule
from communities.notices.offices import in_charge
from communities.people.models import Appointment, User
from tests.support import day, person, together, work

pytestmark = pytest.mark.django_db


def tell(kind, *users, key="k", by=None, **more) -> int:
    return services.notify(kind=kind, key=key, by=by, users=users, **more)


# --- telling --------------------------------------------------------------------------------------------
def test_the_same_thing_tells_a_person_once(cast, kind):
    assert tell(kind, cast["county"], cast["bureau"]) == 2
    Notice.objects.of(cast["county"]).update(read_at=timezone.now())
    assert tell(kind, cast["county"], cast["bureau"], cast["leader"]) == 1
    assert tell(kind, cast["county"], key="another") == 1
    assert Notice.objects.of(cast["county"]).count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(user=cast["county"], kind=kind.code, key="k")


def test_neither_whoever_causes_it_nor_a_disabled_account_is_told(cast, kind):
    User.objects.filter(pk=cast["leader"].pk).update(is_active=False)
    gone = User.objects.get(pk=cast["leader"].pk)
    assert tell(kind, cast["county"], gone, by=cast["county"]) == 0


def test_what_is_told_goes_with_what_it_tells_of(cast, kind):
    with transaction.atomic():
        tell(kind, cast["county"])
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


def test_a_kind_that_no_room_declares_is_an_error(cast):
    with pytest.raises(LookupError):
        tell(Kind("test.unknown", "x", title="x"), cast["county"])


@pytest.mark.parametrize("link", ["https://elsewhere.example/", "//elsewhere.example/"])
def test_a_notice_leads_nowhere_but_into_the_portal(cast, kind, link):
    with pytest.raises(ValueError, match="to a page of the portal"):
        tell(kind, cast["county"], link=link)
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(user=cast["county"], kind=kind.code, key="k", link=link)


def test_words_are_those_of_the_reader(cast, kind):
    what = Text(_("Target %(target)s, task of %(division)s"), target="T1", division="双塔区")
    tell(kind, cast["county"], parameters={"what": what, "due": day("2014-12-31"), "who": _("County")})
    for language, title, body in [
        ("en", "Target T1, task of 双塔区: due on 2014-12-31", "By County"),
        ("zh-hans", "任务指标 T1,双塔区承担部分:期限 2014-12-31", "By 县(市、区)"),
    ]:
        with translation.override(language):
            notice = Notice.objects.get()
            assert notice.title == title
            assert notice.body == body


def test_what_an_older_release_did_not_keep_is_a_dash_and_an_unknown_kind_its_code(cast, kind):
    with translation.override("en"):
        assert Notice(kind=kind.code, parameters={"what": "100 %"}).title == "100 %: due on —"
        assert Notice(kind=kind.code, parameters={}).title == "—: due on —"
        unknown = Notice(kind="of.tomorrow", parameters={"x": 1})
        assert (unknown.title, unknown.body, unknown.label) == ("of.tomorrow", "", "of.tomorrow")


# --- offices --------------------------------------------------------------------------------------------
def test_an_office_is_the_nearest_one_that_may(cast):
    community = Division.objects.get(code="211302003001")
    assert in_charge("files.add", community) == [cast["committee"]]
    Appointment.objects.filter(user=cast["committee"]).update(until=day("2014-01-02"))
    assert in_charge("files.add", community) == [cast["subdistrict"]]
    User.objects.filter(pk__in=[cast["subdistrict"].pk, cast["county"].pk]).update(is_active=False)
    assert in_charge("files.add", community) == [cast["bureau"]]


def test_everybody_of_the_office_is_told_and_nobody_of_the_neighbours(cast, kind):
    person("colleague", "county", "211302")
    told = services.notify(kind=kind, key="k", by=cast["county"], offices=[("ledger.record", "211302003001")])
    assert told == 1
    assert Notice.objects.get().user.username == "colleague"


def test_what_lies_in_no_division_is_the_citys_and_the_portals(cast):
    assert in_charge("settings.edit", None) == [cast["bureau"]]
    assert in_charge("people.logs", None) == [cast["auditor"], cast["admin"]]


def test_offices_cost_no_query_per_person(cast, kind, django_assert_max_num_queries):
    for number in range(3):
        person(f"few{number}", "county", "211302")
    with django_assert_max_num_queries(30) as few:
        services.notify(kind=kind, key="few", by=None, offices=[("ledger.record", "211302")])
    for number in range(20):
        person(f"many{number}", "county", "211302")
    with django_assert_max_num_queries(len(few)):
        assert services.notify(kind=kind, key="many", by=None, offices=[("ledger.record", "211302")]) == 24


# --- reading --------------------------------------------------------------------------------------------
def test_the_bell_has_jobs_and_notices_in_one_list_and_one_query(cast, kind, as_, django_assert_num_queries):
    tell(kind, cast["county"], parameters={"what": "甲", "due": "x"})
    job = enqueue(kind="test.sum", by=cast["county"], parameters={"numbers": [1]})
    work()
    tell(kind, cast["county"], key="later", parameters={"what": "乙", "due": "x"})
    tell(kind, cast["bureau"])
    with django_assert_num_queries(1):
        lines = selectors.bell(cast["county"])
    assert [line.job.pk if line.job else line.notice.key or line.notice.title[0] for line in lines] == [
        "乙", job.pk, "甲",
    ]  # fmt: skip
    body = as_("county").get("/accounts/me/").content.decode()
    assert '<span class="bell-number">3</span>' in body
    assert f'href="/jobs/{job.pk}/"' in body
    assert f'href="/notices/{lines[0].notice.pk}/"' in body


def test_a_notice_is_read_by_following_it(cast, kind, as_):
    tell(kind, cast["county"], link="/compounds/?q=x")
    notice = Notice.objects.get()
    answer = as_("county").get(f"/notices/{notice.pk}/")
    assert answer.headers["Location"] == "/compounds/?q=x"
    notice.refresh_from_db()
    first = notice.read_at
    assert first
    as_("county").get(f"/notices/{notice.pk}/")
    notice.refresh_from_db()
    assert notice.read_at == first


def test_one_and_all_are_marked_and_others_are_not(cast, kind, as_):
    for key in "abc":
        tell(kind, cast["county"], cast["bureau"], key=key)
    enqueue(kind="test.sum", by=cast["county"], parameters={"numbers": [1]})
    work()
    client, mine = as_("county"), Notice.objects.of(cast["county"])
    client.post(f"/notices/{mine.first().pk}/read/")
    assert mine.unread().count() == 2
    assert client.post(f"/notices/{Notice.objects.of(cast['bureau']).first().pk}/read/").status_code == 404
    assert "bell-number" in client.get("/notices/").content.decode()
    client.post("/notices/read/")
    assert (mine.unread().count(), Job.objects.filter(seen_at=None).count()) == (0, 0)
    assert "bell-number" not in client.get("/notices/").content.decode()
    assert Notice.objects.of(cast["bureau"]).unread().count() == 3


def test_the_page_goes_on_by_the_last_one_seen(cast, kind, as_, monkeypatch):
    monkeypatch.setattr(selectors, "PAGE", 2)
    for key in range(5):
        tell(kind, cast["county"], key=str(key))
    client, seen, address = as_("county"), [], "/notices/"
    while address:
        page = client.get(address).context["page"]
        seen += [notice.key for notice in page.notices]
        tell(kind, cast["county"], key=f"new{len(seen)}")  # what comes meanwhile moves nothing
        address = f"/notices/?before={page.before}" if page.before else ""
    assert seen == ["4", "3", "2", "1", "0"]
    Notice.objects.filter(key="3").update(read_at=timezone.now())
    pages = [client.get(f"/notices/?before={before}{show}") for before, show in ((10**9, ""), (10**9, "&show=all"))]
    assert all(len(answer.context["page"].notices) == 2 for answer in pages)


def test_the_filter_shows_unread_ones_or_all(cast, kind, as_):
    tell(kind, cast["county"], key="old")
    Notice.objects.update(read_at=timezone.now())
    client = as_("county")
    assert "通知已全部阅读" in client.get("/notices/").content.decode()
    tell(kind, cast["county"], key="new")
    assert [one.key for one in client.get("/notices/").context["page"].notices] == ["new"]
    assert [one.key for one in client.get("/notices/?show=all").context["page"].notices] == ["new", "old"]


@pytest.mark.parametrize("query", ["show=some", "before=x", "before=²", "before=" + "9" * 30])
def test_an_address_that_cannot_be_meant_is_a_bad_question(cast, as_, query):
    assert as_("county").get(f"/notices/?{query}").status_code == 400


def test_what_is_settled_is_read_for_everybody(cast, kind):
    tell(kind, cast["county"], cast["bureau"], key="a")
    tell(kind, cast["county"], key="b")
    services.settle(kind=kind, keys=["a"])
    assert [one.key for one in Notice.objects.unread()] == ["b"]


def test_only_old_ones_that_were_read_are_swept(cast, kind):
    Schedule.objects.create(pk=1, keep_days=40)
    now = timezone.now()
    for key, created, read in [("old", 90, 50), ("fresh", 90, 30), ("unread", 900, None)]:
        tell(kind, cast["county"], key=key)
        Notice.objects.filter(key=key).update(
            created_at=now - datetime.timedelta(days=created),
            read_at=read and now - datetime.timedelta(days=read),
        )  # fmt: skip
    Message.objects.create(user=cast["county"], channel="email", notice=Notice.objects.get(key="old"))
    enqueue(kind="notices.tidy", by=None)
    (job,) = work()
    assert job.result == {"removed": 1}
    assert {one.key for one in Notice.objects.all()} == {"fresh", "unread"}


# --- choices and schedule -------------------------------------------------------------------------------
def test_addresses_and_ways_are_chosen_on_the_account(cast, as_, mail):
    client = as_("county")
    assert "mail_0" in client.get("/accounts/me/notices/").content.decode()
    names = [kind.code for kind in selectors.kinds_for(cast["county"])]
    data = {f"mail_{number}": "none" for number in range(len(names))} | {"mail_0": "at_once"}
    answer = client.post(
        "/accounts/me/notices/", data | {"email": "a@example.cn", "phone": "139 0000 0000", "language": "en"}
    )
    assert answer.headers["Location"] == "/accounts/me/"
    user = User.objects.get(pk=cast["county"].pk)
    assert (user.email, user.phone, user.language) == ("a@example.cn", "139 0000 0000", "en")
    assert selectors.ways([user], names[0])[user.pk].mail == Mail.AT_ONCE
    assert selectors.ways([user], names[1])[user.pk].mail == Mail.NONE
    assert "a@example.cn" in client.get("/accounts/me/").content.decode()


def test_addresses_get_into_no_log_of_rights(cast, as_):
    from auditlog.models import LogEntry

    before = LogEntry.objects.count()
    as_("county").post("/accounts/me/notices/", {"email": "a@example.cn", "phone": "13900000000", "language": "en"})
    assert User.objects.get(pk=cast["county"].pk).email == "a@example.cn"
    assert LogEntry.objects.count() == before


def test_without_a_mail_server_nothing_is_asked_and_nothing_goes(cast, as_, kind):
    body = as_("county").get("/accounts/me/notices/").content.decode()
    assert "mail_0" not in body
    User.objects.update(email="a@example.cn")
    tell(kind, User.objects.get(pk=cast["county"].pk))
    assert not Message.objects.exists()
    assert not Notice.objects.get().for_digest


@pytest.mark.parametrize(("field", "value"), [("email", "x"), ("phone", "call me"), ("language", "fr")])
def test_an_address_that_is_none_is_refused(cast, as_, field, value):
    data = {"email": "", "phone": "", "language": "en", field: value}
    answer = as_("county").post("/accounts/me/notices/", data)
    assert answer.status_code == 200
    assert answer.context["form"].errors.keys() == {field}


def test_the_schedule_is_set_by_clicks_and_its_history_says_by_whom(cast, as_):
    client = as_("bureau")
    assert client.get("/settings/notices/").context["form"]["days_before"].value() == "7, 3, 1"
    data = {"digest_at": "06:45", "days_before": "1、10 3,3", "keep_days": "60"}
    assert client.post("/settings/notices/", data).status_code == 302
    schedule = selectors.schedule()
    assert (schedule.digest_at, schedule.days_before, schedule.keep_days) == (datetime.time(6, 45), [10, 3, 1], 60)
    assert "06:45" in client.get("/settings/").content.decode()
    body = client.get("/settings/history/?kind=notices").content.decode()
    assert cast["bureau"].display_name in body


@pytest.mark.parametrize(
    ("field", "value"),
    [("digest_at", "25:00"), ("days_before", "soon"), ("days_before", "30"), ("days_before", ""), ("keep_days", "29")],
)
def test_a_schedule_that_cannot_be_is_refused(cast, as_, field, value):
    data = {"digest_at": "06:45", "days_before": "7", "keep_days": "60", field: value}
    answer = as_("bureau").post("/settings/notices/", data)
    assert answer.context["form"].errors.keys() == {field}
    assert not Schedule.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_told_by_two_at_once_a_person_is_told_once(cast, kind, mail):
    User.objects.update(email="a@example.cn")
    user = User.objects.get(pk=cast["county"].pk)
    services.choose(
        by=user, email=user.email, phone="", language="en", ways={kind.code: selectors.Way(Mail.AT_ONCE, False)}
    )
    together(*[lambda: tell(kind, user)] * 4)
    assert (Notice.objects.count(), Message.objects.count()) == (1, 1)
