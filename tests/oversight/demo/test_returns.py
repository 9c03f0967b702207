"""The demo city's monthly returns: closed months, and a newest one with somebody missing."""

import pytest

from communities.divisions.models import Division
from compounds.returns import selectors
from compounds.returns.models import Return
from oversight.demo import plan

pytestmark = pytest.mark.django_db


def test_two_months_are_closed_and_the_newest_is_nearly_in(demo_city):
    newest = plan.DEFAULT_BUSINESS_DATE.replace(day=1)
    assert selectors.months()[:3] == [
        newest,
        newest.replace(month=newest.month - 1),
        newest.replace(month=newest.month - 2),
    ]
    for month in selectors.months()[1:]:
        assert set(Return.objects.filter(month=month, level="county").values_list("state", flat=True)) == {"accepted"}
    _units, total = selectors.completeness(newest, Division.objects.get(code="2113"))
    assert 0 < len(total.missing) < total.asked / 2
    late = Return.objects.exclude(submitted_at=None).order_by("-submitted_at").first()
    assert late.submitted_on <= plan.DEFAULT_BUSINESS_DATE
