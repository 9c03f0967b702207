"""The reviewer's pages: the queue, a decision and the next one, a return field by field, and forms that are too old."""

import uuid

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from communities.divisions.models import Division
from compounds.ledger.models import Entry
from compounds.register.models import Compound
from compounds.reports import evidence, services
from compounds.reports.choices import ReportKind
from compounds.reports.claims import Claim
from compounds.reports.models import Report, ReviewDays, SkippedLevel
from tests.compounds.reports.conftest import checked, reported
from tests.kit.uploads.files import photo
from tests.support import QIANJIN, day, dm2, record, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def log_in(cast):
    def log_in(role: str) -> Client:
        client = Client()
        client.force_login(cast[role])
        return client

    return log_in


def compound(code: str) -> Compound:
    register(code, community=QIANJIN, m2=1000, households=10)
    return Compound.objects.get(code=code)


def send(client, report, step, *, address="", **fields):
    sent = {"step": step, "revision": report.revision, "key": str(uuid.uuid4())} | fields
    return client.post(f"/review/{report.pk}/{address}", sent)


def test_the_street_verifies_the_county_approves_and_the_next_opens_by_itself(cast, home, log_in):
    first, second = reported(home, cast["committee"]), reported(compound("B"), cast["committee"])
    street, county = log_in("subdistrict"), log_in("county")
    page = street.get("/review/")
    assert page.context["report"] == first
    assert page.context["form"].initial["next"] == second.pk
    assert county.get("/review/").context["report"] is None
    answer = send(street, first, "verify", next=second.pk, address="?kind=takeover")
    assert answer.url == f"/review/{second.pk}/?kind=takeover"
    send(street, second, "verify")
    first.refresh_from_db()
    answer = send(county, first, "approve", next=second.pk)
    assert answer.url == f"/review/{second.pk}/"
    assert Entry.objects.get(kind="takeover").compound == home
    second.refresh_from_db()
    assert send(county, second, "approve").url == "/review/"
    assert county.get("/review/").context["report"] is None


