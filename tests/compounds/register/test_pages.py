"""The register: list with filters, a compound's page, edits, new compounds."""

import pytest

from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.register.services import create
from tests.support import HAIHE, JINYUAN, QIANJIN, record, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
NASTY = """<b>"粗'体"</b>"""


@pytest.fixture
def compounds(bureau):
    from communities.divisions.models import Division

    def new(community, name, **facts):
        return create(community=Division.objects.get(code=community), name=name, facts=facts, by=bureau)

    park = new(JINYUAN, "华园城市", former_names="轴承厂三区", phone="13912340000", address=NASTY)
    register(park.code, m2=1000, households=10)
    record("takeover", "2014-05-10", park.code, m2=600, mode_to="professional")
    sea = new(HAIHE, "海河新村")
    register(sea.code, community=HAIHE, category="unserved", m2=500)
    new(QIANJIN, NASTY)
    return park


def codes(response) -> list[str]:
    return [compound.name for compound in response.context["compounds"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["华园城市", NASTY, "海河新村"]), ("q=华园", ["华园城市"]), ("q=hycs", ["华园城市"]),
        ("q=轴承", ["华园城市"]),
        (f"q={HAIHE}", ["海河新村"]), ("division=211303", ["海河新村"]), (f"division={QIANJIN}", [NASTY]),
        ("category=unserved", ["海河新村"]), ("mode=professional", ["华园城市"]),
        ("category=unserved&mode=professional", []), ("unmanaged=on", ["华园城市", "海河新村"]),
        ("pending=on", [NASTY]), ("status=active&as_of=2014-03-01&mode=professional", []), ("q=...", []),
        ("page=99", ["华园城市", NASTY, "海河新村"]),
    ],
)  # fmt: skip
def test_filters(page, compounds, query, found):
    response = page(f"/compounds/?{query}")
    assert response.status_code == 200
    assert codes(response) == found


@pytest.mark.parametrize("query", ["division=7", "category=x", "mode=x", "status=x", "as_of=x", "height=x", "q=%00"])
def test_an_unknown_filter_value_is_named(page, compounds, query):
    response = page(f"/compounds/?{query}")
    assert response.status_code == 400
    assert [problem.field for problem in response.context["problems"]] == [query.partition("=")[0]]


def test_rows_and_total_agree(page, compounds):
    response = page("/compounds/")
    rows, totals = response.context["compounds"], response.context["totals"]
    assert totals.total == sum(row.total for row in rows) == 150_000
    assert totals.managed == sum(row.managed for row in rows) == 60_000
    assert totals.households == sum(row.households for row in rows)


def test_queries_do_not_grow_with_rows(page, django_assert_max_num_queries):
    for number in range(5):
        register(f"S{number}")
    page("/compounds/")
    with django_assert_max_num_queries(25) as few:
        page("/compounds/")
    for number in range(45):
        register(f"L{number}")
    with django_assert_max_num_queries(len(few)):
        assert len(page("/compounds/").context["compounds"]) == 50


def test_detail_shows_what_happened_and_hides_the_telephone(page, compounds):
    body = page(f"/compounds/{compounds.code}/").content.decode()
    assert "600.00 ㎡ → 专业化物业管理" in body
    assert "139****0000" in body
    assert "13912340000" not in body
    assert NASTY not in body
    assert "&lt;b&gt;" in body
    assert "style=" not in body


@pytest.mark.parametrize("query", ["", "order=recorded", "as_of=2014-02-01", "height=1", "height=0"])
def test_detail_at_any_moment(page, compounds, query):
    assert page(f"/compounds/{compounds.code}/?{query}").status_code == 200


def test_unknown_compound_is_not_found(page):
    assert page("/compounds/nothing/").status_code == 404


def facts_of(compound) -> dict:
    return {"name": compound.name, "phone": compound.phone, "former_names": compound.former_names}


def test_an_edit_renormalises_the_name_and_stays_in_the_history(client, page, compounds):
    path = f"/compounds/{compounds.code}/edit/"
    assert page(path).status_code == 200
    response = client.post(
        path, facts_of(compounds) | {"name": "翠湖花园", "residential_area_dm2": "1,234.5"}, follow=True
    )
    edited = Compound.objects.get(pk=compounds.pk)
    assert (edited.initials, edited.name_stem, edited.residential_area_dm2) == ("chhy", "翠湖", 123_450)
    body = response.content.decode()
    assert "<del>华园城市</del> → 翠湖花园" in body
    assert "王芳" in body


def test_a_bad_fact_is_shown_at_its_field(client, page, compounds):
    form = facts_of(compounds) | {"name": "", "collection_rate": "120", "residential_area_dm2": "-1"}
    errors = client.post(f"/compounds/{compounds.code}/edit/", form).context["form"].errors
    assert {"name", "residential_area_dm2"} <= set(errors)


def test_a_possible_duplicate_is_offered_before_anything_is_created(client, page, compounds):
    before = Compound.objects.count()
    form = {"community": JINYUAN, "name": "华园城市小区", "kind": ""}
    asked = client.post("/register/new/", form)
    assert [other.code for other in asked.context["duplicates"]] == [compounds.code]
    assert Compound.objects.count() == before
    again = client.post("/register/new/", form | {"checked": asked.context["form"].data["checked"]})
    assert again.url == f"/compounds/{JINYUAN}-002/record/register/"
    assert Compound.objects.get(code=f"{JINYUAN}-002").initials == "hycsxq"


def test_another_name_is_asked_about_again(client, page, compounds):
    form = {"community": JINYUAN, "name": "华园城市", "checked": f"{JINYUAN} 别的"}
    assert client.post("/register/new/", form).context["duplicates"]


def test_a_new_compound_needs_a_community(client, page):
    response = client.post("/register/new/", {"community": "211302", "name": "新"})
    assert response.context["form"].errors["community"]


def test_an_empty_register_leads_to_the_import(page):
    assert 'href="/imports/"' in page("/compounds/").content.decode()


@pytest.fixture
def pending(compounds) -> Compound:
    return Compound.objects.get(community=QIANJIN)


def test_a_pending_compound_changes_its_community_here(client, page, pending):
    path = f"/compounds/{pending.code}/community/"
    assert page(path).status_code == 200
    assert client.post(path, {"community": HAIHE}).status_code == 302
    pending.refresh_from_db()
    assert pending.community_id == HAIHE


def test_a_pending_duplicate_is_withdrawn_and_counts_nowhere(client, page, pending):
    path = f"/compounds/{pending.code}/retire/"
    assert page(path).status_code == 200
    client.post(path)
    pending.refresh_from_db()
    assert pending.status == "retired"
    assert pending not in Compound.objects.area_pending()
    assert list(page(f"/compounds/{pending.code}/").context["kinds"]) == []
    with pytest.raises(Refused):
        register(pending.code, community=QIANJIN, m2=100)


@pytest.mark.parametrize("step", ["community", "retire"])
def test_a_compound_with_area_is_changed_by_the_ledger_only(client, page, compounds, step):
    page("/")
    client.post(f"/compounds/{compounds.code}/{step}/", {"community": HAIHE})
    unchanged = Compound.objects.get(pk=compounds.pk)
    assert (unchanged.community_id, unchanged.status) == (JINYUAN, "active")
