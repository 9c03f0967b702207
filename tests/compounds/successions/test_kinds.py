"""Worked examples of every kind: who follows whom, which codes are given, where compounds lie, what is refused."""

import pytest

from communities.divisions.choices import Level
from communities.divisions.models import Division, FormerName, Succession
from communities.divisions.selectors import Gazetteer, as_called_on
from compounds.ledger.models import Entry
from compounds.ledger.refusals import Refused
from compounds.register.models import Compound
from compounds.successions.planning import Part
from compounds.successions.selectors import preview
from tests.compounds.successions.worlds import assert_sound, dm2, totals
from tests.support import HAIHE, JINYUAN, QIANJIN, XINLIU, day, record, register

pytestmark = pytest.mark.usefixtures("city")
STREET, NEW_STREET = "211302003", "211321003"


def lies_in(code: str) -> str:
    return Compound.objects.get(code=code).community_id


def test_a_subdistrict_gets_another_county_with_everything_below_it(succeed):
    succession = succeed("reparent", STREET, parent="211321")
    new = Division.objects.get(code=NEW_STREET)
    assert (new.name, new.parent_id, new.began_on) == ("前进街道", "211321", day("2015-06-01"))
    old = Division.objects.subtree(STREET)
    assert {division.ended_on for division in old} == {day("2015-06-01")}
    below = {division.name: division.code for division in Division.objects.filter(parent=NEW_STREET)}
    assert below["前进社区"] == "211321003001"
    assert len(below) == old.count() - 1
    assert {lies_in(code) for code in "甲乙己"} == {"211321003001"}
    assert {lies_in(code) for code in "丙丁戊"} == {HAIHE, XINLIU, JINYUAN}
    assert (succession.first_height, succession.last_height) == (7, 8)
    entries = Entry.objects.filter(height__gte=7)
    assert {(e.kind, e.basis_no, e.source, e.compound.code) for e in entries} == {
        ("relocate", "朝政〔2015〕9号", "succession", "甲"), ("relocate", "朝政〔2015〕9号", "succession", "乙"),
    }  # fmt: skip
    assert totals("2015-05-31", "2113", "211302", "211321") == [dm2(2900), dm2(1700), dm2(400)]
    assert totals("2015-06-01", "2113", "211302", "211321") == [dm2(2900), dm2(200), dm2(1900)]
    assert_sound()


def test_a_community_gets_another_subdistrict_and_the_next_code_of_its_kind(succeed):
    succeed("reparent", QIANJIN, parent="211302001")
    assert lies_in("甲") == "211302001012", "001 is taken there: the next after those in use"
    assert Division.objects.get(code="211302001012").is_urban


def test_a_village_stays_a_village(succeed):
    village = "211303004200"
    succeed("reparent", village, parent="211321001")
    new = Division.objects.get(follows__from_division=village)
    assert not new.is_urban
    assert 200 <= int(new.code[-3:]) < 400


def test_codes_may_be_given(succeed):
    succeed("reparent", STREET, parent="211321", codes={STREET: "211321033", QIANJIN: "211321033021"})
    assert lies_in("甲") == "211321033021"


def test_a_new_name_keeps_code_and_compounds_and_the_old_name_with_its_date(succeed):
    succession = succeed("rename", QIANJIN, name="文化社区")
    division = Division.objects.get(code=QIANJIN)
    assert (division.name, division.ended_on, succession.first_height) == ("文化社区", None, None)
    assert [str(d) for d in as_called_on([division], day("2015-05-31"))] == ["前进社区"]
    division.refresh_from_db()
    assert [str(d) for d in as_called_on([division], day("2015-06-01"))] == ["文化社区"]
    succeed("rename", QIANJIN, name="艺术社区", on="2016-01-01")
    for on, name in (("2015-01-01", "前进社区"), ("2015-12-31", "文化社区"), ("2016-01-01", "艺术社区")):
        division.refresh_from_db()
        assert [d.name for d in as_called_on([division], day(on))] == [name]
    with pytest.raises(Refused, match="2016-01-01"):
        succeed("rename", QIANJIN, name="第三社区", on="2015-03-01")
    for name in ("前进社区", "文化社区居委会", "艺术社区"):
        assert [d.code for d in Gazetteer.load().find(Level.COMMUNITY, name, within="211302")] == [QIANJIN]


def test_communities_merge_into_a_new_one(succeed):
    succeed("merge", QIANJIN, JINYUAN, name="金进社区", parent="211302003")
    new = Division.objects.get(name="金进社区")
    assert {lies_in(code) for code in "甲乙戊己"} == {new.code}
    assert totals("2015-06-01", new.code, QIANJIN, JINYUAN) == [dm2(1700), 0, 0]
    assert_sound()


