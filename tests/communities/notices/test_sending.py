"""What leaves the portal: at least once with one key, never lost, never doubled; digests and reminders."""

import datetime
import logging
import re
import smtplib

import pytest
from django.core import mail as outbox
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from chaoyang_pm.kit.jobs import sweeping
from chaoyang_pm.kit.jobs.models import Job
from chaoyang_pm.kit.operations import keepers
from communities.notices import channels, reminders, selectors, sending, services
from communities.notices.choices import Mail
from communities.notices.deadlines import Deadline
from communities.notices.models import Choice, Message, Notice, Schedule
from communities.people.models import User
from communities.tokens import services as tokens
from tests.support import day, person, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(cast, mail) -> User:
    """The county's clerk, with an address and a telephone."""
    User.objects.filter(pk=cast["county"].pk).update(email="li@example.cn", phone="13912345678", language="zh-hans")
    return User.objects.get(pk=cast["county"].pk)


def choose(user, kind, mail=Mail.AT_ONCE, sms=False) -> None:
    Choice.objects.update_or_create(user=user, kind=kind.code, defaults={"mail": mail, "sms": sms})


def tell(kind, user, key="k", **more) -> None:
    words = {"what": "甲小区", "due": "2014-12-31", "who": "王芳"}
    services.notify(kind=kind, key=key, by=None, users=[user], parameters=words, link="/compounds/", **more)


def later(**past) -> None:
    """As if so much time had passed for what waits."""
    for message in Message.objects.all():
        Message.objects.filter(pk=message.pk).update(next_at=message.next_at - datetime.timedelta(**past))


@pytest.fixture
def broken(monkeypatch):
    """A mail server that answers as the list says, and takes everything once it is empty."""
    answers: list[Exception] = []
    send = outbox.EmailMessage.send

    def answer(self, **more):
        if answers:
            raise answers.pop(0)
        return send(self, **more)

    monkeypatch.setattr(outbox.EmailMessage, "send", answer)
    return answers


# --- at once --------------------------------------------------------------------------------------------
def test_an_e_mail_at_once_names_the_matter_and_leads_to_it(reader, kind):
    choose(reader, kind)
    tell(kind, reader)
    assert sending.send_due() == {"sent": 1}
    (sent,) = outbox.outbox
    assert (sent.subject, sent.to, sent.from_email) == (
        "甲小区:期限 2014-12-31", ["li@example.cn"], "平台 <portal@example.cn>",
    )  # fmt: skip
    assert "https://portal.example.cn/compounds/\n" in sent.body
    assert "https://portal.example.cn/accounts/me/notices/" in sent.body
    assert not re.search(r"\d{7,}|li@example", sent.body)
    assert re.fullmatch(r"<notice\.\d+\.\d{14}@example\.cn>", sent.extra_headers["Message-ID"])
    assert sending.send_due() == {}
    assert len(outbox.outbox) == 1


def test_the_language_is_the_readers(reader, kind):
    User.objects.update(language="en")
    choose(reader, kind)
    tell(kind, reader)
    sending.send_due()
    assert outbox.outbox[0].subject == "甲小区: due on 2014-12-31"


def test_a_row_is_made_only_where_it_can_go(reader, kind):
    for number, (way, email) in enumerate([(Mail.NONE, "a@b.cn"), (Mail.DIGEST, "a@b.cn"), (Mail.AT_ONCE, "")]):
        choose(reader, kind, way)
        User.objects.update(email=email)
        reader.refresh_from_db()
        tell(kind, reader, key=str(number))
    assert not Message.objects.exists()


def test_what_was_read_or_settled_before_is_not_sent(reader, kind):
    choose(reader, kind)
    tell(kind, reader)
    services.settle(kind=kind, keys=["k"])
    assert sending.send_due() == {"left": 1}
    assert not outbox.outbox


@pytest.mark.parametrize("change", [{"email": ""}, {"is_active": False}])
def test_who_cannot_be_reached_any_more_is_left_out(reader, kind, change):
    choose(reader, kind)
    tell(kind, reader)
    User.objects.filter(pk=reader.pk).update(**change)
    assert sending.send_due() == {"left": 1}


