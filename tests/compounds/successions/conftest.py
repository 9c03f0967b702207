"""A small city in which divisions change: compounds with area in three counties, one without."""

import pytest

from compounds.successions import services
from compounds.successions.planning import Change
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, day, make_compound, record, register

BIAOZHUN = {"document": "市政府关于区划调整的批复", "document_no": "朝政〔2015〕9号"}


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2016-12-31")


@pytest.fixture
def city(reference):
    """甲 and 乙 in 前进社区, 丙 in 海河社区, 丁 in 新柳城社区, 戊 in 金元社区; 己 in 前进社区 has no area yet."""
    register("甲", community=QIANJIN, m2=1000, households=10)
    register("乙", community=QIANJIN, category="unserved", m2=500, households=5)
    register("丙", community=HAIHE, category="renovated", m2=800, households=8)
    register("丁", community=XINLIU, m2=400, households=4)
    register("戊", community=JINYUAN, m2=200, households=2)
    record("takeover", "2014-06-01", "甲", mode_to="owners", m2=300)
    make_compound("己", QIANJIN)


@pytest.fixture
def succeed(bureau):
    def carry_out(kind: str, *divisions: str, on: str = "2015-06-01", **fields):
        change = Change(kind=kind, effective_on=day(on), divisions=divisions, **{**BIAOZHUN, **fields})
        return services.carry_out(change=change, by=bureau)

    return carry_out
