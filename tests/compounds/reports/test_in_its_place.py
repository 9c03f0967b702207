"""替代上报: the street finds out what nobody understood, and reports that in the place of the first report."""

import pytest
from django.test import Client

from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.reports import services
from compounds.reports.choices import ReportKind, ReportState
from compounds.reports.claims import Claim
from compounds.reports.models import Report
from tests.compounds.reports.conftest import reported
from tests.support import day, register

pytestmark = pytest.mark.django_db
NEARBY = "211302001003"


@pytest.fixture
def unclear(cast, home) -> Report:
    return reported(
        home,
        cast["committee"],
        kind=ReportKind.UNCLEAR,
        note="门口换了保安",
        mode_to=None,
        effective_on=day("2014-06-03"),
    )


@pytest.fixture
def street(cast) -> Client:
    client = Client()
    client.force_login(cast["subdistrict"])
    return client


def form_of(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def sent(page: str, **fields) -> dict:
    return {
        "key": form_of(page, "key"), "revision": "1", "instead_of": form_of(page, "instead_of"), "precision": "day",
        "effective_on": "2014-06-03", "date_basis": "进驻日", "mode_to": "professional", "area_dm2": "8,000.00",
        "households": "300", "step": "send", **fields,
    }  # fmt: skip


def test_from_the_review_to_the_form_and_the_first_one_is_closed(street, unclear):
    page = street.get(f"/review/{unclear.pk}/").content.decode()
    choices = f"/compounds/A/report/?instead_of={unclear.pk}"
    assert f'href="{choices}"' in page
    form = f"/compounds/A/report/takeover/?instead_of={unclear.pk}"
    assert f'href="{form}"' in street.get(choices).content.decode()
    page = street.get(form).content.decode()
    assert "门口换了保安" in page
    assert 'value="2014-06-03"' in page
    filled = sent(page)
    # A draft kept on the phone is sent without the address it was opened at.
    answers = [street.post("/compounds/A/report/takeover/", filled) for _time in range(2)]
    newer = Report.objects.get(instead_of=unclear)
    assert [answer.url for answer in answers] == [f"/reports/{newer.pk}/"] * 2
    assert newer.state == ReportState.SUBMITTED
    unclear.refresh_from_db()
    assert unclear.state == ReportState.SUPERSEDED


def test_what_is_wrong_in_it_leaves_the_first_one_as_it_was(street, unclear):
    page = street.get(f"/compounds/A/report/takeover/?instead_of={unclear.pk}").content.decode()
    answer = street.post("/compounds/A/report/takeover/", sent(page, area_dm2="9,999.00"))
    assert answer.context["form"].errors["area_dm2"]
    assert answer.context["instead_of"] == unclear
    unclear.refresh_from_db()
    assert unclear.state == ReportState.SUBMITTED
    report = Report.objects.get(instead_of=unclear)
    answer = street.post(f"/reports/{report.pk}/edit/", sent(page, revision=str(report.revision)))
    assert answer.status_code == 302
    unclear.refresh_from_db()
    assert unclear.state == ReportState.SUPERSEDED


@pytest.mark.parametrize("key", ["x", "6a1f0c52-9d0e-4a53-8f6b-0f6c1d3a7e21"])
def test_what_there_is_not_is_not_replaced(street, home, key):
    assert street.get(f"/compounds/A/report/takeover/?instead_of={key}").status_code == 404


def test_what_has_ended_is_not_replaced_and_not_offered(street, cast, unclear):
    services.withdraw(report=unclear, by=cast["committee"])
    assert street.get(f"/compounds/A/report/takeover/?instead_of={unclear.pk}").status_code == 404
    assert "instead_of" not in street.get(f"/review/{unclear.pk}/").content.decode()


def test_a_report_of_another_community_is_not_replaced(client, cast, unclear):
    register("B", community=NEARBY, m2=100, households=1)
    client.force_login(cast["county"])
    assert client.get(f"/compounds/B/report/takeover/?instead_of={unclear.pk}").status_code == 404
    with pytest.raises(Refused):
        services.draft(
            kind=ReportKind.UNCLEAR, claim=Claim(note="x"), by=cast["county"], key="k", instead_of=unclear,
            compound=Compound.objects.get(code="B"),
        )  # fmt: skip
