"""上报数(含未审): beside the ledger's figure on pages and in the API, until the report is approved."""

import pytest
from django.test import Client

from compounds.register.models import Compound
from compounds.reports import services
from compounds.reports.choices import ReportKind
from compounds.reports.under_way import Amount, under_way
from tests.compounds.reports.conftest import checked, reported
from tests.support import QIANJIN, day, dm2, later_transaction, record, register

pytestmark = pytest.mark.django_db
COUNTED = ("professional", "manager", "owners", "self_help", "community")


def compound(code: str, m2: int) -> Compound:
    register(code, community=QIANJIN, m2=m2, households=10)
    return Compound.objects.get(code=code)


def test_takeovers_minus_lapses_of_what_is_under_review(cast, home):
    reported(home, cast["committee"])
    checked(compound("B", 1000), cast)
    record("takeover", "2014-02-01", compound("C", 500).code, mode_to="owners")
    reported(Compound.objects.get(code="C"), cast["committee"], kind=ReportKind.LAPSE, mode_to="")
    services.send_back(report=reported(compound("D", 70), cast["committee"]), by=cast["subdistrict"], reason="?")
    services.approve(report=checked(compound("E", 30), cast), by=cast["county"])
    today = {"as_of": day("2015-12-31"), "modes": COUNTED}
    for code in ("2113", "211302", QIANJIN):
        found = under_way(code, **today)
        assert (found.takeovers, found.lapses) == (Amount(2, dm2(9000), 310), Amount(1, dm2(500), 10)), code
        assert (found.reports, found.area_dm2, found.households) == (3, dm2(8500), 300)
    assert not under_way("211303", **today)
    assert not under_way("2113", as_of=day("2014-04-30"), modes=COUNTED)
    assert under_way("2113", as_of=day("2015-12-31"), modes=("professional",)).reports == 0


@pytest.mark.parametrize(("who", "code"), [("bureau", "2113"), ("county", "211302"), ("subdistrict", "211302003")])
def test_the_reader_learns_from_the_same_query_what_waits_for_him(cast, home, who, code):
    from compounds.reports.review_selectors import waiting_for

    reported(home, cast["committee"])
    checked(compound("B", 1000), cast)
    reported(compound("C", 500), cast["subdistrict"])
    found = under_way(code, as_of=day("2014-01-31"), modes=COUNTED, reader=cast[who])
    assert (found.reports, found.waiting) == (0, waiting_for(cast[who]).count())
    assert found.waiting == {"bureau": 0, "county": 2, "subdistrict": 1}[who]


def test_it_stands_beside_the_figure_on_the_page(cast, home, reference):
    report = checked(home, cast)
    client = Client()
    client.force_login(cast["county"])
    page = client.get("/divisions/211302/").content.decode()
    assert "上报数(含未审)" in page
    assert "0.80" in page.split("上报数(含未审)")[1].split("</table>")[0]
    # What was known at an older version stays what it was.
    record("resurvey", "2014-04-01", "A", category="abandoned", mode_from="none", m2=-200)
    assert "上报数(含未审)" not in client.get("/divisions/211302/?height=1").content.decode()
    services.approve(report=report, by=cast["county"])
    assert "上报数(含未审)" not in client.get("/divisions/211302/").content.decode()


def test_it_stands_in_the_answer_of_the_api_whose_tag_moves_with_it(cast, home, reference, api):
    before = api("coverage/?division=211302")
    assert before.json()["under_way"]["reports"] == 0
    later_transaction()
    report = checked(home, cast)
    answer = api("coverage/?division=211302", **{"If-None-Match": before["ETag"]})
    assert answer.status_code == 200
    assert answer.json()["under_way"] == {
        "reports": 1,
        "area_m2": {
            "planned": None, "reported": 8000, "approved": 0, "inspected": None, "difference": 8000, "takeovers": 8000,
            "lapses": 0,
        },
        "households": {
            "planned": None, "reported": 300, "approved": 0, "inspected": None, "difference": 300, "takeovers": 300,
            "lapses": 0,
        },
    }  # fmt: skip
    assert "under_way" not in api("coverage/?division=211302&height=1").json()
    services.approve(report=report, by=cast["county"])
    found = api("coverage/?division=211302").json()
    assert (found["under_way"]["reports"], found["area_m2"]["managed"]) == (0, 8000)