def test_a_failing_server_is_tried_again_and_nothing_is_lost_or_doubled(reader, kind, broken):
    choose(reader, kind)
    for key in "ab":
        tell(kind, reader, key=key)
    broken += [smtplib.SMTPServerDisconnected("gone to li@example.cn"), smtplib.SMTPDataError(451, b"later")]
    assert sending.send_due() == {"waiting": 2}
    assert {one.problem for one in Message.objects.all()} == {"SMTPServerDisconnected", "SMTPDataError 451"}
    assert sending.send_due() == {}  # each after its pause
    first = list(Message.objects.order_by("pk"))
    assert all(datetime.timedelta(seconds=50) < one.next_at - timezone.now() for one in first)
    later(minutes=2)
    assert sending.send_due() == {"sent": 2}
    assert sorted(mail.extra_headers["Message-ID"] for mail in outbox.outbox) == sorted(
        f"<{one.key}@example.cn>" for one in first
    )
    assert {(one.state, one.attempts, one.problem) for one in Message.objects.all()} == {("sent", 2, "")}


def test_a_server_that_is_away_is_left_alone_after_a_few_attempts(reader, kind, broken):
    choose(reader, kind)
    for key in range(10):
        tell(kind, reader, key=str(key))
    broken += [ConnectionRefusedError()] * 10
    assert sending.send_due() == {"waiting": sending.FAILURES}
    assert not sending.is_anything_due()
    broken.clear()
    later(minutes=2)
    assert sending.send_due() == {"sent": 10}


def test_an_address_that_the_server_does_not_know_is_given_up_at_once(reader, kind, broken):
    choose(reader, kind)
    tell(kind, reader)
    broken += [smtplib.SMTPRecipientsRefused({"li@example.cn": (550, b"no such user")})]
    assert sending.send_due() == {"given_up": 1}
    assert Message.objects.get().problem == "address refused"


def test_after_days_it_is_no_news_any_more(reader, kind, broken):
    choose(reader, kind)
    tell(kind, reader)
    Message.objects.update(created_at=timezone.now() - datetime.timedelta(days=4))
    broken += [ConnectionRefusedError()]
    assert sending.send_due() == {"given_up": 1}
    assert Notice.objects.unread().count() == 1


def test_what_a_dead_worker_had_taken_is_sent_with_the_same_key(reader, kind):
    choose(reader, kind)
    tell(kind, reader)
    taken = sending._take(Message.objects.get().pk)
    assert sending._take(taken.pk) is None  # nobody else, as long as it is held
    assert sending.send_due() == {}
    later(minutes=11)
    assert sending.send_due() == {"sent": 1}
    assert outbox.outbox[0].extra_headers["Message-ID"] == f"<{taken.key}@example.cn>"


def test_who_comes_too_late_with_a_failure_changes_nothing(reader, kind):
    choose(reader, kind)
    tell(kind, reader)
    slow = sending._take(Message.objects.get().pk)
    later(minutes=11)
    assert sending.send_due() == {"sent": 1}
    sending._later(slow, ConnectionResetError())
    assert Message.objects.get().state == "sent"


def test_a_channel_that_was_switched_off_keeps_what_waits(reader, kind, settings):
    choose(reader, kind)
    tell(kind, reader)
    settings.EMAIL_HOST = ""
    assert (sending.is_anything_due(), sending.send_due()) == (False, {})
    assert Message.objects.get().state == "waiting"


def test_the_sweep_asks_for_what_nobody_called_for(reader, kind, settings, monkeypatch):
    settings.JOBS_SWEEP = datetime.timedelta(0)
    monkeypatch.setattr(sweeping, "wake", lambda jobs: None)
    choose(reader, kind)
    assert sweeping.sweep()
    assert not Job.objects.filter(kind="notices.send").exists()
    tell(kind, reader)
    for _time in range(2):
        sweeping.sweep()
    job = Job.objects.get(kind="notices.send")
    work()
    job.refresh_from_db()
    assert (job.state, job.result) == ("done", {"sent": 1})
    sweeping.sweep()
    job.refresh_from_db()
    assert job.state == "done"


