"""Histories whose entries were recorded at different times, so that a month can close before all is known."""

import datetime
from types import SimpleNamespace

import pytest
from django.utils import timezone

from compounds.ledger import services
from compounds.register.models import Compound
from compounds.returns import services as returns
from oversight.plans.models import PlanVersion
from oversight.programme.models import Programme
from tests.support import HAIHE, day


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


def plan(county: str, codes: list[str], *, by, state: str = "approved", number: int = 1) -> PlanVersion:
    """A plan of these compounds, half a year after the other, submitted in July 2014."""
    version = PlanVersion.objects.create(
        programme=Programme.objects.get(), county_id=county, number=number, state="draft", created_by=by
    )
    for row, compound in enumerate(Compound.objects.filter(code__in=codes).order_by("code"), start=1):
        version.lines.create(
            number=row, compound=compound, mode="community", by_quarter=True,
            community_id=compound.community_id if compound.community_id.startswith(county) else HAIHE,
            due_on=day(f"{2014 + row // 2}-{12 if row % 2 else '06'}-{31 if row % 2 else 30}"), leader="李某",
            person="张某", phone="13900001111", unit="街道办事处",
        )  # fmt: skip
    paper = {"document_no": "12号", "signatory": "王某", "submitted_on": day("2014-07-10")}
    PlanVersion.objects.filter(pk=version.pk).update(state=state, **paper)
    version.refresh_from_db()
    return version


@pytest.fixture
def plans(told) -> dict[str, PlanVersion]:
    """双塔区 has an approved plan for 甲 and 乙, 龙城区 one for 丙 that is with the bureau."""
    return {
        "211302": plan("211302", ["甲", "乙"], by=told["bureau"]),
        "211303": plan("211303", ["丙"], by=told["bureau"], state="submitted"),
    }
