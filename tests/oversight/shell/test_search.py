"""Search: what people write finds what they mean, and nobody's neighbour."""

import pytest
from django.test import Client

from oversight.shell.search import search
from tests.support import HAIHE, QIANJIN, make_compound, record, register

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(cast):
    for code, community, name in (("A", QIANJIN, "华园城市"), ("B", HAIHE, "华园小筑")):
        compound = make_compound(code, community, name, former_names="老机关院" if code == "A" else "")
        compound.initials = "hycs" if code == "A" else "hyxz"
        compound.save()
        register(code, community=community)
    record(
        "takeover", "2014-05-10", "A", mode_to="professional",
        details={"provider_to": "朝房物业公司", "basis_no": "朝房物〔2014〕12号"},
    )  # fmt: skip
    return cast


def found(user, text: str) -> dict[str, list[str]]:
    return {group.kind: [hit.name for hit in group.hits] for group in search(user, text, limit=10)}


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("华园城", "compounds", "华园城市"),
        ("hycs", "compounds", "华园城市"),
        ("老机关", "compounds", "华园城市"),
        ("前进", "divisions", "前进街道"),
        ("stq", "divisions", "双塔区"),
        ("211302", "divisions", "双塔区"),
        ("朝房物业", "providers", "朝房物业公司"),
        ("朝房物[2014]12号", "documents", "朝房物〔2014〕12号"),
    ],
)
def test_finds(city, text, kind, name):
    assert any(name in hit for hit in found(city["bureau"], text)[kind])


@pytest.mark.parametrize("text", ["", " ", "h", "1", "没有这个", "%", "'\"<>"])
def test_finds_nothing(city, text):
    assert found(city["bureau"], text) == {}


def test_nobody_finds_what_is_the_neighbours(city):
    assert found(city["county"], "华园")["compounds"] == ["华园城市"]
    assert found(city["neighbour_county"], "华园")["compounds"] == ["华园小筑"]
    for text in ("朝房物业", "朝房物〔2014〕12号", "双塔"):
        assert found(city["neighbour_county"], text) == {}
    assert found(city["nobody"], "华园") == {}


def test_a_limit_is_kept_and_said(city):
    group, *_others = search(city["bureau"], "华园", limit=1)
    assert (len(group.hits), group.more) == (1, True)


def test_the_page_and_its_part(city, django_assert_max_num_queries):
    client = Client()
    client.force_login(city["bureau"])
    with django_assert_max_num_queries(20):
        whole = client.get("/search/?q=华园").content.decode()
    assert "<html" in whole
    assert "/compounds/A/" in whole
    part = client.get("/search/?q=华园", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "/compounds/A/" in part
    assert "&lt;b&gt;" in client.get("/search/?q=<b>").content.decode()
