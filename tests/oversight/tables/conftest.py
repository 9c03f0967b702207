"""Histories whose entries were recorded at different times, so that a month can close before all is known."""

import datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from compounds.ledger import services
from compounds.returns import services as returns
from tests.support import day


@pytest.fixture
def recorded_on(monkeypatch):
    """Sets the day on which what follows is recorded."""

    def at(text: str) -> None:
        moment = datetime.datetime.combine(day(text), datetime.time(10), timezone.get_default_timezone())
        monkeypatch.setattr(services, "timezone", SimpleNamespace(now=lambda: moment))

    return at


@pytest.fixture
def told(cast, settings, recorded_on):
    """What the bureau knew at the end of 2014, what it learned since, and what happened in 2015.

    甲 (金元): 100,000 ㎡, 60,000 taken over in May 2014; 乙 (前进): 50,000 taken over, withdrawn in January 2015;
    丙 (海河): 80,000, of which 20,000 were taken over in December 2014 and reported in February 2015.
    """
    from tests.support import HAIHE, JINYUAN, QIANJIN, make_compound, record, register, reverse

    settings.BUSINESS_DATE = day("2015-12-31")
    recorded_on("2014-02-01")
    register("甲", community=JINYUAN, m2=100_000, households=1000)
    register("乙", community=QIANJIN, category="renovated", m2=50_000, households=500)
    register("丙", community=HAIHE, category="unserved", m2=80_000, households=800)
    returns.open_month(month=day("2014-12-01"), today=day("2014-12-01"))
    record("takeover", "2014-05-10", "甲", mode_to="professional", m2=60_000)
    wrong = record("takeover", "2014-08-01", "乙", mode_to="community")
    recorded_on("2015-01-20")
    reverse(wrong.height, "经核查未进驻")
    recorded_on("2015-02-10")
    record("takeover", "2014-12-15", "丙", mode_to="professional", m2=20_000, details={
        "late_reason": "社区未及时上报", "reviewer": "王审核", "basis_no": "双房物〔2014〕9号",
    })  # fmt: skip
    recorded_on("2015-06-10")
    record("lapse", "2015-03-01", "甲", mode_from="professional", m2=10_000)
    register(
        "丁", "2015-04-01", community=JINYUAN, category="new_build", mode="professional", m2=25_000, households=250
    )
    record("relocate", "2015-05-01", "丙", community=QIANJIN)
    record("resurvey", "2015-05-10", "甲", category="abandoned", mode_from="professional", m2=1000, households=0)
    record("reclassify", "2015-05-20", "乙", category="renovated", new_category="abandoned", m2=5000)
    make_compound("戊", JINYUAN, "待核小区")
    return cast
