"""Bureau and counties are reminded of the deadlines of targets."""

import datetime

import pytest

from communities.notices import reminders
from communities.notices.models import Notice
from oversight.programme.models import Milestone, PartVersion, Target, TargetPart, TargetVersion
from tests.support import JINYUAN, day, dm2, record, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def deadline(cast) -> datetime.date:
    """The deadline of T1, of which one county has a part due a day earlier, another one nothing any more."""
    TargetVersion.objects.filter(target="T1").update(deadline=day("2015-12-31"))
    TargetVersion.objects.exclude(target="T1").update(deadline=day("2019-12-31"))
    for code, required in (("211302", 10), ("211303", 0)):
        part = TargetPart.objects.create(target_id="T1", division_id=code)
        PartVersion.objects.create(
            part=part, required=required, deadline=day("2015-12-30"), valid_from=day("2014-03-01"), document="分解表"
        )
    return day("2015-12-31")


def test_each_is_reminded_of_its_own(cast, deadline):
    assert reminders.remind(deadline - datetime.timedelta(days=9)) == 0
    assert reminders.remind(deadline - datetime.timedelta(days=7)) == 2
    told = {notice.user.username: notice for notice in Notice.objects.select_related("user")}
    assert told.keys() == {"bureau", "county"}
    target = Target.objects.get(pk="T1")
    assert told["bureau"].title == f"任务指标 {target}:期限 2015-12-31"
    assert "双塔区" in told["county"].title
    assert told["county"].title.endswith("期限 2015-12-30")
    assert told["county"].link == "/targets/T1/"


def test_what_is_over_reminds_of_nothing(cast, deadline):
    assert reminders.remind(deadline + datetime.timedelta(days=1)) == 0


def reached(m2: int) -> None:
    """So much of T1 is managed in the county that has a part of it."""
    register("甲", community=JINYUAN, m2=m2, households=1)
    record("takeover", "2015-03-01", "甲", mode_to="professional")


def test_what_is_reached_reminds_of_nothing(cast, deadline):
    reached(11)
    assert reminders.remind(deadline - datetime.timedelta(days=7)) == 1, "ten square metres were the county's task"
    [notice] = Notice.objects.all()
    assert notice.user == cast["bureau"]


def test_a_milestone_reminds_until_it_is_reached(cast, deadline):
    part = PartVersion.objects.get(part__division="211302")
    PartVersion.objects.filter(pk=part.pk).update(required=dm2(100))
    for version, required in (("part_version", dm2(50)), ("target_version", dm2(50))):
        owner = part if version == "part_version" else TargetVersion.objects.filter(target="T1").latest("valid_from")
        Milestone.objects.create(due_on=day("2015-06-30"), required=required, **{version: owner})
    assert reminders.remind(day("2015-06-23")) == 2
    titles = sorted(Notice.objects.values_list("user__username", flat=True))
    assert titles == ["bureau", "county"]
    assert all("节点" in notice.title and "2015-06-30" in notice.title for notice in Notice.objects.all())
    reached(60)
    assert reminders.remind(day("2015-06-27")) == 0
