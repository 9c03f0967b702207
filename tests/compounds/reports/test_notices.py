"""Who is told of reports, and that what is done calls for nobody any more."""

import pytest

from communities.notices.models import Notice
from compounds.register.models import Compound
from compounds.reports import services
from compounds.reports.choices import ReportKind
from compounds.reports.claims import Claim
from compounds.reports.services import Comment
from tests.support import QIANJIN, day, register

pytestmark = pytest.mark.django_db


def unread() -> set[tuple[str, str]]:
    rows = Notice.objects.filter(kind__startswith="reports.", read_at__isnull=True).select_related("user")
    return {(row.kind, row.user.username) for row in rows}


def test_each_step_calls_for_whoever_takes_the_next_one(cast):
    register("A", community=QIANJIN, m2=8000)
    committee, street, county = cast["committee"], cast["subdistrict"], cast["county"]
    report = services.draft(
        kind=ReportKind.TAKEOVER, claim=Claim(effective_on=day("2014-05-01"), mode_to="community"), by=committee,
        key="k", compound=Compound.objects.get(code="A"),
    )  # fmt: skip
    assert unread() == set()
    services.submit(report=report, by=committee)
    assert unread() == {("reports.waiting", "subdistrict")}
    services.send_back(report=report, by=street, comments=[Comment("date_basis", "请补照片")])
    assert unread() == {("reports.returned", "committee")}
    services.submit(report=report, by=committee)
    services.verify(report=report, by=street)
    assert unread() == {("reports.returned", "committee"), ("reports.waiting", "county")}
    services.approve(report=report, by=county)
    assert unread() == {("reports.returned", "committee"), ("reports.approved", "committee")}
    assert not Notice.objects.filter(kind__startswith="reports.", parameters__icontains="请补照片").exists()
