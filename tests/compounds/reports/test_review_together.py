"""Several reports agreed to together: only clean ones, nothing twice; and the sample that anybody can draw again."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from communities.divisions.models import Division
from compounds.approvals.services import require_second_person
from compounds.ledger.models import Entry
from compounds.register.models import Compound
from compounds.reports import evidence, review, review_clean, review_sample, services
from compounds.reports.choices import ReportKind, ReportState
from compounds.reports.models import Report
from tests.compounds.reports.conftest import checked, reported
from tests.kit.uploads.files import photo
from tests.support import QIANJIN, day, dm2, record, register, work

pytestmark = pytest.mark.django_db


def homes(number: int) -> list[Compound]:
    for each in range(number):
        register(f"H{each}", community=QIANJIN, m2=1000, households=10)
    return list(Compound.objects.filter(code__startswith="H").order_by("code"))


def reasons(report, user) -> list[str]:
    return review_clean.looked_at([report.pk], by=user).rows[0].reasons


def test_what_is_clean_would_post_as_it_was_written(cast, home):
    report = checked(home, cast)
    found = review_clean.looked_at([report.pk], by=cast["county"])
    assert [(row.report, row.reasons) for row in found.rows] == [(report, [])]
    assert (found.managed_dm2, found.households) == (dm2(8000), 300)


@pytest.mark.parametrize(("claim", "said"), [
    ({"date_basis": ""}, "日期依据"), ({"basis_no": ""}, "佐证"), ({"late_reason": "资料后补"}, "补报"),
    ({"kind": ReportKind.AREA, "mode_to": "", "area_dm2": dm2(9000)}, "逐件"),
])  # fmt: skip
def test_why_a_report_is_looked_at_by_itself(cast, home, claim, said):
    [reason] = reasons(checked(home, cast, **claim), cast["county"])
    assert said in reason


def test_a_photo_is_a_basis_too(cast, home, data_folder):
    from compounds.reports.claims import Claim

    draft = services.draft(
        kind=ReportKind.TAKEOVER, by=cast["subdistrict"], key="p", compound=home,
        claim=Claim(effective_on=day("2014-05-01"), mode_to="owners", date_basis="交接记录"),
    )  # fmt: skip
    evidence.add(report=draft, file=SimpleUploadedFile("a.jpg", photo()), by=cast["subdistrict"])
    report = services.submit(report=draft, by=cast["subdistrict"])
    assert reasons(report, cast["county"]) == []


def test_what_moved_since_another_report_and_a_second_person_are_reasons(cast, home):
    report = checked(home, cast)
    record("resurvey", "2014-04-01", "A", category="abandoned", mode_from="none", m2=-200)
    reported(home, cast["committee"], mode_to="owners")
    require_second_person(division=Division.objects.get(pk="211302"), required=True, by=cast["bureau"])
    assert len(reasons(report, cast["county"])) == 3


def test_looking_costs_the_same_for_any_number(cast):
    reports = [checked(home, cast) for home in homes(12)]
    counts = []
    for some in (reports[:2], reports):
        user = type(cast["county"]).objects.get(pk=cast["county"].pk)
        with CaptureQueriesContext(connection) as queries:
            found = review_clean.looked_at([report.pk for report in some], by=user)
        assert len(found.clean) == len(some)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client, reports, **more):
    seen = [f"{report.pk}:{report.revision}" for report in reports]
    return client.post("/review/together/", {"step": "confirm", "seen": seen, **more})


def test_clean_ones_are_posted_together_each_by_itself_and_once(cast):
    reports = [checked(home, cast) for home in homes(4)]
    client, before = client_of(cast["county"]), Entry.objects.count()
    page = client.post("/review/together/", {"report": [report.pk for report in reports]})
    assert page.status_code == 200
    assert "+4,000.00" in page.content.decode()
    # Between the look and the job the ledger of one moves on, and somebody else decides another.
    record("resurvey", "2014-04-01", "H0", category="abandoned", mode_from="none", m2=-200)
    services.send_back(report=reports[1], by=cast["county"], reason="补照片")
    first, second = send(client, reports), send(client, reports)
    assert first.url == second.url  # the same job
    [job] = work()
    assert (job.result["done"], job.result["left"]) == (2, 2)
    assert Entry.objects.count() == before + 1 + 2
    states = [Report.objects.get(pk=report.pk).state for report in reports]
    assert states == ["verified", "returned", "approved", "approved"]
    shown = client.get(first.url).content.decode()
    for report in reports:
        assert str(report.pk) in shown
    # Sent again once it has ended: they are found decided.
    send(client, reports)
    [again] = work()
    assert (again.result["done"], Entry.objects.count()) == (2, before + 3)


def test_the_street_verifies_together(cast):
    reports = [reported(home, cast["committee"]) for home in homes(3)]
    client = client_of(cast["subdistrict"])
    assert client.post("/review/together/", {"report": [report.pk for report in reports]}).status_code == 200
    send(client, reports)
    [job] = work()
    assert job.result["done"] == 3
    assert set(Report.objects.values_list("state", flat=True)) == {ReportState.VERIFIED}
    assert Entry.objects.count() == 3


def test_nobody_agrees_together_to_what_is_not_his(cast):
    reports = [checked(home, cast) for home in homes(2)]
    for who in ("neighbour_county", "subdistrict", "bureau", "auditor"):
        outcomes = [review.decide_clean(report=str(one.pk), revision=one.revision, by=cast[who]) for one in reports]
        assert not any(outcome.done for outcome in outcomes), who
    assert Entry.objects.count() == 2


@pytest.mark.parametrize("sent", [[], ["x"], ["x:1"], ["00000000-0000-0000-0000-000000000000:x"]])
def test_nonsense_is_nothing_to_agree_to(cast, sent):
    client = client_of(cast["county"])
    assert client.post("/review/together/", {"step": "confirm", "seen": sent}).status_code == 302
    assert client.post("/review/together/", {"report": sent}).status_code == 302
    assert work() == []


# --- the sample ------------------------------------------------------------------------------------------
@pytest.fixture
def approved(cast):
    reports = [checked(home, cast) for home in homes(30)]
    for report in reports:
        services.approve(report=report, by=cast["county"])
    return reports


def test_the_same_seed_draws_the_same_reports_in_the_same_order(cast, approved):
    when = Report.objects.first().closed_at.date()
    days = {"since": when.replace(day=1), "until": when.replace(year=when.year + 1)}
    first, again = (review_sample.draw(cast["bureau"], seed="7", **days) for _time in range(2))
    assert first == again
    assert (first.approved, len(first.reports)) == (30, 2)
    hashes = [review_sample.place_of("7", report.pk) for report in first.reports]
    everything = sorted(review_sample.place_of("7", report.pk) for report in approved)
    assert hashes == everything[:2]
    others = {tuple(review_sample.draw(cast["bureau"], seed=str(seed), **days).reports) for seed in range(20)}
    assert len(others) > 5
    assert review_sample.draw(cast["neighbour_county"], seed="7", **days).approved == 0
    before = {"since": day("2014-01-01"), "until": day("2014-12-31")}
    assert review_sample.draw(cast["bureau"], seed="7", **before).reports == []


def test_the_sample_is_a_page_whose_address_can_be_sent_and_a_workbook(cast, approved):
    client = client_of(cast["bureau"])
    asked = client.get("/review/sample/?since=2015-01-01&until=2999-12-31")
    assert asked.status_code == 302
    assert "seed=" in asked.url
    drawn = [client.get(asked.url).context["sample"] for _time in range(2)]
    assert drawn[0] == drawn[1]
    content = b"".join(client.get(asked.url.replace("/sample/", "/sample/file/")).streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[-1] for row in rows[2:]] == [str(report.pk) for report in drawn[0].reports]
    assert drawn[0].seed in rows[0][0]
    assert client.get("/review/sample/?since=2999-01-01&until=2015-01-01&seed=1").status_code == 400
