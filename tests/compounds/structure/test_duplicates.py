"""The duplicate finder: who looks alike, who does not, what was said stays said, and it stays quick."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from compounds.register.models import Compound
from compounds.register.selectors import possible_duplicates
from compounds.register.services import named
from compounds.structure import duplicates, services
from compounds.structure.duplicates import Alike, Entered
from compounds.structure.models import KnownApart
from tests.support import HAIHE, JINYUAN, QIANJIN, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
#: In the subdistrict of JINYUAN.
NEXT_DOOR, NEXT_BUT_ONE = "211302001006", "211302001007"


def enter(code: str, name: str, community: str = JINYUAN, **facts) -> Compound:
    return Compound.objects.create(code=code, community_id=community, **named(name), **facts)


def found() -> list[tuple[list[str], list[str]]]:
    return [(list(group.codes), list(group.reasons)) for group in duplicates.groups(Compound.objects.all())]


# --- who looks alike -----------------------------------------------------------------------------------
NAMES = [
    ("华园小区", "华园小区", ["name"]), ("华园 小区", "华园小区", ["name"]), ("华园小区", "华园", ["stem"]),
    ("华园家园", "华园住宅小区", ["stem"]), ("华园小区", "花园小区", ["near"]), ("华园", "花园小区", ["near"]),
    ("朝阳重型机器厂", "朝阳重形机器厂", ["near"]), ("朝阳重型机器厂", "朝阳轻型机器厂", ["near"]),
    ("供电公司", "供水公司", []), ("华园一期", "华园二期", []), ("东方红小区", "西方红小区", []),
    ("1号院", "2号院", []), ("金凤", "金龙", []), ("华园", "龙泉", []),
]  # fmt: skip
ADDRESSES = [
    ("新华路三段12号", "新华路三段 12 号", True), ("新华路", "新华路", False), ("", "", False),
    ("新华路12号", "新华路13号", False),
]  # fmt: skip


def test_names_of_one_community():
    for one, other, reasons in NAMES:
        enter("A", one)
        enter("B", other)
        assert found() == ([(["A", "B"], reasons)] if reasons else []), (one, other)
        Compound.objects.all().delete()


def test_addresses_with_a_number():
    for one, other, alike in ADDRESSES:
        enter("A", "龙泉", address=one)
        enter("B", "凤鸣", NEXT_DOOR, address=other)
        assert found() == ([(["A", "B"], ["address"])] if alike else []), (one, other)
        Compound.objects.all().delete()


def test_names_of_other_communities_only_where_they_are_neighbours_and_the_same():
    enter("A", "华园小区")
    enter("B", "华园小区", NEXT_DOOR)
    enter("C", "华园小区", HAIHE)
    enter("D", "华园", NEXT_BUT_ONE)
    assert found() == [(["A", "B"], ["neighbour"])]


def test_what_is_withdrawn_or_merged_is_no_question_any_more():
    enter("A", "华园小区")
    enter("B", "华园", status="retired")
    enter("C", "华园家园", status="merged", merged_into=Compound.objects.get(code="A"))
    assert found() == []


def test_strong_reasons_come_first_and_groups_join():
    enter("A", "龙泉", address="新华路12号")
    enter("B", "凤鸣", address="新华路12号")
    for code, name in (("C", "华园小区"), ("D", "华园"), ("E", "花园小区")):
        enter(code, name)
    assert found() == [(["C", "D", "E"], ["stem", "near"]), (["A", "B"], ["address"])]


# --- what was said stays said --------------------------------------------------------------------------
@pytest.fixture
def three(bureau):
    return [enter(code, name) for code, name in (("A", "华园小区"), ("B", "华园"), ("C", "华园家园"))]


def test_what_was_told_apart_does_not_come_back(three, bureau):
    assert services.tell_apart(compounds=three, by=bureau) == 3
    assert found() == []
    assert services.tell_apart(compounds=three[::-1], by=bureau) == 0
    assert {pair.said_by for pair in KnownApart.objects.all()} == {bureau}
    enter("D", "华园新村")
    assert found() == [(["A", "B", "C", "D"], ["stem"])], "a newcomer is a new question"


def test_one_of_three_is_another(three, bureau):
    assert services.tell_apart(compounds=three[:1], others=three[1:], by=bureau) == 2
    assert found() == [(["B", "C"], ["stem"])]
    options = {"community": JINYUAN, "name": "华园"}
    assert [other.code for other in possible_duplicates(**options, besides=three[1].pk)] == ["C"]
    assert list(possible_duplicates(**options, besides=three[0].pk)) == []


def test_two_that_were_told_apart_may_be_asked_about_again(three, bureau):
    services.tell_apart(compounds=three, by=bureau)
    for pair in KnownApart.objects.all():
        services.ask_again(pair=pair, by=bureau)
    assert found() == [(["A", "B", "C"], ["stem"])]


pairs = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1]))


@given(pairs)
def test_a_basket_falls_into_what_nobody_told_apart(apart):
    """Against the plain way: every pair that is not told apart holds together."""
    basket = [Entered(pk, str(pk), JINYUAN, "华园", "华园", "hy", "") for pk in range(8)]
    groups = {frozenset([pk]) for pk in range(8)}
    for one in range(8):
        for other in range(one + 1, 8):
            if (one, other) not in apart:
                joined = {group for group in groups if one in group or other in group}
                groups = (groups - joined) | {frozenset().union(*joined)}
    links = duplicates._links(Alike.NAME, basket, apart)
    answered = {frozenset(group.pks) for group in duplicates._joined(basket, links)}
    assert answered == {group for group in groups if len(group) > 1}


# --- the page ------------------------------------------------------------------------------------------
def test_the_page_leads_to_merging_withdrawing_and_telling_apart(client, page, bureau):
    for code, name, m2 in (("A", "华园小区", 500), ("B", "华园", 2000)):
        enter(code, name)
        register(code, m2=m2)
    enter("P", "华园家园")
    body = page("/compounds/duplicates/").content.decode()
    assert 'href="/compounds/B/record/merge/?with=A"' in body
    assert 'href="/compounds/P/retire/"' in body
    assert "style=" not in body
    assert "/compounds/duplicates/" in page("/compounds/A/").content.decode()
    pks = {compound.code: compound.pk for compound in Compound.objects.all()}
    told = {"group": list(pks.values()), "ticked": [pks["P"]]}
    client.post("/compounds/duplicates/?reason=stem", told)
    assert [[c.code for c in group.compounds] for group in page("/compounds/duplicates/").context["groups"]] == [
        ["A", "B"]
    ]
    client.post("/compounds/duplicates/", {"group": [pks["A"], pks["B"], "x", "9" * 30]})
    assert page("/compounds/duplicates/").context["groups"] == []
    told_apart = page("/compounds/duplicates/apart/")
    assert "王芳" in told_apart.content.decode()
    client.post("/compounds/duplicates/apart/", {"pair": KnownApart.objects.get(first=pks["A"], second=pks["B"]).pk})
    assert len(page("/compounds/duplicates/").context["groups"]) == 1
    assert client.post("/compounds/duplicates/apart/", {"pair": "x"}).status_code == 404


def test_in_different_communities_one_is_relocated_first(page):
    for code, community in (("A", JINYUAN), ("B", NEXT_DOOR)):
        enter(code, "华园小区", community)
        register(code, community=community)
    (group,) = page("/compounds/duplicates/").context["groups"]
    assert (group.stays, group.elsewhere) == (None, True)


def test_reasons_filter_and_an_unknown_one_is_named(page):
    enter("A", "华园小区")
    enter("B", "华园")
    assert len(page("/compounds/duplicates/?reason=stem").context["groups"]) == 1
    assert page("/compounds/duplicates/?reason=address").context["groups"] == []
    assert page("/compounds/duplicates/?page=99").status_code == 200
    response = page("/compounds/duplicates/?reason=x")
    assert (response.status_code, response.context["problems"][0].field) == (400, "reason")


def test_queries_do_not_grow_with_groups(page):
    def opened() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert page("/compounds/duplicates/").status_code == 200
        return len(captured)

    for number in range(2):
        enter(f"A{number}", "华园小区")
    page("/compounds/duplicates/")
    few = opened()
    for number in range(40):
        enter(f"B{number}", f"龙泉{number // 2}", QIANJIN)
    assert opened() == few


@pytest.mark.bench
def test_twenty_thousand_compounds(page, capsys):
    communities = [JINYUAN, QIANJIN, HAIHE, NEXT_DOOR]
    signs = "华园城市朝阳龙泉凤鸣金元前进海河建设文化劳动友谊长江黄河光明幸福和平胜利团结新华中山"
    compounds = []
    for number in range(20_000):
        name = "".join(signs[(number * step) % len(signs)] for step in (1, 7, 11)) + f"{number // 3}小区"
        community = communities[number // 6 % 4]
        compounds.append(
            Compound(code=f"K{number}", community_id=community, address=f"长江路{number // 2}号", **named(name))
        )
    Compound.objects.bulk_create(compounds, 2000)
    with CaptureQueriesContext(connection) as captured:
        started = time.perf_counter()
        groups = duplicates.groups(Compound.objects.all())
        taken, queries = time.perf_counter() - started, len(captured)
    started = time.perf_counter()
    page("/compounds/duplicates/")
    opened = time.perf_counter() - started
    with capsys.disabled():
        print(f"\n20,000 compounds: {len(groups)} groups, {queries} queries, {taken:.2f} s; page {opened:.2f} s")
    assert queries == 2
    assert len(groups) > 1000
    assert taken < 5
