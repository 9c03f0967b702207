"""The tree of divisions: its size, subtrees by code range, and names as people write them."""

from collections import Counter

import pytest
from django.db import IntegrityError, connection, transaction

from chaoyang_pm.kit.scoping import next_code
from communities.divisions.choices import CODE_LENGTH, Level
from communities.divisions.models import Division
from communities.divisions.selectors import Gazetteer, ancestors, root, stem
from compounds.ledger.models import Posting
from tests.bench.filling import fill


@pytest.fixture
def gazetteer(reference) -> Gazetteer:
    return Gazetteer.load()


def codes(found: list[Division]) -> list[str]:
    return [division.code for division in found]


# --- the tree ------------------------------------------------------------------------------------------
def test_the_fixture_is_the_whole_city(reference):
    levels = Counter(Division.objects.values_list("level", flat=True))
    assert levels == {"city": 1, "county": 7, "subdistrict": 163, "community": 1578}
    assert sum(division.is_urban for division in Division.objects.all()) == 210
    assert not any(division.is_urban for division in Division.objects.exclude(level=Level.COMMUNITY))


def test_every_code_begins_with_its_parents_and_has_its_levels_length(reference):
    for division in Division.objects.all():
        assert len(division.code) == CODE_LENGTH[division.level]
        assert division.code.startswith(division.parent_id or "")
        assert (division.parent_id is None) == (division.level == Level.CITY)


@pytest.mark.parametrize(
    ("number", "urban"), [("001", True), ("199", True), ("200", False), ("399", False), ("400", True), ("499", True),
                          ("500", False), ("999", False)],
)  # fmt: skip
def test_urban_is_told_by_the_code_and_not_by_the_name(number, urban):
    for name in ("某社区", "某村民委员会", "某社区村民委员会"):
        assert Division(code=f"211302001{number}", name=name, level=Level.COMMUNITY).is_urban is urban


@pytest.mark.parametrize("code", ["2113", "211302", "211302001", "211302001003", "211303"])
def test_a_subtree_is_a_range_of_codes(reference, code):
    everything = Division.objects.values_list("code", flat=True)
    below = sorted(found for found in everything if found.startswith(code))
    assert sorted(Division.objects.subtree(code).values_list("code", flat=True)) == below
    assert len(below) == {"2113": 1749, "211302001003": 1}.get(code, len(below))


@pytest.mark.parametrize(
    ("code", "after"), [("2113", "2114"), ("211399", "211400"), ("0999", "1000"), ("211302001999", "211302002000")]
)
def test_the_range_ends_before_the_next_code_of_the_same_length(code, after):
    assert next_code(code) == after
    assert len(after) == len(code)


