"""Two communities of two counties that are asked for a month's return, and short ways to hand one in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from compounds.returns import services
from compounds.returns.models import Return
from tests.kit.uploads.files import photo
from tests.support import HAIHE, QIANJIN, day, register

OCTOBER = day("2015-10-01")


@pytest.fixture
def today(settings):
    """What the portal takes for today."""

    def is_(text: str) -> None:
        settings.BUSINESS_DATE = day(text)

    is_("2015-10-20")
    return is_


@pytest.fixture
def asked(cast, today):
    """Two communities of two counties that hold compounds, asked for October."""
    register("A", community=QIANJIN, m2=8000)
    register("B", community=HAIHE, m2=500)
    services.open_month(month=OCTOBER)
    return {row.division_id: row for row in Return.objects.all()}


def scan(content: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile("月报.jpg", content or photo())


def sealed(row, by, **fields) -> Return:
    services.prepare(row=row, by=by)
    return services.seal(
        row=row, by=by, **{"file": scan(), "document_no": "双住建〔2015〕8号", "signatory": "王某"} | fields
    )
