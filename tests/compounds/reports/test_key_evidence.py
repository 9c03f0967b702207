"""A reported takeover without the key evidence of its procedure: the county says why, and the entry carries a mark."""

import uuid

import pytest

from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.modes import evidence, services
from compounds.reports import review_clean
from compounds.reports.choices import ReportState
from compounds.reports.services import approve
from tests.compounds.reports.conftest import checked
from tests.compounds.reports.programs import program, refused
from tests.support import day

pytestmark = pytest.mark.django_db


@pytest.fixture
def report(cast, home):
    services.set_evidence_rule(valid_from=day("2014-04-01"), is_asked=True, document="通知", by=cast["bureau"])
    return checked(home, cast)


def test_it_is_approved_with_a_reason_only_which_stands_with_the_entry(cast, report):
    with pytest.raises(Refused) as why:
        approve(report=report, by=cast["county"], reason=" ")
    assert [problem.field for problem in why.value.problems] == ["reason"]
    [entry] = approve(report=report, by=cast["county"], reason="业委会换届,材料后补").entries
    assert entry.reason == "业委会换届,材料后补"
    assert evidence.lacking([entry]) == {entry.height}


def test_earlier_ones_are_left_alone(cast, home, report):
    earlier = checked(home, cast, effective_on=day("2014-03-01"))
    [entry] = approve(report=earlier, by=cast["county"], reason="属实").entries
    assert (entry.reason, evidence.lacking([entry])) == ("", set())


def test_the_reviewers_page_says_it_and_the_refusal_stands_at_the_words(client, cast, report):
    client.force_login(cast["county"])
    address = f"/review/{report.pk}/"
    assert "接管关键材料" in client.get(address).content.decode()
    sent = {"step": "approve", "revision": report.revision, "key": str(uuid.uuid4())}
    answer = client.post(address, sent)
    assert answer.status_code == 400
    assert answer.context["form"].errors["reason"]
    assert client.post(address, sent | {"reason": "材料后补", "key": str(uuid.uuid4())}).status_code == 302
    report.refresh_from_db()
    assert report.state == ReportState.APPROVED


def test_it_is_looked_at_by_itself(cast, report):
    [row] = review_clean.looked_at([report.pk], by=cast["county"]).rows
    assert ["关键材料" in reason for reason in row.reasons] == [True]


def test_a_program_is_told_at_the_reason(cast, report):
    county = program(cast["county"])
    answer = county.post(f"{report.pk}/approve/")
    refused(answer, 422, "reason")
    assert not Entry.objects.filter(kind="takeover").exists()
    assert county.post(f"{report.pk}/approve/", {"reason": "材料后补"}).status_code == 200