def plan_of(queryset) -> str:
    """How the database finds the rows; on PostgreSQL with the habits of a table that is worth an index."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE communities_division")
            cursor.execute("SET LOCAL enable_seqscan = off")
    return queryset.order_by().explain()


def test_a_subtree_is_read_by_the_index_on_the_code(reference):
    plan = plan_of(Division.objects.subtree("211302001"))
    if connection.vendor == "postgresql":
        assert "communities_division_pkey" in plan
        assert "Index Cond" in plan
        assert "211302002" in plan.split("Index Cond", 1)[1].splitlines()[0]
    else:
        assert plan.split(" ", 3)[-1].startswith("SEARCH communities_division USING INDEX")
        assert "code>? AND code<?" in plan


def test_postings_of_a_subtree_are_read_by_the_index_on_the_community(db):
    postings = Posting.objects.at(code="211302", as_of="2015-01-01", height=10**6)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # of a few rows it would take any index
            fill(cursor, compounds=2_000)
            cursor.execute("ANALYZE compounds_posting")
        plan = postings.order_by().explain()
        assert "posting_by_community" in plan
        assert "(community_id)::text >= '211302'::text" in plan.split("Index Cond", 1)[1]
    else:
        plan = postings.order_by().explain()
        assert "SEARCH compounds_posting USING INDEX" in plan
        assert "community_id>? AND community_id<?" in plan


def test_ancestors_lead_from_the_city_down_to_the_division(reference):
    community = Division.objects.get(code="211302001003")
    assert codes(ancestors(community)) == ["2113", "211302", "211302001", "211302001003"]
    assert codes(ancestors(root())) == ["2113"]


def test_root_of_an_empty_database_is_none(db):
    assert root() is None


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "21130", "level": "county"}, {"code": "211398", "level": "subdistrict"},
        {"code": "2114", "level": "city"}, {"code": "211398", "parent_id": None}, {"code": "211398", "name": "双塔区"},
    ],
)  # fmt: skip
def test_the_database_refuses_a_code_of_another_length_and_a_name_twice_under_one_parent(reference, changes):
    row = {"name": "新区", "level": "county", "parent_id": "2113", **changes}
    with pytest.raises(IntegrityError), transaction.atomic():
        Division.objects.create(**row)


# --- names ---------------------------------------------------------------------------------------------
def test_a_name_used_twice_is_a_question_within_the_city_and_an_answer_within_the_subdistrict(gazetteer):
    names = Counter((division.level, division.name) for division in gazetteer.by_code.values())
    twice = [name for (level, name), times in names.items() if level == Level.COMMUNITY and times > 1]
    assert twice
    for name in twice:
        found = gazetteer.find(Level.COMMUNITY, name)
        assert len(found) == names[Level.COMMUNITY, name]
        for division in found:
            assert codes(gazetteer.find(Level.COMMUNITY, name, within=division.code[:9])) == [division.code]


def test_every_division_is_found_by_its_name_under_its_parent_and_by_its_code(gazetteer):
    for division in gazetteer.by_code.values():
        within = division.parent_id or ""
        assert codes(gazetteer.find(division.level, division.name, within=within)) == [division.code]
        assert codes(gazetteer.find(division.level, division.code)) == [division.code]


@pytest.mark.parametrize(
    "written",
    [
        "金元社区", "金元", "金元社区居民委员会", "金元社区居委会", "金元居委会", " 金元 社区 ",
        "金元\u3000社区", "金元社区\n", "211302001003", "２１１３０２００１００３", " 211302001003 ",
    ],
)  # fmt: skip
def test_a_community_is_found_however_it_is_written(gazetteer, written):
    assert codes(gazetteer.find(Level.COMMUNITY, written, within="211302")) == ["211302001003"]


@pytest.mark.parametrize(
    ("level", "written", "code"),
    [
        (Level.COUNTY, "双塔", "211302"), (Level.COUNTY, "喀左县", "211324"), (Level.COUNTY, "喀左", "211324"),
        (Level.COUNTY, "喀喇沁左翼蒙古族自治县", "211324"), (Level.COUNTY, "北票", "211381"),
        (Level.SUBDISTRICT, "前进街道办事处", "211302003"), (Level.SUBDISTRICT, "前进乡", "211382206"),
        (Level.SUBDISTRICT, "光明街道办事处", "211302005"), (Level.SUBDISTRICT, "光明街道办", "211302005"),
        (Level.SUBDISTRICT, "光明", "211302005"), (Level.CITY, "朝阳", "2113"),
    ],
)  # fmt: skip
def test_counties_and_subdistricts_are_found_by_what_clerks_write(gazetteer, level, written, code):
    assert codes(gazetteer.find(level, written)) == [code]


def test_an_exact_name_wins_over_one_that_differs_in_its_ending_only(gazetteer):
    stems = Counter(
        (division.parent_id, stem(division.name))
        for division in gazetteer.by_code.values()
        if division.level == Level.COMMUNITY
    )
    shared = [key for key, times in stems.items() if times > 1]
    assert shared, "no two names under one parent differ in their ending only: look for another example"
    for parent, name in shared:
        exact = [d for d in gazetteer.by_code.values() if d.parent_id == parent and stem(d.name) == name]
        for division in exact:
            assert codes(gazetteer.find(Level.COMMUNITY, division.name, within=parent)) == [division.code]
        assert len(gazetteer.find(Level.COMMUNITY, name, within=parent)) in (1, len(exact))


@pytest.mark.parametrize("written", ["", " ", "没有这个社区", "社区", "211302001999", "2113", "211302"])
def test_what_names_no_community_finds_none(gazetteer, written):
    assert gazetteer.find(Level.COMMUNITY, written) == []


def test_a_code_or_name_elsewhere_is_not_found_within(gazetteer):
    assert gazetteer.find(Level.COMMUNITY, "211302001003", within="211303") == []
    assert gazetteer.find(Level.COMMUNITY, "金元社区", within="211303") == []


@pytest.mark.parametrize(("written", "meant"), [("金园社区", "211302001003"), ("建设路街社区", "211302005002")])
def test_a_misspelt_name_is_offered_its_likes_nearest_first(gazetteer, written, meant):
    offered = gazetteer.similar(Level.COMMUNITY, written, within="211302")
    assert meant in codes(offered)
    assert len(offered) <= 3
    assert gazetteer.similar(Level.COMMUNITY, "QWERTY") == []


def test_the_path_names_the_way_from_the_county_down(gazetteer):
    assert gazetteer.path("211302003001") == "双塔区前进街道前进社区"
    assert gazetteer.path("211302") == "双塔区"
