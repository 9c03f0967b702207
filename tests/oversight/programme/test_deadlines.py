"""Bureau and counties are reminded of the deadlines of targets."""

import datetime

import pytest

from communities.notices import reminders
from communities.notices.models import Notice
from oversight.programme.models import PartVersion, Target, TargetPart, TargetVersion
from tests.support import day

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
