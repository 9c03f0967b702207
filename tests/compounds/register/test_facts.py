"""Facts edited in place: with and without scripts, by two people at once, and with whatever is typed."""

import pytest
from auditlog.models import LogEntry

from compounds.register.models import Compound
from tests.support import QIANJIN, make_compound, register

pytestmark = pytest.mark.django_db
NASTY = """<b>"粗'体"</b>"""
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def one(cast, client):
    make_compound("A", QIANJIN, name="凌河家园", duty_person="甲", residential_area_dm2=100_050)
    register("A", community=QIANJIN)
    client.force_login(cast["county"])
    return Compound.objects.get(code="A")


def path(name: str) -> str:
    return f"/compounds/A/facts/{name}/"


def test_a_row_becomes_a_field_and_a_row_again(client, one):
    assert f'hx-get="{path("duty_person")}"' in client.get("/compounds/A/").content.decode()
    form = client.get(path("duty_person"), **HTMX).content.decode()
    assert "<html" not in form
    assert 'name="initial-duty_person" value="甲"' in form
    row = client.post(path("duty_person"), {"duty_person": "乙", "initial-duty_person": "甲"}, **HTMX).content.decode()
    assert "乙" in row
    assert "<form" not in row
    assert "<del>甲</del> → 乙" in client.get(path("duty_person"), **HTMX).content.decode()


def test_a_telephone_that_changed_where_it_is_masked_is_in_the_history(client, one):
    for before, after in (("", "13904210000"), ("13904210000", "13904990000")):
        client.post(path("phone"), {"phone": after, "initial-phone": before})
    shown = [edit.details[0][1:] for edit in client.get("/compounds/A/").context["edits"]]
    assert shown == [("139****0000", "139****0000"), ("—", "139****0000")]


def test_without_scripts_it_is_a_page(client, one):
    assert "<html" in client.get(path("residential_area_dm2")).content.decode()
    sent = {"residential_area_dm2": "1,234.5", "initial-residential_area_dm2": "1000.5"}
    assert client.post(path("residential_area_dm2"), sent).url == "/compounds/A/"
    client.post(path("residential_area_dm2"), sent)  # tapped twice
    one.refresh_from_db()
    assert one.residential_area_dm2 == 123_450
    assert LogEntry.objects.get_for_object(one).filter(action=LogEntry.Action.UPDATE).count() == 1


@pytest.mark.parametrize("address", ["/compounds/A/facts/duty_person/", "/compounds/A/edit/"])
def test_the_second_person_sees_what_changed_and_may_save_all_the_same(client, one, cast, address):
    mine = {"duty_person": "丙", "initial-duty_person": "甲", "name": "凌河家园", "initial-name": "凌河家园"}
    client.force_login(cast["bureau"])
    client.post(path("duty_person"), {"duty_person": "乙", "initial-duty_person": "甲"})
    client.force_login(cast["county"])
    shown = client.post(address, mine)
    body = shown.content.decode()
    assert [(since.now, str(since.edit.by)) for since in shown.context["meanwhile"]] == [("乙", "bureau")]
    assert 'value="丙"' in body
    one.refresh_from_db()
    assert one.duty_person == "乙"
    again = shown.context["form"].data
    assert again["initial-duty_person"] == "乙"
    assert client.post(address, again).status_code == 302
    one.refresh_from_db()
    assert one.duty_person == "丙"


def test_two_people_on_different_facts_overwrite_nothing(client, one):
    client.post(path("duty_person"), {"duty_person": "乙", "initial-duty_person": "甲"})
    stale = {
        "name": "凌河家园", "initial-name": "凌河家园", "duty_person": "甲", "initial-duty_person": "甲",
        "fee": "0.35", "initial-fee": "",
    }  # fmt: skip
    assert client.post("/compounds/A/edit/", stale).status_code == 302
    one.refresh_from_db()
    assert (one.duty_person, one.fee) == ("乙", "0.35")


def test_whatever_is_typed_is_text_or_refused_at_its_field(client, one):
    for name in ("duty_person", "address", "note", "owners_committee"):
        row = client.post(path(name), {name: NASTY}, **HTMX).content.decode()
        assert "&lt;b&gt;" in row
        assert NASTY not in row
        assert NASTY not in client.get("/compounds/A/").content.decode()
    for name, value in (("name", "长" * 101), ("built_year", "x"), ("collection_rate", "120"), ("fee", "长" * 100)):
        assert (
            name in client.post(path(name), {name: value}, **HTMX).context["form"].errors or name == "collection_rate"
        )
    assert client.get(path("community")).status_code == 404
    assert client.post(path("has_area"), {"has_area": "on"}).status_code == 404
