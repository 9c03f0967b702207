"""The same review in the administration, and reminders of the deadline."""

import pytest

from communities.notices import reminders
from communities.notices.models import Notice
from oversight.plans.choices import PlanState
from oversight.plans.models import PlanDeadline, PlanVersion
from oversight.programme.models import Programme
from tests.oversight.plans.conftest import COUNTY, submitted
from tests.support import day

pytestmark = pytest.mark.django_db
LIST = "/admin/oversight/planversion/"


def act(client, name: str, version: PlanVersion, opinion: str = ""):
    sent = {"action": name, "_selected_action": [version.pk], "opinion": opinion}
    return client.post(LIST, sent, follow=True)


def test_the_bureau_sees_states_checks_and_lines_and_approves(client, cast, written):
    version = submitted(written, cast["county"])
    client.force_login(cast["bureau"])
    page = client.get(LIST).content.decode()
    assert "双政发〔2014〕12号" in page
    page = client.get(f"{LIST}{version.pk}/change/").content.decode()
    assert "张某" in page
    assert "已批准" in act(client, "approve", version).content.decode()
    assert PlanVersion.objects.get().state == PlanState.APPROVED
    assert "目前不需审核" in act(client, "send_back", version).content.decode()


def test_it_is_returned_with_an_opinion(client, cast, written):
    version = submitted(written, cast["county"])
    client.force_login(cast["bureau"])
    assert "需要改正" in act(client, "send_back", version).content.decode()
    act(client, "send_back", version, "时限提前")
    version.refresh_from_db()
    assert (version.state, version.opinion) == (PlanState.RETURNED, "时限提前")


@pytest.mark.parametrize("who", ["county", "auditor"])
def test_others_decide_nothing_there(client, cast, written, who):
    version = submitted(written, cast["county"])
    client.force_login(cast[who])
    act(client, "approve", version)
    version.refresh_from_db()
    assert version.state == PlanState.SUBMITTED


def test_an_extension_is_entered_with_its_document(client, cast, homes):
    client.force_login(cast["bureau"])
    sent = {"programme": Programme.objects.get().pk, "division": COUNTY, "due_on": "2014-07-31", "document": "批复"}
    client.post("/admin/oversight/plandeadline/add/", sent)
    row = PlanDeadline.objects.get(division=COUNTY)
    assert (row.due_on, row.document, row.set_by) == (day("2014-07-31"), "批复", cast["bureau"])


def test_a_county_without_a_plan_is_reminded_until_it_has_submitted(cast, written):
    assert reminders.remind(day("2014-07-08")) >= 1
    assert Notice.objects.filter(user=cast["county"]).get().title.startswith("双塔区方案报送")
    Notice.objects.all().delete()
    submitted(written, cast["county"])
    reminders.remind(day("2014-07-12"))
    assert not Notice.objects.filter(user=cast["county"]).exists()
