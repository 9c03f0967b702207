"""楼栋: added, changed and removed with their history, held against the compound's figures."""

import pytest

from compounds.register import buildings
from compounds.register.models import Building, Compound
from tests.support import QIANJIN, make_compound, register

pytestmark = pytest.mark.django_db
NASTY = """<b>"粗'体"</b>"""


@pytest.fixture
def one(cast, client):
    make_compound("A", QIANJIN)
    register("A", community=QIANJIN, m2=1000, households=10)
    client.force_login(cast["county"])
    return Compound.objects.get(code="A")


def add(client, called: str, **more):
    return client.post("/compounds/A/buildings/", {"name": called} | more)


def shown(client) -> dict:
    return client.get("/compounds/A/").context


def test_rows_add_up_beside_the_compound(client, one):
    assert client.get("/compounds/A/buildings/").status_code == 200
    add(client, "10栋", area_dm2="400", households="4", floors="6", units="3", built_year="1996")
    assert add(client, "2栋", area_dm2="500.00", households="6").url == "/compounds/A/#buildings"
    context = shown(client)
    assert [row.name for row in context["buildings"]] == ["2栋", "10栋"]
    assert (context["building_sum"].area_dm2, context["building_sum"].households) == (90_000, 10)
    assert context["buildings_differ"]
    assert "合计与本小区现状不一致" in client.get("/compounds/A/").content.decode()
    add(client, "3栋", area_dm2="100", households="0")
    assert not shown(client)["buildings_differ"]
    add(client, "4栋")
    assert shown(client)["building_sum"].lacking == 1
    assert sum(posting.area_dm2 for posting in one.postings.all()) == 100_000  # the ledger knows nothing of it


def test_tapped_twice_it_is_there_once_and_changes_stay_readable(client, one):
    add(client, "1栋", floors="6")
    assert add(client, "1栋", floors="6").context["form"].errors["name"]
    (row,) = Building.objects.all()
    path = f"/compounds/A/buildings/{row.pk}/"
    assert client.get(path).status_code == 200
    client.post(path, {"name": "1号楼", "floors": "7", "seen": buildings.stamp(row)})
    client.post(path, {"remove": "1"})
    assert client.post(path, {"remove": "1"}).status_code == 302
    assert shown(client)["buildings"] == []
    told = [(edit.what, edit.details) for edit in buildings.history(buildings.every(one))]
    assert told[0] == ("删除", ())
    assert ("层数", "6", "7") in told[1][1]
    assert len(told) == 3
    assert add(client, "1号楼").status_code == 302  # the name is free again


def test_the_second_person_is_told_and_may_save_again(client, one):
    add(client, "1栋")
    row = Building.objects.get()
    path, stale = f"/compounds/A/buildings/{row.pk}/", {"name": "1栋", "floors": "9", "seen": buildings.stamp(row)}
    client.post(path, {"name": "1栋", "floors": "5", "seen": buildings.stamp(row)})
    refused = client.post(path, stale)
    assert refused.context["form"].non_field_errors()
    assert Building.objects.get().floors == 5
    assert client.post(path, stale | {"seen": refused.context["form"].data["seen"]}).status_code == 302
    assert Building.objects.get().floors == 9


def test_whatever_is_typed_is_text_or_refused(client, one):
    add(client, NASTY)
    body = client.get("/compounds/A/").content.decode()
    assert NASTY not in body
    assert "&lt;b&gt;" in body
    for bad in ({"name": ""}, {"name": "长" * 100}, {"floors": "-1"}, {"area_dm2": "-1"}, {"area_dm2": "x"}):
        assert add(client, "5栋", **({"name": "5栋"} | bad)).context["form"].errors, bad
    assert Building.objects.count() == 1


def test_a_building_of_another_compound_is_unknown_here(client, one, cast):
    other = make_compound("B", QIANJIN)
    row = Building.objects.create(compound=other, name="1栋")
    assert client.get(f"/compounds/A/buildings/{row.pk}/").status_code == 404
    client.force_login(cast["committee"])
    assert client.post("/compounds/A/buildings/", {"name": "1栋"}).status_code == 403


def test_the_page_of_a_compound_costs_few_queries(client, one, django_assert_max_num_queries):
    for number in range(5):
        add(client, f"{number}栋")
    client.get("/compounds/A/")
    with django_assert_max_num_queries(25):
        client.get("/compounds/A/")
