import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from compounds.imports.models import ImportRun
from tests.compounds.imports.reporting import NAMES, book, confirm
from tests.compounds.imports.workbooks import Files
from tests.compounds.ledger.test_processes import own_database  # noqa: F401 — a fixture that tests ask for by name
from tests.support import HAIHE, JINYUAN, QIANJIN, day, make_compound, register, work


@pytest.fixture(autouse=True)
def business_date(settings):
    settings.BUSINESS_DATE = day("2016-12-31")


@pytest.fixture
def files(reference, tmp_path) -> Files:
    """A city with its reference data, and a folder for workbooks."""
    return Files(tmp_path)


@pytest.fixture
def small_city():
    """A, C, M and P lie in the street's 前进社区, B elsewhere in its county, N in the neighbour's."""
    for code, community in {"A": QIANJIN, "B": JINYUAN, "C": QIANJIN, "M": QIANJIN, "N": HAIHE, "P": QIANJIN}.items():
        make_compound(code, community, NAMES[code])
    register("A", community=QIANJIN, m2=8000, households=300)
    register("B", community=JINYUAN, m2=5000, households=50)
    register("C", community=QIANJIN, mode="professional", category="established", m2=2000, households=20)
    register("M", community=QIANJIN, m2=900, households=9)
    register("N", community=HAIHE)


@pytest.fixture
def send(client, cast):
    """Sends rows as one of the cast and returns the import, checked."""

    def send(*rows: list, name: str = "subdistrict", content: bytes | None = None, filename="代报.xlsx") -> ImportRun:
        client.force_login(cast[name])
        file = SimpleUploadedFile(filename, book(*rows) if content is None else content)
        answer = client.post("/reports/workbook/", {"file": file})
        assert answer.status_code == 302, answer.context["form"].errors
        work()
        return ImportRun.objects.get(pk=answer.url.split("/")[-2])

    return send


@pytest.fixture
def hand_in(client, send):
    """Sends rows and confirms them."""

    def hand_in(*rows: list, **how) -> ImportRun:
        run = send(*rows, **how)
        assert run.result["errors"] == [], run.result["errors"]
        return confirm(client, run)

    return hand_in