@pytest.mark.django_db(transaction=True)
def test_a_worker_is_called_once_the_transaction_is_committed(reader, kind):
    choose(reader, kind)
    tell(kind, reader)
    assert Job.objects.get(kind="notices.send").state == "queued"


def test_a_restored_backup_sends_nothing_of_what_it_had_still_to_send(reader, kind):
    choose(reader, kind)
    tell(kind, reader)
    keepers._keepers["notices"].settle()
    assert sending.send_due() == {}
    assert Message.objects.get().state == "left"


# --- text messages --------------------------------------------------------------------------------------
CONSOLE = "communities.notices.sms.Console"


def test_a_text_message_goes_to_the_log_with_the_telephone_masked(reader, kind, settings, caplog):
    settings.SMS_GATEWAY = CONSOLE
    choose(reader, kind, Mail.NONE, sms=True)
    tell(kind, reader)
    with caplog.at_level(logging.INFO, "communities.notices.sms"):
        assert sending.send_due() == {"sent": 1}
    assert "139****5678: 甲小区:期限 2014-12-31" in caplog.text
    assert "13912345678" not in caplog.text


def test_without_a_gateway_or_a_choice_there_is_none(reader, kind, settings, client):
    choose(reader, kind, Mail.NONE, sms=True)
    tell(kind, reader)
    settings.SMS_GATEWAY = CONSOLE
    Choice.objects.all().delete()
    tell(kind, reader, key="other")
    assert not Message.objects.exists()
    client.force_login(reader)
    assert 'name="sms_0"' in client.get("/accounts/me/notices/").content.decode()


@pytest.mark.parametrize("name", ["nowhere.Gateway", "communities.notices.sms.log", "datetime.date"])
def test_a_gateway_that_is_none_stops_the_start(settings, name):
    settings.SMS_GATEWAY = name
    with pytest.raises(ImproperlyConfigured, match="CHAOYANG_PM_SMS: expected"):
        channels.check_gateway()


# --- reminders ------------------------------------------------------------------------------------------
def task(user, due_on, key="t") -> Deadline:
    return Deadline(key=key, due_on=day(due_on), what="月报", link="/compounds/", users=(user,))


def told(user) -> list[str]:
    return sorted(Notice.objects.of(user).values_list("key", flat=True))


def test_seven_three_and_one_day_before_each_once(reader, due):
    due.append(task(reader, "2014-12-31"))
    found = []
    for number in range(20, 32):
        day_of_month = day(f"2014-12-{number}")
        told_today = sum(reminders.remind(day_of_month) for _time in range(2))
        found += [number] * told_today
    assert found == [24, 28, 30]
    assert reminders.remind(day("2015-01-01")) == 0
    # Only the last one is still to be read.
    assert [one.key for one in Notice.objects.unread()] == ["t:2014-12-31:1"]


def test_after_days_without_a_worker_only_the_nearest_one_is_made_up_for(reader, due):
    due.append(task(reader, "2014-12-31"))
    assert reminders.remind(day("2014-12-29")) == 1
    assert told(reader) == ["t:2014-12-31:3"]
    assert reminders.remind(day("2014-12-31")) == 1  # on the day itself, that of the day before
    assert told(reader) == ["t:2014-12-31:1", "t:2014-12-31:3"]


def test_the_days_are_data_and_what_is_put_off_is_told_anew(reader, due):
    Schedule.objects.create(pk=1, days_before=[10, 5])
    due.append(task(reader, "2014-12-31"))
    assert [reminders.remind(day(f"2014-12-{number}")) for number in (20, 21, 24, 26, 30)] == [0, 1, 0, 1, 0]
    due[:] = [task(reader, "2015-01-05")]
    assert reminders.remind(day("2014-12-31")) == 1
    Schedule.objects.update(days_before=[])
    assert reminders.remind(day("2015-01-05")) == 0


