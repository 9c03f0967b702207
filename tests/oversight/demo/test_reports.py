"""上报 of the demo city: in every state, each step at its own time, and the approved one in the ledger."""

from communities.people.models import User
from compounds.ledger.verify import verify
from compounds.reports.choices import ReportState
from compounds.reports.models import Report, ReportStep
from oversight.demo.calendar import ZONE, works
from oversight.demo.reports import COMMITTEE, REPORTED_ON


def test_there_is_one_in_every_state(city):
    assert set(Report.objects.values_list("state", flat=True)) == set(ReportState)


def test_every_step_was_taken_on_a_working_day_up_to_today(city):
    for step in ReportStep.objects.all():
        at = step.at.astimezone(ZONE)
        assert works(at.date())
        assert at.date() <= city.business_date
    for report in Report.objects.all():
        times = [report.created_at, *report.steps.values_list("at", flat=True)]
        assert times == sorted(times)
        assert report.waiting_since in times


def test_the_approved_one_is_recorded_when_it_was_approved(city):
    report = Report.objects.get(state=ReportState.APPROVED)
    assert report.entry.recorded_at.astimezone(ZONE).date() == REPORTED_ON
    assert report.entry.recorded_at == report.closed_at
    assert verify().findings == []


def test_the_committee_sees_what_came_back_with_its_comment(city, client):
    client.force_login(User.objects.get(username=COMMITTEE))
    cards = client.get("/reports/").context["cards"]
    assert cards[0].comments == [("日期依据", "请补交接记录照片")]
    assert {card.report.state for card in cards} == {"returned", "draft", "submitted", "verified"}