def test_the_same_form_sent_twice_decides_once(cast, home, log_in):
    report, client, key = checked(home, cast), log_in("county"), str(uuid.uuid4())
    answers = [send(client, report, "approve", key=key) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Entry.objects.filter(kind="takeover").count() == 1
    assert report.steps.filter(step="approve").count() == 1


def test_a_form_that_is_too_old_says_what_has_changed_and_keeps_the_words(cast, home, log_in):
    report, client = checked(home, cast), log_in("county")
    seen = report.revision
    services.recheck(report=report, by=cast["county"], reason="再看一遍")
    report = services.verify(report=Report.objects.get(), by=cast["subdistrict"])
    answer = client.post(f"/review/{report.pk}/", {
        "step": "return", "revision": seen, "key": str(uuid.uuid4()), "comment_date_basis": "请补交接记录",
    })  # fmt: skip
    assert answer.status_code == 409
    assert [step.step for step in answer.context["stale"]] == ["recheck", "verify"]
    assert answer.context["form"]["revision"].value() == str(report.revision)
    assert "请补交接记录" in answer.content.decode()
    report.refresh_from_db()
    assert report.state == "verified"


def test_a_report_is_returned_field_by_field(cast, home, log_in):
    report, client = reported(home, cast["committee"]), log_in("subdistrict")
    refused = send(client, report, "return")
    assert refused.status_code == 400
    assert (
        send(client, report, "return", comment_date_basis="请补交接记录", comment_files="照片不清").status_code == 302
    )
    step = report.steps.last()
    assert [(one.field, one.text) for one in step.comments.all()] == [
        ("date_basis", "请补交接记录"), ("files", "照片不清"),
    ]  # fmt: skip


def test_the_county_sends_it_back_to_the_street_with_words(cast, home, log_in):
    report, client = checked(home, cast), log_in("county")
    assert send(client, report, "recheck").status_code == 400
    assert send(client, report, "recheck", reason="面积请复核").status_code == 302
    assert log_in("subdistrict").get("/review/").context["report"] == report


@pytest.mark.parametrize("step", ["verify", "approve", "return", "recheck", "withdraw", "", "x"])
def test_nobody_decides_what_is_not_his(cast, home, log_in, step):
    report = reported(home, cast["committee"])
    for who in ("committee", "county", "bureau", "auditor"):
        answer = send(log_in(who), report, step, reason="?")
        assert answer.status_code in (400, 403), who
    assert log_in("neighbour_county").get(f"/review/{report.pk}/").status_code == 404
    report.refresh_from_db()
    assert report.revision == 2


def test_what_the_ledger_does_not_take_any_more_is_said_and_stays(cast, home, log_in):
    report, client = checked(home, cast, area_dm2=dm2(7900)), log_in("county")
    record("resurvey", "2014-04-01", "A", category="abandoned", mode_from="none", m2=-200)
    page = client.get("/review/").content.decode()
    assert 'data-key="a"' not in page
    assert send(client, report, "approve").status_code == 400
    report.refresh_from_db()
    assert report.state == "verified"


def test_what_waits_for_the_city_leaves_the_queue_and_shows_what_the_city_said(cast, home, log_in, reference):
    from compounds.approvals import services as approvals
    from compounds.approvals.models import Proposal

    report = checked(home, cast, kind=ReportKind.AREA, mode_to="", area_dm2=dm2(9000), basis_name="测绘报告")
    client = log_in("county")
    assert "需市局批准" in client.get("/review/").content.decode()
    send(client, report, "approve")
    assert client.get("/review/").context["report"] is None
    listed = client.get("/review/?whose=all")
    assert [row.report for row, _days, _allowed in listed.context["listed"]] == [report]
    assert not listed.context["decidable"]
    approvals.send_back(proposal=Proposal.objects.get(), comment="请附测绘成果", by=cast["bureau"])
    again = client.get("/review/")
    assert again.context["report"] == report
    assert "请附测绘成果" in again.content.decode()


@pytest.mark.parametrize(("query", "found"), [
    ("", "ABCD"), ("kind=lapse", "C"), ("on_behalf=on", "D"), ("changed=on", "B"), ("late=on", "ABC"),
    (f"community={QIANJIN}", "ABCD"), ("community=211303004001", ""), ("waited=overdue", ""), ("waited=1", ""),
    ("kind=nonsense", "ABCD"), ("page=99", "ABCD"),
])  # fmt: skip
def test_the_queue_is_filtered(cast, home, log_in, query, found):
    from django.utils import timezone

    checked(home, cast)
    checked(compound("B"), cast)
    record("resurvey", "2014-04-01", "B", category="abandoned", mode_from="none", m2=-200)
    record("takeover", "2014-02-01", compound("C").code, mode_to="owners")
    checked(Compound.objects.get(code="C"), cast, kind=ReportKind.LAPSE, mode_to="")
    reported(compound("D"), cast["subdistrict"], effective_on=timezone.localdate())
    page = log_in("county").get(f"/review/?{query}")
    shown = [row.report.compound.code for row, _days, _allowed in page.context["listed"]]
    assert "".join(sorted(shown)) == found


def test_a_full_page_costs_at_most_25_queries(cast, home, log_in, reference):
    for each in range(30):
        checked(compound(f"Q{each}"), cast)
    report = checked(home, cast)
    reported(home, cast["committee"], mode_to="owners")
    record("resurvey", "2014-04-01", "A", category="abandoned", mode_from="none", m2=-200)
    for who in ("county", "subdistrict", "bureau", "auditor"):
        client = log_in(who)
        client.get("/accounts/me/")
        addresses = ["/review/", "/review/?late=on", f"/review/{report.pk}/", "/review/ageing/"]
        for address in addresses:
            cache.clear()
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            assert len(queries) <= 25, (who, address, "\n".join(one["sql"][:150] for one in queries.captured_queries))


def test_the_number_of_what_waits_stands_in_the_navigation(cast, home, log_in):
    reported(home, cast["committee"])
    assert 'class="nav-number">1<' in log_in("subdistrict").get("/review/").content.decode()
    assert "nav-number" not in log_in("county").get("/review/").content.decode()


def test_photos_are_shown_to_those_who_read_the_report(cast, home, log_in, data_folder):
    claim = Claim(effective_on=day("2014-05-01"), mode_to="owners")
    draft = services.draft(kind=ReportKind.TAKEOVER, claim=claim, by=cast["committee"], key="f", compound=home)
    row = evidence.add(report=draft, file=SimpleUploadedFile("a.jpg", photo()), by=cast["committee"])
    services.submit(report=draft, by=cast["committee"])
    for end in ("", "preview/"):
        address = f"/review/{draft.pk}/files/{row.pk}/{end}"
        assert log_in("subdistrict").get(address).status_code == 200
        assert log_in("neighbour_county").get(address).status_code == 404


def test_the_rules_are_said_by_clicks(cast, log_in):
    client = log_in("county")
    assert client.post("/review/rules/", {"about": "days", "division": "211302", "office": "county", "days": 2}).url
    assert client.post("/review/rules/", {"about": "skip", "division": "211302003", "reporter": "committee",
                                          "skipped": "yes"}).url  # fmt: skip
    assert ReviewDays.objects.get(division="211302").days == 2
    assert SkippedLevel.objects.get(division="211302003").is_skipped
    for wrong in (
        {"division": "211303", "days": 2},
        {"division": "211302", "days": 0},
        {"division": "2113", "days": 1},
    ):
        assert client.post("/review/rules/", {"about": "days", "office": "county"} | wrong).status_code == 400
    page = client.get("/review/rules/").content.decode()
    assert str(Division.objects.get(pk="211302003")) in page
    assert str(Division.objects.get(pk="2113")) in page