def test_a_new_one_may_have_the_name_of_one_that_ends(succeed):
    succeed("merge", QIANJIN, "211302003003", name="前进社区")
    names = Division.objects.filter(parent="211302003", name="前进社区")
    assert {(d.code, d.ended_on) for d in names} == {(QIANJIN, day("2015-06-01")), (lies_in("甲"), None)}


def test_communities_merge_into_one_that_goes_on(succeed):
    succeed("merge", JINYUAN, into=QIANJIN)
    assert lies_in("戊") == QIANJIN
    assert Division.objects.get(code=QIANJIN).ended_on is None
    assert totals("2015-06-01", QIANJIN, JINYUAN) == [dm2(1700), 0]


def test_subdistricts_merge_with_their_communities(succeed):
    succeed("merge", STREET, "211302001", name="前塔街道")
    new = Division.objects.get(name="前塔街道")
    assert {lies_in(code)[:9] for code in "甲乙戊己"} == {new.code}
    communities = Division.objects.filter(parent=new.code).values_list("name", flat=True)
    assert {"前进社区", "金元社区", "北塔社区"} <= set(communities)
    assert_sound()


def test_counties_merge(succeed):
    succeed("merge", "211303", into="211302")
    assert totals("2015-06-01", "211302", "211303") == [dm2(2500), 0]
    assert Division.objects.get(code=lies_in("丙")).name == "海河社区"


def test_a_community_is_divided_by_compounds(succeed):
    succeed("split", QIANJIN, parts=(Part("前进东社区", members=("甲",)), Part("前进西社区", members=("乙", "己"))))
    east, west = (Division.objects.get(name=f"前进{side}社区").code for side in "东西")
    assert [lies_in(code) for code in "甲乙己"] == [east, west, west]
    assert_sound()


def test_a_community_that_goes_on_keeps_what_no_part_lists(succeed):
    succeed("split", QIANJIN, keeps=True, parts=(Part("前进东社区", members=("甲",)),))
    assert [lies_in(code) for code in "乙己"] == [QIANJIN, QIANJIN]
    assert lies_in("甲") == Division.objects.get(name="前进东社区").code


def test_every_compound_of_a_divided_community_must_be_assigned(succeed):
    with pytest.raises(Refused) as refused:
        succeed("split", QIANJIN, parts=(Part("东社区", members=("甲",)), Part("西社区")))
    assert {problem.value for problem in refused.value.problems} == {"乙", "己"}
    assert not Succession.objects.exists()
    assert Division.objects.get(code=QIANJIN).ended_on is None
    with pytest.raises(Refused, match="没有"):
        succeed("split", QIANJIN, keeps=True, parts=(Part("东社区", members=("没有",)),))


def test_a_subdistrict_is_divided_by_communities(succeed):
    rest = Division.objects.filter(parent=STREET).exclude(code=QIANJIN).values_list("code", flat=True)
    succeed("split", STREET, parts=(Part("前东街道", members=(QIANJIN,)), Part("前西街道", members=tuple(rest))))
    assert Division.objects.get(code=lies_in("甲")[:9]).name == "前东街道"
    with pytest.raises(Refused, match="双兴社区"):
        succeed("split", "211302001", parts=(Part("东街道", members=(JINYUAN,)), Part("西街道")))


def test_a_development_zone_takes_subdistricts_and_communities_of_several_counties(succeed):
    succeed("zone", STREET, HAIHE, name="朝阳经济技术开发区", street="开发区街道")
    zone = Division.objects.get(name="朝阳经济技术开发区")
    assert (zone.code, zone.level, zone.parent_id) == ("211371", "county", "2113")
    assert lies_in("甲") == "211371003001"
    assert Division.objects.get(code=lies_in("丙")[:9]).name == "开发区街道"
    assert totals("2015-06-01", "211371", "211302", "211303") == [dm2(2300), dm2(200), 0]
    succeed("zone", XINLIU, parent="211371", street="开发区街道", on="2015-07-01")
    assert lies_in("丁")[:9] == lies_in("丙")[:9]
    with pytest.raises(Refused, match="71"):
        succeed("zone", JINYUAN, name="新区", code="211304")
    assert_sound()