def test_an_office_is_reminded(cast, due):
    due.append(Deadline(key="o", due_on=day("2014-12-31"), what="x", offices=(("ledger.record", "211302"),)))
    assert reminders.remind(day("2014-12-30")) == 1
    assert told(cast["county"]) == ["o:2014-12-31:1"]


def test_owners_are_reminded_of_ending_tokens(cast):
    today = timezone.localdate()
    token, _secret = tokens.make(user=cast["county"], name="共享平台", scopes=["coverage:read"], by=None, days=90)
    other, _secret = tokens.make(user=cast["bureau"], name="x", scopes=["coverage:read"], by=None, days=90)
    ends = timezone.localdate(token.expires_at)
    tokens.revoke(token=other, by=cast["bureau"])
    assert reminders.remind(today) == 0
    assert reminders.remind(ends - datetime.timedelta(days=3)) == 1
    notice = Notice.objects.get()
    assert (notice.user, notice.title) == (cast["county"], f"访问令牌“共享平台”到期:期限 {ends}")


# --- daily e-mails --------------------------------------------------------------------------------------
def test_a_daily_e_mail_says_what_is_new_and_what_is_due_once_a_day(reader, kind, due):
    due += [task(reader, "2014-12-31"), task(reader, "2015-01-30", key="far")]
    choose(reader, kind, Mail.DIGEST)
    tell(kind, reader, key="a")
    tell(kind, reader, key="b")
    Notice.objects.filter(key="b").update(read_at=timezone.now())
    today = day("2014-12-28")
    assert reminders.remind(today) == 1
    assert [reminders.write_digests(today) for _time in range(3)] == [1, 0, 0]
    tell(kind, reader, key="c")
    assert reminders.write_digests(today) == 0
    assert [sending.send_due(), sending.send_due()] == [{"sent": 1}, {}]
    (sent,) = outbox.outbox
    assert sent.subject == "物业管理推进平台 2014-12-28:新通知 1 条,近期到期 1 项"
    assert sent.body.count("甲小区:期限 2014-12-31") == 1
    assert "月报 · 2014-12-31 · 还剩 3 天" in sent.body
    assert reminders.write_digests(day("2014-12-29")) == 1
    sending.send_due()
    assert "新通知 1 条" in outbox.outbox[1].subject


def test_who_has_nothing_new_or_no_address_gets_none(reader, kind, due):
    due.append(task(reader, "2014-12-31"))
    assert reminders.write_digests(day("2014-12-28")) == 0  # due, but nothing new
    other = person("other", "county", "211302")
    tell(kind, other)
    User.objects.filter(pk=reader.pk).update(is_active=False)
    tell(kind, reader)
    assert reminders.write_digests(day("2014-12-28")) == 0


def test_who_wants_no_reminders_by_mail_gets_none_in_the_daily_one(reader, kind, due):
    due.append(task(reader, "2014-12-31"))
    choose(reader, reminders.NEAR, Mail.NONE)
    tell(kind, reader)
    reminders.write_digests(day("2014-12-28"))
    assert Message.objects.get().due == []


def test_every_morning_at_an_hour_that_is_data(reader, kind, settings, monkeypatch):
    settings.JOBS_SWEEP = datetime.timedelta(0)
    monkeypatch.setattr(sweeping, "wake", lambda jobs: None)
    Schedule.objects.create(pk=1, digest_at=datetime.time(6, 45))
    tell(kind, reader)
    for clock, there in [(datetime.time(6, 44), 0), (datetime.time(6, 45), 1), (datetime.time(18, 0), 1)]:
        monkeypatch.setattr(sweeping, "_clock", lambda clock=clock: clock)
        sweeping.sweep()
        assert Job.objects.filter(kind="notices.morning").count() == there
    work()
    assert Job.objects.get(kind="notices.morning").result == {"reminded": 0, "digests": 1}
    assert selectors.schedule().digest_at == datetime.time(6, 45)
