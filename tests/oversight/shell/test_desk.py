"""待办: what waits for a person over all rooms, each one click from where it is done; it falls as one works."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chaoyang_pm.kit.desk.registry import LISTED, piles
from chaoyang_pm.kit.jobs.models import Job
from communities.divisions.models import Division
from compounds.approvals.models import Proposal
from compounds.approvals.services import require_second_person
from compounds.register.models import Compound
from compounds.reports import services
from compounds.reports.services import Comment
from tests.compounds.reports.conftest import checked, reported
from tests.support import QIANJIN, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(cast):
    register("A", community=QIANJIN, m2=8000, households=300)
    return Compound.objects.get(code="A")


def found(user) -> dict[str, int]:
    return {str(pile.label): pile.number for pile in piles(user)}


def links(user) -> list[str]:
    return [item.link for pile in piles(user) for item in pile.items]


def test_what_waits_goes_from_desk_to_desk(cast, home):
    report = reported(home, cast["committee"])
    assert found(cast["subdistrict"]) == {"待审上报": 1}
    assert links(cast["subdistrict"]) == [f"/review/{report.pk}/"]
    for who in ("committee", "county", "bureau", "neighbour_subdistrict", "auditor"):
        assert found(cast[who]) == {}, who
    services.send_back(report=report, by=cast["subdistrict"], comments=[Comment("date_basis", "请补交接记录")])
    assert found(cast["subdistrict"]) == {}
    [pile] = piles(cast["committee"])
    assert (str(pile.label), pile.number) == ("退回您的上报", 1)
    assert "请补交接记录" in pile.items[0].why
    report = services.submit(report=report, by=cast["committee"])
    services.verify(report=report, by=cast["subdistrict"])
    assert found(cast["county"]) == {"待审上报": 1}


def test_an_entry_that_needs_a_colleague_stands_on_his_desk_only(cast, home):
    from tests.support import person

    colleague = person("colleague", "county", "211302")
    require_second_person(division=Division.objects.get(pk="211302"), required=True, by=cast["bureau"])
    services.approve(report=checked(home, cast), by=cast["county"])
    assert found(cast["county"]) == {}
    assert found(colleague) == {"待您审批的事项": 1}
    assert links(colleague) == [f"/approvals/{Proposal.objects.get().pk}/"]


def test_a_job_that_failed_is_there_until_it_was_looked_at(cast):
    job = Job.objects.create(
        kind="imports.check", created_by=cast["county"], language="zh-hans", state="failed", message="读不了",
        finished_at=timezone.now(), parameters={"run": "5b0f1f83-01c7-4065-a440-3f7833911ee3"},
    )  # fmt: skip
    [pile] = piles(cast["county"])
    assert (pile.number, pile.items[0].why) == (1, "读不了")
    Job.objects.filter(pk=job.pk).update(seen_at=timezone.now())
    assert piles(cast["county"]) == []


def test_many_are_counted_and_some_are_listed_for_the_same_queries(cast):
    counts = []
    for number in (1, LISTED + 4):
        for each in range(number):
            code = f"D{number}-{each}"
            register(code, community=QIANJIN, m2=100)
            reported(Compound.objects.get(code=code), cast["committee"])
        client = Client()
        client.force_login(cast["subdistrict"])
        client.get("/accounts/me/")
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            page = client.get("/desk/")
        counts.append(len(queries))
    [pile] = page.context["piles"]
    assert (pile.number, len(pile.items), page.context["number"]) == (LISTED + 5, LISTED, LISTED + 5)
    assert counts[1] <= counts[0] + 1 <= 25
