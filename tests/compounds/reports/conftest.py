"""A compound to report about, and reports on their way."""

import itertools

import pytest

from compounds.register.models import Compound
from compounds.reports import services
from compounds.reports.choices import ReportKind
from compounds.reports.claims import Claim
from compounds.reports.models import Report
from tests.support import QIANJIN, day, register

_number = itertools.count()


@pytest.fixture
def home(cast):
    """An unmanaged compound of the committee's community."""
    register("A", community=QIANJIN, m2=8000, households=300)
    return Compound.objects.get(code="A")


def reported(compound, by, *, kind=ReportKind.TAKEOVER, **fields) -> Report:
    """A report that was handed in, with its basis."""
    claim = {"effective_on": day("2014-05-01"), "mode_to": "community", "date_basis": "交接记录", "basis_no": "1号"}
    claim = {name: value for name, value in (claim | fields).items() if value is not None}
    draft = services.draft(kind=kind, claim=Claim(**claim), by=by, key=f"r{next(_number)}", compound=compound)
    return services.submit(report=draft, by=by)


def checked(compound, cast, **fields) -> Report:
    """A report that the street has verified."""
    return services.verify(report=reported(compound, cast["committee"], **fields), by=cast["subdistrict"])