@pytest.mark.parametrize(
    ("kind", "divisions", "fields", "field"),
    [
        ("rename", (QIANJIN,), {"name": "前进社区"}, "name"), ("rename", (QIANJIN,), {"name": "青山社区"}, "name"),
        ("rename", (QIANJIN, JINYUAN), {"name": "某社区"}, "divisions"),
        ("rename", ("211302999",), {"name": "某街道"}, "divisions"),
        ("merge", (QIANJIN,), {"name": "某社区"}, "divisions"), ("merge", (QIANJIN, JINYUAN), {}, "name"),
        ("merge", (QIANJIN, STREET), {"name": "某"}, "divisions"),
        ("merge", (QIANJIN, "211302001"), {"name": "某"}, "divisions"),
        ("merge", (QIANJIN, JINYUAN), {"name": "青山社区"}, "name"),
        ("merge", (QIANJIN, JINYUAN), {"name": "某社区", "code": "211302003005"}, "code"),
        ("merge", (QIANJIN, JINYUAN), {"name": "某社区", "code": "211303003050"}, "code"),
        ("reparent", (STREET,), {"parent": "211302"}, "parent"), ("reparent", (STREET,), {"parent": "2113"}, "parent"),
        ("reparent", ("211302",), {"parent": "2113"}, "divisions"),
        ("zone", ("211302",), {"name": "开发区"}, "divisions"),
        ("zone", (STREET,), {"parent": "211303"}, "parent"), ("split", (QIANJIN,), {}, "parts"),
        ("reparent", (STREET,), {"parent": "211321", "on": "2017-01-01"}, "effective_on"),
        ("reparent", (STREET,), {"parent": "211321", "document": "", "document_no": ""}, "document"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_its_field(succeed, kind, divisions, fields, field):
    before = list(Division.objects.values())
    with pytest.raises(Refused) as refused:
        succeed(kind, *divisions, **fields)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert list(Division.objects.values()) == before
    assert not Succession.objects.exists()


def test_an_ended_division_takes_no_part_in_anything_any_more(succeed):
    succeed("reparent", STREET, parent="211321")
    with pytest.raises(Refused) as refused:
        succeed("rename", STREET, name="某街道", on="2015-07-01")
    assert refused.value.problems[0].field == "divisions"
    with pytest.raises(Refused):
        succeed("reparent", NEW_STREET, parent="211303", on="2015-05-31")


def test_twice_has_the_effect_of_once(succeed):
    first = succeed("reparent", STREET, parent="211321")
    assert succeed("reparent", STREET, parent="211321") == first
    assert succeed("rename", JINYUAN, name="新金元社区", key="form-1") == succeed(
        "rename", JINYUAN, name="x", key="form-1"
    )
    assert (Succession.objects.count(), FormerName.objects.count()) == (2, 1)
    assert Entry.objects.filter(kind="relocate").count() == 2


# --- events after the date -----------------------------------------------------------------------------
def test_what_comes_into_an_ended_division_after_the_date_is_taken_along_on_its_own(succeed):
    register("庚", "2015-08-01", community=QIANJIN, m2=100)
    record("relocate", "2015-09-01", "丁", community=QIANJIN)
    record("takeover", "2015-10-01", "乙", mode_to="owners")
    succeed("reparent", STREET, parent="211321")
    assert {lies_in(code) for code in "甲乙丁庚"} == {"211321003001"}
    assert totals("2015-08-15", STREET, NEW_STREET, "211321001") == [0, dm2(1600), dm2(400)]
    assert totals("2015-09-01", STREET, NEW_STREET, "211321001") == [0, dm2(2000), 0]
    assert_sound()


def test_a_later_registration_in_the_ended_division_is_named_as_what_stands_in_the_way(succeed, bureau):
    register("甲", "2015-08-01", community=QIANJIN, m2=100)
    with pytest.raises(Refused, match="2015-08-01"):
        succeed("reparent", STREET, parent="211321")
    assert succeed("reparent", STREET, parent="211321", on="2015-08-02")
    assert_sound()


# --- preview -------------------------------------------------------------------------------------------
def test_the_preview_says_what_would_happen_and_stores_nothing(succeed):
    from compounds.successions.planning import Change

    record("takeover", "2015-10-01", "乙", mode_to="owners")
    change = Change(
        kind="reparent", effective_on=day("2015-06-01"), divisions=(STREET,), document="批复", parent="211321"
    )  # fmt: skip
    counts = [model.objects.count() for model in (Division, Entry, Succession)]
    seen = preview(change)
    assert [(m.compound.code, m.before, m.event.community, m.area_dm2) for m in seen.moves] == [
        ("乙", QIANJIN, "211321003001", dm2(500)), ("甲", QIANJIN, "211321003001", dm2(1000)),
    ]  # fmt: skip
    assert [(compound.code, after) for compound, _before, after in seen.pending] == [("己", "211321003001")]
    assert {(total.division.code, total.before, total.after) for total in seen.totals} == {
        ("211302", dm2(1700), dm2(200)), ("211302003", dm2(1500), 0), ("211321", dm2(400), dm2(1900)),
        ("211321003", 0, dm2(1500)),
    }  # fmt: skip
    assert (seen.problems, seen.area_dm2, seen.households) == ([], dm2(1500), 15)
    assert any("乙" in warning for warning in seen.warnings)
    assert [model.objects.count() for model in (Division, Entry, Succession)] == counts
    assert {lies_in(code) for code in "甲乙己"} == {QIANJIN}
    register("甲", "2015-08-01", community=QIANJIN, m2=100)
    assert [problem.value for problem in preview(change).problems] == ["甲"]
