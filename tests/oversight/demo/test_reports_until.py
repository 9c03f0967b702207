"""上报 of a demo city of an earlier date: the story up to then."""

import datetime

from compounds.reports.choices import ReportState
from compounds.reports.models import Report, ReportStep
from oversight.demo.calendar import ZONE
from tests.support import day


def test_an_earlier_date_has_the_steps_of_until_then(forgotten, settings):
    settings.BUSINESS_DATE = day("2015-10-20")
    with forgotten(scale=0.05):
        assert ReportStep.objects.exists()
        assert max(ReportStep.objects.values_list("at", flat=True)) < datetime.datetime(2015, 10, 21, tzinfo=ZONE)
        assert not Report.objects.filter(state=ReportState.RETURNED).exists()
