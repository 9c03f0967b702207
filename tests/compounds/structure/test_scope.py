"""Who merges, splits, relocates and looks for duplicates, and where."""

import uuid

import pytest

from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.structure import services
from compounds.structure.models import KnownApart
from tests.support import HAIHE, JINYUAN, QIANJIN, day, make_compound, register

pytestmark = pytest.mark.django_db
FORMS = [f"/compounds/A/record/{kind}/" for kind in ("relocate", "merge", "split")]


@pytest.fixture
def places(cast):
    """Two pairs of the same name: in 双塔区 and in 龙城区."""
    for code, community in (("A", JINYUAN), ("B", JINYUAN), ("C", HAIHE), ("D", HAIHE)):
        make_compound(code, community, f"同名{community}")
        register(code, community=community)
    return cast


def answers(client, person, paths) -> set[int]:
    client.force_login(person)
    return {client.get(path).status_code for path in paths}


def test_forms_open_to_city_and_county_and_hide_from_the_neighbour(client, places):
    for name, status in (
        ("bureau", 200), ("county", 200), ("neighbour_county", 404), ("subdistrict", 404), ("leader", 403),
        ("auditor", 403), ("nobody", 404),
    ):  # fmt: skip
        assert answers(client, places[name], FORMS) == {status}, name


def test_a_county_relocates_within_itself_and_the_city_anywhere(client, places):
    client.force_login(places["county"])
    form = client.get("/compounds/A/record/relocate/").context["form"]
    offered = {code for _group, choices in form.fields["community"].choices[1:] for code, _name in choices}
    assert {code[:6] for code in offered} == {"211302"}
    sent = {"key": str(uuid.uuid4()), "effective_on": "2015-01-01", "precision": "day", "step": "confirm"}
    refused = client.post("/compounds/A/record/relocate/", sent | {"community": HAIHE})
    assert refused.context["form"].errors["community"]
    with pytest.raises(Refused, match=HAIHE):
        services.relocate(compound="A", community=HAIHE, on=day("2015-01-01"), details={}, by=places["county"])
    assert client.post("/compounds/A/record/relocate/", sent | {"community": QIANJIN}).status_code == 302
    client.force_login(places["bureau"])
    sent |= {"key": str(uuid.uuid4()), "effective_on": "2015-02-01", "community": HAIHE}
    assert client.post("/compounds/A/record/relocate/", sent).status_code == 302
    assert list(Entry.objects.filter(kind="relocate").values_list("community", flat=True)) == [QIANJIN, HAIHE]


def test_a_county_corrects_what_it_recorded_itself(client, places):
    (entry,) = services.relocate(compound="A", community=QIANJIN, on=day("2015-01-01"), details={}, by=places["bureau"])
    path = [f"/entries/{entry.height}/correct/structure/"]
    assert answers(client, places["county"], path) == {403}
    assert answers(client, places["neighbour_county"], path) == {404}
    assert answers(client, places["bureau"], path) == {200}


def test_the_finder_shows_and_changes_ones_own(client, places):
    def groups(name) -> list[list[str]]:
        client.force_login(places[name])
        return [
            [one.code for one in group.compounds] for group in client.get("/compounds/duplicates/").context["groups"]
        ]

    assert groups("bureau") == groups("auditor") == [["A", "B"], ["C", "D"]]
    assert groups("neighbour_county") == [["C", "D"]]
    assert groups("county") == [["A", "B"]]
    pks = [compound.pk for compound in Compound.objects.order_by("code")]
    client.post("/compounds/duplicates/", {"group": pks})
    assert list(KnownApart.objects.values_list("first", "second")) == [(pks[0], pks[1])], (
        "only what lies in one's office"
    )
    pair = KnownApart.objects.get()
    for name, asked, told in (("neighbour_county", 200, 404), ("auditor", 200, 403), ("leader", 403, 403)):
        assert answers(client, places[name], ["/compounds/duplicates/", "/compounds/duplicates/apart/"]) == {asked}
        assert client.post("/compounds/duplicates/apart/", {"pair": pair.pk}).status_code == told, name
        assert client.post("/compounds/duplicates/", {"group": pks[:2]}).status_code in (302, 403)
    assert KnownApart.objects.count() == 1
    assert KnownApart.objects.visible_to(places["neighbour_county"]).count() == 0
    client.force_login(places["county"])
    assert client.post("/compounds/duplicates/apart/", {"pair": pair.pk}).status_code == 302
    assert groups("county") == [["A", "B"]]
