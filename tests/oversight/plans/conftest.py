"""A county with three unmanaged compounds, and the lines of a plan for them."""

import datetime
from typing import Any

import pytest

from communities.divisions.models import Division
from compounds.register.models import Compound
from oversight.plans import services
from oversight.plans.models import PlanVersion
from oversight.programme.models import Programme
from tests.support import HAIHE, JINYUAN, QIANJIN, day, register

COUNTY = "211302"
PAPER = {"document_no": "双政发〔2014〕12号", "signatory": "王某"}


@pytest.fixture
def today(settings):
    def is_(text: str) -> None:
        settings.BUSINESS_DATE = day(text)

    is_("2014-07-01")
    return is_


@pytest.fixture
def homes(cast, today) -> dict[str, Compound]:
    for code, community, m2 in (
        ("甲", QIANJIN, 40000),
        ("乙", QIANJIN, 10000),
        ("丙", JINYUAN, 5000),
        ("外", HAIHE, 700),
    ):
        register(code, community=community, m2=m2, households=100)
    return {compound.code: compound for compound in Compound.objects.all()}


@pytest.fixture
def draft(cast, homes) -> PlanVersion:
    return services.begin(
        programme=Programme.objects.get(), county=Division.objects.get(pk=COUNTY), by=cast["county"]
    )  # fmt: skip


def line(compound: Compound | None, when: str = "2015-03-31", **more: Any) -> dict[str, Any]:
    values = {
        "compound": compound, "community": compound.community if compound else None, "mode": "community",
        "due_on": datetime.date.fromisoformat(when), "by_quarter": True, "person": "张某", "is_pilot": True,
    }  # fmt: skip
    return values | more


@pytest.fixture
def written(draft, homes, cast) -> PlanVersion:
    """A draft in which each unmanaged compound stands once."""
    lines = [line(homes["甲"]), line(homes["乙"], "2015-06-30"), line(homes["丙"], "2015-09-30")]
    return services.write_lines(version=draft, lines=lines, by=cast["county"])


def submitted(version: PlanVersion, by: Any, **more: Any) -> PlanVersion:
    return services.submit(version=version, by=by, **(PAPER | {"words": "已核实"} | more))
